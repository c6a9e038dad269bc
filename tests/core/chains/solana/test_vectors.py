"""Every Solana item of good/ and incidents/: effects, digest, signers, blockhash and durable nonces."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from quorate.core.chains.solana.context import from_json
from quorate.core.chains.solana.decode import Transaction, decode, decode_message
from quorate.core.errors import QuorateError
from tests.core.vectors import OWN

EXPLANATIONS = ("note",)
"""Members of an expected effect that are for people."""


def items() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, case and item."""
    for path in [OWN / "good/solana.json", *sorted((OWN / "incidents").glob("*.json"))]:
        document = json.loads(path.read_text())
        for case in document.get("cases", [document]):
            for number, item in enumerate(case["items"]):
                if item["format"] == "solana-message":
                    yield f"{case['id']}/{number}", case, item


ITEMS = {name: (case, item) for name, case, item in items()}


def transaction(name: str) -> Transaction:
    case, item = ITEMS[name]
    context = from_json({**case["context"], "chain": case["chain"]}, item)
    return decode(base64.b64decode(item["bytes"]), context.tables, cluster=context.cluster)


def test_counts() -> None:
    good = [name for name, (case, _) in ITEMS.items() if case["expected_verdict"] == "allow"]
    blind = [name for name in ITEMS if transaction(name).decoded.blind]
    durable = [name for name in ITEMS if transaction(name).is_durable_nonce]
    assert (len(ITEMS), len(good)) == (22, 11)
    assert blind == ["drift-2026-durable-nonce-admin/1", "drift-2026-durable-nonce-admin/2"]
    assert durable == [f"drift-2026-durable-nonce-admin/{number}" for number in range(3)]


@pytest.mark.parametrize("name", ITEMS)
def test_effects(name: str) -> None:
    """Each expected effect is there with all its members, and there is no other."""
    _, item = ITEMS[name]
    found = [dict(effect) for effect in transaction(name).decoded.effects]
    expected = item["expected"]["effects"]
    assert len(found) == len(expected)
    for effect in expected:
        wanted = {key: value for key, value in effect.items() if key not in EXPLANATIONS}
        match = next(e for e in found if wanted.items() <= e.items())
        found.remove(match)


@pytest.mark.parametrize("name", ITEMS)
def test_what_a_judge_needs(name: str) -> None:
    case, item = ITEMS[name]
    found, data = transaction(name), base64.b64decode(item["bytes"])
    fee = next(effect for effect in item["expected"]["effects"] if effect["type"] == "fee")
    assert found.message.version == item["version"]
    assert found.signers == tuple(item["signers"])
    assert found.blockhash == item["recent_blockhash"]
    assert (found.fee_payer, str(found.fee)) == (fee["payer"], fee["amount"])
    document = found.decoded.to_json()
    assert document["chain"] == case["chain"]
    assert document["format"] == item["format"]
    assert document["digests"] == [item["digest"]]
    assert item["digest"]["value"] == sha256(data).hexdigest()


TABLED = "v0-with-known-table/0"


def test_a_table_that_is_not_trusted_is_blind() -> None:
    case, item = ITEMS[TABLED]
    table = item["lookup_tables"][0]
    data = base64.b64decode(item["bytes"])
    unresolved = {"type": "blind", "reason": "unresolved_lookup_table", "table": table["account"]}
    untrusted = {**case["context"], "trusted_lookup_tables": []}
    short = {"lookup_tables": [{**table, "addresses": table["addresses"][:2]}]}
    for context in (
        from_json(untrusted, item),
        from_json(case["context"], {}),
        from_json(case["context"], short),
    ):
        decoded = decode_message(data, context.tables)
        assert decoded.blind
        assert unresolved in decoded.effects
        transfer = next(effect for effect in decoded.effects if effect["type"] == "token_transfer")
        assert transfer["asset"] == f"lookup:{table['account']}:2"  # what is shown is no address
    assert decoded.chain == {"family": "solana"}


def test_a_table_cannot_give_an_address_twice() -> None:
    """The runtime refuses to load an account twice."""
    _, item = ITEMS[TABLED]
    table, data = item["lookup_tables"][0], base64.b64decode(item["bytes"])
    for address in (item["signers"][0], table["addresses"][2]):
        with pytest.raises(QuorateError) as error:
            decode(data, {table["account"]: [address, *table["addresses"][1:]]})
        assert error.value.code == "malformed_transaction"


def test_a_table_holds_addresses() -> None:
    _, item = ITEMS[TABLED]
    table, data = item["lookup_tables"][0], base64.b64decode(item["bytes"])
    with pytest.raises(QuorateError) as error:
        decode(data, {table["account"]: ["lookup:me"] * 3})
    assert error.value.code == "address"


@pytest.mark.parametrize(
    "context",
    [
        {"trusted_lookup_tables": "all"},
        {"trusted_lookup_tables": [5]},
        {"trusted_lookup_tables": {"1" * 32: True}},
        {"trusted_lookup_tables": ["short"]},
        {"lookup_tables": [{}]},
        {"lookup_tables": ["x"]},
        {"lookup_tables": [{"account": "1" * 32, "addresses": {"0": "1" * 32}}]},
        {"chain": {"cluster": 5}},
    ],
)
def test_contexts_that_are_refused(context: dict[str, Any]) -> None:
    with pytest.raises(QuorateError) as error:
        from_json(context, {})
    assert error.value.code in ("wrong_type", "address")
