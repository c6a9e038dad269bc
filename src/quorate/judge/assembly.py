"""The parts of a judge put together, bottom up. What touches the outside is handed in: database, keeper's
socket, clock, journal.
"""

import asyncio
from dataclasses import dataclass

from quorate.judge.activation import Activation
from quorate.judge.admit import Admit
from quorate.judge.annotating import Annotating
from quorate.judge.approvals import Approvals
from quorate.judge.ceremony import Ceremonies, CeremonyEvents
from quorate.judge.clock import Clock
from quorate.judge.config import Config
from quorate.judge.freezing import Freezing
from quorate.judge.journal import Journal
from quorate.judge.judge_open import JudgeOpen
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.keeper_events import KeeperEvents
from quorate.judge.log import Log
from quorate.judge.metrics.measures import Measures
from quorate.judge.outbox import Outbox
from quorate.judge.own_tally import OwnTally
from quorate.judge.proposals import Proposals
from quorate.judge.release import Release
from quorate.judge.results import Results
from quorate.judge.server_side import ServerSide
from quorate.judge.sources.expiry import Expiry
from quorate.judge.standing import Standing
from quorate.judge.start_rule import StartRule
from quorate.judge.startup import load
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store
from quorate.judge.tally_book import TallyBook


@dataclass(frozen=True, slots=True)
class Judge:
    """What the process runs, and what tests call."""

    state: SignerState
    store: Store
    log: Log
    keeper: KeeperClient
    outbox: Outbox
    start: StartRule
    admit: Admit
    approvals: Approvals
    judge_open: JudgeOpen
    release: Release
    activation: Activation
    proposals: Proposals
    freezing: Freezing
    annotating: Annotating
    standing: Standing
    server_side: ServerSide
    clock: Clock
    journal: Journal
    measures: Measures

    async def load(self) -> None:
        """Wakes the keeper; `keeper.run` must be running. Raises QuorateError."""
        await load(self.state, self.store, self.log, self.keeper, self.clock, self.journal)


def assemble(
    config: Config,
    store: Store,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    clock: Clock,
    journal: Journal,
) -> Judge:
    state = SignerState(config.id)
    outbox, measures = Outbox(), Measures()
    store.db.on_commit = measures.commit_took
    log = Log(state, store, config.audit, clock, journal)
    ceremony_events = CeremonyEvents(state, store)
    results = Results(state, store, log, clock, journal)
    events = KeeperEvents(results, ceremony_events, outbox, journal, measures)
    keeper = KeeperClient(reader, writer, store.db, store.blobs, events, measures)
    start = StartRule(state, keeper, outbox, clock, journal)
    book = TallyBook(store, config.id, clock)
    admit = Admit(state, store, log, keeper, clock)
    own_tally = OwnTally(state, store, keeper)
    approvals = Approvals(state, store, log, clock)
    expiry = Expiry(store, log, clock, journal, config.sources, config.genesis)
    judge_open = JudgeOpen(state, store, log, keeper, clock, admit, book, own_tally, approvals, expiry)
    release = Release(state, store, log, keeper, clock, book, own_tally, approvals)
    standing = Standing(store, outbox)
    freezing = Freezing(state, store, log, keeper, clock, start, outbox, standing, journal)
    ceremonies = Ceremonies(state, store, log, keeper, clock, start, freezing)
    proposals = Proposals(state, store, log, clock, outbox, standing, journal)
    activation = Activation(state, store, log, keeper, clock, start, proposals, journal)
    annotating = Annotating(state, store, log, clock, outbox, journal)
    server_side = ServerSide(
        state, store, log, keeper, clock, journal, outbox,
        admit, judge_open, release, approvals, ceremonies, ceremony_events, start,
        activation, proposals, freezing, annotating, standing, measures,
    )  # fmt: skip
    return Judge(
        state,
        store,
        log,
        keeper,
        outbox,
        start,
        admit,
        approvals,
        judge_open,
        release,
        activation,
        proposals,
        freezing,
        annotating,
        standing,
        server_side,
        clock,
        journal,
        measures,
    )
