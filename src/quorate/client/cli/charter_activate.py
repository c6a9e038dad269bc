"""Give a charter to a signer, through its own socket; to a server, through its folder; or, a later version,
through a running server to all signers.

A signer takes version 1 only by the hash that its operator enters: compare it with the administrators over
another channel. A version that loosens waits at each signer for the timelock of the version before.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import documents, files, http, judge
from quorate.client.cli.output import Json, hex_hash, show
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter


def command(
    charter_file: Annotated[Path, typer.Argument(metavar="CHARTER", help="The charter file.")],
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder of the signer (running) or of the server.")
    ] = None,
    server: Annotated[str | None, typer.Option(help="Address of the server, to reach all signers.")] = None,
    hash: Annotated[
        str | None, typer.Option("--hash", help="Hash of version 1, as its administrators told you.")
    ] = None,
    json_output: Json = False,
) -> None:
    newest = documents.read_verified(charter_file)[-1]
    if (folder is None) == (server is None):
        raise QuorateError("where", "give either --dir or --server")
    if server is not None:
        _through(server, charter_file, newest)
    elif folder is not None and (folder / "server.json").exists():
        _to_server(charter_file, folder)
        _report(newest, "server", [])
    elif folder is not None and (folder / "signer.json").exists():
        pending = _to_signer(charter_file, folder, hash)
        _report(newest, str(files.read_json(folder / "signer.json")["id"]), pending)
    else:
        raise QuorateError("no_such_part", f"{folder} holds neither a signer nor a server")


def _to_signer(charter_file: Path, folder: Path, hash: str | None) -> list[dict[str, Any]]:
    """The versions that wait there now."""
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
    return list(judge.ask(folder, {"do": "activate", "chain": chain, "hash": root})["pending"])


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


def _through(server: str, charter_file: Path, newest: Charter) -> None:
    """Sends what the server does not have; it carries that to every signer."""
    here = http.call(server, "/quorate/v1/charters")
    chain = [documents.charter_entry(document) for document in documents.read_chain(charter_file)]
    answer = http.call(server, "/quorate/v1/charters", {"versions": chain[int(here["version"]) :]})
    waits = [proposal for proposal in answer["proposals"] if proposal["hash"] == newest.hash.hex()]
    if not waits and (answer["version"], answer["hash"]) != (newest.version, newest.hash.hex()):
        raise QuorateError(
            "charter_fork", "another version is in force at this server", "caller", "is it of this cluster?"
        )
    dates = [
        f"  {signer} waits until {_date(state['due_ms'])}{', vetoed' if state['vetoed'] else ''}"
        for proposal in waits
        for signer, state in proposal["waiting_at"].items()
    ]
    there = [f"  in force at {', '.join(proposal['in_force_at']) or 'no signer yet'}" for proposal in waits]
    word = "is on its way" if waits else "is in force"
    show(
        {"where": server, "version": newest.version, "hash": newest.hash.hex(), "state": answer},
        f"charter version {newest.version} {word}",
        f"  hash  {newest.hash.hex()}",
        *there,
        *dates,
    )


def _report(charter: Charter, where: str, pending: list[dict[str, Any]]) -> None:
    mine = next((each for each in pending if each["hash"] == charter.hash.hex()), None)
    word = "is in force" if mine is None else f"waits until {_date(mine['due_ms'])}"
    about = {"where": where, "version": charter.version, "hash": charter.hash.hex()}
    show(
        {**about, "in_force": mine is None, "pending": pending},
        f"{where}: charter version {charter.version} {word}",
        f"  hash  {charter.hash.hex()}",
    )


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
