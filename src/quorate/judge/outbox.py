"""What goes to the server, whether or not a link is up."""

from collections.abc import Callable

from quorate.core.proto import link_pb2 as pb


class Outbox:
    """Hands messages to the link once there is one. What cannot be delivered is dropped: the server asks
    again.
    """

    def __init__(self) -> None:
        self._send: Callable[[pb.ToServer], None] | None = None

    def bind(self, send: Callable[[pb.ToServer], None]) -> None:
        self._send = send

    def __call__(self, message: pb.ToServer) -> None:
        if self._send:
            self._send(message)
