"""Puts the parts together and takes them apart again, in the order that durability needs."""

import asyncio
import logging

import httpx2
from starlette.types import ASGIApp

from quorate.server.api.app import application
from quorate.server.book import CharterBook
from quorate.server.chains.families import open_client
from quorate.server.chains.interface import ChainClient
from quorate.server.config import Config
from quorate.server.link.hub import Hub
from quorate.server.link.listener import Listener
from quorate.server.link.tally_book import TallyBook
from quorate.server.metrics import Metrics
from quorate.server.service.charter.ceremonies import Ceremonies
from quorate.server.service.charter.charter_changes import CharterChanges
from quorate.server.service.charter.documents import Documents
from quorate.server.service.charter.freezes import Freezes
from quorate.server.service.charter.governance import Governance
from quorate.server.service.charter.standings import Standings
from quorate.server.service.context import Context
from quorate.server.service.desk import Desk
from quorate.server.service.ledger import Ledger
from quorate.server.service.roster import Roster
from quorate.server.service.runner import Runner
from quorate.server.store.database import Database
from quorate.server.store.engine import migrate, open_engine

log = logging.getLogger(__name__)


class Server:
    """`await start()`, then serve `app`; `await stop()` at the end. Raises QuorateError from `start`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._http = httpx2.AsyncClient()
        engine = open_engine(config.database)
        migrate(engine)
        self.book = CharterBook(config.directory / "charter.json")
        self.database = Database(engine)
        self._metrics = Metrics()
        self._tally = TallyBook(self.database, self.book)
        self.hub = Hub(self.book, self._tally, self._metrics)
        self._ceremonies = Ceremonies(self.book, self.hub, self.database, config.timeouts.order)
        self.hub.ceremonies = self._ceremonies
        self._governance = self._govern()
        self.listener = Listener(config.link, config.directory, self.hub)
        self._chains: dict[str, ChainClient] = {}
        self._open_chains()
        self.ctx = self._context()
        self.runner = Runner(self.ctx)
        self.app: ASGIApp = application(self.ctx, self.runner, self._ceremonies, self._governance)

    def _govern(self) -> Governance:
        standings = Standings(self.book, self.database)
        freezes = Freezes(self.book, self.hub, self.database)
        changes = CharterChanges(self.book, self.database, standings)
        changes.on_adopted = self._charter_changed
        self._ceremonies.on_lifted = freezes.lift
        documents = Documents(self.book, self.hub, self.database, changes)
        return Governance(self.hub, standings, freezes, changes, documents)

    def _context(self) -> Context:
        return Context(
            config=self._config,
            book=self.book,
            database=self.database,
            hub=self.hub,
            roster=Roster(self.hub),
            chains=self._chains,
            ledger=Ledger(self.database, self._metrics),
            metrics=self._metrics,
            desk=Desk(),
            sessions=asyncio.Semaphore(self._config.max_sessions),
            admissions=asyncio.Semaphore(2 * self._config.max_sessions),
        )

    def _open_chains(self) -> None:
        """A client for each chain of the charter that has nodes in server.json."""
        for chain in self.book.charter.chains:
            if chain.id in self._config.chains and chain.id not in self._chains:
                urls, genesis = self._config.chains[chain.id], self._config.genesis.get(chain.id)
                self._chains[chain.id] = open_client(chain, urls, self._http, genesis)

    async def start(self) -> None:
        """What is durable is loaded before the first signer or client is let in."""
        await self._tally.load()
        await self._ceremonies.load()
        await self._governance.load()
        for client in self._chains.values():
            await client.check()
        await self.listener.start()
        resumed = await self.runner.resume()
        log.info("%d unfinished transactions are carried on", resumed)

    def reload(self) -> None:
        """SIGHUP: the charter file again. A file that is not its continuation changes nothing."""
        self.book.load()
        self._charter_changed()

    def _charter_changed(self) -> None:
        self._open_chains()
        self.hub.charter_changed()

    async def stop(self) -> None:
        await self.runner.stop()
        await self._ceremonies.stop()
        await self._governance.stop()
        await self.listener.stop()
        await self._http.aclose()
        await self.database.close()
