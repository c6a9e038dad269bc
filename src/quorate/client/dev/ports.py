"""Free ports of this machine. Another program may take one in between: the daemon that finds it taken says
so.
"""

import socket


def free() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def this_or_free(port: int) -> int:
    """`port` when it is free, another one otherwise."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return free()
        return int(probe.getsockname()[1])
