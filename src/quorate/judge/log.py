"""This signer's Merkle log: leaves in the transaction of what they record, checkpoints by the keeper, tiles
in DIR/audit.

A leaf is durable with the thing it tells of. Twice a second, and at shutdown, the keeper signs the head with
a proof that it continues the last one; then the tiles are written, and after them the checkpoint that covers
them. While that fails nothing is signed.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from quorate.core import faults
from quorate.core.audit import merkle, tiles
from quorate.core.audit.events import EVENTS, Event
from quorate.core.audit.merkle import CompactTree
from quorate.core.errors import QuorateError
from quorate.core.proto import keeper_pb2 as pb
from quorate.judge.clock import Clock
from quorate.judge.durable_files import remove_files, write_files
from quorate.judge.journal import Journal
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store

EVERY: Final = 0.5
"""Seconds between checkpoints while the log grows."""
WRITTEN: Final = "log_written"


class Log:
    """`append` works from the start; `attach` gives it the keeper, and `run` keeps checkpoints coming."""

    def __init__(
        self, state: SignerState, store: Store, folder: Path, clock: Clock, journal: Journal
    ) -> None:
        self._state = state
        self._store = store
        self._folder = folder
        self._clock = clock
        self._journal = journal
        self._keeper: KeeperClient | None = None
        self._size = store.leaves.size()
        self._counts = dict.fromkeys(EVENTS, 0)
        self._tree = CompactTree()
        self._problem = ""
        self._busy = asyncio.Lock()
        store.db.rollback_hooks.append(self._remember_size)

    @property
    def problem(self) -> str:
        """Why the log cannot be written; empty while it can."""
        return self._problem

    @property
    def size(self) -> int:
        return self._size

    @property
    def counts(self) -> Mapping[str, int]:
        """Leaves since the start, by event."""
        return self._counts

    @property
    def written(self) -> int:
        """Leaves under the last checkpoint that is on disk."""
        return self._store.facts.integer(WRITTEN)

    def append(self, event: str, data: Mapping[str, object], time_ms: int, cluster: str = "") -> None:
        """Adds a leaf in the current unit. Before a charter is in force there is no cluster to log for, and
        nothing to log.
        """
        charter = self._state.charter
        cluster = cluster or (charter.cluster if charter else "")
        if not cluster:
            return
        leaf = Event(cluster, self._state.id, self._size, time_ms, event, data).to_leaf()
        self._store.leaves.append(self._size, merkle.leaf_hash(leaf), leaf)
        self._size += 1
        self._counts[event] += 1

    def attach(self, keeper: KeeperClient, signed_size: int, signed_root: bytes) -> None:
        """Takes up where the keeper last signed. Raises log_rolled_back when that is not in this signer's
        log.
        """
        tree = CompactTree.restore(signed_size, self._node) if signed_size <= self._size else None
        if tree is None or (signed_size and tree.root() != signed_root):
            raise QuorateError(
                "log_rolled_back",
                f"the keeper signed a log of {signed_size} leaves that is not the one on file ({self._size})",
                "storage",
                "the database was restored from an older copy; do not start this signer on it",
            )
        self._tree = tree
        self._keeper = keeper

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.checkpoint()

    async def checkpoint(self) -> None:
        """Signs and writes what was logged since the last time. Failures are kept in `problem` and tried
        again.
        """
        async with self._busy:
            if self._keeper is None or (self._size == self.written and not self._problem):
                await self._store.db.durable()
                return
            try:
                await self._sign_and_write(self._keeper)
            except (OSError, QuorateError) as failure:
                self._failed(failure)
            else:
                self._works_again()

    async def _sign_and_write(self, keeper: KeeperClient) -> None:
        size = self._grow()
        await self._store.db.durable()
        faults.point("judge.log.before_checkpoint")
        request = pb.Checkpoint(size=size, root=self._tree.root(), consistency=self._tree.consistency())
        note = (await keeper.ask(pb.ToKeeper(checkpoint=request))).checkpoint_note.note
        self._tree.mark()
        faults.point("judge.log.checkpoint_signed")
        await self._write(size, note)
        with self._store.db.unit():
            self._store.facts.raise_to(WRITTEN, size)

    async def _write(self, size: int, note: str) -> None:
        written = self.written
        files = tiles.changed_files(written, size, self._store.leaves.data, self._node)
        in_thread: Callable[..., asyncio.Future[None]] = partial(
            asyncio.get_running_loop().run_in_executor, None
        )
        await in_thread(write_files, self._folder, files)
        faults.point("judge.log.tiles_written")
        await in_thread(write_files, self._folder, {tiles.CHECKPOINT: note.encode()})
        faults.point("judge.log.checkpoint_written")
        await in_thread(remove_files, self._folder, tiles.superseded_files(written, size))
        faults.point("judge.log.superseded_removed")

    def _grow(self) -> int:
        """Takes the new leaves into the tree, and the subtrees they complete into the database. Returns the
        size.
        """
        size = self._size
        for leaf_hash in self._store.leaves.hashes(self._tree.size, size):
            self._tree.append(leaf_hash)
        with self._store.db.unit():
            for level in tiles.levels_of(size)[1:]:
                self._add_subtrees(level, size >> (tiles.HEIGHT * level))
        return size

    def _add_subtrees(self, level: int, complete: int) -> None:
        have = self._store.leaves.subtree_count(level)
        below = tiles.HEIGHT * (level - 1)
        for number in range(have, complete):
            first = number * tiles.WIDTH
            root = merkle.root(self._node(below, index) for index in range(first, first + tiles.WIDTH))
            self._store.leaves.add_subtrees(level, number, (root,))

    def _node(self, level: int, index: int) -> bytes:
        """A complete subtree, hashed from the stored level below it: at most 128 hashes."""
        stored, above = divmod(level, tiles.HEIGHT)
        first, end = index << above, (index + 1) << above
        leaves = self._store.leaves
        return merkle.root(leaves.subtrees(stored, first, end) if stored else leaves.hashes(first, end))

    def _failed(self, failure: OSError | QuorateError) -> None:
        message = str(failure)[:500]
        if message != self._problem:
            self._journal("log_unwritable", detail=message)
            with self._store.db.unit():
                self.append("checkpoint_failed", {"message": message}, self._clock())
        self._problem = message

    def _works_again(self) -> None:
        if self._problem:
            self._journal("log_writable")
        self._problem = ""

    def _remember_size(self) -> Callable[[], None]:
        size, counts = self._size, dict(self._counts)

        def restore() -> None:
            self._size, self._counts = size, counts

        return restore
