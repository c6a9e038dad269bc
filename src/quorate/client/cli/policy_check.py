"""Say whether a policy in the rule language is valid, and print it as a charter holds it. Without a charter
or a draft its assets are taken as they stand. Exit 0 valid, 1 invalid.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import files, policies
from quorate.client.ceremony.policies import CharterOption, DraftOption
from quorate.client.cli.output import Json, judged, show
from quorate.core.policy.parse import policy_from_yaml


def command(
    policy: Annotated[Path, typer.Argument(help="The policy, YAML.")],
    charter_file: CharterOption = None,
    draft: DraftOption = None,
    json_output: Json = False,
) -> None:
    assets = policies.assets(charter_file, draft)
    source = files.text(policy)
    canonical = judged(lambda: policy_from_yaml(source, assets), {"policy": str(policy)}, str(policy))
    rules = canonical["rules"]
    count = len(rules) if isinstance(rules, list) else 0
    unknown = " (asset names were not compared with a charter)" if assets is None else ""
    show(
        {"outcome": "valid", "policy": canonical},
        f"VALID  {policy}: {count} rules, first match decides, nothing matched is refused{unknown}",
    )
