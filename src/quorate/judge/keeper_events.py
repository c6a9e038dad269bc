"""What the keeper says unasked, by kind: recorded in the unit of the reply that carries it, let out after the
commit.
"""

from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.ceremony import CeremonyEvents
from quorate.judge.journal import Journal
from quorate.judge.metrics.measures import Measures
from quorate.judge.outbox import Outbox
from quorate.judge.results import Results


class KeeperEvents:
    def __init__(
        self,
        results: Results,
        ceremonies: CeremonyEvents,
        outbox: Outbox,
        journal: Journal,
        measures: Measures,
    ) -> None:
        self._results = results
        self._ceremonies = ceremonies
        self._outbox = outbox
        self._journal = journal
        self._measures = measures

    def record(self, event: keeper_pb2.Event) -> None:
        match event.WhichOneof("event"):
            case "signature":
                self._results.record_signature(event.signature)
            case "session_dead":
                self._results.record_dead(event.session_dead.session_id)
            case "certificate_part":
                self._ceremonies.record_part(event.certificate_part)
            case _:
                pass  # envelopes and progress leave no record here

    def emit(self, event: keeper_pb2.Event) -> None:
        match event.WhichOneof("event"):
            case "send":
                self._outbox(link_pb2.ToServer(envelope=_envelope(event.send)))
            case "signature":
                self._measures.session_ended("signed")
                message = self._results.done(event.signature.session_id)
                if message:
                    self._outbox(message)
            case "session_dead":
                self._measures.session_ended("dead")
                dead = event.session_dead
                self._journal(
                    "session_dead",
                    session=dead.session_id.hex(),
                    code=dead.reason.code,
                    detail=dead.reason.message,
                )
                self._outbox(self._results.dead(dead.session_id, dead.reason))
            case "certificate_part":
                self._outbox(self._ceremonies.part(event.certificate_part))
            case "ceremony_dead":
                dead_ceremony = event.ceremony_dead
                self._journal(
                    "ceremony_dead", order=dead_ceremony.order_id.hex(), code=dead_ceremony.reason.code
                )
                self._outbox(self._ceremonies.dead(dead_ceremony))
            case "ceremony_progress":
                self._outbox(self._ceremonies.progress(event.ceremony_progress))
            case _:
                self._journal("keeper_event_unknown")


def _envelope(envelope: keeper_pb2.Envelope) -> link_pb2.Envelope:
    message = link_pb2.Envelope(to=envelope.to, ciphertext=envelope.ciphertext)
    setattr(message, "from", getattr(envelope, "from"))  # the field's name is a Python keyword
    return message
