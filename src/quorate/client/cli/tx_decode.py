"""Decode transaction bytes into effects and digests, as every signer does before it votes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import files
from quorate.client.cli.output import Json, show
from quorate.core.chains.decode import DECODERS, TYPED_DATA, decode_bytes, to_bytes
from quorate.core.errors import QuorateError


def command(
    format: Annotated[str, typer.Option(help=f"Format of the bytes: {', '.join(DECODERS)}.")],
    hex_text: Annotated[
        str | None, typer.Option("--hex", metavar="H", help="The bytes in hexadecimal.")
    ] = None,
    base64_text: Annotated[
        str | None, typer.Option("--base64", metavar="B", help="The bytes in base64.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="F", help="File with the bytes as text, in the format's own encoding."),
    ] = None,
    context: Annotated[
        Path | None, typer.Option(metavar="CTX.json", help="Context of the bytes, with `chain`.")
    ] = None,
    json_output: Json = False,
) -> None:
    known = _context(context)
    decoded = decode_bytes(format, _bytes(format, hex_text, base64_text, file), known, known)
    show(
        decoded.to_json(),
        f"{format} {_words(decoded.chain)}{', blind: refused' if decoded.blind else ''}",
        *(f"  {_words(effect)}" for effect in decoded.effects),
        *(f"  {digest.algorithm}  {digest.value}" for digest in decoded.digests),
    )


def _context(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    context = files.read_json(path)
    if not isinstance(context, dict):
        raise QuorateError("context", f"{path} holds no JSON object")
    return context


def _bytes(format: str, hex_text: str | None, base64_text: str | None, file: Path | None) -> bytes:
    given = [value for value in (hex_text, base64_text, file) if value is not None]
    if len(given) != 1:
        raise QuorateError("usage", "give exactly one of --hex, --base64 and --file")
    if hex_text is not None:
        return to_bytes("hexadecimal", hex_text)
    if base64_text is not None:
        return to_bytes("bitcoin-psbt", base64_text)
    text = files.read(file or Path())
    return text if format == TYPED_DATA else to_bytes(format, text.decode(errors="replace"))


def _words(effect: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in effect.items())
