"""What every use case is handed: the adapters that main.py constructed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from quorate.server.book import CharterBook
from quorate.server.chains.interface import ChainClient
from quorate.server.config import Config
from quorate.server.link.hub import Hub
from quorate.server.metrics import Metrics
from quorate.server.service.desk import Desk
from quorate.server.service.ledger import Ledger
from quorate.server.service.roster import Roster
from quorate.server.store.database import Database


@dataclass(frozen=True, slots=True)
class Context:
    config: Config
    book: CharterBook
    database: Database
    hub: Hub
    roster: Roster
    chains: Mapping[str, ChainClient]
    ledger: Ledger
    metrics: Metrics
    desk: Desk
    sessions: asyncio.Semaphore
    """Signing sessions in flight: a burst waits here, where no time-out runs."""
    admissions: asyncio.Semaphore
    """Requests that signers are asked to admit, likewise."""
