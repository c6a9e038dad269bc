"""A transaction as a signer judges it, whatever the chain: read from the exact bytes and from what the signer
knows itself, and from nothing else.
"""

from dataclasses import dataclass

from quorate.core.model.charter import Chain
from quorate.core.model.intent import Effect
from quorate.core.model.records import KeyCertificate


@dataclass(frozen=True, slots=True)
class View:
    """What the signer knows beside the bytes: `sender` is the address of the account that pays."""

    chain: Chain
    certificate: KeyCertificate
    account: str
    sender: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that one transaction at most can use: the EVM nonce `number` of sender `holder`, or output
    `number` of Bitcoin transaction `holder`.
    """

    holder: str
    number: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an account: `value` is the native coin that goes with it, smallest unit."""

    to: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """`effects`: what it pays, as an intent says it. `others`: types of effects that no transfer has.

    `blind` is the reason why it cannot be judged, or empty. `chain` is the id of the chain the bytes are for;
    where bytes do not say, the chain of the view. `fee` is the most that can be paid, in the smallest unit of
    the native coin. `ends_s`: Unix seconds after which the bytes cannot execute; None when they never expire.
    `call`: the one thing they do, where they are exactly one call and carry nothing beside it.
    """

    effects: tuple[Effect, ...]
    others: tuple[str, ...]
    blind: str
    chain: str
    fee: int
    takes: tuple[Taken, ...]
    ends_s: int | None = None
    call: Call | None = None
