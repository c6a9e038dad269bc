"""The charter: one version by itself, and chains of signed versions."""

from collections.abc import Iterator
from typing import Any, Final

from tests.core.spec.generate import bitcoin, rsa_keys, tron
from tests.core.spec.generate.encode import canonical, digest, public_key, ssh_line, sshsig
from tests.core.spec.generate.world import (
    CHARTER,
    RULES,
    TOKEN_CONTRACT,
    USER,
    WHITELISTED,
    changed,
    extended,
    without,
)

LABEL = "quorate/charter/v1"
ETH = CHARTER["assets"][0]
Case = tuple[str, Any, str]
JUDGES: Final[dict[str, type]] = {
    "chains": list, "assets": list, "whitelist": list, "raw_keys": dict, "policy": dict,
    "approvers": list, "groups": list, "timelock": int, "annotations": list, "rpc_sources": dict,
}  # fmt: skip
"""What a keeper does not look into, and the types by which it takes them."""


def build() -> dict[str, Any]:
    return {
        "charter": {
            "label": LABEL,
            "valid": [
                {
                    "name": name,
                    "text": canonical(value).decode(),
                    "hash": digest(LABEL, canonical(value)).hex(),
                }
                for name, value in _valid().items()
            ],
            "invalid": [
                _invalid(name, value, code, of)
                for of, cases in (
                    ("example", (*_forms(), *_rules(), *_structure(), *_references())),
                    (WITH_APPROVERS, (*_approval(), *_sources())),
                    (tron.WITH_TRON, tron.charter_cases()),
                    (bitcoin.WITH_BITCOIN, bitcoin.charter_cases()),
                )
                for name, value, code in cases
            ],
        },
        "charter-chain": _chains(),
    }


def _invalid(name: str, value: Any, code: str, of: str) -> dict[str, Any]:
    """The valid example `of` with some members changed, so that a reader of the file sees what is wrong."""
    base = _valid()[of]
    changes = list(_difference(base, value, ()))
    entry = {
        "name": name,
        "of": of,
        "changes": changes,
        "hash": digest(LABEL, canonical(value)).hex(),
        "code": code,
    }
    return entry | {"found_by": "judge"} if _is_judges(base, value) else entry


def _is_judges(base: dict[str, Any], value: dict[str, Any]) -> bool:
    """The fault lies within members that only the judge reads."""
    differ = {name for name in base.keys() | value.keys() if base.get(name) != value.get(name)}
    return all(name in JUDGES and type(value.get(name)) is JUDGES[name] for name in differ)


def _difference(old: Any, new: Any, path: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from ({"remove": [*path, name]} for name in sorted(old.keys() - new.keys()))
        for name, value in new.items():
            if name in old:
                yield from _difference(old[name], value, (*path, name))
            else:
                yield {"set": [*path, name], "to": value}
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _difference(before, after, (*path, index))
    elif old != new or type(old) is not type(new):
        yield {"set": list(path), "to": new}


def _valid() -> dict[str, Any]:
    second = changed(changed(CHARTER, "version", 2), "previous", digest(LABEL, canonical(CHARTER)).hex())
    fido = changed(
        CHARTER, "administrators", "members", 1, {"id": "carol", "ssh_key": ssh_line("carol/fido", fido=True)}
    )
    return {
        "example": CHARTER,
        "version 2": second,
        "dev": changed(CHARTER, "mode", "dev"),
        "an administrator with a FIDO key": fido,
        "a comment after an SSH key": changed(
            CHARTER, "administrators", "members", 0, "ssh_key", ssh_line("alice/ssh") + " alice@home"
        ),
        "n of n": changed(CHARTER, "threshold", 3),
        "nothing but signers": changed(
            {
                **CHARTER,
                "users": [],
                "chains": [],
                "assets": [],
                "whitelist": [],
                "keys": [],
                "policy": {"rules": []},
            },
            "raw_keys",
            {"ecdsa-secp256k1": None, "ed25519": None},
        ),
        WITH_APPROVERS: APPROVED,
        tron.WITH_TRON: tron.CHARTER_WITH_TRON,
        bitcoin.WITH_BITCOIN: bitcoin.CHARTER_WITH_BITCOIN,
        "the optional members, empty": {
            **CHARTER,
            "approvers": [],
            "groups": [],
            "timelock": 0,
            "annotations": [],
            "rpc_sources": {},
        },
    }


def _forms() -> list[Case]:
    c = CHARTER
    return [
        ("unknown member", c | {"frozen": []}, "unknown_member"),
        ("chains as an object", c | {"chains": {}}, "wrong_type"),
        ("RAW keys as an array", c | {"raw_keys": []}, "wrong_type"),
        ("policy as an array", c | {"policy": []}, "wrong_type"),
        ("no policy", without(c, "policy"), "missing_member"),
        ("member missing", without(c, "skew"), "missing_member"),
        ("unknown member of a signer", changed(c, "signers", 0, "host", "a"), "unknown_member"),
        ("cluster too short", changed(c, "cluster", "c0ffee"), "wrong_type"),
        ("version 0", changed(c, "version", 0), "wrong_type"),
        ("version as text", changed(c, "version", "1"), "wrong_type"),
        ("unknown mode", changed(c, "mode", "test"), "wrong_type"),
        ("skew of 0", changed(c, "skew", 0), "wrong_type"),
        ("skew of 61", changed(c, "skew", 61), "wrong_type"),
        ("request lifetime of 59", changed(c, "request_lifetime", 59), "wrong_type"),
        ("request lifetime of 86,401", changed(c, "request_lifetime", 86_401), "wrong_type"),
        ("one signer", changed(changed(c, "signers", c["signers"][:1]), "threshold", 1), "wrong_type"),
        ("signer id in upper case", changed(c, "signers", 0, "id", "Signer-1"), "identifier"),
        ("signer id of 33 characters", changed(c, "signers", 0, "id", "s" * 33), "identifier"),
        ("vote key of 31 bytes", changed(c, "signers", 0, "vote_key", "11" * 31), "wrong_type"),
        ("upper-case vote key", changed(c, "signers", 0, "vote_key", "AB" * 32), "wrong_type"),
        ("link certificate is no PEM", changed(c, "signers", 0, "link_certificate", "none"), "wrong_type"),
        (
            "two certificates",
            changed(c, "server", "link_certificate", c["server"]["link_certificate"] * 2),
            "wrong_type",
        ),
        ("no administrator", changed(c, "administrators", "members", []), "wrong_type"),
        ("quorum of 0", changed(c, "administrators", "quorum", 0), "wrong_type"),
        (
            "RSA key of an administrator",
            changed(c, "administrators", "members", 0, "ssh_key", "ssh-rsa AAAAB3NzaC1yc2E="),
            "wrong_type",
        ),
        (
            "options before an SSH key",
            changed(c, "administrators", "members", 0, "ssh_key", "no-pty " + ssh_line("alice/ssh")),
            "wrong_type",
        ),
        ("unknown role", changed(c, "users", 0, "role", "approver"), "wrong_type"),
        ("RSA key of 1,024 bits", changed(c, "users", 0, "rsa_public_key", rsa_keys.TOO_SMALL), "wrong_type"),
        ("user id beyond ASCII", changed(c, "users", 1, "id", "prüfer"), "identifier"),
        ("unknown curve", changed(c, "keys", 0, "curve", "p256"), "wrong_type"),
        ("engine of the other curve", changed(c, "keys", 0, "engine", "frost-ed25519-3"), "wrong_type"),
        ("chain named otherwise", changed(c, "chains", 0, "chain_id", 5), "wrong_type"),
        ("unknown family", changed(c, "chains", 0, "family", "cardano"), "wrong_type"),
        ("coin type of 2^31", changed(c, "chains", 0, "coin_type", 2**31), "wrong_type"),
        ("fee cap of 0", changed(c, "chains", 0, "fee_cap", "0"), "wrong_type"),
        ("fee cap as a number", changed(c, "chains", 0, "fee_cap", 5), "wrong_type"),
        ("nonce window of 0", changed(c, "chains", 0, "nonce_window", 0), "wrong_type"),
        ("contract without checksum", changed(c, "assets", 2, "contract", ETH_LOWER), "wrong_type"),
        ("78 decimals", changed(c, "assets", 0, "decimals", 78), "wrong_type"),
        ("asset id with a slash", changed(c, "assets", 2, "id", "US/DC"), "identifier"),
        (
            "whitelisted address without checksum",
            changed(c, "whitelist", 0, "address", WHITELISTED.lower()),
            "wrong_type",
        ),
    ]


ETH_LOWER = CHARTER["assets"][2]["contract"].lower()


def _rules() -> list[Case]:
    def rule(**members: Any) -> Any:
        return changed(CHARTER, "policy", "rules", [{"name": "r", "verdict": "allow", **members}])

    window = {"seconds": 60, "max": "1", "per": ["source"]}
    return [
        ("rule without verdict", changed(CHARTER, "policy", "rules", [{"name": "r"}]), "missing_member"),
        ("rule with unknown field", rule(colour=2), "unknown_member"),
        ("unknown verdict", rule(verdict="maybe"), "wrong_type"),
        ("rule name with a space", rule(name="a rule"), "identifier"),
        ("empty list", rule(requesters=[]), "wrong_type"),
        ("null for a field", rule(sources=None), "wrong_type"),
        ("an entry twice", rule(operations=["RAW", "RAW"]), "wrong_type"),
        ("unknown operation", rule(operations=["BURN"]), "wrong_type"),
        ("source with leading zero", rule(sources=["01"]), "identifier"),
        ("unknown destination kind", rule(destinations=["exchange"]), "wrong_type"),
        ("one-time destination with id", rule(destinations=["one_time:x"]), "wrong_type"),
        ("own account without its number", rule(destinations=["own_account:"]), "identifier"),
        ("amount limit without asset", rule(max_amount="1"), "charter_rule_asset"),
        ("amount limit with two assets", rule(max_amount="1", assets=["ETH", "USDC"]), "charter_rule_asset"),
        ("window without asset", rule(window=window), "charter_rule_asset"),
        ("window of 0 s", rule(assets=["ETH"], window=window | {"seconds": 0}), "wrong_type"),
        ("window per unknown", rule(assets=["ETH"], window=window | {"per": ["asset"]}), "wrong_type"),
        ("window without max", rule(assets=["ETH"], window=without(window, "max")), "missing_member"),
        ("raw_on_asset_path as text", rule(raw_on_asset_path="true"), "wrong_type"),
    ]


def _structure() -> list[Case]:
    c, first = CHARTER, CHARTER["signers"][0]
    return [
        ("threshold of 1", changed(c, "threshold", 1), "charter_threshold"),
        ("threshold above n", changed(c, "threshold", 4), "charter_threshold"),
        ("signers out of order", changed(c, "signers", c["signers"][::-1]), "charter_signer_index"),
        ("a gap in the indexes", changed(c, "signers", 2, "index", 4), "charter_signer_index"),
        (
            "quorum above the administrators",
            changed(c, "administrators", "quorum", 3),
            "charter_administrator_quorum",
        ),
        ("version 1 with a previous", changed(c, "previous", "00" * 32), "charter_previous"),
        ("version 2 without a previous", changed(c, "version", 2), "charter_previous"),
        ("a signer id twice", changed(c, "signers", 1, "id", "signer-1"), "charter_duplicate_id"),
        (
            "an administrator id twice",
            changed(c, "administrators", "members", 1, "id", "alice"),
            "charter_duplicate_id",
        ),
        ("a user id twice", changed(c, "users", 1, "id", USER), "charter_duplicate_id"),
        ("a key id twice", changed(c, "keys", 1, "id", "main-ecdsa"), "charter_duplicate_id"),
        ("a chain id twice", extended(c, "chains", c["chains"][0]), "charter_duplicate_id"),
        ("an asset id twice", changed(c, "assets", 1, "id", "ETH"), "charter_duplicate_id"),
        ("a whitelist id twice", changed(c, "whitelist", 1, "id", "partner"), "charter_duplicate_id"),
        ("a rule name twice", extended(c, "policy", "rules", RULES[1]), "charter_duplicate_id"),
        (
            "two assets of one contract",
            extended(c, "assets", CHARTER["assets"][2] | {"id": "USDC2"}),
            "charter_duplicate_asset",
        ),
        (
            "two native coins of one chain",
            extended(c, "assets", ETH | {"id": "ETH2"}),
            "charter_duplicate_asset",
        ),
        (
            "two signers with one vote key",
            changed(c, "signers", 1, "vote_key", first["vote_key"]),
            "charter_duplicate_key",
        ),
        (
            "vote key is also the log key",
            changed(c, "signers", 0, "log_key", first["vote_key"]),
            "charter_duplicate_key",
        ),
        (
            "vote key is another's envelope key",
            changed(c, "signers", 1, "envelope_key", first["vote_key"]),
            "charter_duplicate_key",
        ),
        (
            "two signers with one link key",
            changed(c, "signers", 1, "link_certificate", first["link_certificate"]),
            "charter_duplicate_key",
        ),
        (
            "link key is a vote key",
            changed(c, "signers", 0, "vote_key", public_key("server/link").hex()),
            "charter_duplicate_key",
        ),
        (
            "one SSH key for two administrators",
            changed(c, "administrators", "members", 1, "ssh_key", ssh_line("alice/ssh") + " bob"),
            "charter_duplicate_key",
        ),
        (
            "an SSH key is a log key",
            changed(c, "signers", 0, "log_key", public_key("alice/ssh").hex()),
            "charter_duplicate_key",
        ),
        (
            "one RSA key for two users",
            changed(c, "users", 1, "rsa_public_key", rsa_keys.REQUESTER),
            "charter_duplicate_key",
        ),
    ]


def _references() -> list[Case]:
    c = CHARTER

    def rule(**members: Any) -> Any:
        return changed(c, "policy", "rules", [{"name": "r", "verdict": "allow", **members}])

    return [
        ("chain with an unknown key", changed(c, "chains", 0, "key", "none"), "charter_reference"),
        ("chain with an Ed25519 key", changed(c, "chains", 0, "key", "main-eddsa"), "charter_key_curve"),
        (
            "native asset does not exist",
            changed(c, "chains", 0, "native_asset", "BTC"),
            "charter_native_asset",
        ),
        (
            "native asset of another chain",
            changed(c, "chains", 0, "native_asset", "ETH_TEST"),
            "charter_native_asset",
        ),
        ("native asset is a token", changed(c, "chains", 1, "native_asset", "USDC"), "charter_native_asset"),
        ("asset on an unknown chain", changed(c, "assets", 2, "chain", "evm:5"), "charter_reference"),
        (
            "whitelist entry on an unknown chain",
            changed(c, "whitelist", 0, "chain", "evm:5"),
            "charter_reference",
        ),
        ("unknown RAW key", changed(c, "raw_keys", "ed25519", "none"), "charter_reference"),
        ("RAW key on the other curve", changed(c, "raw_keys", "ed25519", "main-ecdsa"), "charter_key_curve"),
        ("rule with an unknown requester", rule(requesters=["nobody"]), "charter_reference"),
        ("rule with an unknown asset", rule(assets=["BTC"]), "charter_reference"),
        (
            "rule with an unknown whitelist entry",
            rule(destinations=["whitelist:nobody"]),
            "charter_reference",
        ),
    ]


WITH_APPROVERS = "approvers, groups, timelock, annotations and sources"
APPROVED: dict[str, Any] = {
    **CHARTER,
    "approvers": [
        {"id": "dana", "name": "Dana", "ssh_key": ssh_line("dana/ssh")},
        {"id": "erin", "name": "Erin, on call", "ssh_key": ssh_line("erin/fido", fido=True)},
    ],
    "groups": [
        {"id": "treasury", "members": ["dana", "erin"]},
        {"id": "payers", "members": [USER, "dana"]},
    ],
    "timelock": 86_400,
    "annotations": [{"chain": "evm:31337", "contract": TOKEN_CONTRACT, "hash": "5a" * 32}],
    "rpc_sources": {"evm:1": ["own-node", "provider-a"], "evm:31337": ["own-node"]},
}  # fmt: skip


def _approval() -> list[Case]:
    a = APPROVED
    return [
        ("approvers as an object", a | {"approvers": {}}, "wrong_type"),
        ("approver without a name", without(a, "approvers", 0, "name"), "missing_member"),
        ("approver id in upper case", changed(a, "approvers", 0, "id", "Dana"), "identifier"),
        (
            "RSA key of an approver",
            changed(a, "approvers", 0, "ssh_key", "ssh-rsa AAAAB3NzaC1yc2E="),
            "wrong_type",
        ),
        ("an approver id twice", changed(a, "approvers", 1, "id", "dana"), "charter_duplicate_id"),
        ("an approver named like a user", changed(a, "approvers", 0, "id", "viewer"), "charter_duplicate_id"),
        (
            "an approver's key is an administrator's",
            changed(a, "approvers", 0, "ssh_key", ssh_line("alice/ssh") + " dana"),
            "charter_duplicate_key",
        ),
        (
            "one SSH key for two approvers",
            changed(a, "approvers", 1, "ssh_key", ssh_line("dana/ssh")),
            "charter_duplicate_key",
        ),
        ("groups as an object", a | {"groups": {}}, "wrong_type"),
        ("group without members", changed(a, "groups", 0, "members", []), "wrong_type"),
        ("a member of a group twice", changed(a, "groups", 0, "members", ["dana"] * 2), "wrong_type"),
        ("unknown member of a group", changed(a, "groups", 0, "members", ["nobody"]), "charter_reference"),
        (
            "an administrator in a group",
            changed(a, "groups", 0, "members", ["alice"]),
            "charter_reference",
        ),
        ("a group id twice", changed(a, "groups", 1, "id", "treasury"), "charter_duplicate_id"),
        ("timelock as text", a | {"timelock": "0"}, "wrong_type"),
        ("timelock above 30 days", a | {"timelock": 2_592_001}, "wrong_type"),
    ]


def _sources() -> list[Case]:
    a = APPROVED
    twice = extended(a, "annotations", a["annotations"][0] | {"hash": "a5" * 32})
    return [
        ("annotations as an object", a | {"annotations": {}}, "wrong_type"),
        (
            "annotation of an unknown chain",
            changed(a, "annotations", 0, "chain", "evm:5"),
            "charter_reference",
        ),
        (
            "annotated contract without checksum",
            changed(a, "annotations", 0, "contract", ETH_LOWER),
            "wrong_type",
        ),
        ("annotation with a short hash", changed(a, "annotations", 0, "hash", "5a" * 31), "wrong_type"),
        ("a contract annotated twice", twice, "charter_duplicate_id"),
        ("sources as an array", a | {"rpc_sources": []}, "wrong_type"),
        ("sources of an unknown chain", a | {"rpc_sources": {"evm:5": ["own-node"]}}, "charter_reference"),
        ("no source for a chain", changed(a, "rpc_sources", "evm:1", []), "wrong_type"),
        ("a source twice", changed(a, "rpc_sources", "evm:1", ["own-node"] * 2), "wrong_type"),
        ("a source named by an address", changed(a, "rpc_sources", "evm:1", ["https://a"]), "identifier"),
    ]


def _chains() -> dict[str, Any]:
    """`documents` is the pool of signed versions that the chains name."""
    one = CHARTER
    two = _next(one)
    three = changed(_next(two), "administrators", "members", [*two["administrators"]["members"], CAROL])
    three = changed(three, "administrators", "quorum", 2)
    four = _next(three)
    alice, bob = ("alice",), ("bob",)
    documents = {
        "1": _signed(one, ("alice", "bob")),
        "2": _signed(two, bob),
        "3": _signed(three, alice),
        "4": _signed(four, ("bob", "carol")),
        "1 by alice": _signed(one, alice),
        "1 by alice twice": _signed(one, ("alice", "alice")),
        "2 by nobody": _signed(two, ()),
        "2 by mallory": _signed(two, ("mallory",)),
        "2 by alice, and bob for version 1": _spliced(two, one),
        "2 with alice for version 1": _signed(two, ()) | {"signatures": _signed(one, alice)["signatures"]},
        "2 by alice as an order": _signed(two, alice, label="quorate/order/v1"),
        "2 with another previous": _signed(changed(two, "previous", "00" * 32), alice),
        "2 of another cluster": _signed(changed(two, "cluster", "00" * 16), alice),
        "2 in mode dev": _signed(changed(two, "mode", "dev"), alice),
        "3 by carol": _signed(three, ("carol",)),
        "4 by bob": _signed(four, bob),
    }
    root = digest(LABEL, canonical(one)).hex()
    hashes = [digest(LABEL, canonical(v)).hex() for v in (one, two, three, four)]
    invalid: list[tuple[list[str], str]] = [
        ([], "charter_version"),
        (["1", "1"], "charter_version"),
        (["1", "3"], "charter_version"),
        (["1 by alice"], "charter_quorum"),
        (["1", "2 by nobody"], "charter_quorum"),
        (["1", "2", "3", "4 by bob"], "charter_quorum"),
        (["1 by alice twice"], "charter_signature"),
        (["1", "2", "3 by carol"], "charter_signature"),
        (["1", "2 by mallory"], "charter_signature"),
        (["1", "2 by alice, and bob for version 1"], "charter_signature"),
        (["1", "2 with alice for version 1"], "charter_signature"),
        (["1", "2 by alice as an order"], "charter_signature"),
        (["1", "2 with another previous"], "charter_previous"),
        (["1", "2 of another cluster"], "charter_cluster"),
        (["1", "2 in mode dev"], "charter_mode"),
    ]
    return {
        "documents": documents,
        "valid": [{"chain": ["1", "2", "3", "4"], "root_hash": root, "hashes": hashes}],
        "invalid": [
            *({"chain": chain, "root_hash": root, "code": code} for chain, code in invalid),
            {"chain": ["2", "3"], "root_hash": hashes[1], "code": "charter_version"},
            {"chain": ["1"], "root_hash": "00" * 32, "code": "charter_root"},
        ],
    }


CAROL = {"id": "carol", "ssh_key": ssh_line("carol/fido", fido=True)}


def _next(version: Any) -> Any:
    following = changed(version, "version", version["version"] + 1)
    return changed(following, "previous", digest(LABEL, canonical(version)).hex())


def _signature(who: str, body: bytes, label: str) -> dict[str, str]:
    key, fido = ("carol/fido", True) if who == "carol" else (f"{who}/ssh", False)
    return {"administrator": who, "armor": sshsig(key, label, body, fido=fido)}


def _signed(version: Any, by: tuple[str, ...], label: str = LABEL) -> dict[str, Any]:
    body = canonical(version)
    return {"text": body.decode(), "signatures": [_signature(who, body, label) for who in by]}


def _spliced(version: Any, other: Any) -> dict[str, Any]:
    body = canonical(version)
    signatures = [_signature("alice", body, LABEL), _signature("bob", canonical(other), LABEL)]
    return {"text": body.decode(), "signatures": signatures}
