"""Say whether a policy in the rule language is valid, and print it as a charter holds it. Exit 0 valid, 1
invalid.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, files
from quorate.client.ceremony.draft import draft_assets
from quorate.client.cli.output import Json, judged, show
from quorate.core.model.charter import Asset
from quorate.core.policy.parse import policy_from_yaml


def command(
    policy: Annotated[Path, typer.Argument(help="The policy, YAML.")],
    charter_file: Annotated[
        Path | None, typer.Option("--charter", help="Charter whose assets the policy names.")
    ] = None,
    draft: Annotated[
        Path | None, typer.Option(help="Draft of a charter whose assets the policy names.")
    ] = None,
    json_output: Json = False,
) -> None:
    text = files.read(policy).decode()
    assets = _assets(charter_file, draft)
    canonical = judged(lambda: policy_from_yaml(text, assets), {"policy": str(policy)}, str(policy))
    rules = canonical["rules"]
    count = len(rules) if isinstance(rules, list) else 0
    show(
        {"outcome": "valid", "policy": canonical},
        f"VALID  {policy}: {count} rules, first match decides, nothing matched is refused",
    )


def _assets(charter_file: Path | None, draft: Path | None) -> tuple[Asset, ...]:
    if charter_file is not None:
        return documents.read_verified(charter_file)[-1].assets
    return draft_assets(draft) if draft is not None else ()
