"""Policy source (YAML, written by people) -> the `policy` member of a charter (docs/spec/charter.md).

Amounts may be written in whole units of the one asset the rule names (`10.5 ETH`) or as in the charter
(decimal string of the smallest unit). What a rule may hold is said once, by `charter.policy.read_policy`;
here text becomes amounts, integers and booleans.
"""

import re
from collections.abc import Sequence
from typing import Final

from quorate.core.model import members
from quorate.core.model.charter import Asset
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.members import MAX_AMOUNT, Members
from quorate.core.policy import source

_WHOLE_UNITS: Final = re.compile(r"([0-9]{1,78})(?:\.([0-9]{1,78}))? (\S+)")
_SECONDS: Final = re.compile(r"[1-9][0-9]{0,9}")


def policy_from_yaml(text: str, assets: Sequence[Asset]) -> dict[str, object]:
    """The canonical policy; `assets` are the charter's.

    Raises QuorateError: bad_policy (see `source.read`), unknown_member, missing_member, wrong_type,
    identifier, charter_rule_asset, each with the place of the field.
    """
    m = Members(source.read(text), "policy", ("rules",))
    rules = m.array("rules", lambda value, where: _rule(value, where, assets), longest=4096)
    policy: dict[str, object] = {"rules": list(rules)}
    names = [rule.name for rule in read_policy(policy, "policy").rules]
    if len(set(names)) != len(names):
        raise m.bad("rules", "a rule's name is used twice")
    return policy


def _rule(value: object, where: str, assets: Sequence[Asset]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise members.bad(where, "a rule is a mapping of fields")
    m = Members(value, where, (), tuple(value))
    rule: dict[str, object] = dict(value)
    for name in m.array("assets", _text) if "assets" in m else ():
        _known(name, m.at("assets"), assets)
    if "max_amount" in m:
        rule["max_amount"] = _amount(m, "max_amount", _only_asset(m, assets))
    if "window" in m:
        rule["window"] = _window(m, _only_asset(m, assets))
    if "raw_on_asset_path" in m:
        rule["raw_on_asset_path"] = m.one_of("raw_on_asset_path", ("true", "false")) == "true"
    return rule


def _window(m: Members, asset: Asset) -> dict[str, object]:
    w = Members(m.raw("window"), m.at("window"), ("seconds", "max", "per"))
    seconds = w.text("seconds")
    if not _SECONDS.fullmatch(seconds):
        raise w.bad("seconds", "a whole number of seconds is expected")
    return {"seconds": int(seconds), "max": _amount(w, "max", asset), "per": w.raw("per")}


def _only_asset(m: Members, assets: Sequence[Asset]) -> Asset:
    names = m.array("assets", _text) if "assets" in m else ()
    if len(names) != 1:
        raise m.bad("assets", "a rule with max_amount or window names exactly one asset")
    return _known(names[0], m.at("assets"), assets)


def _known(name: str, where: str, assets: Sequence[Asset]) -> Asset:
    asset = next((asset for asset in assets if asset.id == name), None)
    if asset is None:
        raise members.bad(where, f"{name} is not an asset of the charter")
    return asset


def _amount(m: Members, name: str, asset: Asset) -> str:
    """An amount in the smallest unit, from whole units of `asset` or as it stands."""
    text = m.text(name)
    match = _WHOLE_UNITS.fullmatch(text)
    if match is None:
        return str(m.amount(name))
    whole, fraction, unit = match.groups(default="")
    if unit != asset.id:
        raise m.bad(name, f"the rule is about {asset.id}, the amount about {unit}")
    if len(fraction) > asset.decimals:
        raise m.bad(name, f"{asset.id} has {asset.decimals} decimals")
    value = int(whole + fraction.ljust(asset.decimals, "0"))
    if value > MAX_AMOUNT:
        raise m.bad(name, "an amount is below 2^256")
    return str(value)


def _text(value: object, where: str) -> str:
    return members.text(value, where)
