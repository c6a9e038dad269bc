"""The one table of a rule's fields: how each is read, written down as JSON Schema, and which way it is wide.

The order is the order in which a rule is matched, so that the first field that does not match also says how
close the rule came. Matching itself is quorate.core.policy.match; docs/spec/policy.md says it in words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from quorate.core.model import members
from quorate.core.model.charter import policy_forms as form
from quorate.core.model.charter import policy_readers as read

Reader = Callable[[object, str], Any]
Schema = Mapping[str, object]


class Kind(Enum):
    """What a field says, and so what makes it match more."""

    NAMES = auto()
    """One of these; more names match more, left out matches all."""
    OPERATIONS = auto()
    """As NAMES; left out means TRANSFER for a rule that allows, all but RAW for one that refuses."""
    LIFTS = auto()
    """More entries match more, left out lifts nothing."""
    PERMITS = auto()
    """True matches more."""
    DEMANDS = auto()
    """True matches less."""
    HOURS = auto()
    """More minutes of the week match more."""
    DELAY = auto()
    """Fewer seconds match more."""
    AT_MOST = auto()
    """A larger amount matches more."""
    AT_LEAST = auto()
    """A smaller amount matches more."""
    RATIO = auto()
    """A larger ratio matches more."""
    WINDOW = auto()
    """A larger sum, a shorter time or a finer aggregation matches more."""


@dataclass(frozen=True, slots=True)
class Field:
    """`one_asset`: amounts are compared, so the rule names exactly one asset."""

    name: str
    kind: Kind
    read: Reader
    schema: Schema
    means: str
    one_asset: bool = False


def _names(name: str, item: Reader, schema: Schema, means: str, kind: Kind = Kind.NAMES) -> Field:
    listed = {"type": "array", "items": schema, "minItems": 1, "uniqueItems": True}
    return Field(name, kind, read.listed(item), listed, means)


def _amount(name: str, kind: Kind, means: str, *, one_asset: bool = True) -> Field:
    return Field(name, kind, members.amount, form.AMOUNT, means, one_asset)


def _flag(name: str, kind: Kind, means: str) -> Field:
    return Field(name, kind, read.flag, {"type": "boolean"}, means)


FIELDS: Final[tuple[Field, ...]] = (
    _names("requesters", members.printable, form.PRINTABLE, "the requester is listed"),
    _names("requester_groups", members.identifier, form.IDENTIFIER, "the requester is in a listed group"),
    _names(
        "operations",
        read.operation,
        {"enum": list(form.OPERATIONS)},
        "the operation is listed",
        Kind.OPERATIONS,
    ),
    _flag(
        "raw_on_asset_path", Kind.PERMITS, "needed true to allow RAW on a path outside the RAW branch (1729)"
    ),
    _names("sources", members.account, form.ACCOUNT, "the source account is listed"),
    _names("keys", members.identifier, form.IDENTIFIER, "the key is listed"),
    _names("paths", read.path, form.PATH, "every signing path begins with a listed path"),
    _names("chains", read.chain, form.CHAIN, "the chain, or its family, is listed"),
    _names("assets", members.name_id, form.NAME_ID, "the asset is listed"),
    _names("destinations", read.destination, form.DESTINATION, "the destination is of a listed kind"),
    _names("contracts", read.contract, form.CONTRACT, "the contract or program is listed"),
    _names("methods", read.method, form.METHOD, "the selector or discriminator is listed"),
    _names("messages", read.message, form.MESSAGE, "the type of the message is listed"),
    Field(
        "lifts",
        Kind.LIFTS,
        read.lifts,
        form.LIFTS,
        "every absolute prohibition met is lifted for its subject",
    ),
    _flag("external_id", Kind.DEMANDS, "true: the request carries an external id"),
    Field("hours", Kind.HOURS, read.hours, form.HOURS, "the signer's clock is within one of the spans, UTC"),
    Field(
        "new_destination_delay",
        Kind.DELAY,
        read.seconds,
        form.SECONDS,
        "the destination is own, whitelisted or known for at least so many seconds",
    ),
    _amount("max_fee", Kind.AT_MOST, "the largest fee the bytes allow <= this, native coin", one_asset=False),
    Field(
        "max_ratio_to_deposit",
        Kind.RATIO,
        read.ratio,
        form.RATIO,
        "what is minted <= the proven deposit x this, in whole units",
    ),
    _amount("min_amount", Kind.AT_LEAST, "amount >= this, smallest unit"),
    _amount(
        "first_use_max_amount",
        Kind.AT_MOST,
        "own or used before, or else amount <= this: a first payment is small",
    ),
    _amount("max_amount", Kind.AT_MOST, "amount <= this, smallest unit"),
    Field(
        "window",
        Kind.WINDOW,
        read.window,
        form.WINDOW,
        "what was let through within the last `seconds` for the same asset and the same values of `per`, "
        "plus this amount, <= `max`",
        one_asset=True,
    ),
)
NAMES: Final = tuple(field.name for field in FIELDS)
BY_NAME: Final[Mapping[str, Field]] = {field.name: field for field in FIELDS}
