"""A transaction as a signer judges it, whatever the chain: read from the exact bytes and from what the signer
knows itself, and from nothing else.
"""

from dataclasses import dataclass

from quorate.core.model.charter import Asset, Chain
from quorate.core.model.intent import Effect
from quorate.core.model.records import KeyCertificate


@dataclass(frozen=True, slots=True)
class View:
    """What the signer knows beside the bytes: `sender` is the address of the account that pays, `assets` are
    those of the charter.
    """

    chain: Chain
    certificate: KeyCertificate
    account: str
    sender: str
    assets: tuple[Asset, ...] = ()


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

    `form` says why a transaction does not come in this form, `form_class` is the reason class of that where
    it has one of its own; `blind` says why it cannot be judged. All are empty where all is well. `chain` is
    the id of the chain the bytes are for; where bytes do not say, the chain of the view. `fee` is the most
    that can be paid, in the smallest unit of the native coin. `ends_s`: Unix time in seconds after which the
    bytes cannot execute; None when they name no time. `call`: the one thing they do, where they are exactly
    one call and carry nothing beside it. `cancels`: they pay nobody, so that their only use is to keep other
    bytes from taking effect.
    """

    effects: tuple[Effect, ...]
    others: tuple[str, ...]
    blind: str
    chain: str
    fee: int
    takes: tuple[Taken, ...]
    ends_s: int | None = None
    form: str = ""
    form_class: str = ""
    call: Call | None = None
    cancels: bool = False
