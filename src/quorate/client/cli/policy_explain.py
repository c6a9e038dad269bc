"""What a policy decides about the request of one file, item by item, and for each rule the first field that
did not match (docs/spec/policy.md). A file that says nothing of evidence is judged as if its requester were
proven and nobody had approved. Exit 0 allowed, 1 refused or approvals are missing.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import files, policies
from quorate.client.ceremony.policies import CharterOption, DraftOption
from quorate.client.cli.output import Json, Verdict, show
from quorate.core.chains.decode import decode
from quorate.core.policy import explain as words
from quorate.core.policy.cases import explain
from quorate.core.policy.explanation import Explanation


def command(
    policy: Annotated[Path, typer.Option(help="The policy, YAML.")],
    request: Annotated[
        Path, typer.Option(metavar="REQ.json", help="Request: requested, context, items, chain.")
    ],
    charter_file: CharterOption = None,
    draft: DraftOption = None,
    json_output: Json = False,
) -> None:
    assets = policies.assets(charter_file, draft)
    explanation = explain(
        policies.read(policy, assets),
        files.read_json(request),
        decode,
        time.time_ns() // 1_000_000,
        assets=policies.asset_ids(assets),
    )
    show(explanation.to_json(), *_lines(explanation))
    if explanation.verdict != "allow":
        raise Verdict


def _lines(explanation: Explanation) -> list[str]:
    reason = f" ({explanation.reason_class})" if explanation.reason_class else ""
    lines = [f"{explanation.verdict.upper()}{reason}"]
    for number, item in enumerate(explanation.items):
        said = ["context, not judged"] if item is None else words.lines(item)
        lines += [f"item {number}: {said[0]}", *said[1:]]
    return lines
