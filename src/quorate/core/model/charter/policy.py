"""The rules of the policy as data (docs/spec/charter.md). What they decide is quorate.core.policy's."""

from collections.abc import Callable
from typing import Final, TypeVar

from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.core.model.charter.types import Policy, Rule, Window
from quorate.core.model.intent import OPERATIONS
from quorate.core.model.members import Members, bad

T = TypeVar("T")

DESTINATION_KINDS: Final = ("own_account", "whitelist", "one_time")
WINDOW_KEYS: Final = ("requester", "source", "destination")
VERDICTS: Final = ("allow", "refuse")
_OPTIONAL: Final = (
    "requesters", "operations", "sources", "destinations", "assets", "max_amount", "window",
    "raw_on_asset_path",
)  # fmt: skip
_MAX_WINDOW: Final = 366 * 86_400


def read_policy(value: object, where: str) -> Policy:
    return Policy(Members(value, where, ("rules",)).array("rules", _rule, longest=4096))


def _rule(value: object, where: str) -> Rule:
    m = Members(value, where, ("name", "verdict"), _OPTIONAL)
    rule = Rule(
        name=m.identifier("name"),
        verdict=m.one_of("verdict", VERDICTS),
        requesters=_listed(m, "requesters", members.printable),
        operations=_listed(m, "operations", lambda item, at: members.one_of(item, at, OPERATIONS)),
        sources=_listed(m, "sources", members.account),
        destinations=_listed(m, "destinations", _destination),
        assets=_listed(m, "assets", members.name_id),
        max_amount=m.amount("max_amount") if "max_amount" in m else None,
        window=_window(m.raw("window"), m.at("window")) if "window" in m else None,
        raw_on_asset_path=m.boolean("raw_on_asset_path") if "raw_on_asset_path" in m else None,
    )
    if (rule.max_amount is not None or rule.window is not None) and len(rule.assets or ()) != 1:
        raise QuorateError(
            "charter_rule_asset",
            f"rule {rule.name} limits an amount, so it must name exactly one asset",
            "caller",
            "write one rule per asset",
        )
    return rule


def _listed(m: Members, name: str, read: Callable[[object, str], T]) -> tuple[T, ...] | None:
    """A field left out is None; an empty list would match nothing and is refused as a slip."""
    if name not in m:
        return None
    values = m.array(name, read, shortest=1)
    if len(set(values)) != len(values):
        raise m.bad(name, "an entry occurs twice")
    return values


def _destination(value: object, where: str) -> str:
    kind, colon, id = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in DESTINATION_KINDS or (colon and kind == "one_time"):
        raise bad(where, "own_account, whitelist, one_time, own_account:<id> or whitelist:<id> is expected")
    if colon:
        (members.account if kind == "own_account" else members.name_id)(id, where)
    return kind + colon + id


def _window(value: object, where: str) -> Window:
    m = Members(value, where, ("seconds", "max", "per"))
    per = m.array("per", lambda item, at: members.one_of(item, at, WINDOW_KEYS))
    if len(set(per)) != len(per):
        raise m.bad("per", "an entry occurs twice")
    return Window(m.integer("seconds", 1, _MAX_WINDOW), m.amount("max"), per)
