"""EIP-712: digests against eth-account, and every form that is refused."""

import copy
import json
from typing import Any

import pytest
from eth_account.messages import encode_defunct, encode_typed_data
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.typed.document import MAX_BYTES
from quorate.core.errors import QuorateError
from tests.core.chains.evm.samples import DOMAIN_TYPES, TO, TOKEN, read_typed, typed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEX = st.binary(max_size=40).map(lambda b: "0x" + b.hex())
DOMAIN = {
    "name": TEXT,
    "version": TEXT,
    "chainId": st.integers(0, 2**53 - 1),
    "verifyingContract": st.binary(min_size=20, max_size=20).map(lambda b: "0x" + b.hex()),
    "salt": st.binary(min_size=32, max_size=32).map(lambda b: "0x" + b.hex()),
}
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "bytes": HEX,
    "bool": st.booleans(),
    "address": DOMAIN["verifyingContract"],
    "uint8": st.integers(0, 255),
    "uint256": st.integers(0, 2**256 - 1).map(str),
    "int64": st.integers(-(2**63), 2**63 - 1).map(str),
    "bytes4": st.binary(min_size=4, max_size=4).map(lambda b: "0x" + b.hex()),
}


@st.composite
def members(draw: st.DrawFn, structs: dict[str, Any]) -> tuple[str, st.SearchStrategy[Any]]:
    """The type of a member, possibly an array, and its values."""
    base = draw(st.sampled_from([*LEAVES, *structs]))
    values = LEAVES[base] if base in LEAVES else structs[base]
    for length in draw(st.lists(st.none() | st.integers(1, 3), max_size=2)):
        base += f"[{length or ''}]"
        values = st.lists(values, min_size=length or 0, max_size=length or 2)
    return base, values


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Structs that refer to earlier ones; unused ones are left out, as the decoder demands."""
    structs: dict[str, Any] = {}
    types: dict[str, list[str]] = {}
    for name in ("Zeta", "Alpha", "Mid"):
        chosen = draw(st.lists(members(structs), min_size=1, max_size=3))
        types[name] = [f"{kind} m{i}" for i, (kind, _) in enumerate(chosen)]
        structs[name] = st.fixed_dictionaries({f"m{i}": values for i, (_, values) in enumerate(chosen)})
    domain = draw(st.fixed_dictionaries({}, optional=DOMAIN))
    used = reachable(types, "Mid")
    return typed({n: t for n, t in types.items() if n in used}, "Mid", draw(structs["Mid"]), domain)


def reachable(types: dict[str, list[str]], name: str) -> set[str]:
    inner = {member.split(" ")[0].split("[")[0] for member in types[name]} & types.keys()
    return {name}.union(*(reachable(types, one) for one in inner))


@settings(max_examples=150, deadline=None)
@given(documents())
def test_digests_are_those_of_eth_account(document: dict[str, Any]) -> None:
    theirs = encode_typed_data(full_message=for_eth_account(document))
    preimage = b"\x19\x01" + theirs.header + theirs.body
    (digest,) = read_typed(document).digests
    assert digest.more["signed_preimage"] == "0x" + preimage.hex()
    assert digest.value == "0x" + keccak(preimage).hex()


def for_eth_account(document: dict[str, Any]) -> dict[str, Any]:
    """eth-account takes decimal text of integers for what it is only as int."""
    found = copy.deepcopy(document)
    found["message"] = _integers(found["types"], "Mid", found["message"])
    return found


def _integers(types: Any, kind: str, value: Any) -> Any:
    if kind.endswith("]"):
        return [_integers(types, kind[: kind.rindex("[")], one) for one in value]
    if kind in types:
        return {
            member["name"]: _integers(types, member["type"], value[member["name"]]) for member in types[kind]
        }
    return int(value) if kind in ("uint256", "int64") else value


def test_the_same_number_in_other_words() -> None:
    digests = {
        read_typed(typed({"A": ["uint256 a"]}, "A", {"a": value})).digests[0].value
        for value in (255, "255", "0xff", "0xFF", "0x0ff")
    }
    assert len(digests) == 1


BASE = typed({"A": ["B[2] b", "uint8 n"], "B": ["address a", "bytes4 s"]}, "A", {"b": [{"a": TO,
"s": "0x01020304"}] * 2, "n": 1})  # fmt: skip


def test_the_base_of_the_refusals_is_accepted() -> None:
    message = read_typed(BASE).effects[0]
    assert message["type"] == "message"
    assert message["primary_type"] == "A"
    assert message["encoded_type"] == "A(B[2] b,uint8 n)B(address a,bytes4 s)"


def changed(*path: Any, to: Any = None, drop: bool = False) -> dict[str, Any]:
    document: Any = copy.deepcopy(BASE)
    place = document
    for step in path[:-1]:
        place = place[step]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return document  # type: ignore[no-any-return]


def member(name: Any, kind: Any) -> dict[str, Any]:
    return {"name": name, "type": kind}


B = ("message", "b", 0)
REFUSED = {
    "no types": changed("types", drop=True),
    "no message": changed("message", drop=True),
    "more at the top": changed("extra", to=1),
    "primary type unknown": changed("primaryType", to="C"),
    "primary type is the domain": changed("primaryType", to="EIP712Domain"),
    "primary type is no text": changed("primaryType", to=["A"]),
    "types are a list": changed("types", to=[]),
    "no domain type": changed("types", "EIP712Domain", drop=True),
    "unused type": changed("types", "C", to=[member("a", "bool")]),
    "type without members": changed("types", "B", to=[]),
    "type unknown": changed("types", "B", 0, to=member("a", "C")),
    "type refers to the domain": changed("types", "B", 0, to=member("a", "EIP712Domain")),
    "circular": changed("types", "B", 0, to=member("a", "A")),
    "circular array": changed("types", "B", 0, to=member("a", "B[]")),
    "member twice": changed("types", "B", 1, to=member("a", "bytes4")),
    "member without name": changed("types", "B", 0, to={"type": "address"}),
    "member with more": changed("types", "B", 0, to={"name": "a", "type": "address", "x": 1}),
    "member name with space": changed("types", "B", 0, to=member("a b", "address")),
    "member name with comma": changed("types", "B", 0, to=member("a,bool b", "address")),
    "member name no text": changed("types", "B", 0, to=member(1, "address")),
    "type no text": changed("types", "B", 0, to=member("a", 1)),
    "alias": changed("types", "A", 1, to=member("n", "uint")),
    "no such size": changed("types", "A", 1, to=member("n", "uint12")),
    "array of none": changed("types", "A", 0, to=member("b", "B[0]")),
    "array suffix": changed("types", "A", 0, to=member("b", "B[2")),
    "struct named as elementary": changed("types", "uint", to=[member("a", "bool")]),
    "struct named as bytes33": changed("types", "bytes33", to=[member("a", "bool")]),
    "domain of another type": changed("types", "EIP712Domain", 1, to=member("chainId", "uint64")),
    "domain in another order": changed("types", "EIP712Domain",
    to=[*reversed(BASE["types"]["EIP712Domain"])]),
    "domain with more": changed("types", "EIP712Domain", 0, to=member("title", "string")),
    "domain value missing": changed("domain", "name", drop=True),
    "domain value more": changed("domain", "salt", to="0x" + "00" * 32),
    "domain is null": changed("domain", to=None),
    "message is a list": changed("message", to=[]),
    "member missing": changed("message", "n", drop=True),
    "member more": changed("message", "m", to=1),
    "member null": changed("message", "n", to=None),
    "struct null": changed("message", "b", 0, to=None),
    "array short": changed("message", "b", to=[BASE["message"]["b"][0]]),
    "array long": changed("message", "b", to=BASE["message"]["b"] * 2),
    "array is an object": changed("message", "b", to={}),
    "too big": changed("message", "n", to=256),
    "too big in text": changed("message", "n", to="256"),
    "negative": changed("message", "n", to=-1),
    "float": changed("message", "n", to=1.0),
    "bool for number": changed("message", "n", to=True),
    "leading zero": changed("message", "n", to="01"),
    "minus zero": changed("message", "n", to="-0"),
    "plus": changed("message", "n", to="+1"),
    "space": changed("message", "n", to=" 1"),
    "no digits": changed("message", "n", to="0x"),
    "other digits": changed("message", "n", to="١"),
    "address short": changed(*B, "a", to=TO[:-1]),
    "address without 0x": changed(*B, "a", to=TO[2:]),
    "address checksum": changed(*B, "a", to=TO[:-1] + "d"),
    "address as number": changed(*B, "a", to=1),
    "bytes short": changed(*B, "s", to="0x010203"),
    "bytes long": changed(*B, "s", to="0x0102030405"),
    "bytes odd": changed(*B, "s", to="0x010"),
    "bytes without 0x": changed(*B, "s", to="01020304"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("circular", "circular"),
        ("circular array", "circular"),
        ("unused type", "type C is not part of the message"),
        ("domain in another order", "order"),
        ("address checksum", "checksum"),
        ("too big", "does not fit uint8"),
        ("member twice", "occurs twice"),
        ("struct named as elementary", "no elementary type"),
        ("type refers to the domain", "refers to EIP712Domain"),
    ],
)
def test_refused_for_what_it_is(name: str, words: str) -> None:
    with pytest.raises(QuorateError, match=words):
        read_typed(REFUSED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(QuorateError) as error:
        read_typed(REFUSED[name])
    assert error.value.code == "malformed_typed_data"


TEXTS = {
    "not JSON": "{",
    "empty": "",
    "a number": "1",
    "null": "null",
    "two documents": json.dumps(BASE) + json.dumps(BASE),
    "member twice": json.dumps(BASE)[:-1] + ',"primaryType":"A"}',
    "value twice": json.dumps(BASE).replace('"n": 1', '"n": 1, "n": 2'),
    "number beyond 2^53": json.dumps(BASE).replace('"n": 1', '"n": 9007199254740993'),
    "NaN": json.dumps(BASE).replace('"n": 1', '"n": NaN'),
    "exponent": json.dumps(BASE).replace('"n": 1', '"n": 1e0'),
    "lone surrogate": json.dumps(changed("domain", "name", to="\ud800")),
    "deep": "[" * 1000,
    "byte order mark": "\ufeff" + json.dumps(BASE),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_that_are_refused(name: str) -> None:
    with pytest.raises(QuorateError) as error:
        decode_item("evm-typed-data", TEXTS[name].encode())
    assert error.value.code == "malformed_typed_data"


def test_too_long_and_not_utf8() -> None:
    for text, code in ((b" " * (MAX_BYTES + 1), "too_large"), (b"\xff{}", "malformed_typed_data")):
        with pytest.raises(QuorateError) as error:
            decode_item("evm-typed-data", text)
        assert error.value.code == code


def test_nesting_is_bounded() -> None:
    types = {f"S{i}": [f"S{i + 1} m"] for i in range(10)} | {"S10": ["bool m"]}
    with pytest.raises(QuorateError) as error:
        read_typed(typed(types, "S0", {}))
    assert "nested" in error.value.message


def test_domain_order_is_the_one_of_the_standard() -> None:
    assert list(DOMAIN_TYPES) == ["name", "version", "chainId", "verifyingContract", "salt"]


@given(st.binary(max_size=64))
def test_personal_messages(message: bytes) -> None:
    theirs = encode_defunct(message)
    preimage = b"\x19" + theirs.version + theirs.header + theirs.body
    found = decode_item("evm-personal-message", message)
    assert found.digests[0].more["signed_preimage"] == "0x" + preimage.hex()
    assert found.digests[0].value == "0x" + keccak(preimage).hex()
    assert found.effects[0]["type"] == "message"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"Hello\n\tworld", None),
        ("Grüße".encode(), None),
        (b"", None),
        (b"\xff", "personal_message_not_text"),
        (b"a\x00b", "personal_message_not_text"),
        (b"\x1b[2J", "personal_message_not_text"),
        ("a\u202eb".encode(), "personal_message_not_text"),  # turns the direction of what follows
        (bytes(32), "hash_in_personal_message"),
        (b"thirty-two bytes of plain text!!", "hash_in_personal_message"),
    ],
)
def test_what_a_personal_message_may_hide(message: bytes, reason: str | None) -> None:
    found = decode_item("evm-personal-message", message)
    assert [effect["reason"] for effect in found.effects[1:]] == ([reason] if reason else [])
    assert found.blind is (reason is not None)


def test_other_chain() -> None:
    document = typed({"A": ["bool a"]}, "A", {"a": True}, {"chainId": 5, "verifyingContract": TOKEN})
    found = read_typed(document)
    assert (found.chain["chain_id"], found.effects[1]["reason"]) == ("5", "chain_id_differs")
    without = read_typed(typed({"A": ["bool a"]}, "A", {"a": True}, {}))
    assert without.chain["chain_id"] == "1"
