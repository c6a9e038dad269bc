"""Run a whole cluster on this machine in the foreground, until SIGINT or SIGTERM. Not for anything of
value.
"""

import signal
from pathlib import Path
from typing import Annotated, Final

import typer

from quorate.client.ceremony import files
from quorate.client.cli.output import Json, note, show
from quorate.client.dev import commands, options, report, signers
from quorate.client.dev.cluster import Cluster
from quorate.client.dev.options import Layout, Options
from quorate.core.errors import QuorateError

_FOLDER: Final = Path("quorate-dev")
Folder = Annotated[
    Path,
    typer.Option("--dir", help="Folder of the cluster. It can be used again: the same cluster comes back."),
]
Signer = Annotated[str, typer.Argument(metavar="ID", help="Signer, e.g. signer-1.")]

app: Final = typer.Typer(add_completion=False, help=__doc__, invoke_without_command=True)
signer_app: Final = typer.Typer(
    add_completion=False, help="Start, stop or kill one signer of a running dev cluster."
)
app.add_typer(signer_app, name="signer")


@app.callback()
def dev(
    context: typer.Context,
    folder: Folder = _FOLDER,
    port: Annotated[int | None, typer.Option(help="Port of the HTTP API. Default: a free one.")] = None,
    signers: Annotated[int, typer.Option(help="Signers, n.", min=2, max=9)] = 3,
    threshold: Annotated[int, typer.Option(help="Signers needed, t.", min=2)] = 2,
    evm: Annotated[str | None, typer.Option(help="Address of an EVM node.")] = None,
    bitcoin: Annotated[
        str | None,
        typer.Option(help="Address of a Bitcoin Core node; of an Esplora source with esplora+ before it."),
    ] = None,
    solana: Annotated[str | None, typer.Option(help="Address of a Solana node.")] = None,
    tron: Annotated[str | None, typer.Option(help="Address of a TRON full node's HTTP interface.")] = None,
    token: Annotated[
        list[str] | None, typer.Option(help="ID:CHAIN:CONTRACT:DECIMALS, written into the charter.")
    ] = None,
    whitelist: Annotated[
        list[str] | None, typer.Option(help="CHAIN:ADDRESS, written into the charter.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy of charter version 1 in place of the dev one.")
    ] = None,
    json_output: Json = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if threshold > signers:
        raise QuorateError("threshold", "the threshold is at most the number of signers")
    tokens = tuple(options.token(text) for text in token or ())
    entries = tuple(options.whitelisted(text) for text in whitelist or ())
    _serve(
        Cluster(
            Options(
                folder, port, signers, threshold, evm, tokens, entries, policy,
                tron=tron, bitcoin=bitcoin, solana=solana,
            )
        )
    )  # fmt: skip


def _serve(cluster: Cluster) -> None:
    """Runs the cluster until a signal comes; whatever ends it, every process of it is ended. A shell that
    starts it in the background has it ignore SIGINT unless it says otherwise.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        cluster.prepare()
        cluster.start()
        document = report.build(cluster.layout, cluster.charter(), cluster.ready())
        files.write_json(cluster.layout.dev_json, document)
        show(document, files.read(cluster.layout.dev_json).decode().rstrip())
        note("serving; end with Ctrl-C")
        while True:
            commands.reap()
            signal.sigtimedwait([signal.SIGCHLD], 1)
    except KeyboardInterrupt:
        note("stopping")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        cluster.stop()


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@signer_app.command(help="Start a signer, and wait until it may vote.")
def start(id: Signer, folder: Folder = _FOLDER, json_output: Json = False) -> None:
    layout = _running(folder, id)
    signers.start(layout, id, str(files.read_json(layout.server / "server.ready")["link"]))
    signers.wait_until_it_votes(layout, id)
    _answer(layout, id, "runs and may vote")


@signer_app.command(help="Stop a signer.")
def stop(id: Signer, folder: Folder = _FOLDER, json_output: Json = False) -> None:
    layout = _running(folder, id)
    signers.stop(layout, id)
    _answer(layout, id, "stopped")


@signer_app.command(help="End a signer's judge and keeper with SIGKILL.")
def kill(id: Signer, folder: Folder = _FOLDER, json_output: Json = False) -> None:
    layout = _running(folder, id)
    signers.stop(layout, id, kill=True)
    _answer(layout, id, "killed")


def _running(folder: Path, id: str) -> Layout:
    layout = Layout(folder.resolve())
    if id not in (signer["id"] for signer in options.dev_json(layout)["signers"]):
        raise QuorateError("no_such_signer", f"the cluster in {folder} has no signer {id}")
    return layout


def _answer(layout: Layout, id: str, words: str) -> None:
    show(report.update(layout, id), f"{id} {words}")
