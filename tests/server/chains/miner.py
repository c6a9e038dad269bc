"""Blocks for a `Kernel` while a test runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server.chains.kernel import Kernel


@contextmanager
def miner(kernel: Kernel) -> Iterator[None]:
    """A block whenever something waits."""
    over = threading.Event()

    def mine() -> None:
        while not over.wait(0.2):
            if kernel.pool:
                kernel.mine()

    thread = threading.Thread(target=mine)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
