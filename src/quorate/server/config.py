"""DIR/server.json: where to listen, which chain nodes to ask. Nothing in it can make anyone sign."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from quorate.core.errors import QuorateError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Port 0 takes a free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a signer has for each step before another set is tried. `attach`: how long a new request waits
    for signers to come back, before it is turned away. `sources`: to vote where it asks sources first."""

    attach: float = 3.0
    admit: float = 3.0
    open: float = 1.0
    release: float = 2.0
    order: float = 120.0
    sources: float = 30.0


@dataclass(frozen=True, slots=True)
class Config:
    """`chains`: chain id -> URLs of its sources in order of preference. `genesis`: chain id -> genesis hash,
    for networks of one's own, as their nodes write it. `confirmations`: blocks until COMPLETED, at least 1.
    `max_sessions` bounds the signing sessions in flight, so that a burst queues here and not against the
    signers' time-outs.
    """

    directory: Path
    http: Endpoint
    link: Endpoint
    database: str
    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confirmations: Mapping[str, int] = field(default_factory=dict)
    genesis: Mapping[str, str] = field(default_factory=dict)
    public_url: str | None = None
    max_sessions: int = 16
    timeouts: Timeouts = field(default_factory=Timeouts)


MEMBERS = {"http", "link", "chains", "genesis", "database", "public_url", "confirmations", "max_sessions"}


def load(directory: Path) -> Config:
    """Reads DIR/server.json. Raises QuorateError server_config."""
    path = directory / "server.json"
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as failure:
        raise _bad(f"cannot read {path}: {failure}") from None
    if not isinstance(document, dict):
        raise _bad("server.json holds a JSON object")
    if unknown := sorted(set(document) - MEMBERS):
        raise _bad(f"unknown member {unknown[0]}")
    return Config(
        directory=directory,
        http=_endpoint(document.get("http"), "http"),
        link=_endpoint(document.get("link"), "link"),
        database=_text(document.get("database", f"sqlite:///{directory / 'server.sqlite'}"), "database"),
        chains={
            chain: _urls(urls, chain) for chain, urls in _object(document.get("chains", {}), "chains").items()
        },
        confirmations={
            chain: _positive(count, f"confirmations.{chain}")
            for chain, count in _object(document.get("confirmations", {}), "confirmations").items()
        },
        genesis={
            chain: _text(hash, f"genesis.{chain}")
            for chain, hash in _object(document.get("genesis", {}), "genesis").items()
        },
        public_url=None
        if document.get("public_url") is None
        else _text(document["public_url"], "public_url"),
        max_sessions=_positive(document.get("max_sessions", 16), "max_sessions"),
    )


def _endpoint(value: object, where: str) -> Endpoint:
    fields = _object(value, where)
    if set(fields) != {"host", "port"}:
        raise _bad(f"{where} has exactly the members host and port")
    port = fields["port"]
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise _bad(f"{where}.port is 0..65535")
    return Endpoint(_text(fields["host"], f"{where}.host"), port)


def _urls(value: object, chain: str) -> tuple[str, ...]:
    urls = [value] if isinstance(value, str) else value
    if not isinstance(urls, list) or not urls:
        raise _bad(f"chains.{chain} is a URL or a list of URLs")
    return tuple(_text(url, f"chains.{chain}") for url in urls)


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _bad(f"{where} is an object")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _bad(f"{where} is text")
    return value


def _positive(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _bad(f"{where} is an integer of at least 1")
    return value


def _bad(message: str) -> QuorateError:
    return QuorateError("server_config", message, "caller", "see docs/ops/install.md for server.json")
