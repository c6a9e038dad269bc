"""Give a charter to a signer, through its own socket, or to a server, through its folder.

A signer takes version 1 only by the hash that its operator enters: compare it with the administrators over
another channel.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, files, judge
from quorate.client.cli.output import Json, hex_hash, show
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter


def command(
    charter_file: Annotated[Path, typer.Argument(metavar="CHARTER", help="The charter file.")],
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the signer (running) or of the server.")],
    hash: Annotated[
        str | None, typer.Option("--hash", help="Hash of version 1, as its administrators told you.")
    ] = None,
    json_output: Json = False,
) -> None:
    newest = documents.read_verified(charter_file)[-1]
    if (folder / "server.json").exists():
        _to_server(charter_file, folder)
        where = "server"
    elif (folder / "signer.json").exists():
        _to_signer(charter_file, folder, hash)
        where = str(files.read_json(folder / "signer.json")["id"])
    else:
        raise QuorateError("no_such_part", f"{folder} holds neither a signer nor a server")
    _report(newest, where)


def _to_signer(charter_file: Path, folder: Path, hash: str | None) -> None:
    if hash is None and judge.ask(folder, {"do": "status"})["charter_version"] == 0:
        if not sys.stdin.isatty():
            raise QuorateError(
                "hash_needed",
                "this signer has no charter yet",
                "caller",
                "give --hash, as the administrators told you",
            )
        hash = typer.prompt("hash of charter version 1, as the administrators told you", err=True)
    root = hex_hash(hash, "--hash").hex() if hash else None
    chain = [documents.charter_entry(document) for document in documents.read_chain(charter_file)]
    judge.ask(folder, {"do": "activate", "chain": chain, "hash": root})


def _to_server(charter_file: Path, folder: Path) -> None:
    """The server only reads the file: it holds no authority, so nobody needs to enter a hash here.

    Raises QuorateError charter_fork for the charter of another cluster, or an older one.
    """
    path = folder / "charter.json"
    if path.exists():
        here, new = documents.read_chain(path), documents.read_chain(charter_file)
        if [document.body for document in new[: len(here)]] != [document.body for document in here]:
            raise QuorateError(
                "charter_fork",
                "the file does not continue the charter in force at this server",
                "caller",
                "is it of this cluster, and the newest version?",
            )
    files.write(path, files.read(charter_file))
    ready = folder / "server.ready"
    if ready.exists():
        try:
            os.kill(int(files.read_json(ready)["pid"]), signal.SIGHUP)
        except ProcessLookupError:
            ready.unlink()


def _report(charter: Charter, where: str) -> None:
    show(
        {"where": where, "version": charter.version, "hash": charter.hash.hex()},
        f"{where}: charter version {charter.version} is in force",
        f"  hash  {charter.hash.hex()}",
    )
