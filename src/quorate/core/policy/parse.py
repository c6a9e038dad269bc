"""Policy source (YAML, written by people) -> the `policy` member of a charter (docs/spec/policy.md).

Amounts may be written in whole units of the one asset the rule or limit names (`10.5 ETH`) or as in the
charter (decimal string of the smallest unit), a method as its signature or as its selector. What a policy may
hold is said once, by `charter.policy.read_policy`; here text becomes amounts, selectors, integers, booleans.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from quorate.core.chains.evm.abi.types import MAX_TEXT, signature
from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.core.model.charter import Asset
from quorate.core.model.charter.policy import MEMBERS, read_policy
from quorate.core.model.charter.policy_fields import FIELDS, Kind
from quorate.core.model.members import MAX_AMOUNT, Members
from quorate.core.policy import source

_WHOLE_UNITS: Final = re.compile(r"([0-9]{1,78})(?:\.([0-9]{1,78}))? (\S+)")
_INTEGER: Final = re.compile(r"0|[1-9][0-9]{0,9}")

Assets = Sequence[Asset] | None


def policy_from_yaml(text: str, assets: Assets) -> dict[str, object]:
    """The canonical policy; `assets` are the charter's. None: there is no charter to compare with, asset
    names are taken as they stand and amounts must be in the smallest unit.

    Raises QuorateError: bad_policy (see `source.read`), unknown_member, missing_member, wrong_type,
    identifier, charter_rule_asset, policy_reference, each with the place of the field.
    """
    m = Members(source.read(text), "policy", ("rules",), MEMBERS)
    policy: dict[str, object] = {name: m.raw(name) for name in ("rules", *MEMBERS) if name in m}
    policy["rules"] = list(m.array("rules", lambda value, where: _rule(value, where, assets), longest=4096))
    for name, convert in _CONVERTED.items():
        if name in m:
            policy[name] = convert(m, name, assets)
    names = [rule.name for rule in read_policy(policy, "policy").rules]
    if len(set(names)) != len(names):
        raise m.bad("rules", "a rule's name is used twice")
    return policy


def _rule(value: object, where: str, assets: Assets) -> dict[str, object]:
    m = _mapping(value, where)
    rule: dict[str, object] = dict(value) if isinstance(value, dict) else {}
    for name in m.array("assets", members.text) if "assets" in m else ():
        _known(name, m.at("assets"), assets)
    for field in FIELDS:
        if field.name in m and field.kind in _BY_KIND:
            rule[field.name] = _BY_KIND[field.kind](m, field.name, assets)
    if "methods" in m:
        rule["methods"] = list(m.array("methods", _method))
    if "approvals" in m:
        rule["approvals"] = _requirement(m, "approvals", assets)
    return rule


def _mapping(value: object, where: str) -> Members:
    if not isinstance(value, dict):
        raise members.bad(where, "a mapping of fields is expected")
    return Members(value, where, (), tuple(value))


# ---- one kind of text each


def _boolean(m: Members, name: str, assets: Assets) -> object:
    return m.one_of(name, ("true", "false")) == "true"


def _integer(m: Members, name: str, assets: Assets) -> object:
    text = m.text(name)
    if not _INTEGER.fullmatch(text):
        raise m.bad(name, "a whole number is expected")
    return int(text)


def _amount_of_rule(m: Members, name: str, assets: Assets) -> object:
    """Of the one asset that the rule names; `max_fee` is in the native coin, whose name it does not know."""
    asset = None if name == "max_fee" else _only_asset(m, assets)
    return _amount(m, name, asset)


def _window(m: Members, name: str, assets: Assets) -> object:
    asset = _only_asset(m, assets)
    w = Members(m.raw(name), m.at(name), ("seconds", "max", "per"))
    return {"seconds": _integer(w, "seconds", assets), "max": _amount(w, "max", asset), "per": w.raw("per")}


def _requirement(m: Members, name: str, assets: Assets) -> object:
    return _requirement_at(m.raw(name), m.at(name))


def _requirement_at(value: object, where: str) -> object:
    m = _mapping(value, where)
    made: dict[str, object] = {}
    for key in value if isinstance(value, dict) else ():
        if key in ("all_of", "any_of"):
            made[key] = list(m.array(key, _requirement_at))
        elif key == "threshold":
            made[key] = _integer(m, key, None)
        elif key == "requester_may_approve":
            made[key] = _boolean(m, key, None)
        else:
            made[key] = m.raw(key)
    return made


def _method(value: object, where: str) -> str:
    """The selector of `stake(uint256)`; what has no brackets is taken as it stands."""
    text = members.text(value, where, longest=MAX_TEXT)
    if "(" not in text:
        return text
    try:
        return "0x" + signature(text).selector.hex()
    except QuorateError as error:
        raise members.bad(where, error.message) from None


def _limits(m: Members, name: str, assets: Assets) -> object:
    return list(m.array(name, lambda value, where: _limit(value, where, assets)))


def _limit(value: object, where: str, assets: Assets) -> object:
    m = Members(value, where, ("asset",), ("per_tx", "rolling"))
    asset = _known(m.text("asset"), m.at("asset"), assets)
    limit: dict[str, object] = {"asset": m.raw("asset")}
    if "per_tx" in m:
        limit["per_tx"] = _amount(m, "per_tx", asset)
    if "rolling" in m:
        rolling = Members(m.raw("rolling"), m.at("rolling"), ("seconds", "max"))
        seconds = _integer(rolling, "seconds", assets)
        limit["rolling"] = {"seconds": seconds, "max": _amount(rolling, "max", asset)}
    return limit


_CONVERTED: Final[dict[str, Callable[[Members, str, Assets], object]]] = {
    "limits": _limits,
    "new_destination_delay": _integer,
    "gap_limit": _integer,
    "approvals": _requirement,
}
_BY_KIND: Final[dict[Kind, Callable[[Members, str, Assets], object]]] = {
    Kind.PERMITS: _boolean,
    Kind.DEMANDS: _boolean,
    Kind.DELAY: _integer,
    Kind.AT_MOST: _amount_of_rule,
    Kind.AT_LEAST: _amount_of_rule,
    Kind.WINDOW: _window,
}


# ---- amounts


def _only_asset(m: Members, assets: Assets) -> Asset | None:
    names = m.array("assets", members.text) if "assets" in m else ()
    if len(names) != 1:
        raise m.bad("assets", "a rule that limits an amount names exactly one asset")
    return _known(names[0], m.at("assets"), assets)


def _known(name: str, where: str, assets: Assets) -> Asset | None:
    if assets is None:
        return None
    asset = next((asset for asset in assets if asset.id == name), None)
    if asset is None:
        raise members.bad(where, f"{name} is not an asset of the charter")
    return asset


def _amount(m: Members, name: str, asset: Asset | None) -> str:
    """An amount in the smallest unit, from whole units of `asset` or as it stands."""
    text = m.text(name)
    match = _WHOLE_UNITS.fullmatch(text)
    if match is None:
        return str(m.amount(name))
    if asset is None:
        raise m.bad(name, "whole units need a charter that says their decimals; write the smallest unit")
    whole, fraction, unit = match.groups(default="")
    if unit != asset.id:
        raise m.bad(name, f"the rule is about {asset.id}, the amount about {unit}")
    if len(fraction) > asset.decimals:
        raise m.bad(name, f"{asset.id} has {asset.decimals} decimals")
    value = int(whole + fraction.ljust(asset.decimals, "0"))
    if value > MAX_AMOUNT:
        raise m.bad(name, "an amount is below 2^256")
    return str(value)
