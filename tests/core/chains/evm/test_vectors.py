"""Every EVM item of the incidents and of good/evm.json: effects, digests and preimages."""

import json
from collections import Counter
from typing import Any

from quorate.core.chains.effects import Decoded
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.context import from_json
from tests.core.vectors import OWN

COMPARED = ("type", "asset", "to", "spender", "account", "new_authority", "amount", "token_id")
EXPLAINED = (
    "standard", "from", "owner", "via", "unlimited", "revokes", "expiration", "deadline", "selector",
    "signature", "blind",
    "value", "looks_like", "method", "contract", "new_owner", "threshold", "implementation", "beneficiary",
    "delegate",
    "authority", "chain_id", "nonce", "any_chain", "count", "max_fee_per_blob_gas", "max_amount", "payer",
    "reason",
    "all_tokens", "known", "kind", "primary_type", "text",
)  # fmt: skip
"""Members that the README calls explanations, and that agree all the same."""


def items() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(name, context with chain, item) of every item in one of the five formats."""
    found = []
    for path in [OWN / "good/evm.json", *sorted((OWN / "incidents").glob("*.json"))]:
        document = json.loads(path.read_text())
        for case in document.get("cases", [document]):
            for number, item in enumerate(case["items"]):
                if item["format"].startswith("evm-") or item["format"] == "raw-digest":
                    context = {**case["context"], "chain": case["chain"]}
                    found.append((f"{case['id']}/{number}", context, item))
    return found


def decode(context: dict[str, Any], item: dict[str, Any]) -> Decoded:
    text = item["bytes"]
    data = text.encode() if item["encoding"] == "json" else bytes.fromhex(text[2:])
    sender = item.get("from") or item.get("signer")
    return decode_item(item["format"], data, from_json(context, sender=sender))


def identity(effect: Any) -> str:
    return json.dumps({name: effect[name] for name in COMPARED if name in effect}, sort_keys=True)


def test_every_effect_of_every_item() -> None:
    """Exactly the expected effects, wrapper calls apart."""
    count: Counter[str] = Counter()
    for name, context, item in items():
        effects = decode(context, item).effects
        expected = Counter(identity(effect) for effect in item["expected"]["effects"])
        found = Counter(identity(effect) for effect in effects)
        assert not expected - found, (name, expected - found)
        assert all('"contract_call"' in one for one in found - expected), (name, found - expected)
        count[item["format"]] += 1
    assert count == {
        "evm-tx": 36, "evm-typed-data": 11, "evm-7702-authorization": 3, "raw-digest": 2,
        "evm-personal-message": 1,
    }  # fmt: skip


def test_explanations_agree_too() -> None:
    compared = 0
    for name, context, item in items():
        effects = decode(context, item).effects
        for expected in item["expected"]["effects"]:
            same = [effect for effect in effects if identity(effect) == identity(expected)]
            members = [member for member in EXPLAINED if member in expected]
            assert any(all(one.get(m) == expected[m] for m in members) for one in same), (name, expected)
            compared += len(members)
    assert compared == 301


def test_digests_and_preimages() -> None:
    preimages = 0
    for name, context, item in items():
        (digest,) = decode(context, item).to_json()["digests"]  # type: ignore[misc]
        assert {key: digest[key] for key in item["digest"]} == item["digest"], name
        if "signed_preimage" in item:
            assert digest["signed_preimage"] == item["signed_preimage"], name
            preimages += 1
    assert preimages == 12


def test_what_is_blind() -> None:
    blind = {name for name, context, item in items() if decode(context, item).blind}
    assert blind == {
        "eip7702-2025-delegation-drainer/1", "poly-network-2021-keeper/1", "resolv-2026-kms-mint/2",
        "ronin-2022-validator-threshold/0", "tornado-2023-governance/0", "tornado-2023-governance/1",
    }  # fmt: skip


def test_arguments_of_decoded_calls() -> None:
    """`args` as the vectors write them; one item abbreviates its five signatures in words."""
    compared = 0
    for name, context, item in items():
        calls = [effect for effect in decode(context, item).effects if "args" in effect]
        for expected in item["expected"]["effects"]:
            if "args" in expected and "(5 validator signatures)" not in expected["args"]:
                assert any(call["args"] == expected["args"] for call in calls), name
                compared += 1
    assert compared == 10


def test_without_context_the_effects_are_the_same_but_for_what_only_it_knows() -> None:
    """Signers and own addresses add to effects; only annotations add effects."""
    count: Counter[str] = Counter()
    for name, _, item in items():
        effects = decode({}, item | {"from": None, "signer": None}).effects
        found = {identity(effect) for effect in effects}
        missing = [e["type"] for e in item["expected"]["effects"] if identity(e) not in found]
        count["complete" if not missing else f"{name} {missing}"] += 1
    assert count == {
        "complete": 53 - 4,
        "poly-network-2021-keeper/0 ['authority_change']": 1,
        "poly-network-2021-keeper/1 ['authority_change', 'blind']": 1,
        "resolv-2026-kms-mint/0 ['mint']": 1,
        "resolv-2026-kms-mint/1 ['mint']": 1,
    }
