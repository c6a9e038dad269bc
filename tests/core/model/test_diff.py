"""What a charter version changes, and what of it loosens: everything that is not shown to tighten."""

import copy
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quorate.core.model.charter import Charter, parse
from quorate.core.model.charter.diff import Change, changes, loosens
from tests.core.spec.generate.charters import APPROVED
from tests.core.spec.generate.encode import canonical, public_key, ssh_line
from tests.core.spec.generate.world import CHARTER, OTHER, certificate, changed, extended, without

CLOSED: Final = changed(
    CHARTER, "policy", {"rules": [{"name": "own", "operations": ["TRANSFER"], "destinations": ["own_account"],
                                   "verdict": "allow"}]}
)  # fmt: skip
"""No RAW and nothing to one-time addresses."""

OTHER_RSA: Final = (
    rsa.generate_private_key(65537, 2048)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
Case = tuple[str, dict[str, Any], dict[str, Any], str, bool]


def user(value: dict[str, Any], **members: Any) -> dict[str, Any]:
    return changed(value, "users", 0, {**value["users"][0], **members})


_VOTE: Final = public_key("mallory/vote").hex()
_ENTRY: Final = {"id": "new", "name": "New", "chain": "evm:1", "address": OTHER}
_KEY: Final = {"id": "third", "curve": "ed25519", "engine": "frost-ed25519-3"}
_CAROL: Final = {"id": "carol", "ssh_key": ssh_line("dana/ssh")}
_NO_TOKEN: Final = changed(CLOSED, "assets", CLOSED["assets"][:2])
_PIN: Final = APPROVED["annotations"][0]
_PLACE: Final = f"{_PIN['chain']} {_PIN['contract']}"
_LIFT: Final = {"prohibition": "blind", "subjects": [f"{OTHER} 0xa694fc3a"]}
_BLIND: Final = extended(
    CHARTER, "policy", "rules",
    {"name": "blind", "operations": ["CONTRACT_CALL"], "lifts": [_LIFT], "verdict": "allow"},
)  # fmt: skip
_ONE_CHAIN: Final = {
    **CLOSED,
    "chains": CLOSED["chains"][:1],
    "assets": CLOSED["assets"][:1],
    "whitelist": CLOSED["whitelist"][:1],
}
CASES: Final[list[Case]] = [
    # who decides
    ("signer's vote key", CHARTER, changed(CHARTER, "signers", 0, "vote_key", _VOTE),
     "signer signer-1: vote key changes", True),
    ("administrator's key", CHARTER,
     changed(CHARTER, "administrators", "members", 0, "ssh_key", ssh_line("dana/ssh")),
     "administrator alice: ssh key changes", True),
    ("another administrator", CHARTER, extended(CHARTER, "administrators", "members", _CAROL),
     "administrator carol is added", True),
    ("one administrator less", CHARTER, without(CHARTER, "administrators", "members", 1),
     "administrator bob is removed", True),
    ("a higher quorum", CHARTER, changed(CHARTER, "administrators", "quorum", 2),
     "administrators' quorum rises from 1 to 2", False),
    ("a lower quorum", changed(CHARTER, "administrators", "quorum", 2), CHARTER,
     "administrators' quorum falls from 2 to 1", True),
    ("server's certificate", CHARTER,
     changed(CHARTER, "server", "link_certificate", certificate("signer-9")),
     "server changes", True),
    # who asks
    ("a user's key", CHARTER, user(CHARTER, rsa_public_key=OTHER_RSA),
     "user 7f3c2a9e-requester: rsa public key changes", True),
    ("a user's name", CHARTER, user(CHARTER, name="Payments"),
     "user 7f3c2a9e-requester: name Zahlungsdienst Köln becomes Payments", True),
    ("a requester may only read", CHARTER, user(CHARTER, role="viewer"),
     "user 7f3c2a9e-requester: role requester becomes viewer", False),
    ("a viewer may request", CHARTER, changed(CHARTER, "users", 1, "role", "requester"),
     "user viewer: role viewer becomes requester", True),
    ("a user less", CHARTER, without(CHARTER, "users", 1), "user viewer is removed", False),
    ("a user more", without(CHARTER, "users", 1), CHARTER, "user viewer is added", True),
    # what can be sent, and where
    ("a fee cap lower", CHARTER, changed(CHARTER, "chains", 0, "fee_cap", "9"),
     "chain evm:1: fee cap 50000000000000000 becomes 9", False),
    ("a fee cap higher", CHARTER, changed(CHARTER, "chains", 0, "fee_cap", "5" * 18),
     "chain evm:1: fee cap 50000000000000000 becomes 555555555555555555", True),
    ("a narrower nonce window", CHARTER, changed(CHARTER, "chains", 0, "nonce_window", 8),
     "chain evm:1: nonce window 16 becomes 8", False),
    ("a lower cap, a wider window", CHARTER,
     changed(changed(CHARTER, "chains", 0, "fee_cap", "9"), "chains", 0, "nonce_window", 17),
     "chain evm:1: fee cap 50000000000000000 becomes 9, nonce window 16 becomes 17", True),
    ("another coin type", CHARTER, changed(CHARTER, "chains", 0, "coin_type", 61),
     "chain evm:1: coin type 60 becomes 61", True),
    ("an asset more", _NO_TOKEN, CLOSED, "asset USDC is added", True),
    ("an asset less, no RAW", CLOSED, _NO_TOKEN, "asset USDC is removed", False),
    ("an asset less, RAW allowed", CHARTER, changed(CHARTER, "assets", CHARTER["assets"][:2]),
     "asset USDC is removed", True),
    ("decimals", CHARTER, changed(CHARTER, "assets", 2, "decimals", 18),
     "asset USDC: decimals 6 becomes 18", True),
    ("whitelist entry more", CHARTER, extended(CHARTER, "whitelist", _ENTRY),
     "whitelist entry new is added", True),
    ("whitelist entry elsewhere", CLOSED, changed(CLOSED, "whitelist", 0, "address", OTHER),
     f"whitelist entry partner: address {CHARTER['whitelist'][0]['address']} becomes {OTHER}", True),
    ("whitelist entry less", CLOSED, without(CLOSED, "whitelist", 1),
     "whitelist entry partner-test is removed", False),
    ("whitelist entry less, one-time addresses allowed",
     extended(CLOSED, "policy", "rules", {"name": "any", "destinations": ["one_time"], "verdict": "allow"}),
     without(extended(CLOSED, "policy", "rules",
                      {"name": "any", "destinations": ["one_time"], "verdict": "allow"}), "whitelist", 1),
     "whitelist entry partner-test is removed", True),
    ("a key more", CHARTER, extended(CHARTER, "keys", _KEY), "key third is added", True),
    ("a key less", extended(CHARTER, "keys", _KEY), CHARTER, "key third is removed", False),
    ("no RAW", CHARTER, changed(CHARTER, "raw_keys", "ed25519", None),
     "RAW with ed25519 signs with no key instead of main-eddsa", False),
    ("RAW", changed(CHARTER, "raw_keys", "ed25519", None), CHARTER,
     "RAW with ed25519 signs with main-eddsa instead of no key", True),
    # time
    ("longer lifetime", CHARTER, changed(CHARTER, "request_lifetime", 3601),
     "request lifetime rises from 3600 to 3601", True),
    ("shorter lifetime", CHARTER, changed(CHARTER, "request_lifetime", 60),
     "request lifetime falls from 3600 to 60", False),
    ("more skew", CHARTER, changed(CHARTER, "skew", 6), "skew rises from 5 to 6", True),
    ("less skew", CHARTER, changed(CHARTER, "skew", 4), "skew falls from 5 to 4", False),
    ("a timelock", CHARTER, {**CHARTER, "timelock": 60}, "timelock rises from 0 to 60", False),
    ("a shorter timelock", {**CHARTER, "timelock": 60}, {**CHARTER, "timelock": 59},
     "timelock falls from 60 to 59", True),
    ("no timelock", {**CHARTER, "timelock": 60}, CHARTER, "timelock falls from 60 to 0", True),
    # documents of contracts
    ("a document", CHARTER, {**CHARTER, "annotations": [_PIN]}, f"document for {_PLACE} is added", True),
    ("another document", {**CHARTER, "annotations": [_PIN]},
     {**CHARTER, "annotations": [{**_PIN, "hash": "a5" * 32}]},
     f"document for {_PLACE}: hash changes", True),
    ("a document less", {**CHARTER, "annotations": [_PIN]}, CHARTER,
     f"document for {_PLACE} is removed", False),
    ("a document less, blind calls allowed", {**_BLIND, "annotations": [_PIN]}, _BLIND,
     f"document for {_PLACE} is removed", True),
    # approvals
    ("an approver less", APPROVED, {name: value for name, value in APPROVED.items() if name != "groups"},
     "groups changes", True),
]  # fmt: skip


def version(value: dict[str, Any]) -> Charter:
    return parse(canonical(value))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_one_change(case: Case) -> None:
    _, before, after, words, looser = case
    assert changes(version(before), version(after)) == (Change(words, looser),)
    assert loosens(version(before), version(after)) is looser


def test_the_cases_are_there() -> None:
    assert (len(CASES), sum(case[4] for case in CASES)) == (42, 29)


def test_what_only_links_the_versions_is_no_change() -> None:
    after = {**CHARTER, "version": 2, "previous": version(CHARTER).hash.hex(), "created_at": 1}
    assert changes(version(CHARTER), version(after)) == ()


def test_one_loosening_change_among_tightening_ones_loosens() -> None:
    after = changed(changed(CHARTER, "skew", 4), "request_lifetime", 7200)
    assert [change.loosens for change in changes(version(CHARTER), version(after))] == [True, False]
    assert loosens(version(CHARTER), version(after))


def test_a_chain_less() -> None:
    found = changes(version(CLOSED), version(_ONE_CHAIN))
    assert "chain evm:31337 is removed" in [change.words for change in found]
    assert not any(change.loosens for change in found)


def test_the_order_of_entries_is_not_for_nothing() -> None:
    after = copy.deepcopy(CHARTER)
    after["whitelist"].reverse()
    assert changes(version(CHARTER), version(after)) == (
        Change("the order of whitelist entrys changes", loosens=True),
    )


def test_policies_are_compared_rule_by_rule() -> None:
    """A rule that allows is removed, nothing else: that tightens. The other way round it loosens."""
    after = changed(CHARTER, "policy", "rules", CHARTER["policy"]["rules"][1:])
    [removed] = changes(version(CHARTER), version(after))
    assert removed.words.startswith("policy: rule small-eth: removed")
    assert not loosens(version(CHARTER), version(after))
    assert loosens(version(after), version(CHARTER))
