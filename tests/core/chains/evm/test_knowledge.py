"""Annotations from a context, operators' ABIs and ERC-7730 descriptors; what they may and may not change."""

import json
from typing import Any

import pytest

from quorate.core.chains.evm.abi.types import signature
from quorate.core.chains.evm.knowledge import abi_json, erc7730
from quorate.core.chains.evm.knowledge.annotations import MAX_ANNOTATIONS, Annotation, Annotations
from quorate.core.chains.evm.knowledge.context import from_json
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.errors import QuorateError
from tests.core.chains.evm.samples import SENDER, TO, TOKEN, account, call_data, effects, fields

A, B = account(0xA), account(0xB)


def annotated(annotation: dict[str, Any], *args: Any) -> list[Any]:
    """Effects of the call that the annotation describes, at the contract it names."""
    knowledge = from_json({"abi_annotations": [{"to": TOKEN, **annotation}]}, sender=SENDER)
    return effects(TOKEN, call_data(annotation["signature"], *args), knowledge=knowledge)


def test_an_annotation_decodes_a_call() -> None:
    (call,) = annotated({"signature": "poke(uint256,bytes)", "intent": "Poke"}, 7, b"\x01")
    assert call == {
        "type": "contract_call", "from": SENDER, "to": TOKEN,
        "selector": "0x" + signature("poke(uint256,bytes)").selector.hex(),
        "value": "0", "blind": False, "signature": "poke(uint256,bytes)", "args": ["7", "0x01"],
        "intent": "Poke",
        "stated_by": "context",
    }  # fmt: skip


TYPED: list[tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]] = [
    ({"signature": "f(address,uint256)", "effect": "mint", "asset": "X", "amount_arg": 1, "to_arg": 0}, (A,
     5),
     {"type": "mint", "asset": "X", "amount": "5", "to": A}),
    ({"signature": "f(address,uint256)", "effect": "token_transfer", "asset": B, "amount_arg": 1,
     "to_arg": 0}, (A, 5),
     {"type": "token_transfer", "standard": "erc20", "asset": B, "from": SENDER, "to": A, "amount": "5"}),
    ({"signature": "f(address,address,uint256)", "effect": "approval", "asset_arg": 0, "spender_arg": 1,
      "amount_arg": 2}, (A, B, 2**255),
     {"type": "approval", "standard": "erc20", "asset": A, "owner": SENDER, "spender": B,
      "amount": str(2**255),
      "unlimited": True}),
    ({"signature": "f(address)", "effect": "approval", "asset": B, "spender_arg": 0}, (A,),
     {"type": "approval", "standard": "erc20", "asset": B, "owner": SENDER, "spender": A, "amount": "all",
      "unlimited": True}),
    ({"signature": "f(address)", "effect": "approval", "asset": B, "spender_arg": 0, "amount": "7"}, (A,),
     {"type": "approval", "standard": "erc20", "asset": B, "owner": SENDER, "spender": A, "amount": "7",
      "unlimited": False}),
    ({"signature": "f(address)", "effect": "ownership_change"}, (A,),
     {"type": "ownership_change", "contract": TOKEN, "method": "f(address)", "new_owner": A}),
    ({"signature": "f(uint8,address)", "effect": "upgrade", "implementation_arg": 1}, (1, A),
     {"type": "upgrade", "contract": TOKEN, "implementation": A}),
    ({"signature": "f(address)", "effect": "authority_change", "authority_type": "keeper", "program": "p"},
     (A,),
     {"type": "authority_change", "account": TOKEN, "authority_type": "keeper", "new_authority": A,
      "method": "f(address)", "program": "p"}),
    ({"signature": "f(bytes)", "effect": "authority_change"}, (bytes.fromhex(A[2:]),),
     {"type": "authority_change", "account": TOKEN, "authority_type": "f", "new_authority": A,
      "method": "f(bytes)"}),
    ({"signature": "f(bytes)", "effect": "authority_change"}, (b"key",),
     {"type": "authority_change", "account": TOKEN, "authority_type": "f", "new_authority": "0x6b6579",
      "method": "f(bytes)"}),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "args", "expected"), TYPED)
def test_typed_effects(annotation: dict[str, Any], args: tuple[Any, ...], expected: dict[str, Any]) -> None:
    call, effect = annotated(annotation, *args)
    assert call["blind"] is False
    assert effect == {**expected, "note": "stated by an annotation"}


def test_every_new_authority_is_an_effect() -> None:
    found = annotated({"signature": "f(address[])", "effect": "authority_change"}, [A, B])
    assert [effect["new_authority"] for effect in found[1:]] == [A, B]


def test_arguments_that_are_no_encoding() -> None:
    text = "f(address)"
    knowledge = from_json(
        {"abi_annotations": [{"to": TOKEN, "signature": text, "effect": "authority_change"}]}
    )
    data = call_data(text, A) + b"\x00"
    call, authority, blind = effects(TOKEN, data, knowledge=knowledge)
    assert fields(call, "blind", "looks_like") == (True, text)
    assert authority["new_authority"] is None
    assert blind["reason"] == "trailing_bytes"


def test_only_of_exactly_that_contract_and_selector() -> None:
    knowledge = from_json({"abi_annotations": [{"to": TOKEN, "signature": "f(address)"}]})
    for to, data in ((TO, call_data("f(address)", A)), (TOKEN, call_data("g(address)", A))):
        assert effects(to, data, knowledge=knowledge)[0]["blind"] is True


def test_it_cannot_hide_what_the_table_knows() -> None:
    (effect,) = annotated({"signature": "transferOwnership(address)", "intent": "Say hello"}, A)
    assert effect["type"] == "ownership_change"
    for text, args in (("execute(uint256)", (7,)), ("approveHash(bytes32)", (bytes(32),))):
        call, unknown = annotated({"signature": text}, *args)  # known not to say what it does
        assert (call["blind"], unknown["type"]) == (True, "blind"), text
    stated = {"signature": "execute(uint256)", "effect": "mint", "asset": TOKEN, "amount_arg": 0}
    call, mint = annotated(stated, 7)
    assert (call["blind"], mint["type"]) == (False, "mint")


def test_chains() -> None:
    """An annotation for a chain holds on that chain alone, and goes before one for any."""
    here = Annotation(TOKEN, 1, signature("f(address)"), "abi", intent="here")
    there = Annotation(TOKEN, 5, signature("f(address)"), "abi")
    anywhere = Annotation(TOKEN, None, signature("f(address)"), "context")
    selector = here.signature.selector
    both = Annotations([here, anywhere])
    assert both.find(1, TOKEN, selector) is here
    assert both.find(5, TOKEN, selector) is anywhere
    assert Annotations([there]).find(1, TOKEN, selector) is None
    assert len(Annotations([here, there])) == 2


def test_contradictions_and_numbers() -> None:
    one = Annotation(TOKEN, 1, signature("f(address)"), "abi")
    other = Annotation(TOKEN, 1, signature("f(address)"), "erc7730")
    assert len(Annotations([one, one])) == 1
    for wrong in (lambda: Annotations([one, other]), lambda: Annotations(many())):
        with pytest.raises(QuorateError) as error:
            wrong()
        assert error.value.code == "annotations"


def many() -> list[Annotation]:
    found = signature("f(address)")
    return [Annotation(account(number), 1, found, "abi") for number in range(MAX_ANNOTATIONS + 1)]


CONTEXTS = [
    ({"own_addresses": "0x"}, "wrong_type"),
    ({"own_addresses": [1]}, "wrong_type"),
    ({"own_addresses": [TOKEN.lower()]}, "wrong_type"),
    ({"safe": []}, "annotations"),
    ({"safe": {"address": "0x"}}, "wrong_type"),
    ({"chain": {"family": "evm", "chain_id": "x"}}, "annotations"),
    ({"abi_annotations": {}}, "wrong_type"),
    ({"abi_annotations": [1]}, "wrong_type"),
    ({"abi_annotations": [{}]}, "missing_member"),
    ({"abi_annotations": [{"to": "x", "signature": "f()"}]}, "wrong_type"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f"}]}, "signature_form"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f()", "effect": "fee"}]}, "annotations"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f()", "effect": ["mint"]}]}, "annotations"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f()", "more": 1}]}, "unknown_member"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(uint8)", "effect": "ownership_change"}]},
     "annotations"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(address)", "effect": "mint", "asset": "X"}]},
     "annotations"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(uint8[])", "effect": "mint", "asset": "X"}]},
     "annotations"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f()", "effect": "mint", "asset": "X",
     "amount": "1.5"}]},
     "wrong_type"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(uint8)", "amount_arg": 0}]}, "unknown_member"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(uint8,uint8)", "effect": "mint", "asset": "X"}]},
     "annotations"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(uint8)", "effect": "mint", "asset": "X",
     "amount_arg": 1}]},
     "wrong_type"),
    ({"abi_annotations": [{"to": TOKEN, "signature": "f(uint8)", "effect": "mint", "asset": "X",
     "asset_arg": 0,
                           "amount_arg": 0}]}, "annotations"),
]  # fmt: skip


@pytest.mark.parametrize(("context", "code"), CONTEXTS)
def test_contexts_that_are_refused(context: dict[str, Any], code: str) -> None:
    with pytest.raises(QuorateError) as error:
        from_json(context)
    assert error.value.code == code


def test_contexts_of_other_families_and_members() -> None:
    """Their addresses are not for this decoder, and members for policies are left to them."""
    tron = {
        "own_addresses": ["TWTJNnGiJFv1qqgG6uSVDPihQQ4Y8mCC8b"],
        "chain": {"family": "tron"},
        "limits": [],
    }
    found = from_json(tron)
    assert (found.own_addresses, found.chain_id, len(found.annotations)) == (frozenset(), None, 0)
    assert from_json({"chain": {"family": "evm", "chain_id": "137"}}).chain_id == 137


ABI = [
    {"type": "constructor", "inputs": []},
    {"type": "event", "name": "E", "inputs": []},
    {"type": "function", "name": "swap", "stateMutability": "payable", "outputs": [], "inputs": [
        {"name": "legs", "type": "tuple[2]", "components": [
            {"name": "token", "type": "address", "internalType": "contract IERC20"}, {"name": "n",
             "type": "uint256"}]},
        {"name": "", "type": "bytes"}]},
    {"type": "function", "name": "swap", "inputs": []},
]  # fmt: skip


def test_operators_abi() -> None:
    for document in (ABI, {"abi": ABI}):
        found = abi_json.parse(json.dumps(document).encode(), chain_id=1, address=TOKEN)
        assert [one.signature.text for one in found] == ["swap((address,uint256)[2],bytes)", "swap()"]
    data = call_data("swap((address,uint256)[2],bytes)", [(A, 1), (B, 2)], b"")
    (call,) = effects(TOKEN, data, knowledge=Knowledge(annotations=found))
    assert fields(call, "blind", "args", "arg_names", "stated_by") == (
        False, [[[A, "1"], [B, "2"]], "0x"], ["legs", ""], "abi",
    )  # fmt: skip
    assert effects(TO, data, knowledge=Knowledge(annotations=found))[0]["blind"] is True


def deep(levels: int) -> dict[str, Any]:
    kind: dict[str, Any] = {"name": "a", "type": "uint8"}
    for _ in range(levels):
        kind = {"name": "a", "type": "tuple", "components": [kind]}
    return kind


@pytest.mark.parametrize(
    "document",
    [
        {}, 1, [{"inputs": []}], [{"name": "f"}], [{"name": "f", "inputs": [1]}], [{"name": "f",
         "inputs": [{}]}],
        [{"name": "f", "inputs": [{"type": "tuple"}]}], [{"name": "f", "inputs": [{"type": "uint"}]}],
        [{"name": "f(", "inputs": []}], [{"name": "f", "inputs": [{"type": "uint8,uint8"}]}] * 2001,
        [{"name": "f", "inputs": [deep(12)]}], [{"name": "f", "inputs": [{"type": "uint8", "name": "a b"}]}],
        [{"name": "f", "inputs": [{"type": "address", "name": "x" * 5000}]}],
    ],
)  # fmt: skip
def test_abis_that_are_refused(document: Any) -> None:
    with pytest.raises(QuorateError) as error:
        abi_json.parse(json.dumps(document).encode(), chain_id=1, address=TOKEN)
    assert error.value.code in ("annotations", "signature_form", "not_canonical")


DESCRIPTOR: dict[str, Any] = {
    "$schema": "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json",
    "context": {
        "$id": "Pool",
        "contract": {
            "abi": "https://example.org/abi",
            "deployments": [
                {"chainId": 1, "address": TOKEN.lower()},
                {"chainId": 1, "address": TOKEN},
                {"chainId": 137, "address": TO},
            ],
        },
    },
    "metadata": {"owner": "Somebody", "constants": {"max": "0xff"}},
    "display": {
        "formats": {
            "repay(address asset, uint256 amount)": {
                "intent": "Repay loan",
                "fields": [{"path": "amount", "label": "Amount", "format": "raw"}],
            },
            "open((address maker, uint256 n) order)": {"intent": {"what": "open"}, "fields": []},
        }
    },
}


def parsed(**changes: Any) -> Annotations:
    return erc7730.parse(json.dumps({**DESCRIPTOR, **changes}).encode())


def test_descriptors() -> None:
    found = parsed()
    assert len(found) == 4
    data = call_data("repay(address,uint256)", A, 5)
    (call,) = effects(TOKEN, data, knowledge=Knowledge(annotations=found))
    assert fields(call, "blind", "intent", "args", "arg_names", "stated_by") == (
        False, "Repay loan", [A, "5"], ["asset", "amount"], "erc7730",
    )  # fmt: skip
    assert (
        effects(TO, data, knowledge=Knowledge(annotations=found))[0]["blind"] is True
    )  # there on another chain


def contract(**members: Any) -> dict[str, Any]:
    return {"contract": {**DESCRIPTOR["context"]["contract"], **members}}


def test_formats_by_selector_need_an_inline_abi() -> None:
    key = "0x" + signature("swap()").selector.hex()
    display = {"formats": {key: {"intent": "Swap"}}}
    (one, *_) = parsed(context=contract(abi=ABI), display=display)
    assert (one.signature.text, one.intent) == ("swap()", "Swap")
    with pytest.raises(QuorateError, match="no inline ABI"):
        parsed(display=display)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"includes": "common.json"}, "descriptor"),
        ({"context": {"eip712": {}}}, "descriptor"),
        ({"context": []}, "descriptor"),
        ({"context": contract(factory={})}, "descriptor"),
        ({"context": contract(deployments=[])}, "wrong_type"),
        ({"context": contract(deployments=[{"chainId": 0, "address": TOKEN}])}, "wrong_type"),
        ({"context": contract(deployments=[{"chainId": "1", "address": TOKEN}])}, "wrong_type"),
        ({"context": contract(deployments=[{"chainId": 1, "address": "0x"}])}, "address"),
        ({"context": contract(deployments=[{"chainId": 1}])}, "missing_member"),
        ({"context": contract(deployments=[{"chainId": 1, "address": TOKEN}] * 201)}, "wrong_type"),
        ({"display": {}}, "descriptor"),
        ({"display": {"formats": {}}}, "descriptor"),
        ({"display": {"formats": {"repay": {}}}}, "signature_form"),
        ({"display": {"formats": {"f(address a)": {}, "f(address b)": {}}}}, "annotations"),
        ({"more": 1}, "unknown_member"),
    ],
)
def test_descriptors_that_are_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(QuorateError) as error:
        parsed(**changes)
    assert error.value.code == code
