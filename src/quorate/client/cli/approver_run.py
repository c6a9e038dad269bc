"""Run a machine approver: it holds one approver's key and answers what waits, by its own rules or by asking
your HTTP handler (the co-signer callback format of the Fireblocks dialect). Without an answer it approves
nothing.
"""

import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.approver import callback, jwt, rules, signing
from quorate.client.approver.answer import Source
from quorate.client.approver.machine import Machine, journal
from quorate.client.approver.record import Record
from quorate.client.ceremony import documents
from quorate.client.cli.output import Json, Server, show
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Approver, Charter


def command(
    server: Server,
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter file, which you trust.")],
    key: Annotated[Path, typer.Option(help="The approver's SSH key, usable without a passphrase prompt.")],
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the record of what was answered.")],
    rules_file: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="Answer by this policy of your own.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--callback", metavar="URL", help="Ask URL/v2/tx_sign_request.")
    ] = None,
    callback_key: Annotated[
        Path | None, typer.Option(metavar="PEM", help="RSA private key that signs what is asked.")
    ] = None,
    handler_key: Annotated[
        Path | None, typer.Option(metavar="PEM", help="RSA public key that the handler's answers verify by.")
    ] = None,
    roots: Annotated[
        Path | None, typer.Option("--callback-roots", metavar="PEM", help="CA certificates of the handler.")
    ] = None,
    within: Annotated[
        float, typer.Option("--callback-timeout", help="Seconds for an answer.", min=0.1, max=120)
    ] = callback.WITHIN,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.1, max=60)] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Answer what waits now, then end.")] = False,
    json_output: Json = False,
) -> None:
    charters = documents.read_verified(charter_file)
    approver = signing.approver_of(key, charters[-1])
    if (rules_file is None) == (url is None):
        raise QuorateError("usage", "give --rules, or --callback with --callback-key and --handler-key")
    asking = _callback(url, callback_key, handler_key, roots, within, approver) if url else None
    with Record(folder) as record:
        source = asking or _rules(rules_file, record, charters[-1])
        machine = Machine(server, charters, approver, key, source, record)
        sent = machine.run_once() if once else _forever(machine, every)
    show({"approver": approver.id, "sent": sent}, f"{approver.id}: {sent} statements sent")


def _rules(path: Path | None, record: Record, charter: Charter) -> Source:
    return rules.Rules(rules.read(path or Path(), charter.assets), record, time.time)


def _callback(
    url: str,
    key: Path | None,
    handler_key: Path | None,
    roots: Path | None,
    within: float,
    approver: Approver,
) -> Source:
    if key is None or handler_key is None:
        raise QuorateError("usage", "--callback needs --callback-key and --handler-key")
    private, public = jwt.private_key(key), jwt.public_key(handler_key)
    return callback.Callback(callback.check(url), private, public, approver.id, roots, within)


def _forever(machine: Machine, every: float) -> int:
    """Until SIGINT or SIGTERM. A server that is away is asked again."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    journal("started", approver=machine.approver.id, server=machine.server)
    sent = 0
    try:
        while True:
            try:
                sent += machine.run_once()
            except QuorateError as error:
                journal("server", code=error.code, detail=error.message)
            time.sleep(every)
    except KeyboardInterrupt:
        journal("stopped", approver=machine.approver.id)
    return sent
