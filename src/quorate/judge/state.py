"""What the judge knows about itself and its cluster while it runs. Everything in it is also in the database
or the keeper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quorate.core.chains.evm.knowledge.documents import Documents
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter
from quorate.core.model.freeze import FreezeSet
from quorate.core.model.records import KeyCertificate
from quorate.core.proto import keeper_pb2
from quorate.judge.isolation import SAME_USER


@dataclass(frozen=True, slots=True)
class Start:
    """The start rule: this signer votes once `needed` others were heard (docs/spec/peer-state.md), or by an
    order.
    """

    may_vote: bool = False
    heard: tuple[str, ...] = ()
    needed: int = 0
    refusal: str = ""

    @classmethod
    def of(cls, state: keeper_pb2.StartState) -> "Start":
        return cls(state.may_vote, tuple(state.heard), state.needed, state.refusal)


@dataclass(slots=True)
class SignerState:
    """Mutable, changed only by activation, freezes, documents, certificates and the start rule.

    `documents`: what the version in force pins, as far as it is here.
    """

    id: str
    seal: str = ""
    isolation: str = SAME_USER
    keeper_pid: int = 0
    vote_key: bytes = b""
    log_key: bytes = b""
    incarnation: int = 0
    start_nonce: bytes = b""
    start: Start = field(default_factory=Start)
    charters: Sequence[Charter] = ()
    documents: Documents = field(default_factory=Documents)
    freezes: FreezeSet = field(default_factory=FreezeSet)
    certificates: Mapping[str, KeyCertificate] = field(default_factory=dict)

    @property
    def charter(self) -> Charter | None:
        return self.charters[-1] if self.charters else None

    def require_charter(self) -> Charter:
        """The version in force. Raises no_charter."""
        if not self.charters:
            raise QuorateError(
                "no_charter",
                "no charter is in force at this signer yet",
                "state",
                "run: quorate charter activate",
            )
        return self.charters[-1]
