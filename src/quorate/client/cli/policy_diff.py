"""Say in words what changes between two policies, and which of it loosens: lets something through, or with
fewer approvals, that was stopped before. On the safe side: a change loosens unless it certainly does not.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import policies
from quorate.client.ceremony.policies import CharterOption, DraftOption
from quorate.client.cli.output import Json, show
from quorate.core.policy.diff import changes


def command(
    before: Annotated[Path, typer.Argument(help="The policy in force, YAML.")],
    after: Annotated[Path, typer.Argument(help="The policy that is to replace it, YAML.")],
    charter_file: CharterOption = None,
    draft: DraftOption = None,
    json_output: Json = False,
) -> None:
    assets = policies.assets(charter_file, draft)
    old, new = (policies.read(path, assets) for path in (before, after))
    found = changes(old, new)
    loosens = any(change.loosens for change in found)
    verdict = "loosens" if loosens else "does not loosen"
    show(
        {"loosens": loosens, "changes": [asdict(change) for change in found]},
        f"{len(found)} changes; {after} {verdict}" if found else "no changes",
        *(f"  {change.line()}" for change in found),
    )
