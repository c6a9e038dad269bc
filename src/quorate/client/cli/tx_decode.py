"""Decode transaction bytes into effects and digests, as every signer does before it votes."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from quorate.client.ceremony import files
from quorate.client.cli.output import Json, show
from quorate.core.chains.evm.report import report
from quorate.core.errors import QuorateError

_FORMATS: Final[dict[str, Callable[[bytes], dict[str, Any]]]] = {"evm-tx": report}


def command(
    format: Annotated[str, typer.Option(help="Format of the bytes: evm-tx.")],
    hex_text: Annotated[
        str | None, typer.Option("--hex", metavar="H", help="The bytes in hexadecimal.")
    ] = None,
    base64_text: Annotated[
        str | None, typer.Option("--base64", metavar="B", help="The bytes in base64.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="F", help="File with the bytes in hexadecimal.")
    ] = None,
    context: Annotated[
        Path | None, typer.Option(metavar="CTX.json", help="Context of the bytes, with `chain`.")
    ] = None,
    json_output: Json = False,
) -> None:
    if format not in _FORMATS:
        raise QuorateError(
            "format", f"{format} is not supported yet", "caller", f"one of: {', '.join(_FORMATS)}"
        )
    document = _FORMATS[format](_bytes(hex_text, base64_text, file))
    if context is not None:
        _same_chain(files.read_json(context), document)
    show(
        document,
        f"{format} on chain {document['chain']['chain_id']}{', blind: refused' if document['blind'] else ''}",
        *(f"  {_words(effect)}" for effect in document["effects"]),
        *(f"  {digest['algorithm']}  {digest['value']}" for digest in document["digests"]),
    )


def _bytes(hex_text: str | None, base64_text: str | None, file: Path | None) -> bytes:
    given = [value for value in (hex_text, base64_text, file) if value is not None]
    if len(given) != 1:
        raise QuorateError("usage", "give exactly one of --hex, --base64 and --file")
    try:
        if base64_text is not None:
            return base64.b64decode(base64_text, validate=True)
        text = hex_text if hex_text is not None else files.read(file or Path()).decode().strip()
        return bytes.fromhex(text.removeprefix("0x"))
    except (ValueError, binascii.Error):
        raise QuorateError("malformed_bytes", "these are no bytes in the encoding that was named") from None


def _same_chain(context: dict[str, Any], document: dict[str, Any]) -> None:
    expected = str(context.get("chain", {}).get("chain_id", document["chain"]["chain_id"]))
    if expected != document["chain"]["chain_id"]:
        raise QuorateError(
            "chain", f"the bytes are for chain {document['chain']['chain_id']}, not {expected}"
        )


def _words(effect: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in effect.items())
