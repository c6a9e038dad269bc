"""A policy file for commands that judge without a cluster, read against a charter where there is one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, files
from quorate.client.ceremony.draft import draft_assets
from quorate.core.model.charter import Asset, Policy
from quorate.core.model.charter.policy import read_policy
from quorate.core.policy.parse import policy_from_yaml

CharterOption = Annotated[
    Path | None, typer.Option("--charter", help="Charter whose assets the policy names.")
]
DraftOption = Annotated[
    Path | None, typer.Option("--draft", help="Draft of a charter whose assets the policy names.")
]


def assets(charter_file: Path | None, draft: Path | None) -> tuple[Asset, ...] | None:
    """None without either: asset names are taken as they stand."""
    if charter_file is not None:
        return documents.read_verified(charter_file)[-1].assets
    return draft_assets(draft) if draft is not None else None


def read(policy: Path, known: Sequence[Asset] | None) -> Policy:
    """Raises QuorateError file_missing, file, not_text, and the codes of `policy_from_yaml`."""
    return read_policy(policy_from_yaml(files.text(policy), known), "policy")


def asset_ids(known: Sequence[Asset] | None) -> Mapping[str, str]:
    """The chain's own text of a token -> the id under which the charter and its policy name it."""
    return {asset.contract: asset.id for asset in known or () if asset.contract is not None}
