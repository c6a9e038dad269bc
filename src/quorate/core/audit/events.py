"""Log leaves (docs/spec/log-leaf.md): one canonical event each, under the label `quorate/log-leaf/v1`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.audit.tiles import MAX_ENTRY
from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.members import Members

EVENTS: Final = (
    "started",
    "charter",
    "admission",
    "refusal",
    "approval",
    "veto",
    "decision",
    "vote",
    "release",
    "result",
    "key_created",
    "readmitted",
    "freeze",
    "unfreeze",
    "charter_proposed",
    "charter_vetoed",
    "document",
    "checkpoint_failed",
    "attempt_gone",
)
_MEMBERS: Final = ("cluster", "signer", "index", "time_ms", "event", "data")
_PREFIX: Final = canonical.labelled(labels.LOG_LEAF, b"")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at a signer, as number `index` of its log.

    `data` is canonical JSON material, never a secret.
    """

    cluster: str
    signer: str
    index: int
    time_ms: int
    event: str
    data: Mapping[str, object]

    def to_leaf(self) -> bytes:
        """The leaf's data.

        Raises QuorateError: log_entry (longer than 65,535 bytes, or an unknown event), not_canonical.
        """
        if self.event not in EVENTS:
            raise QuorateError("log_entry", f"{self.event} is no event of docs/spec/log-leaf.md", "bug")
        leaf = _PREFIX + canonical.encode(
            {name: getattr(self, name) for name in _MEMBERS[:-1]} | {"data": dict(self.data)}
        )
        if len(leaf) > MAX_ENTRY:
            raise QuorateError(
                "log_entry", f"a log entry has at most {MAX_ENTRY} bytes, this one {len(leaf)}", "bug"
            )
        return leaf

    @classmethod
    def from_leaf(cls, leaf: bytes) -> "Event":
        """The event of a leaf's data.

        Raises QuorateError: log_entry (another label), not_canonical, unknown_member, missing_member,
        wrong_type, identifier.
        """
        if not leaf.startswith(_PREFIX):
            raise QuorateError(
                "log_entry", "the entry does not start with the label of log leaves", "storage"
            )
        m = Members(canonical.decode(leaf[len(_PREFIX) :]), "leaf", _MEMBERS)
        data = m.raw("data")
        if not isinstance(data, dict):
            raise m.bad("data", "an object is expected")
        return cls(
            cluster=m.cluster(),
            signer=m.identifier("signer"),
            index=m.integer("index"),
            time_ms=m.integer("time_ms"),
            event=m.one_of("event", EVENTS),
            data=data,
        )
