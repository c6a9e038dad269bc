"""What a request file of `quorate policy explain` says in place of charter, tally and evidence
(docs/spec/policy.md).

No signer has such a door: only the command line and the simulation read this. Members that say nothing a
decision depends on are passed over; amounts are unbounded decimal strings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from quorate.core.errors import QuorateError
from quorate.core.model.charter.policy_types import FeeLimit, Limit, Policy, Requirement
from quorate.core.policy.addresses import AddressBook, normal
from quorate.core.policy.request import APPROVE, Approval, Deposit, Evidence, TallyLine

SOMEBODY: Final = "requester"
"""The requester of a file that does not say who asked: taken as proven."""
_LISTS: Final = (
    "known_spenders", "trusted_delegatecall", "allowed_delegates", "allowed_messages", "allowed_sighash",
    "validators",
)  # fmt: skip
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """`first_seen`, `now`: Unix seconds. `history` is what went out before, as (to, asset, amount, at)."""

    book: AddressBook
    first_seen: Mapping[str, int]
    history: tuple[tuple[str, str, int, int | None], ...]
    deposit: Deposit | None
    decimals: Mapping[str, int]
    intent: tuple[Json, ...]
    groups: Mapping[str, tuple[str, ...]]
    now: int | None


def read_context(value: Json) -> Context:
    """Raises QuorateError bad_request."""
    history = tuple(_entry(entry) for entry in _array(value, "history"))
    return Context(
        book=AddressBook(
            own=dict.fromkeys(_texts(value, "own_addresses")),
            whitelist=dict.fromkeys(_texts(value, "whitelist")),
            familiar=tuple(to for to, *_ in history),
        ),
        first_seen={normal(a): _integer(t, "first_seen") for a, t in _object(value, "first_seen").items()},
        history=history,
        deposit=_deposit(value),
        decimals={a: _integer(d, "decimals") for a, d in _object(value, "decimals").items()},
        intent=_signed_intent(value),
        groups={
            name: tuple(map(str, _array(_object(value, "groups"), name))) for name in _object(value, "groups")
        },
        now=_integer(value["now"], "now") if "now" in value else None,
    )


def with_context(policy: Policy, value: Json, chain: str) -> Policy:
    """The policy with the lists and limits that the context gives in place of its own."""
    lists = {name: _list(value, name) for name in _LISTS if name in value}
    changes: dict[str, Any] = {"lists": {**policy.lists, **lists}}
    if "limits" in value:
        changes["limits"] = tuple(_limit(limit) for limit in _array(value, "limits"))
    if "fee_limit_sat" in value:
        changes["fee_limits"] = (FeeLimit(chain, amount(value["fee_limit_sat"], "fee_limit_sat")),)
    if "new_destination_delay_seconds" in value:
        changes["new_destination_delay"] = _integer(
            value["new_destination_delay_seconds"], "new_destination_delay_seconds"
        )
    if "gap_limit" in value:
        changes["gap_limit"] = _integer(value["gap_limit"], "gap_limit")
    return replace(policy, **changes)


def read_evidence(
    value: Json, now_ms: int, groups: Mapping[str, tuple[str, ...]]
) -> tuple[Evidence, Requirement | None]:
    """Who asked and who approved; and what approvals the file says are wanted, beside what rules want.

    `requester` {"present", "person"}, `approvals` [{"person", "role"?, "groups"?, "verdict"?}], `required`
    {"approvers", "distinct_from_requester"}. What another service says (`external_risk_service`) is no
    evidence.
    """
    asked = _object(value, "requester")
    requester = None if asked.get("present") is False else str(asked.get("person", SOMEBODY))
    approvals = tuple(_approval(entry, now_ms, groups) for entry in _array(value, "approvals"))
    required = _object(value, "required")
    wanted = None
    if required:
        wanted = Requirement(
            threshold=_integer(required.get("approvers", 1), "required.approvers"),
            requester_may_approve=required.get("distinct_from_requester") is False,
        )
    return Evidence(requester, approvals, _groups_of(requester, groups)), wanted


def chain_id(value: Json) -> str:
    """`evm:1`, `bitcoin:mainnet`, `solana:mainnet-beta`; empty where the file names no chain."""
    place = value.get("chain_id", value.get("network", value.get("cluster")))
    return str(value.get("family", "")) + ("" if place is None else f":{place}")


def history_lines(context: Context, evidence: Evidence, now_ms: int) -> list[TallyLine]:
    """What went out before, each by its own intent. An entry without a time counts as just now: against
    every window.
    """
    return [
        TallyLine(
            b"history" + index.to_bytes(8, "big"), evidence.requester or "", "", to, asset, sent,
            now_ms if at is None else 1000 * at,
        )
        for index, (to, asset, sent, at) in enumerate(context.history)
    ]  # fmt: skip


def amount(value: object, where: str) -> int:
    """A decimal string of any length."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit()):
        raise bad(f"{where}: an amount is a decimal string of the smallest unit")
    return int(text)


def bad(message: str) -> QuorateError:
    return QuorateError("bad_request", message, "caller", "see docs/spec/policy.md for the form of a request")


def _list(value: Json, name: str) -> tuple[str, ...]:
    """`0x01 (segwit v0, legacy)` names 0x01: what follows is for people."""
    return tuple(text.split(" ")[0] if name == "allowed_sighash" else text for text in _texts(value, name))


def _limit(value: object) -> Limit:
    limit = _mapping(value, "limits")
    rolling = _object(limit, "rolling")
    return Limit(
        asset=str(limit.get("asset")),
        per_tx=amount(limit["per_tx"], "per_tx") if "per_tx" in limit else None,
        seconds=_integer(rolling.get("seconds"), "rolling.seconds") if rolling else None,
        max=amount(rolling.get("max"), "rolling.max") if rolling else None,
    )


def _entry(value: object) -> tuple[str, str, int, int | None]:
    entry = _mapping(value, "history")
    at = entry.get("at")
    sent = amount(entry.get("amount", "0"), "history.amount")
    return (
        str(entry.get("to", "")),
        str(entry.get("asset", "")),
        sent,
        None if at is None else _integer(at, "at"),
    )


def _deposit(value: Json) -> Deposit | None:
    """Without decimals what it is worth in another asset is not established."""
    deposit = _object(value, "deposit")
    if "decimals" not in deposit:
        return None
    decimals = _integer(deposit["decimals"], "deposit.decimals")
    return Deposit(str(deposit.get("asset")), amount(deposit.get("amount"), "deposit.amount"), decimals)


def _signed_intent(value: Json) -> tuple[Json, ...]:
    signed = _object(value, "intent_signed_by_requester")
    return (signed,) if signed else ()


def _groups_of(person: str | None, groups: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(name for name, people in groups.items() if person in people)


def _approval(value: object, now_ms: int, of: Mapping[str, tuple[str, ...]]) -> Approval:
    entry = _mapping(value, "approvals")
    groups = entry.get("groups", [entry["role"]] if "role" in entry else [])
    if not isinstance(groups, list):
        raise bad("approvals.groups: an array is expected")
    person, verdict = str(entry.get("person", "")), str(entry.get("verdict", APPROVE))
    return Approval(person, (*map(str, groups), *sorted(_groups_of(person, of))), verdict, now_ms)


def _mapping(value: object, where: str) -> Json:
    if not isinstance(value, Mapping):
        raise bad(f"{where}: an object is expected")
    return value


def _object(value: Json, name: str) -> Json:
    return _mapping(value.get(name, {}), name)


def _array(value: Json, name: str) -> Sequence[Any]:
    found = value.get(name, [])
    if not isinstance(found, list):
        raise bad(f"{name}: an array is expected")
    return found


def _texts(value: Json, name: str) -> list[str]:
    found = _array(value, name)
    if not all(isinstance(text, str) for text in found):
        raise bad(f"{name}: an array of texts is expected")
    return list(found)


def _integer(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad(f"{where}: an integer is expected")
    return value
