"""Exact bytes -> what they are and do, by format."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from quorate.core.chains.effects import Decoded, Digest, blind
from quorate.core.chains.evm import report
from quorate.core.errors import QuorateError

Json = Mapping[str, Any]
Decoder = Callable[[str, Json, Json], Decoded]


def decode(format: str, data: str, context: Json, item: Json) -> Decoded:
    """`data` is the value of an item's `bytes` as text; `context` is the item's context with `chain` added.

    Raises QuorateError: format (not one that is known), and what the decoder of the format raises.
    """
    if format not in DECODERS:
        known = ", ".join(DECODERS)
        raise QuorateError("format", f"{format} is not supported yet", "caller", f"one of: {known}")
    return DECODERS[format](data, context, item)


def _evm_tx(data: str, context: Json, item: Json) -> Decoded:
    document: dict[str, Any] = report.report(_hex(data))
    digests = tuple(Digest(d["algorithm"], d["value"], {}) for d in document["digests"])
    return Decoded("evm-tx", document["chain"], tuple(document["effects"]), digests)


def _raw_digest(data: str, context: Json, item: Json) -> Decoded:
    """32 bytes about which nothing is known."""
    digest = _hex(data)
    if len(digest) != 32:
        raise QuorateError("malformed_bytes", "a raw digest has 32 bytes")
    return Decoded("raw-digest", {}, (blind("raw_digest"),), (Digest("none", "0x" + digest.hex(), {}),))


def _hex(data: str) -> bytes:
    try:
        return bytes.fromhex(data.strip().removeprefix("0x"))
    except ValueError:
        raise QuorateError("malformed_bytes", "these are no bytes in hexadecimal") from None


DECODERS: Final[Mapping[str, Decoder]] = {"evm-tx": _evm_tx, "raw-digest": _raw_digest}
