"""Approve or reject one request, after looking at it with your own tool.

The request is derived again from the requester's bytes and token, the bytes are decoded here, and both are
shown in plain words. Nothing is signed when bytes and request disagree; a rejection can always be signed.
"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.approver import agree, signing, words
from quorate.client.approver.asked import Asked, fetch
from quorate.client.approver.warnings import warnings
from quorate.client.ceremony import documents, judge
from quorate.client.cli.output import Json, Server, Verdict, hex_hash, note, show
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Approver, Charter
from quorate.core.model.statement import APPROVE, MAX_LIFETIME, REJECT, to_json


def command(
    intent_hash: Annotated[str, typer.Argument(metavar="INTENT_HASH", help="The request's intent hash.")],
    server: Server,
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter file, which you trust.")],
    key: Annotated[
        Path, typer.Option(help="Your SSH key: a file, or a .pub whose other half an agent holds.")
    ],
    reject: Annotated[bool, typer.Option("--reject", help="Reject it: one rejection is final.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before signing.")] = False,
    signer: Annotated[
        list[Path] | None,
        typer.Option("--signer", metavar="DIR", help="Also hand a rejection to a signer's own socket."),
    ] = None,
    json_output: Json = False,
) -> None:
    wanted = hex_hash(intent_hash, "INTENT_HASH")
    charters = documents.read_verified(charter_file)
    approver = signing.approver_of(key, charters[-1])
    now = int(time.time())
    asked, seen = _look(server, charters, wanted, now, reject)
    for line in seen["shown"] if not yes else ():
        note(line)
    verdict = REJECT if reject else APPROVE
    if not yes and not typer.confirm(f"{verdict} it as {approver.id}?", err=True):
        show({"intent_hash": wanted.hex(), "outcome": "not_signed"}, "nothing was signed")
        raise Verdict
    answer = _sign(server, charters[-1], wanted, approver, key, verdict, asked, now, signer or [])
    _tell(answer, seen, approver, verdict)


def _look(
    server: str, charters: tuple[Charter, ...], wanted: bytes, now: int, reject: bool
) -> tuple[Asked | None, dict[str, Any]]:
    """The request and what is to be shown of it. For a rejection what cannot be derived is only told: a
    server that shows nonsense must not keep anybody from rejecting.
    """
    try:
        asked = fetch(server, charters, wanted, now)
        effects = agree.decoded(asked)
    except QuorateError as error:
        if not reject:
            raise
        told = f"the request could not be looked at: {error.code}: {error.message}"
        return None, {"shown": [f"intent      {wanted.hex()}", f"WARNING  {told}"], "warnings": [told]}
    shown = words.lines(asked, effects)
    return asked, {"shown": shown, "effects": effects, "warnings": warnings(asked, effects)}


def _sign(
    server: str,
    charter: Charter,
    wanted: bytes,
    approver: Approver,
    key: Path,
    verdict: str,
    asked: Asked | None,
    now: int,
    signers: list[Path],
) -> dict[str, Any]:
    round = signing.next_round(asked.said if asked else (), approver.id)
    until = asked.intent.expires_at if asked else now + MAX_LIFETIME
    signed = signing.sign(charter, wanted, approver, key, verdict, round=round, now=now, until=until)
    for folder in signers if verdict == REJECT else ():
        judge.ask(folder, {"do": "reject", **to_json(signed)})
        note(f"handed to the signer in {folder}")
    return {**signing.post(server, signed), **to_json(signed)}


def _tell(answer: dict[str, Any], seen: dict[str, Any], approver: Approver, verdict: str) -> None:
    missing = [str(line) for line in answer.get("approvals_missing", ())]
    show(
        {"approver": approver.id, "verdict": verdict, **answer, **seen},
        f"{approver.id} signed: {verdict}",
        f"  the request is {answer.get('status')}",
        *(f"  still missing: {line}" for line in missing),
    )
