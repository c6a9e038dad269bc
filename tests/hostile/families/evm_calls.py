"""Every method that the decoder knows, in the place of a transfer's call or beside a transfer of coins."""

from collections.abc import Iterable
from typing import Final

from quorate.core.chains.evm.calls.table import METHODS
from tests.hostile import evm_bytes as evm
from tests.hostile.bodies import ETH, USDC_TRANSFER
from tests.hostile.ceremony import USDC
from tests.hostile.evm_bytes import DATA, SELECTOR, TO, VALUE, Bend
from tests.hostile.families.evm import BLIND, DECODE, EFFECTS, shown
from tests.hostile.mutation import Family, Mutation, Shared, harmful, signs

REFUSED: Final = (BLIND, DECODE, EFFECTS)
THIEF: Final = b"\x5f" * 20
_WORD: Final = 32
WORDS: Final = {
    "the thief everywhere": THIEF.rjust(_WORD, b"\0") * 8,
    "thief and all there is": THIEF.rjust(_WORD, b"\0") + b"\xff" * _WORD,
    "nothing": b"",
}


def families() -> list[Family]:
    return [
        Family("every method, ERC-20", signs(USDC_TRANSFER), list(_in_place())),
        Family("every method, ETH", signs(ETH), list(_beside())),
    ]


def _names() -> Iterable[tuple[str, bytes]]:
    return ((method.signature.text, selector) for selector, method in METHODS.items())


def _in_place() -> Iterable[Mutation]:
    """At the token; with what the transfer says as arguments, and with others."""
    shared = Shared(USDC_TRANSFER)
    for name, selector in _names():
        if selector != SELECTOR:
            yield harmful(f"{name} of the payee", REFUSED, shown(shared, _selector(selector)))
        for words, arguments in WORDS.items():
            bend = evm.set_field(DATA, selector + arguments)
            yield harmful(f"{name} of {words}", REFUSED, shown(shared, bend))


def _beside() -> Iterable[Mutation]:
    """With the coins to their payee, or at a token with none."""
    shared = Shared(ETH)
    for name, selector in _names():
        for words, arguments in WORDS.items():
            data = selector + arguments
            yield harmful(f"{name} of {words}", REFUSED, shown(shared, evm.set_field(DATA, data)))
        yield harmful(f"{name} at the token", REFUSED, shown(shared, _at_the_token(selector)))


def _selector(selector: bytes) -> Bend:
    return lambda t: evm.set_field(DATA, selector + t.fields[DATA][4:])(t)


def _at_the_token(selector: bytes) -> Bend:
    def bend(transaction: evm.Transaction) -> bytes:
        transaction.fields[TO], transaction.fields[VALUE] = bytes.fromhex(USDC[2:]), b""
        transaction.fields[DATA] = selector + WORDS["thief and all there is"]
        return transaction.encode()

    return bend
