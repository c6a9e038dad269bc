"""Charter: look-ups, the file form, and messages that say what is wrong and where."""

import json

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.charter import (
    SignedDocument,
    check_signatures,
    dump_chain,
    load_chain,
    load_documents,
    parse,
    verify_chain,
    verify_next,
)
from tests.core.examples import VECTORS, body, charter, refusal
from tests.core.spec.generate.charters import APPROVED
from tests.core.spec.generate.encode import canonical as encode
from tests.core.spec.generate.encode import sshsig
from tests.core.spec.generate.world import CHARTER as VALUE
from tests.core.spec.generate.world import TOKEN_CONTRACT, USER, changed

CHARTER = charter()


def documents() -> list[SignedDocument]:
    pool = VECTORS["charter-chain"]["documents"]
    return [
        SignedDocument(body(pool[n]), tuple((s["administrator"], s["armor"]) for s in pool[n]["signatures"]))
        for n in VECTORS["charter-chain"]["valid"][0]["chain"]
    ]


def test_lookups() -> None:
    assert CHARTER.n == 3
    for find, id in (
        (CHARTER.signer, "signer-2"), (CHARTER.administrator, "bob"), (CHARTER.user, USER),
        (CHARTER.key, "main-eddsa"),
        (CHARTER.chain, "evm:1"), (CHARTER.asset, "USDC"), (CHARTER.whitelist_entry, "partner"),
    ):  # fmt: skip
        found = find(id)
        assert found is not None
        assert found.id == id
        assert find("nobody") is None
    usdc, native = (
        CHARTER.asset_by_contract("evm:31337", TOKEN_CONTRACT),
        CHARTER.asset_by_contract("evm:31337", None),
    )
    assert usdc is not None
    assert native is not None
    assert (usdc.id, native.id) == ("USDC", "ETH_TEST")
    assert CHARTER.asset_by_contract("evm:1", TOKEN_CONTRACT) is None
    assert (CHARTER.raw_keys.of("ed25519"), CHARTER.raw_keys.of("ecdsa-secp256k1")) == (
        "main-eddsa",
        "main-ecdsa",
    )


def test_a_charter_may_leave_out_who_approves() -> None:
    bare = (CHARTER.approvers, CHARTER.groups, CHARTER.timelock, CHARTER.annotations, CHARTER.rpc_sources)
    assert bare == ((), (), 0, (), ())
    full = parse(encode(APPROVED))
    dana, payers = full.approver("dana"), full.group("payers")
    assert dana is not None
    assert payers is not None
    assert (dana.name, payers.members, full.timelock) == ("Dana", (USER, "dana"), 86_400)
    assert [(a.chain, a.contract, a.hash.hex()) for a in full.annotations] == [
        ("evm:31337", TOKEN_CONTRACT, "5a" * 32)
    ]
    assert [(s.chain, s.labels) for s in full.rpc_sources] == [
        ("evm:1", ("own-node", "provider-a")),
        ("evm:31337", ("own-node",)),
    ]
    assert full.approver("nobody") is None
    assert full.group("nobody") is None


def test_a_rule_keeps_the_difference_between_left_out_and_given() -> None:
    small, other, raw = CHARTER.policy.rules
    assert (small.max_amount, small.window and small.window.per) == (10**19, ("requester", "destination"))
    assert (other.requesters, other.window, other.raw_on_asset_path) == (None, None, None)
    assert raw.raw_on_asset_path is False


def test_hash_is_of_the_bytes() -> None:
    assert CHARTER.hash == canonical.digest(labels.CHARTER, CHARTER.body)
    assert parse(CHARTER.body) == CHARTER


def test_file_form() -> None:
    chain = documents()
    text = dump_chain(chain)
    assert text.endswith(b"\n")
    assert b"\n  " in text  # indented, for people
    assert load_chain(text) == tuple(chain)
    compact = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=True).encode()
    assert load_chain(compact) == tuple(chain)
    assert len(verify_chain(load_chain(compact))) == 4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "not_canonical"), (b"{}", "wrong_type"), (b"[1]", "wrong_type"), (b"[{}]", "missing_member"),
        (b'[{"charter":{},"signatures":[],"x":1}]', "unknown_member"),
        (b'[{"charter":{}}]', "missing_member"),
        (b'[{"charter":{},"signatures":{}}]', "wrong_type"),
        (b'[{"charter":1.5,"signatures":[]}]', "not_canonical"),
        (b'[{"charter":{},"signatures":[{"administrator":"A","signature":"x"}]}]', "identifier"),
        (b'[{"charter":{},"charter":{},"signatures":[]}]', "not_canonical"),
    ],
    ids=lambda value: repr(value[:60]),
)  # fmt: skip
def test_files_refused(text: bytes, code: str) -> None:
    error = refusal(load_chain, text)
    assert error is not None
    assert error.code == code


def test_orders_are_signed_in_the_same_form() -> None:
    order = encode({"an": "order"})
    armor = sshsig("alice/ssh", labels.ORDER, order)
    text = json.dumps(
        [{"order": {"an": "order"}, "signatures": [{"administrator": "alice", "signature": armor}]}]
    )
    (document,) = load_documents(text.encode(), "order")
    check_signatures(document, labels.ORDER, CHARTER, quorum=CHARTER.administrator_quorum)
    error = refusal(lambda: check_signatures(document, labels.CHARTER, CHARTER, quorum=1))
    assert error is not None
    assert error.code == "charter_signature"
    assert "alice" in error.message


def test_each_version_follows_from_the_one_before() -> None:
    chain = documents()
    current = verify_chain(chain[:1])[0]
    for document in chain[1:]:
        current = verify_next(current, document)
    assert current.version == 4


def test_a_charter_survives_no_unsigned_change() -> None:
    """Every leaf of the worked version 2, changed: refused by some code, never accepted."""
    first, second = documents()[:2]
    value = json.loads(second.body)
    count = 0
    for path in leaves(value):
        leaf = value
        for step in path:
            leaf = leaf[step]
        mutated = SignedDocument(encode(changed(value, *path, other(leaf))), second.signatures)
        assert refusal(verify_chain, [first, mutated]) is not None, path
        count += 1
    assert count > 90


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for step, item in items for leaf in leaves(item, (*path, step))]
    return found if isinstance(value, dict | list) else [path]


def other(leaf: object) -> object:
    if isinstance(leaf, bool) or leaf is None:
        return not leaf
    return leaf + 1 if isinstance(leaf, int) else str(leaf) + "0"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (changed(VALUE, "signers", 1, "vote_key", "xx"), ("charter.signers[1].vote_key", "32 bytes")),
        (changed(VALUE, "policy", "rules", 0, "assets", ["BTC"]), ("small-eth", "BTC")),
        (changed(VALUE, "threshold", 5), ("threshold 5 of 3",)),
        (changed(VALUE, "chains", 0, "fee_cap", "05"), ("charter.chains[0].fee_cap", "leading zeros")),
    ],
)
def test_messages_name_the_place(value: object, words: tuple[str, ...]) -> None:
    with pytest.raises(QuorateError) as caught:
        parse(encode(value))
    assert all(word in caught.value.message for word in words), caught.value.message
    assert caught.value.whose == "caller"
    assert caught.value.hint
