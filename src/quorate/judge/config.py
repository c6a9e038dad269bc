"""Where a signer's files lie, and what its signer.json says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.judge.metrics.door import Place, place_of


@dataclass(frozen=True, slots=True)
class Config:
    """`server` is host:port of the link; `metrics` where figures are served, None for nowhere. `sources`:
    label of the charter to the URL where this signer asks that source. `genesis`: chain id to the genesis of
    a network of one's own, as its nodes write it.
    """

    directory: Path
    id: str
    server: str
    metrics: Place | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    genesis: Mapping[str, str] = field(default_factory=dict)

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
        sources, genesis = _sources(content.get("sources", {})), _texts(content.get("genesis", {}), "genesis")
    except (OSError, ValueError, KeyError, TypeError, QuorateError) as error:
        raise QuorateError(
            "config", f"{path} cannot be read: {error}", "caller", "run: quorate signer init"
        ) from None
    metrics = place_of(content.get("metrics"), str(path))
    return Config(directory, signer, address, metrics, sources, genesis)


def _sources(value: object) -> dict[str, str]:
    """Two labels for one place would make one source count twice."""
    sources = _texts(value, "sources")
    for label, url in sources.items():
        members.identifier(label, "signer.json: sources")
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        if not known or not url.isascii() or not url.isprintable() or " " in url or parts.fragment:
            raise ValueError(f"sources.{label} is an http or https URL without user and password")
        _ = parts.port  # raises ValueError
    if len({url.rstrip("/") for url in sources.values()}) != len(sources):
        raise ValueError("sources has a URL twice")
    return sources


def _texts(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is an object")
    return {name: members.text(text, f"signer.json: {where}.{name}") for name, text in value.items()}
