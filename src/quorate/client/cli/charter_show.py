"""Print the newest version of a charter for people, or the whole of it with --json. It is not verified:
see `charter verify`.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents
from quorate.client.cli.output import Json, show
from quorate.core.model.charter import Charter, parse
from quorate.core.policy import words


def command(
    charter_file: Annotated[Path, typer.Argument(metavar="CHARTER", help="The charter file.")],
    json_output: Json = False,
) -> None:
    newest = documents.read_chain(charter_file)[-1]
    charter = parse(newest.body)
    show(
        {
            "hash": charter.hash.hex(),
            "signed_by": [id for id, _ in newest.signatures],
            "charter": json.loads(newest.body),
        },
        f"cluster {charter.cluster}, {charter.mode}, version {charter.version}",
        f"  hash            {charter.hash.hex()}",
        f"  signed by       {', '.join(id for id, _ in newest.signatures) or 'nobody yet'}",
        f"  signers         {charter.threshold} of {charter.n}: "
        + ", ".join(signer.id for signer in charter.signers),
        f"  administrators  {charter.administrator_quorum} of {len(charter.administrators)}: "
        + ", ".join(administrator.id for administrator in charter.administrators),
        *([f"  timelock        {charter.timelock} s"] if charter.timelock else []),
        *(f"  user            {user.id} ({user.name}), {user.role}" for user in charter.users),
        *(f"  approver        {approver.id} ({approver.name})" for approver in charter.approvers),
        *(f"  group           {group.id}: {', '.join(group.members)}" for group in charter.groups),
        *(f"  key             {key.id}, {key.curve}, {key.engine}" for key in charter.keys),
        *(
            f"  chain           {chain.id}, key {chain.key}, fee cap {chain.fee_cap}"
            for chain in charter.chains
        ),
        *(
            f"  asset           {a.id}, {a.chain}, {a.contract or 'native'}, {a.decimals} decimals"
            for a in charter.assets
        ),
        *(f"  whitelist       {entry.id}, {entry.chain}, {entry.address}" for entry in charter.whitelist),
        *pins(charter),
        *_rules(charter),
    )


def pins(charter: Charter) -> list[str]:
    """Documents by which calls of contracts are read: the hash says which."""
    return [
        f"  document        {pin.chain}, {pin.contract}, sha256 {pin.hash.hex()}"
        for pin in charter.annotations
    ]


def _rules(charter: Charter) -> list[str]:
    lines = [
        f"  rule {number:<10} {rule.verdict:<7} {rule.name}: {words.fields(rule)}"
        for number, rule in enumerate(charter.policy.rules, 1)
    ]
    return [*lines, "  otherwise       refuse"]
