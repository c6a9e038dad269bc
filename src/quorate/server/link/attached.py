"""One attached signer: its outbox and the answers it still owes."""

import asyncio
import itertools
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.proto import link_pb2

OUTBOX_LIMIT: Final = 8192
"""Messages. A signer that does not read is let go; it dials again."""


class AttachedSigner:
    """Lives as long as the stream."""

    def __init__(self, signer: str, hello: link_pb2.Hello) -> None:
        self.id = signer
        self.hello = hello
        self.ready = hello.ready
        self.outbox: asyncio.Queue[link_pb2.ToSigner | None] = asyncio.Queue()
        self.closed = False
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[link_pb2.Answer]] = {}

    def send(self, message: link_pb2.ToSigner) -> None:
        """In order, without waiting; into the void once closed."""
        if self.closed:
            return
        if self.outbox.qsize() >= OUTBOX_LIMIT:
            self.close()
            return
        self.outbox.put_nowait(message)

    async def ask(self, request: link_pb2.Request, within: float) -> link_pb2.Answer:
        """Numbers the request, sends it, waits. Raises QuorateError signer_unreachable."""
        if self.closed:
            raise unreachable(self.id, "is not attached")
        request.id = next(self._numbers)
        future: asyncio.Future[link_pb2.Answer] = asyncio.get_running_loop().create_future()
        self._pending[request.id] = future
        self.send(link_pb2.ToSigner(request=request))
        try:
            async with asyncio.timeout(within):
                return await future
        except TimeoutError:
            raise unreachable(self.id, f"gave no answer within {within:g} s") from None
        finally:
            self._pending.pop(request.id, None)

    def answered(self, answer: link_pb2.Answer) -> None:
        """Late and unasked answers are dropped."""
        future = self._pending.get(answer.id)
        if future is not None and not future.done():
            future.set_result(answer)

    def close(self) -> None:
        """Whoever waits for an answer learns at once that none will come."""
        if self.closed:
            return
        self.closed = True
        self.outbox.put_nowait(None)
        for future in self._pending.values():
            if not future.done():
                future.set_exception(unreachable(self.id, "lost its connection"))


def unreachable(signer: str, why: str) -> QuorateError:
    return QuorateError(
        "signer_unreachable",
        f"{signer} {why}",
        "transport",
        "start the signer or mend its network",
        culprits=(signer,),
    )
