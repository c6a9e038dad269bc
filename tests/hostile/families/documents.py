"""What people signed, bent member by member and bit by bit under the signature that it had: statements of
approvers, freezes and orders of administrators.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from quorate.core.model import canonical, labels
from quorate.core.model.statement import SignedStatement
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ETH
from tests.hostile.families import approvals, freezes
from tests.hostile.mutation import PAIR, Family, Mutation, Outcome, Run, flip, harmful, signs
from tests.hostile.world import Stage

Document = dict[str, Any]
Bend = Callable[[bytes], bytes]
STATEMENT: Final = ("cluster", "charter", "intent", "verdict", "approver", "round", "issued_at", "expires_at")
FREEZE: Final = ("cluster", "id", "scope", "subject", "by", "created_at")
ORDER: Final = (
    "cluster", "charter", "id", "kind", "key", "signer", "incarnation", "created_at", "expires_at", "freezes",
)  # fmt: skip
FORM: Final = ("not_canonical", "missing_member", "unknown_member", "wrong_type", "identifier")
FREEZE_CHECKS: Final = (*FORM, "freeze_signature", "freeze_shape", "freeze_cluster")
ORDER_CHECKS: Final = (
    *FORM, "order_signature", "order_shape", "order_cluster", "order_charter", "order_lifetime",
    "order_expired",
)  # fmt: skip
"""Of the keeper."""


def families() -> list[Family]:
    return [
        Family("statement members", approvals.control, list(_each(STATEMENT, approvals.FORMS, _stated))),
        Family("freeze members", signs(ETH), list(_each(FREEZE, _keeper(FREEZE_CHECKS), _frozen))),
        Family("order members", signs(ETH), list(_each(ORDER, _keeper(ORDER_CHECKS), _ordered))),
    ]


def _keeper(checks: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"keeper:{check}" for check in checks)


def _each(names: Iterable[str], checks: tuple[str, ...], run: Callable[[Bend], Run]) -> Iterable[Mutation]:
    for name in names:
        for what, change in MEMBERS.items():
            yield harmful(f"{name} {what}", checks, run(_member(name, change)))
    for what, bend in WHOLE.items():
        yield harmful(what, checks, run(bend))
    for bit in range(0, 1600, 37):
        yield harmful(f"bit {bit}", checks, run(lambda data, bit=bit: flip(data, bit % (8 * len(data)))))


# ---- bends


def _other(value: Any) -> Any:
    """Another value of the same form."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return ["0" * 32]
    return "signer-1" if value is None else value[:-1] + ("0" if value[-1] != "0" else "1")


MEMBERS: Final[dict[str, Callable[[Document, str], None]]] = {
    "left out": lambda made, name: made.pop(name),
    "null": lambda made, name: made.update({name: (made[name] and None) or 0}),
    "a number": lambda made, name: made.update({name: 7}),
    "a text": lambda made, name: made.update({name: "x"}),
    "empty": lambda made, name: made.update({name: ""}),
    "a list of itself": lambda made, name: made.update({name: [made[name]]}),
    "another": lambda made, name: made.update({name: _other(made[name])}),
    "under another name": lambda made, name: made.update({f"{name}x": made.pop(name)}),
}


def _member(name: str, change: Callable[[Document, str], None]) -> Bend:
    def bend(data: bytes) -> bytes:
        made: Any = canonical.decode(data)
        change(made, name)
        return canonical.encode(made)

    return bend


def _reordered(data: bytes) -> bytes:
    members = list(json.loads(data).items())
    return json.dumps(dict(reversed(members)), separators=(",", ":")).encode()


WHOLE: Final[dict[str, Bend]] = {
    "a member more": lambda data: canonical.encode({**json.loads(data), "more": 1}),
    "a member twice": lambda data: b'{"cluster":"%s",' % (b"0" * 32) + data[1:],
    "members the other way round": _reordered,
    "white space": lambda data: data.replace(b",", b", "),
    "a line behind": lambda data: data + b"\n",
    "a byte less": lambda data: data[:-1],
    "nothing": lambda data: b"",
    "an empty object": lambda data: b"{}",
    "a list of it": lambda data: b"[" + data + b"]",
    "twice": lambda data: data + data,
}


# ---- what is bent


def _stated(bend: Bend) -> Run:
    """Dana approved; so did Erin, and it is hers that is bent."""

    async def run(stage: Stage) -> Outcome:
        flow = await approvals.asked(stage, covered=False)
        first, second = approvals.two(stage, approvals.intent_of(flow))
        bent = SignedStatement(bend(second.body), second.armor)
        return await approvals.opened_with(flow, [first, bent])

    return run


def _frozen(bend: Bend) -> Run:
    async def run(stage: Stage) -> Outcome:
        data = canonical.encode(freezes.document_of(stage))
        entries = await asyncio.to_thread(freezes.signed_by, stage, data, freezes.ADA)
        return await freezes.sent(stage, bend(data), entries, PAIR)

    return run


def _ordered(bend: Bend) -> Run:
    """An order to lift a freeze, by the quorum."""

    async def run(stage: Stage) -> Outcome:
        data = canonical.encode(freezes.lifting_of(stage, "f" * 32))
        names = (freezes.ADA, freezes.BEN)
        entries = await asyncio.to_thread(freezes.signed_by, stage, data, *names, label=labels.ORDER)
        message = pb.Order(body=bend(data), signatures=freezes.signatures_of(entries))
        return await freezes.answered(stage, pb.Request(order=message), PAIR)

    return run
