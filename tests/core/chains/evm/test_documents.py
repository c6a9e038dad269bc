"""Documents that a charter pins: believed by their hash, for one contract on one chain, or not at all."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge import documents
from quorate.core.chains.evm.knowledge.annotations import Annotations
from quorate.core.chains.evm.knowledge.documents import LIMIT, Documents, accepted, digest, of_charter, read
from quorate.core.chains.evm.knowledge.of_charter import knowledge
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Annotation, Charter, parse
from tests.core.chains.evm.samples import SENDER, TO, TOKEN, account, call_data, transaction
from tests.core.chains.evm.test_knowledge import ABI, DESCRIPTOR
from tests.core.spec.generate.encode import canonical
from tests.core.spec.generate.world import CHARTER

A = account(0xA)
PLAIN = parse(canonical(CHARTER))
EVM = PLAIN.chain("evm:1")
OTHER_CHAIN = PLAIN.chain("evm:31337")
assert EVM is not None
assert OTHER_CHAIN is not None
STAKING = json.dumps(
    [{"type": "function", "name": "stake", "inputs": [{"name": "amount", "type": "uint256"}]}]
).encode()
STAKE = call_data("stake(uint256)", 7)


def pinning(*pins: tuple[str, str, bytes]) -> Charter:
    return replace(PLAIN, annotations=tuple(Annotation(*pin) for pin in pins))


def effects(found: Documents, to: str, data: bytes, chain: int = 1) -> list[Mapping[str, Any]]:
    assert EVM is not None
    known = knowledge(PLAIN.policy, found, EVM, SENDER)
    return list(decode_item("evm-tx", transaction(to, data, chain_id=chain), known).effects)


def test_a_pinned_document_reads_the_calls_of_its_contract() -> None:
    charter = pinning(("evm:1", TO, digest(STAKING)))
    found = of_charter(charter, {digest(STAKING): STAKING}.get)
    (document,) = found.all
    assert (document.problem, len(document.calls)) == ("", 1)
    call, *_ = effects(found, TO, STAKE)
    assert (call["blind"], call["signature"], call["args"]) == (False, "stake(uint256)", ["7"])
    assert (call["arg_names"], call["stated_by"]) == (["amount"], "abi")
    assert found.lacking("evm:1", effects(found, TO, STAKE)) == ()


@pytest.mark.parametrize(
    ("pin", "place"),
    [
        (("evm:1", TOKEN), "another contract"),
        (("evm:31337", TO), "another chain"),
    ],
)
def test_it_speaks_for_nothing_else(pin: tuple[str, str], place: str) -> None:
    found = of_charter(pinning((*pin, digest(STAKING))), {digest(STAKING): STAKING}.get)
    assert found.all[0].problem == ""
    assert effects(found, TO, STAKE)[0]["blind"] is True, place


def test_a_method_that_is_not_in_it_stays_blind() -> None:
    found = of_charter(pinning(("evm:1", TO, digest(STAKING))), {digest(STAKING): STAKING}.get)
    assert effects(found, TO, call_data("leave(uint256)", 7))[0]["blind"] is True
    assert effects(found, TO, STAKE + b"\x00")[0]["blind"] is True


def test_it_hides_nothing_that_the_table_knows() -> None:
    """An ABI that calls well-known methods by their own names, and two of which the table says enough."""
    texts = ("transferOwnership(address)", "approve(address,uint256)", "approveHash(bytes32)")
    abi = [
        {"type": "function", "name": text.partition("(")[0],
         "inputs": [{"type": kind} for kind in text[text.index("(") + 1 : -1].split(",")]}
        for text in texts
    ]  # fmt: skip
    content = json.dumps(abi).encode()
    found = of_charter(pinning(("evm:1", TO, digest(content))), {digest(content): content}.get)
    arguments: dict[str, tuple[Any, ...]] = {texts[0]: (A,), texts[1]: (A, 5), texts[2]: (bytes(32),)}
    for text in texts:
        data = call_data(text, *arguments[text])
        assert effects(found, TO, data) == effects(Documents(), TO, data), text


def test_what_is_missing_or_another_leaves_the_call_blind() -> None:
    charter = pinning(("evm:1", TO, digest(STAKING)))
    for content, problem, words in (
        (None, "missing", "is not here"),
        (STAKING + b" ", "document_hash", "is not usable (document_hash)"),
    ):
        found = of_charter(charter, lambda hash, content=content: content)
        assert found.all[0].problem == problem
        done = effects(found, TO, STAKE)
        assert done[0]["blind"] is True
        (line,) = found.lacking("evm:1", done)
        assert line == f"the document pinned for {TO}, sha256 {digest(STAKING).hex()}, {words}"
        assert found.lacking("evm:31337", done) == ()
        assert found.lacking("evm:1", effects(found, TOKEN, STAKE)) == ()


@given(st.binary(min_size=1, max_size=64), st.integers(0, 10_000))
def test_changed_bytes_are_never_used(noise: bytes, at: int) -> None:
    at %= len(STAKING)
    changed = STAKING[:at] + noise + STAKING[at + len(noise) :]
    charter = pinning(("evm:1", TO, digest(STAKING)))
    found = of_charter(charter, lambda hash: changed)
    assert (found.all[0].problem == "") == (changed == STAKING)
    if changed != STAKING:
        with pytest.raises(QuorateError) as caught:
            accepted([charter], changed)
        assert caught.value.code == "document_unpinned"


def descriptor(*places: tuple[int, str]) -> bytes:
    deployments = [{"chainId": chain, "address": address} for chain, address in places]
    contract = {**DESCRIPTOR["context"]["contract"], "deployments": deployments}
    return json.dumps({**DESCRIPTOR, "context": {"contract": contract}}).encode()


def test_a_descriptor_must_name_the_deployment_and_speaks_for_it_alone() -> None:
    content = descriptor((1, TO), (1, TOKEN))
    assert {one.to for one in read(content, EVM, TO)} == {TO}
    for place in (descriptor((1, TOKEN)), descriptor((5, TO))):
        with pytest.raises(QuorateError) as caught:
            read(place, EVM, TO)
        assert caught.value.code == "document_deployment"
    many = descriptor(*((chain, TO) for chain in range(1, 201)))
    assert len(read(many, EVM, TO)) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_canonical"),
        (b"\xff", "not_canonical"),
        (b"[1.5]", "not_canonical"),
        (b"[" * 40 + b"]" * 40, "not_canonical"),
        (b'{"abi": [], "abi": []}', "not_canonical"),
        (b"[]", "document_empty"),
        (b'[{"type": "event", "name": "E", "inputs": []}]', "document_empty"),
        (b"{}", "annotations"),
        (b"1", "annotations"),
        (b'{"context": {"eip712": {}}, "display": {}}', "descriptor"),
        (b'{"context": {}, "display": {}, "more": 1}', "unknown_member"),
        (b" " * (LIMIT + 1), "too_large"),
    ],
)
def test_documents_that_cannot_be_read(content: bytes, code: str) -> None:
    with pytest.raises(QuorateError) as caught:
        read(content, EVM, TO)
    assert caught.value.code == code
    charter = pinning(("evm:1", TO, digest(content)))
    assert of_charter(charter, {digest(content): content}.get).all[0].problem == code
    with pytest.raises(QuorateError) as caught:
        accepted([charter], content)
    assert caught.value.code == code


def test_documents_are_for_evm_chains() -> None:
    for chain in (None, replace(EVM, family="tron")):
        with pytest.raises(QuorateError) as caught:
            read(STAKING, chain, TO)
        assert caught.value.code == "document_chain"


def test_one_document_may_be_pinned_at_several_places() -> None:
    content = descriptor((1, TO))
    charter = pinning(("evm:1", TOKEN, digest(content)), ("evm:1", TO, digest(content)))
    assert [pin.contract for pin in accepted([charter], content)] == [TO]
    assert [d.problem for d in of_charter(charter, {digest(content): content}.get).all] == [
        "document_deployment",
        "",
    ]


def test_documents_of_many_contracts_are_joined() -> None:
    content = json.dumps(ABI).encode()
    charter = pinning(*(("evm:1", place, digest(content)) for place in (TO, TOKEN)))
    found = of_charter(charter, {digest(content): content}.get)
    assert len(found.on("evm:1")) == 4
    assert len(found.on("evm:31337")) == len(Annotations()) == 0
    assert [line["calls"] for line in documents.to_json(found)] == [2, 2]
    assert found.all[0].words.endswith(": 2 calls")


@given(st.recursive(st.none() | st.integers(0, 9) | st.text(max_size=5), lambda inner:
       st.lists(inner, max_size=3) | st.dictionaries(
           st.sampled_from(["abi", "context", "display", "name", "type", "inputs", "formats", "contract"]),
           inner, max_size=4), max_leaves=12))  # fmt: skip
def test_any_json_is_read_or_refused(value: object) -> None:
    try:
        found = read(json.dumps(value).encode(), EVM, TO)
    except QuorateError:
        return
    assert all(one.to == TO and one.chain_id == 1 and one.effect is None for one in found)
