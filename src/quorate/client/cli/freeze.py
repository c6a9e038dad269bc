"""Stop signing at once, with one administrator's SSH key: everything, or one account, asset, key or user. It
takes effect at every signer that receives it, through the server or through the signer's own socket, and only
an order of a quorum lifts it.
"""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import alone, documents, freezes, http
from quorate.client.cli.output import Exit, Json, show
from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.charter.chain import document_json
from quorate.core.model.freeze import SCOPES, Freeze


def command(
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter in force.")],
    key: Annotated[Path | None, typer.Option(help="SSH key of an administrator.")] = None,
    scope: Annotated[str, typer.Option(help=f"What stops: {', '.join(SCOPES)}.")] = "workspace",
    subject: Annotated[
        str | None, typer.Option(help="Which account, asset, key or user; nothing for the workspace.")
    ] = None,
    server: Annotated[str | None, typer.Option(help="Address of the server.")] = None,
    signer: Annotated[
        list[Path] | None, typer.Option(help="Folder of a running signer: past the server. May be repeated.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Keep the signed freeze here, or send the one that is here.")
    ] = None,
    json_output: Json = False,
) -> None:
    charter = documents.read_verified(charter_file)[-1]
    document = alone.signed(
        "freeze", labels.FREEZE, charter, key, file, lambda id: _new(charter, scope, subject, id)
    )
    freeze = Freeze.from_bytes(document.body)
    if signer:
        answers = alone.to_signers("freeze", document, signer)
        _report(charter, freeze, {"signers": [str(folder) for folder in signer], "answers": answers})
    elif server is not None or file is None:
        _through(server or http.LOCAL, charter, document, freeze)
    else:
        show({"file": str(file), **document_json(document, "freeze")}, f"freeze of {freeze.words} in {file}")


def _new(charter: Charter, scope: str, subject: str | None, by: str) -> bytes:
    """Raises QuorateError: freeze_shape, no_such_subject, and the codes of the form."""
    freeze = Freeze(charter.cluster, secrets.token_hex(16), scope, subject, by, int(time.time()))
    body = Freeze.from_bytes(freeze.to_bytes()).to_bytes()
    look_up = {"asset": charter.asset, "key": charter.key, "user": charter.user}.get(scope)
    if look_up is not None and look_up(subject or "") is None:
        raise QuorateError("no_such_subject", f"the charter names no {scope} {subject}")
    return body


def _through(server: str, charter: Charter, document: SignedDocument, freeze: Freeze) -> None:
    """Exit code 3 while fewer than n - t + 1 signers have acknowledged it."""
    answer = http.call(server, "/quorate/v1/freezes", document_json(document, "freeze"))
    state = http.call(server, "/quorate/v1/freezes")
    known = freezes.known_to(state)
    proven = freezes.acknowledging(charter, known, list(state["acknowledgements"].values()))
    effective = known.holds(freeze) and len(proven) >= freezes.needed(charter)
    found = {"acknowledged": proven, "effective": effective, "unconfirmed": answer["unconfirmed"]}
    _report(charter, freeze, {"server": server, **found, "refusals": answer["refusals"]})
    if not effective:
        raise typer.Exit(Exit.NOT_NOW)


def _report(charter: Charter, freeze: Freeze, found: Mapping[str, Any]) -> None:
    document = {"freeze": freeze.to_json(), "needed": freezes.needed(charter), **found}
    show(
        document,
        f"frozen: {freeze.words}, by {freeze.by}",
        f"  id            {freeze.id}",
        *_who(charter, found),
        *_unconfirmed(found.get("unconfirmed", [])),
        f"  lift it with  quorate order sign ORDER --unfreeze {freeze.id}, by "
        f"{charter.administrator_quorum} administrators",
    )


def _who(charter: Charter, found: Mapping[str, Any]) -> list[str]:
    if "signers" in found:
        return [f"  in force at   {', '.join(found['signers'])}"]
    names = ", ".join(found["acknowledged"]) or "nobody yet"
    state = "effective" if found["effective"] else "NOT EFFECTIVE YET"
    return [f"  acknowledged  {names}; {freezes.needed(charter)} needed: {state}"]


def _unconfirmed(rows: list[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return []
    return [
        "  signed, or on the way to it, and not confirmed: a freeze cannot recall these",
        *(f"    {row['id']}  {row['status']}  {_hashes(row)}" for row in rows),
        "    POST /v1/transactions/ID/drop takes one back (EVM, Bitcoin) unless its account or key is frozen",
    ]


def _hashes(row: Mapping[str, Any]) -> str:
    """Of several versions one at most is mined; which, the chain decides."""
    return " or ".join((row["transaction_hash"] or "no hash yet", *row.get("other_hashes", ())))
