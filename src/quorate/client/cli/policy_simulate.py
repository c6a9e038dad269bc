"""What a draft of a policy would decide otherwise about requests that were decided before. RECORDS is JSON
lines: each a request file of `policy explain` with `decided`, what was decided (docs/spec/policy.md).
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import files, policies
from quorate.client.ceremony.policies import CharterOption, DraftOption
from quorate.client.cli.output import Json, show
from quorate.core.chains.decode import decode
from quorate.core.errors import QuorateError
from quorate.core.policy.simulate import Difference, simulate


def command(
    policy: Annotated[Path, typer.Argument(help="The draft, YAML.")],
    records: Annotated[Path, typer.Argument(metavar="RECORDS", help="Recorded requests, JSON lines.")],
    charter_file: CharterOption = None,
    draft: DraftOption = None,
    json_output: Json = False,
) -> None:
    assets = policies.assets(charter_file, draft)
    simulation = simulate(
        policies.read(policy, assets),
        _records(records),
        decode,
        time.time_ns() // 1_000_000,
        policies.asset_ids(assets),
    )
    show(
        simulation.to_json(),
        f"{len(simulation.differences)} of {simulation.records} requests would be decided otherwise",
        *(_line(difference) for difference in simulation.differences),
    )


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(files.text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise QuorateError("not_json", f"{path}, line {number}: {error}") from None


def _line(difference: Difference) -> str:
    reason = f" ({difference.now.reason_class})" if difference.now.reason_class else ""
    items = f", items {' '.join(map(str, difference.items))}" if difference.items else ""
    return (
        f"  {difference.number} {difference.id}: {difference.was} -> {difference.now.verdict}{reason}{items}"
    )
