"""Make a signer's keys inside the keeper, its link key, and DIR/enrolment.json: what `charter new --signer`
takes.

The passphrase of the seal goes into the Rust program, from the terminal or from --passphrase-fd, never
through this one.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import files, keeper, link
from quorate.client.cli.output import Json, note, show
from quorate.core.errors import QuorateError
from quorate.core.model.members import identifier


def command(
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the signer.")],
    id: Annotated[str, typer.Option("--id", help="Name of the signer in the charter, e.g. signer-1.")],
    server: Annotated[str, typer.Option(help="HOST:PORT of the server's link.")],
    seal: Annotated[
        str, typer.Option(help="What unlocks the signer: passphrase, or key-file (dev charters only).")
    ] = "passphrase",
    mode: Annotated[
        str | None,
        typer.Option(help="Charters it will accept: production, or dev. Default: dev with a key file only."),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="Key file of the dev seal. Default: DIR/seal.key")
    ] = None,
    passphrase_fd: Annotated[
        int | None, typer.Option(help="File descriptor to read the passphrase from.")
    ] = None,
    judge_user: Annotated[
        str | None, typer.Option(help="User that will own DIR and run the judge (needs root).")
    ] = None,
    keeper_user: Annotated[
        str | None, typer.Option(help="User that will run the keeper (needs root).")
    ] = None,
    json_output: Json = False,
) -> None:
    identifier(id, "--id")
    if seal not in ("passphrase", "key-file"):
        raise QuorateError("seal", f"{seal} is neither passphrase nor key-file")
    files.make_folder(folder)
    if (folder / "signer.json").exists():
        raise QuorateError(
            "file_exists", f"{folder} holds a signer already", "caller", "choose another --dir"
        )
    sealed_by = (key_file or folder / "seal.key").resolve() if seal == "key-file" else None
    if keeper_user and sealed_by and sealed_by.is_relative_to(folder.resolve()):
        hint = "give --key-file, in a folder that only the keeper's user can read"
        raise QuorateError("key_file", "the judge must not be able to read the key file", "caller", hint)
    options = ["--seal", seal, *(("--mode", mode) if mode else ()), *keeper.unlock(sealed_by, passphrase_fd)]
    identity = _make_identity(id, options, passphrase_fd, keeper_user)
    certificate = link.make(folder, id)
    configuration = {
        "id": id,
        "server": server,
        "seal": seal,
        "key_file": str(sealed_by) if sealed_by else None,
    }
    files.write_json(folder / "signer.json", configuration)
    _store_blobs(folder, identity)
    enrolment = {
        "id": id,
        **{name: identity[name] for name in ("vote_key", "log_key", "envelope_key")},
        "link_certificate": certificate,
    }
    files.write_json(folder / "enrolment.json", enrolment)
    if judge_user:
        keeper.give(folder, judge_user)
    fingerprint = link.fingerprint(certificate)
    show(
        {**enrolment, "fingerprint": fingerprint, "enrolment": str(folder / "enrolment.json")},
        f"signer {id} in {folder}",
        f"  vote key          {enrolment['vote_key']}",
        f"  log key           {enrolment['log_key']}",
        f"  envelope key      {enrolment['envelope_key']}",
        f"  link certificate  {fingerprint}",
        f"  next: quorate charter new --signer {folder / 'enrolment.json'} ...",
    )


def _make_identity(
    id: str, options: list[str], passphrase_fd: int | None, user: str | None
) -> dict[str, Any]:
    """What the keeper printed: its public keys and the sealed blobs."""
    inherited = () if passphrase_fd is None else (passphrase_fd,)
    done = subprocess.run(
        [keeper.program(), "init", "--signer", id, *options],
        check=False,
        stdout=subprocess.PIPE,
        pass_fds=inherited,
        **keeper.as_user(user),
    )
    if done.returncode:
        raise QuorateError(
            "keeper_init",
            f"the keeper ended with {done.returncode}",
            "caller",
            "its own message stands above",
        )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _store_blobs(folder: Path, identity: dict[str, Any]) -> None:
    """Hands the sealed blobs to the judge's store; the judge's own program writes it."""
    done = subprocess.run(
        [sys.executable, "-m", "quorate.judge.init", "--dir", str(folder)],
        check=False,
        input=json.dumps(identity).encode(),
        stderr=subprocess.PIPE,
    )
    if done.returncode:
        note(done.stderr.decode().strip())
        raise QuorateError(
            "judge_init", "the judge could not make its store", "storage", f"is {folder} writable?"
        )
