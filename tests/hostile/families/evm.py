"""The bytes of a transfer, bit by bit and shape by shape. The server chooses them freely: there is no seal to
make.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from quorate.core.model.intent import Attempt
from tests.hostile import evm_bytes as evm
from tests.hostile.bodies import ETH, USDC_TRANSFER
from tests.hostile.ceremony import FEE_CAP, NONCE_WINDOW, TILL, USDC, USDT
from tests.hostile.evm_bytes import CHAIN, DATA, GAS, MAX_FEE, NONCE, PRIORITY, TO, VALUE, Bend
from tests.hostile.flow import FEES, Flow
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    Shared,
    admitted,
    from_open,
    harmful,
    neutral,
    signs,
    with_attempt,
)
from tests.hostile.world import Stage

TRANSFERS = (ETH, USDC_TRANSFER)
EFFECTS, BLIND, DECODE = "effects_match", "blind", "decode"


def families() -> list[Family]:
    return [
        Family("transfer bits, ETH", signs(ETH), list(_native_bits())),
        Family("transfer bits, ERC-20", signs(USDC_TRANSFER), list(_token_bits())),
        Family("chain id", signs(ETH), list(_chain_ids())),
        Family("fee", _at_the_ceiling, list(_fees())),
        Family("EVM nonce", _in_the_window, list(_nonces())),
        Family("transaction type", signs(ETH), list(_types())),
        Family("RLP", signs(USDC_TRANSFER), list(_encodings())),
        Family("call data", signs(USDC_TRANSFER), list(_calls())),
    ]


def _attempt(_: Stage, flow: Flow, bend: Bend) -> Attempt:
    honest = flow.build()
    return replace(honest, data=bend(evm.Transaction.of(honest.data)))


def shown(shared: Shared, bend: Bend) -> Run:
    """The admitted request, opened with bent bytes."""
    return with_attempt(shared.flow, partial(_attempt, bend=bend))


def alone(kind: str, bend: Bend) -> Run:
    """The same on a request of its own: for bytes that may be signed."""
    return with_attempt(partial(admitted, kind=kind), partial(_attempt, bend=bend))


def _native_bits() -> Iterable[Mutation]:
    shared = Shared(ETH)
    for bit in range(160):
        yield harmful(f"recipient, bit {bit}", EFFECTS, shown(shared, evm.flip_bytes(TO, bit)))
    for bit in range(256):
        yield harmful(f"amount, bit {bit}", EFFECTS, shown(shared, evm.flip_number(VALUE, bit)))


def _token_bits() -> Iterable[Mutation]:
    shared = Shared(USDC_TRANSFER)
    for bit in range(160):
        yield harmful(f"contract, bit {bit}", EFFECTS, shown(shared, evm.flip_bytes(TO, bit)))
    for word, first, last, expected in (
        ("amount", 0, 256, EFFECTS),
        ("recipient", 256, 416, EFFECTS),
        ("address padding", 416, 512, BLIND),
        ("selector", 512, 544, BLIND),
    ):
        for bit in range(first, last):
            yield harmful(f"{word}, bit {bit - first}", expected, shown(shared, evm.flip_bytes(DATA, bit)))


def _chain_ids() -> Iterable[Mutation]:
    for kind in TRANSFERS:
        shared = Shared(kind)
        for bit in range(32):
            yield harmful(f"{kind}: bit {bit}", "chain_match", shown(shared, evm.flip_number(CHAIN, bit)))
        for id in (1, 5, 10, 137, 8453, 42161, 11155111):
            bend = evm.set_field(CHAIN, evm.number(id))
            yield harmful(f"{kind}: chain {id}", "chain_match", shown(shared, bend))
        yield harmful(f"{kind}: none", DECODE, shown(shared, evm.set_field(CHAIN, b"")))
        yield harmful(f"{kind}: 257 bits", DECODE, shown(shared, evm.set_field(CHAIN, b"\x01" + bytes(32))))


# ---- fees


def _fees() -> Iterable[Mutation]:
    for kind in TRANSFERS:
        shared = Shared(kind)
        for at, name, limit in ((MAX_FEE, "highest fee", 256), (GAS, "gas", 64)):
            honest, other = (
                (FEES["max_fee"], FEES["gas"]) if at == MAX_FEE else (FEES["gas"], FEES["max_fee"])
            )
            for bit in range(limit):
                value = honest ^ (1 << bit)
                if value * other > FEE_CAP:
                    bend = evm.flip_number(at, bit)
                    yield harmful(f"{kind}: {name}, bit {bit}", "fee_ceiling", shown(shared, bend))
        ceiling = FEE_CAP // FEES["gas"]
        above = evm.set_field(MAX_FEE, evm.number(ceiling + 1))
        yield harmful(f"{kind}: one wei above", "fee_ceiling", shown(shared, above))
        tip = evm.set_field(PRIORITY, evm.number(FEES["max_fee"] + 1))
        yield harmful(f"{kind}: a tip above the fee", DECODE, shown(shared, tip))
        wide = evm.set_field(GAS, b"\x01" + bytes(8))
        yield harmful(f"{kind}: gas of 65 bits", DECODE, shown(shared, wide))
        for name, bend in (
            ("no tip", evm.set_field(PRIORITY, b"")),
            ("less gas", evm.set_field(GAS, evm.number(21_000))),
            ("no fee at all", _no_fee),
        ):
            yield neutral(f"{kind}: {name}", alone(kind, bend))


def _no_fee(transaction: evm.Transaction) -> bytes:
    transaction.fields[PRIORITY] = transaction.fields[MAX_FEE] = b""
    return transaction.encode()


async def _at_the_ceiling(stage: Stage) -> Outcome:
    flow = await admitted(stage, ETH)
    flow.build(max_fee=FEE_CAP // FEES["gas"])
    return await from_open(flow)


# ---- nonces


def _nonces() -> Iterable[Mutation]:
    for kind in TRANSFERS:
        shared = Shared(kind)
        for nonce in (NONCE_WINDOW, NONCE_WINDOW + 1, 100, 1 << 32):
            bend = evm.set_field(NONCE, evm.number(nonce))
            yield harmful(f"{kind}: nonce {nonce}", "nonce_window", shown(shared, bend))
        for bit in range(5, 64):
            bend = evm.flip_number(NONCE, bit)
            yield harmful(f"{kind}: nonce, bit {bit}", "nonce_window", shown(shared, bend))
        for name, value in (("the last of all", b"\xff" * 8), ("65 bits", b"\x01" + bytes(8))):
            yield harmful(f"{kind}: {name}", DECODE, shown(shared, evm.set_field(NONCE, value)))
        for nonce in (1, NONCE_WINDOW - 1):
            yield neutral(f"{kind}: nonce {nonce}", alone(kind, evm.set_field(NONCE, evm.number(nonce))))


async def _in_the_window(stage: Stage) -> Outcome:
    return await alone(ETH, evm.set_field(NONCE, evm.number(NONCE_WINDOW - 1)))(stage)


# ---- types


def _types() -> Iterable[Mutation]:
    for kind in TRANSFERS:
        shared = Shared(kind)
        for prefix in [*range(0x00, 0x02), *range(0x03, 0x80, 7), 0x80, 0xBF, 0xC0, 0xF8, 0xFF]:
            yield harmful(f"{kind}: type {prefix:#04x}", DECODE, shown(shared, _typed(prefix)))
        yield harmful(f"{kind}: legacy", DECODE, shown(shared, _legacy))
        yield harmful(f"{kind}: legacy before EIP-155", DECODE, shown(shared, _ancient))
        yield harmful(f"{kind}: EIP-2930", DECODE, shown(shared, _eip_2930))
        yield harmful(f"{kind}: EIP-7702", DECODE, shown(shared, _eip_7702))
        yield harmful(f"{kind}: signed already", DECODE, shown(shared, _signed))
        for name, accesses in _ACCESSES.items():
            yield harmful(f"{kind}: access list, {name}", BLIND, shown(shared, _accessing(accesses)))
        yield harmful(f"{kind}: contract creation", BLIND, shown(shared, evm.set_field(TO, b"")))
        for length in (1, 19, 21, 32):
            bend = evm.set_field(TO, b"\x11" * length)
            yield harmful(f"{kind}: recipient of {length} bytes", DECODE, shown(shared, bend))


_ACCESSES: dict[str, list[evm.Rlp]] = {
    "one address": [[b"\x11" * 20, []]],
    "one slot": [[b"\x11" * 20, [b"\x22" * 32]]],
    "the token": [[bytes.fromhex(USDC[2:]), [bytes(32)]]],
}


def _typed(prefix: int) -> Bend:
    def bend(transaction: evm.Transaction) -> bytes:
        transaction.prefix = bytes([prefix])
        return transaction.encode()

    return bend


def _legacy(transaction: evm.Transaction) -> bytes:
    f = transaction.fields
    return evm.encode([f[NONCE], f[MAX_FEE], f[GAS], f[TO], f[VALUE], f[DATA], f[CHAIN], b"", b""])


def _ancient(transaction: evm.Transaction) -> bytes:
    f = transaction.fields
    return evm.encode([f[NONCE], f[MAX_FEE], f[GAS], f[TO], f[VALUE], f[DATA]])


def _eip_2930(transaction: evm.Transaction) -> bytes:
    f = transaction.fields
    return b"\x01" + evm.encode([f[CHAIN], f[NONCE], f[MAX_FEE], f[GAS], f[TO], f[VALUE], f[DATA], []])


def _eip_7702(transaction: evm.Transaction) -> bytes:
    authorisation = [transaction.fields[CHAIN], b"\x11" * 20, b"", b"\x01", b"\x22" * 32, b"\x33" * 32]
    transaction.more = [[authorisation]]
    transaction.prefix = b"\x04"
    return transaction.encode()


def _signed(transaction: evm.Transaction) -> bytes:
    transaction.more = [b"\x01", b"\x22" * 32, b"\x33" * 32]
    return transaction.encode()


def _accessing(accesses: list[evm.Rlp]) -> Bend:
    def bend(transaction: evm.Transaction) -> bytes:
        transaction.accesses = accesses
        return transaction.encode()

    return bend


# ---- encodings


def _encodings() -> Iterable[Mutation]:
    for kind in TRANSFERS:
        shared = Shared(kind)
        for length in range(0, 45 if kind == ETH else 115):
            expected = "attempt_form" if length == 0 else DECODE
            cut = lambda t, length=length: t.encode()[: min(length, len(t.encode()) - 1)]  # noqa: E731
            yield harmful(f"{kind}: cut to {length} bytes", expected, shown(shared, cut))
        for name, more in {"zero": b"\0", "empty list": b"\xc0", "a hash": bytes(32)}.items():
            longer = lambda t, more=more: t.encode() + more  # noqa: E731
            yield harmful(f"{kind}: {name} after the end", DECODE, shown(shared, longer))
        for at, field in enumerate(evm.FIELDS[:DATA]):
            if at not in (TO, VALUE) or (at == VALUE and kind == ETH):
                bend = evm.with_encoding(at, lambda value: evm.encode(b"\0" + value))
                yield harmful(f"{kind}: {field} with a leading zero", DECODE, shown(shared, bend))
            bend = evm.with_encoding(at, lambda value: b"\xb8" + bytes([len(value)]) + value)
            yield harmful(f"{kind}: {field} in the long form", DECODE, shown(shared, bend))
            bend = evm.with_encoding(at, lambda value: evm.encode([value]))
            yield harmful(f"{kind}: {field} as a list", DECODE, shown(shared, bend))
        yield harmful(f"{kind}: list in the long form", DECODE, shown(shared, _long_list))
        yield harmful(f"{kind}: a field too few", DECODE, shown(shared, _too_few))
        yield harmful(f"{kind}: a field too many", DECODE, shown(shared, _too_many))
        yield harmful(f"{kind}: twice", DECODE, shown(shared, lambda t: t.encode() * 2))
        yield harmful(f"{kind}: too long", "attempt_form", shown(shared, lambda t: bytes(1 << 18)))


def _long_list(transaction: evm.Transaction) -> bytes:
    content = b"".join([*map(evm.encode, transaction.fields), b"\xc0"])
    return b"\x02\xf9" + len(content).to_bytes(2, "big") + content


def _too_few(transaction: evm.Transaction) -> bytes:
    return b"\x02" + evm.encode(list(transaction.fields))


def _too_many(transaction: evm.Transaction) -> bytes:
    transaction.more = [b""]
    return transaction.encode()


# ---- calls


def _calls() -> Iterable[Mutation]:
    native, token = Shared(ETH), Shared(USDC_TRANSFER)
    for name, data in {
        "a byte": b"\x01",
        "a word": bytes(32),
        "a transfer": evm.SELECTOR + bytes(64),
        "deposit()": bytes.fromhex("d0e30db0"),
    }.items():
        yield harmful(f"data on a native transfer, {name}", BLIND, shown(native, evm.set_field(DATA, data)))
    for value in (1, 10**18, (1 << 256) - 1):
        bend = evm.set_field(VALUE, evm.number(value))
        yield harmful(f"value {value} on a token transfer", BLIND, shown(token, bend))
    yield harmful("no data on a token transfer", EFFECTS, shown(token, evm.set_field(DATA, b"")))
    for name, selector in {
        "approve": "095ea7b3",
        "transferFrom": "23b872dd",
        "increaseAllowance": "39509351",
        "burn": "42966c68",
        "permit": "d505accf",
        "none": "00000000",
    }.items():
        yield harmful(f"selector {name}", BLIND, shown(token, _with_selector(bytes.fromhex(selector))))
    for length in range(1, 68):
        cut = lambda t, length=length: evm.set_field(DATA, t.fields[DATA][:length])(t)  # noqa: E731
        yield harmful(f"call data cut to {length} bytes", BLIND, shown(token, cut))
    for more in (b"\0", bytes(32), bytes(64)):
        longer = lambda t, more=more: evm.set_field(DATA, t.fields[DATA] + more)(t)  # noqa: E731
        yield harmful(f"{len(more)} bytes after the call data", BLIND, shown(token, longer))
    for name, contract in {"USDT": USDT, "the recipient": TILL}.items():
        bend = evm.set_field(TO, bytes.fromhex(contract[2:]))
        yield harmful(f"the call at {name}", EFFECTS, shown(token, bend))
    yield harmful("words swapped", (BLIND, EFFECTS), shown(token, _swapped))
    yield harmful("native coin in place of the token", EFFECTS, shown(token, _native_instead))


def _with_selector(selector: bytes) -> Bend:
    return lambda t: evm.set_field(DATA, selector + t.fields[DATA][4:])(t)


def _swapped(transaction: evm.Transaction) -> bytes:
    data = transaction.fields[DATA]
    transaction.fields[DATA] = data[:4] + data[36:] + data[4:36]
    return transaction.encode()


def _native_instead(transaction: evm.Transaction) -> bytes:
    data = transaction.fields[DATA]
    transaction.fields[TO], transaction.fields[VALUE] = (
        data[16:36],
        evm.number(int.from_bytes(data[36:], "big")),
    )
    transaction.fields[DATA] = b""
    return transaction.encode()
