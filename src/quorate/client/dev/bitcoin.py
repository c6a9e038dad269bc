"""Which Bitcoin network a source is of: asked once, at the first start of a dev cluster."""

import base64
import json
import urllib.request
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from quorate.core.chains.bitcoin.networks import CHAINS, NETWORKS
from quorate.core.errors import QuorateError
from quorate.core.model.members import is_hex

ESPLORA: Final = "esplora+"
"""Prefix of the URL of an Esplora source; a source without it is a Bitcoin Core node."""
DEFAULT: Final = "bitcoin:regtest"
_LONGEST: Final = 4096


def chain_of(url: str) -> tuple[str, str | None]:
    """The charter's name of the chain, and its genesis where that is none of the known ones.

    Raises QuorateError: unreachable, chain. No chain is put into a charter on a guess.
    """
    try:
        genesis = _genesis(url)
    except OSError as error:
        raise QuorateError(
            "unreachable", f"{_shown(url)} does not answer: {error}", "transport", "is the node running?"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise QuorateError(
            "chain", f"{_shown(url)} does not tell the hash of its block 0", "transport"
        ) from None
    known = next((name for name in CHAINS if NETWORKS[name].genesis == genesis), None)
    return (f"bitcoin:{known}", None) if known else (DEFAULT, genesis)


def _shown(url: str) -> str:
    """Without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _genesis(url: str) -> str:
    """Raises OSError, ValueError, KeyError, TypeError for anything but a hash."""
    if url.startswith(ESPLORA):
        text = _ask(url.removeprefix(ESPLORA).rstrip("/") + "/block-height/0", None).decode().strip()
    else:
        call = {"jsonrpc": "2.0", "id": 1, "method": "getblockhash", "params": [0]}
        text = json.loads(_ask(url, json.dumps(call).encode()))["result"]
    if not isinstance(text, str) or not is_hex(text, 32):
        raise ValueError("no block hash")
    return text


def _ask(url: str, body: bytes | None) -> bytes:
    """User and password of the URL go into the header that nodes expect them in."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{parts.scheme} is not asked")
    request = urllib.request.Request(_shown(url), data=body)  # noqa: S310 - the scheme is checked above
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return bytes(answer.read(_LONGEST))
