"""Where a signer's files lie, and what its signer.json says."""

import json
from dataclasses import dataclass
from pathlib import Path

from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.judge.metrics.door import Place, place_of


@dataclass(frozen=True, slots=True)
class Config:
    """`server` is host:port of the link; `metrics` where figures are served, None for nowhere."""

    directory: Path
    id: str
    server: str
    metrics: Place | None = None

    @property
    def database(self) -> Path:
        return self.directory / "judge.sqlite"

    @property
    def audit(self) -> Path:
        return self.directory / "audit"

    @property
    def socket(self) -> Path:
        return self.directory / "judge.sock"


def read_config(directory: Path, server: str | None) -> Config:
    """Raises QuorateError config."""
    path = directory / "signer.json"
    try:
        content = json.loads(path.read_text())
        signer = members.identifier(content["id"], "signer.json: id")
        address = members.text(server or content["server"], "signer.json: server")
    except (OSError, ValueError, KeyError, TypeError, QuorateError) as error:
        raise QuorateError(
            "config", f"{path} cannot be read: {error}", "caller", "run: quorate signer init"
        ) from None
    return Config(directory, signer, address, place_of(content.get("metrics"), str(path)))
