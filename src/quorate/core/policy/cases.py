"""`quorate policy explain`: one request file, judged item by item as a signer would (docs/spec/policy.md).

What the first items were allowed counts against the next ones. Items marked `not_applicable` are context:
nothing is asked about them and nothing is learnt from them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quorate.core.chains.effects import Decoded, Effect
from quorate.core.errors import QuorateError
from quorate.core.model.charter.policy_forms import RAW, TRANSFER
from quorate.core.model.charter.policy_types import Policy, Requirement
from quorate.core.policy import context as read
from quorate.core.policy.acts import acts_of
from quorate.core.policy.addresses import normal
from quorate.core.policy.compiled import compiled
from quorate.core.policy.context import Context, Json, bad
from quorate.core.policy.decide import PROHIBITION, decide
from quorate.core.policy.explanation import NOT_APPLICABLE, Explanation
from quorate.core.policy.prohibitions import World
from quorate.core.policy.request import (
    REFUSE,
    Decision,
    Evidence,
    PolicyRequest,
    TallyLine,
    TallyView,
)
from quorate.core.policy.requested import CHANGE_MISMATCH, mismatch, replaced_change

INTENT: Final = "requested_effects"
BYTES: Final = "bytes"
RAW_DIGEST_FORMAT: Final = "raw-digest"

Decode = Callable[[str, str, Json, Json], Decoded]
"""(format, the value of the item's `bytes`, context with `chain`, item) -> what the bytes do. Raises
QuorateError for malformed bytes.
"""

_RULES_SAY: Final = ("unknown_destination", "no_rule_matched", "unknown_contract_call", "unknown_message")
"""Reasons that say less than that the bytes are not what was asked for."""


@dataclass
class _Run:
    """One file on the way: what is let through so far."""

    policy: Policy
    document: Json
    context: Context
    decode: Decode
    now_ms: int
    lines: list[TallyLine]
    requested: Sequence[Effect]
    chain: str


def explain(
    policy: Policy,
    document: Json,
    decode: Decode,
    now_ms: int,
    before: Sequence[TallyLine] = (),
    assets: Mapping[str, str] | None = None,
) -> Explanation:
    """`document` is one file or case of the test vectors; `now_ms` is used where it gives no time; `before`
    is what earlier requests were allowed. `assets` names the chain's own asset texts.

    Raises QuorateError bad_request, and what `decode` raises for a format it does not know (`format`).
    """
    return explain_and_count(policy, document, decode, now_ms, before, assets)[0]


def explain_and_count(
    policy: Policy,
    document: Json,
    decode: Decode,
    now_ms: int,
    before: Sequence[TallyLine] = (),
    assets: Mapping[str, str] | None = None,
) -> tuple[Explanation, tuple[TallyLine, ...]]:
    """As `explain`, with what was let through."""
    run = _start(policy, document, decode, now_ms, before)
    items = document.get("items")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise bad("items: an array of objects is expected")
    decisions = tuple(_item(run, item, number, assets or {}) for number, item in enumerate(items))
    if all(decision is None for decision in decisions):
        raise bad("items: there is none to judge")
    return Explanation(decisions), tuple(run.lines[len(before) :])


def _start(policy: Policy, document: Json, decode: Decode, now_ms: int, before: Sequence[TallyLine]) -> _Run:
    if not isinstance(document, Mapping):
        raise bad("an object with requested, context, items and chain is expected")
    facts = _part(document, "context")
    chain = read.chain_id(_part(document, "chain"))
    requested = _part(document, "requested").get("effects", [])
    if not isinstance(requested, list) or not all(isinstance(effect, Mapping) for effect in requested):
        raise bad("requested.effects: an array of objects is expected")
    context = read.read_context(facts)
    return _Run(
        policy=read.with_context(policy, facts, chain),
        document=document,
        context=context,
        decode=decode,
        now_ms=now_ms if context.now is None else 1000 * context.now,
        lines=list(before),
        requested=requested,
        chain=chain,
    )


def _part(document: Json, name: str) -> Json:
    part = document.get(name, {})
    if not isinstance(part, Mapping):
        raise bad(f"{name}: an object is expected")
    return part


def _item(run: _Run, item: Json, number: int, assets: Mapping[str, str]) -> Decision | None:
    if item.get("expected_verdict") == NOT_APPLICABLE:
        return None
    at = item.get("at")
    now_ms = 1000 * at if isinstance(at, int) else run.now_ms
    given = item.get("evidence", _part(run.document, "context").get("evidence", {}))
    if not isinstance(given, Mapping):
        raise bad("evidence: an object is expected")
    evidence, wanted = read.read_evidence(given, now_ms, run.context.groups)
    request = _request(run, item, number, assets)
    try:
        decoded = _decoded(run, item)
    except QuorateError as error:
        if error.code in ("format", "bad_request"):
            raise
        return _malformed(error)
    policy = _with_requirement(run.policy, wanted)
    view = _view(run, evidence, now_ms)
    decision = decide(policy, request, decoded.effects, evidence, view, now_ms)
    decision = _as_asked(run, decision, decoded)
    if decision.allowed:
        run.lines += _lines(run, request, decoded.effects, evidence, now_ms)
    return decision


def _request(run: _Run, item: Json, number: int, assets: Mapping[str, str]) -> PolicyRequest:
    """A bare digest without a path is judged as on the RAW branch: the most that RAW can be allowed."""
    raw = item.get("format") == RAW_DIGEST_FORMAT
    path = item.get("path", [1729] if raw else [])
    if not isinstance(path, list) or not all(isinstance(step, int) for step in path):
        raise bad("path: an array of integers is expected")
    external_id = _part(run.document, "requested").get("external_id")
    return PolicyRequest(
        operation=RAW if raw else TRANSFER,
        source=item.get("source"),
        key=str(item.get("key", "")),
        paths=(tuple(path),) if path else (),
        chain=run.chain,
        external_id=None if external_id is None else str(external_id),
        intent_hash=b"item" + len(run.lines).to_bytes(8, "big") + number.to_bytes(8, "big"),
        book=run.context.book,
        assets=assets,
        decimals=run.context.decimals,
        deposit=run.context.deposit,
    )


def _decoded(run: _Run, item: Json) -> Decoded:
    data, format = item.get("bytes"), item.get("format")
    if not isinstance(format, str):
        raise bad("items: each has a format")
    text = data if isinstance(data, str) else ""
    facts = {**_part(run.document, "context"), "chain": _part(run.document, "chain")}
    return run.decode(format, text, facts, item)


def _malformed(error: QuorateError) -> Decision:
    """Bytes that no decoder takes are never signed."""
    reason = "trailing_bytes" if error.code == "trailing_bytes" else "unknown_message"
    return Decision(REFUSE, BYTES, reason, ())


def _with_requirement(policy: Policy, wanted: Requirement | None) -> Policy:
    if wanted is None:
        return policy
    both = (policy.approvals, wanted) if policy.approvals else (wanted,)
    return replace(policy, approvals=Requirement(all_of=both))


def _view(run: _Run, evidence: Evidence, now_ms: int) -> TallyView:
    """That something went to an address makes it known, unless the charter names it anyway. History without
    a time does not make it old: it may be a minute ago.
    """
    lines = [*run.lines, *read.history_lines(run.context, evidence, now_ms)]
    used = [(line.destination, line.time_ms) for line in run.lines]
    used += [(to, 1000 * at) for to, _, _, at in run.context.history if at is not None]
    one_time = [(normal(to), at) for to, at in used if "one_time" in run.context.book.kinds(to)]
    seen = [(address, 1000 * at) for address, at in run.context.first_seen.items()]
    return TallyView(
        lines, frozenset(normal(line.destination) for line in lines), _earliest([*one_time, *seen])
    )


def _earliest(known: Sequence[tuple[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for address, at in known:
        found[address] = min(at, found.get(address, at))
    return found


def _as_asked(run: _Run, decision: Decision, decoded: Decoded) -> Decision:
    """Refused as well where the bytes are for another chain or do not do what was asked for."""
    if decision.verdict == REFUSE and decision.reason_class not in _RULES_SAY:
        return decision
    if replaced_change(run.requested, decoded.effects) is not None:
        return Decision(REFUSE, PROHIBITION + CHANGE_MISMATCH, CHANGE_MISMATCH, decision.trace)
    reason = mismatch(run.requested, run.context.intent, decoded.effects)
    if not reason and _other_chain(run.chain, decoded.chain):
        reason = "intent_mismatch"
    return Decision(REFUSE, INTENT, reason, decision.trace) if reason else decision


def _other_chain(asked: str, decoded: Json) -> bool:
    """A family alone (a message without a chain id in its domain) is of every chain of it."""
    of_bytes = read.chain_id(decoded)
    if ":" not in of_bytes or ":" not in asked:
        return of_bytes.partition(":")[0] not in ("", asked.partition(":")[0]) if asked else False
    return of_bytes != asked


def _lines(
    run: _Run, request: PolicyRequest, effects: Sequence[Effect], evidence: Evidence, now_ms: int
) -> list[TallyLine]:
    """One line for each destination and asset of what was let through; own accounts are not gone."""
    acts = acts_of(effects, World(request, run.policy.gap_limit), compiled(run.policy).lists)
    sums: dict[tuple[str, str], int] = {}
    for act in acts:
        if act.to is not None and not act.is_own:
            key = act.to, act.asset or ""
            sums[key] = sums.get(key, 0) + (act.amount or 0)
    return [
        TallyLine(
            request.intent_hash, evidence.requester or "", request.source or "", to, asset, sent, now_ms
        )
        for (to, asset), sent in sums.items()
    ]
