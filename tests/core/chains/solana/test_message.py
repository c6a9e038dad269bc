"""The parser against solders, and against bytes that are no message."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import Message as Legacy
from solders.message import MessageAddressTableLookup, MessageHeader, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

from quorate.core.chains.solana.decode import decode
from quorate.core.chains.solana.message import LEGACY, MAX_PACKET, V0, parse
from quorate.core.chains.solana.programs import ids
from quorate.core.errors import QuorateError
from tests.core.chains.solana.runtime import BLOCKHASH, call, compiled, key

NAMES = ("alice", "bob", "carol", "dave", "erin")
PROGRAMS = st.sampled_from([ids.SYSTEM, ids.TOKEN, ids.TOKEN_2022, ids.STAKE, ids.VOTE, ids.MEMO, ids.DRIFT])
METAS = st.lists(
    st.builds(AccountMeta, st.sampled_from([key(n) for n in NAMES]), st.booleans(), st.booleans())
)
INSTRUCTIONS = st.lists(
    st.builds(
        lambda program, data, metas: Instruction(Pubkey.from_string(program), data, metas[:6]),
        PROGRAMS,
        st.one_of(st.binary(max_size=40), st.builds(lambda tag, rest: bytes([tag, 0, 0, 0]) + rest,
                                                    st.integers(0, 17), st.binary(max_size=40))),
        METAS,
    ),
    max_size=5,
)  # fmt: skip
TRANSFER = call(ids.SYSTEM, "payer*+ bob+", b"\x02\x00\x00\x00" + bytes(7) + b"\x01")


def header(message: Any) -> tuple[int, int, int]:
    found = message.header
    return (
        found.num_required_signatures,
        found.num_readonly_signed_accounts,
        found.num_readonly_unsigned_accounts,
    )


def refused(data: bytes) -> str:
    with pytest.raises(QuorateError) as error:
        parse(data)
    return error.value.code


@given(INSTRUCTIONS, st.booleans())
def test_what_solders_compiles_is_parsed_alike(instructions: list[Instruction], legacy: bool) -> None:
    data = compiled(instructions, legacy=legacy)
    theirs: Any = Legacy.from_bytes(data) if legacy else MessageV0.from_bytes(data[1:])
    ours = parse(data)
    assert ours.version == (LEGACY if legacy else V0)
    assert (ours.signatures, ours.readonly_signed, ours.readonly_unsigned) == header(theirs)
    assert ours.keys == tuple(str(found) for found in theirs.account_keys)
    assert ours.blockhash == str(theirs.recent_blockhash)
    assert [(i.program, bytes(i.accounts), i.data) for i in ours.instructions] == [
        (i.program_id_index, bytes(i.accounts), i.data) for i in theirs.instructions
    ]
    assert ours.lookups == ()


@settings(max_examples=300)
@given(INSTRUCTIONS)
def test_what_is_compiled_decodes(instructions: list[Instruction]) -> None:
    """Every instruction has an effect, whatever it holds; the fee is the last."""
    transaction = decode(compiled(instructions), {})
    assert len(transaction.decoded.effects) > len(instructions)
    assert transaction.decoded.effects[-1]["type"] == "fee"
    assert transaction.fee == 5000 * len(transaction.signers)


PLACES = st.lists(st.integers(0, 255), max_size=3)


@given(st.lists(st.tuples(PLACES, PLACES), max_size=3))
def test_lookups(places: list[tuple[list[int], list[int]]]) -> None:
    lookups = [
        MessageAddressTableLookup(key(f"table{number}"), bytes(writable), bytes(readonly))
        for number, (writable, readonly) in enumerate(places)
    ]
    data = to_bytes_versioned(v0(lookups=lookups))
    if all(w + r and len(set(w + r)) == len(w + r) for w, r in places):
        found = [(look.table, list(look.writable), list(look.readonly)) for look in parse(data).lookups]
        assert found == [(str(key(f"table{n}")), w, r) for n, (w, r) in enumerate(places)]
    else:
        assert refused(data) == "malformed_transaction"


def v0(**changes: Any) -> MessageV0:
    """A version 0 message as solders writes it, without any check."""
    base = MessageV0.from_bytes(compiled([TRANSFER])[1:])
    fields = {
        "header": base.header, "account_keys": list(base.account_keys), "recent_blockhash": BLOCKHASH,
        "instructions": list(base.instructions), "lookups": [], **changes,
    }  # fmt: skip
    return MessageV0(*fields.values())


def with_instruction(program: int, accounts: bytes) -> bytes:
    base = v0()
    instruction = type(base.instructions[0])(program, b"", accounts)
    return to_bytes_versioned(v0(instructions=[instruction]))


GOOD = compiled([TRANSFER])
PLAIN = compiled([TRANSFER], legacy=True)
LOOKUP = MessageAddressTableLookup(key("table"), b"\x00", b"\x01")
LONGEST = 1167
"""Bytes of a message with one signature: 1232 less the count and 64."""


def memo(size: int) -> bytes:
    """A message of one signature with exactly `size` bytes."""
    empty = len(compiled([call(ids.MEMO, "", b"x" * 128)])) - 128
    return compiled([call(ids.MEMO, "", b"x" * (size - empty))])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x81" + GOOD[1:],  # version 1
        b"\xff" + b"solana offchain" + bytes(100),  # a message for people, not a transaction
        bytes(37),  # no signer, no account, no instruction
        to_bytes_versioned(v0(header=MessageHeader(0, 0, 1))),
        to_bytes_versioned(v0(header=MessageHeader(1, 1, 1))),  # the payer is read only
        to_bytes_versioned(v0(header=MessageHeader(2, 3, 1))),
        to_bytes_versioned(v0(header=MessageHeader(3, 0, 1))),  # 4 of 3 accounts
        to_bytes_versioned(v0(header=MessageHeader(1, 0, 3))),
        to_bytes_versioned(v0(account_keys=[])),
        to_bytes_versioned(v0(account_keys=[key("payer"), key("payer"), Pubkey.from_string(ids.SYSTEM)])),
        to_bytes_versioned(v0(lookups=[LOOKUP, LOOKUP])),
        to_bytes_versioned(v0(lookups=[MessageAddressTableLookup(key("table"), b"", b"")])),
        to_bytes_versioned(v0(lookups=[MessageAddressTableLookup(key("table"), b"\x00\x00", b"")])),
        to_bytes_versioned(v0(lookups=[MessageAddressTableLookup(key("table"), bytes(range(254)), b"")])),
        with_instruction(0, b""),  # the payer as program
        with_instruction(3, b""),
        with_instruction(2, b"\x03"),
        with_instruction(2, b"\x00\xff"),
        compiled([call(str(key("alice")), "alice*", b"")]),  # a signer as program
        memo(LONGEST + 1),
        bytes(MAX_PACKET + 1),
        b"\x01" + bytes(1_000_000),
        *(GOOD[:length] for length in range(len(GOOD))),
        *(PLAIN[:length] for length in range(len(PLAIN))),
    ],
    ids=lambda data: f"{data[:4].hex()}-{len(data)}",
)
def test_malformed(data: bytes) -> None:
    assert refused(data) == "malformed_transaction"


def test_the_longest_message() -> None:
    assert len(memo(LONGEST)) == LONGEST
    assert parse(memo(LONGEST)).signatures == 1


def test_a_program_from_a_table_is_refused() -> None:
    """The runtime takes programs from the message alone."""
    base = v0()
    kind = type(base.instructions[0])
    calls = [kind(3, b"", b""), kind(2, b"", b"\x03")]
    data = [to_bytes_versioned(v0(instructions=[made], lookups=[LOOKUP])) for made in calls]
    assert refused(data[0]) == "malformed_transaction"
    assert parse(data[1]).accounts == 5


@pytest.mark.parametrize("data", [GOOD, PLAIN])
def test_trailing_bytes(data: bytes) -> None:
    for extra in (b"\x00", data, b"\xff" * 100):
        assert refused(data + extra) == "trailing_bytes"


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (b"\x03", ""),
        (b"\x83\x00", "malformed_transaction"),  # 3 in two bytes
        (b"\x83\x80\x00", "malformed_transaction"),
        (b"\x83\x80\x80\x00", "malformed_transaction"),
        (b"\x83\x80\x04", "malformed_transaction"),  # 65539
        (b"\xff\xff\x7f", "malformed_transaction"),
        (b"\xff\xff\xff", "malformed_transaction"),
    ],
)
def test_lengths(length: bytes, code: str) -> None:
    """The number of accounts, in other encodings than the shortest."""
    assert PLAIN[3] == 3
    data = PLAIN[:3] + length + PLAIN[4:]
    if code:
        assert refused(data) == code
    else:
        parse(data)


@settings(max_examples=400)
@given(st.integers(0, 2000), st.integers(1, 255), st.booleans())
def test_a_changed_byte_never_keeps_the_meaning(at: int, xor: int, legacy: bool) -> None:
    """No message has two encodings."""
    original = compiled([TRANSFER, call(ids.MEMO, "payer*", b"text")], legacy=legacy)
    changed = bytearray(original)
    changed[at % len(original)] ^= xor
    if outcome(bytes(changed)) == "solana-message":
        assert parse(bytes(changed)) != parse(original)


def outcome(data: bytes) -> str:
    try:
        return decode(data, {}).decoded.format
    except QuorateError as error:
        return error.code


OUTCOMES = {"solana-message", "malformed_transaction", "trailing_bytes"}


@settings(max_examples=500)
@given(st.binary(max_size=1300))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    prefixes = (b"", b"\x80", b"\x01\x00\x00", b"\x80\x01\x00\x00", b"\x80\x01\x00\x01\x02" + bytes(32))
    assert all(outcome(prefix + data) in OUTCOMES for prefix in prefixes)


@settings(max_examples=500)
@given(INSTRUCTIONS, st.randoms(use_true_random=False), st.integers(1, 6))
def test_damaged_messages_decode_or_are_refused(
    instructions: list[Instruction], chance: random.Random, damages: int
) -> None:
    data = compiled(instructions)
    for _ in range(damages):
        data = chance.choice(DAMAGES)(data, chance)
    assert outcome(data) in OUTCOMES


def flip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(data) + 1), chance.randrange(40)
    return data[:at] + data[at + length :]


def repeat(data: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(data) + 1), chance.randrange(40)
    return data[: at + length] + data[at:]


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [flip, flip, cut, repeat]


def test_a_message_without_instructions_pays_the_fee_alone() -> None:
    transaction = decode(compiled([]), {})
    assert [effect["type"] for effect in transaction.decoded.effects] == ["fee"]
    assert not transaction.is_durable_nonce
    assert transaction.blockhash == str(Hash(bytes(BLOCKHASH)))
