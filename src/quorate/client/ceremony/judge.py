"""A signer's own socket, DIR/judge.sock: one JSON line asked, one JSON line answered. It works when the
server withholds.
"""

import json
import socket
from pathlib import Path
from typing import Any

from quorate.core.errors import QuorateError


def ask(folder: Path, question: dict[str, Any], *, timeout: float = 30) -> dict[str, Any]:
    """The judge's answer.

    Raises QuorateError signer_down when nobody listens; the judge's own error otherwise.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(folder / "judge.sock"))
            connection.sendall(json.dumps(question).encode() + b"\n")
            with connection.makefile("rb") as lines:
                line = lines.readline()
        except OSError as error:
            raise QuorateError(
                "signer_down",
                f"{folder / 'judge.sock'}: {error.strerror or error}",
                "state",
                "start it: quorate signer run",
            ) from None
    if not line:
        raise QuorateError(
            "signer_down", "the signer closed its socket without an answer", "state", "see its log"
        )
    answer = json.loads(line)
    if "error" in answer:
        refusal = answer["error"]
        raise QuorateError(
            refusal["code"], refusal["message"], refusal.get("whose", "state"), refusal.get("hint", "")
        )
    return dict(answer)
