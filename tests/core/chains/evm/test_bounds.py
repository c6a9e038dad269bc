"""Any bytes end in Decoded or a coded error, within bounded time and size of the answer."""

import json
import time
from collections.abc import Callable

import pytest
import rlp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quorate.core.chains.effects import VOCABULARY, Decoded
from quorate.core.chains.evm.calls.multisend import KNOWN
from quorate.core.chains.evm.calls.table import METHODS
from quorate.core.chains.evm.item import decode_item
from quorate.core.errors import QuorateError
from tests.core.chains.evm.samples import (
    MULTISEND,
    OURS,
    PERMIT2,
    SAFE,
    TO,
    TOKEN,
    call_data,
    raw,
    transaction,
    typed,
)

FORMATS = ("evm-tx", "evm-typed-data", "evm-personal-message", "evm-7702-authorization", "raw-digest")
CODES = {
    "too_large", "trailing_bytes", "malformed_transaction", "malformed_typed_data", "malformed_digest",
}  # fmt: skip
LIMIT = 128 * 1024


def outcome(format: str, data: bytes) -> Decoded | str:
    """What came of it; an answer is also checked against the vocabulary."""
    try:
        found = decode_item(format, data, OURS)
    except QuorateError as error:
        if error.code not in CODES:
            raise
        return error.code
    for effect in found.effects:
        assert all(member in effect for member in VOCABULARY[str(effect["type"])])
    json.dumps(found.to_json())
    return found


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FORMATS), st.binary(max_size=300))
@example("evm-tx", b"\x02" + b"\xc1" * 200)
def test_any_bytes(format: str, data: bytes) -> None:
    outcome(format, data)


CONTRACTS = st.sampled_from([TOKEN, SAFE, PERMIT2, *KNOWN])
WORDS = st.lists(
    st.sampled_from([bytes(32), bytes(31) + b"\x20", bytes(31) + b"\x40", b"\xff" * 32, bytes(12) + raw(TO)])
    | st.binary(min_size=32, max_size=32)
    | st.integers(0, 400).map(lambda n: n.to_bytes(32, "big")),
    max_size=12,
).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(CONTRACTS, st.sampled_from(sorted(METHODS)), WORDS, st.binary(max_size=3))
def test_any_arguments_of_known_methods(to: str, selector: bytes, words: bytes, rest: bytes) -> None:
    assert isinstance(outcome("evm-tx", transaction(to, selector + words + rest)), Decoded)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(JSON_VALUES, JSON_VALUES, JSON_VALUES, JSON_VALUES)
def test_any_json(types: object, primary: object, domain: object, message: object) -> None:
    document = {"types": types, "primaryType": primary, "domain": domain, "message": message}
    outcome("evm-typed-data", json.dumps(document).encode())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2000), st.sampled_from(['"', "{", "}", "[", "]", ",", ":", "0", "a", "\\", " "]))
def test_a_damaged_message(at: int, character: str) -> None:
    text = json.dumps(typed({"A": ["B[] b"], "B": ["uint8 n", "string s"]}, "A", {"b": [{"n": 1, "s": "x"}]}))
    at %= len(text)
    outcome("evm-typed-data", (text[:at] + character + text[at + 1 :]).encode())


def packed(count: int) -> bytes:
    return b"".join(
        b"\x00" + n.to_bytes(20, "big") + bytes(31) + b"\x01" + bytes(32) for n in range(1, count)
    )


def nested_multisend() -> bytes:
    inner = packed(1480)
    for _ in range(5):
        data = call_data("multiSend(bytes)", inner)
        inner = b"\x00" + raw(MULTISEND) + bytes(32) + len(data).to_bytes(32, "big") + data
    return transaction(MULTISEND, call_data("multiSend(bytes)", inner))


def chain_of_types() -> bytes:
    types = {f"S{i}": [f"S{i + 1} m{j}" for j in range(100)] for i in range(9)} | {"S9": ["bool a"]}
    return json.dumps(typed(types, "S0", {})).encode()


def typed_array(kind: str, value: object, size: int) -> bytes:
    values = [value] * ((LIMIT - 400) // size)
    return json.dumps(typed({"A": [f"{kind}[] a"]}, "A", {"a": values}), separators=(",", ":")).encode()


def authorizations() -> bytes:
    fields = [1, 7, 1, 30, 21_000, raw(TO), 0, b"", [], [[1, raw(TO), 1, 0, 1, 1]] * 1024]
    return b"\x04" + bytes(rlp.encode(fields))


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "1 MB of lists": ("evm-tx", lambda: b"\x02" + b"\xc0" * (1 << 20)),
    "1 MB of JSON": ("evm-typed-data", lambda: b"[" * (1 << 20)),
    "1 MB of text": ("evm-personal-message", lambda: b"a" * (1 << 20)),
    "1 MB authorization": ("evm-7702-authorization", lambda: b"\x05" + b"\xc0" * (1 << 20)),
    "single bytes": ("evm-tx", lambda: b"\x02" + rlp.encode([b"\x01"] * (LIMIT - 20))),
    "authorizations": ("evm-tx", authorizations),
    "flat MultiSend": ("evm-tx", lambda: transaction(MULTISEND, call_data("multiSend(bytes)", packed(1530)))),
    "nested MultiSend": ("evm-tx", nested_multisend),
    "owners": (
        "evm-tx",
        lambda: transaction(TO, call_data("initWallet(address[],uint256,uint256)", [TO] * 4000, 1, 1)),
    ),
    "chain of types": ("evm-typed-data", chain_of_types),
    "empty strings": ("evm-typed-data", lambda: typed_array("string", "", 3)),
    "empty arrays": ("evm-typed-data", lambda: typed_array("string[]", [], 3)),
    "small numbers": ("evm-typed-data", lambda: typed_array("uint8", 1, 2)),
    "quotes": ("evm-typed-data", lambda: b'"\\' * (LIMIT // 2)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_take_bounded_time(name: str) -> None:
    """Processor time of this process, below one second; the answer is at most some times the question."""
    format, make = HOSTILE[name]
    data = make()
    start = time.process_time()
    found = outcome(format, data)
    assert time.process_time() - start < 1
    if isinstance(found, Decoded):
        assert len(json.dumps(found.to_json())) < 12 * len(data)


def test_a_token_transfer_takes_far_less_than_a_millisecond() -> None:
    data = transaction(TOKEN, call_data("transfer(address,uint256)", TO, 5))
    decode_item("evm-tx", data, OURS)
    start = time.process_time()
    for _ in range(200):
        decode_item("evm-tx", data, OURS)
    assert (time.process_time() - start) / 200 < 0.0005
