"""Vectors: the project's own under tests/vectors, third-party ones in the folder QUORATE_VECTORS names."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "tests/vectors"


def own(name: str) -> Any:
    return json.loads((OWN / name).read_text())


def third_party_path(name: str) -> Path:
    """A third-party file; without the folder the test is skipped by name."""
    folder = Path(os.environ.get("QUORATE_VECTORS", ROOT.parent / "shared/vectors"))
    if not folder.is_dir():
        pytest.skip(f"shared-vectors: {folder} is not there")
    return folder / name


def third_party(name: str) -> Any:
    """The JSON of a third-party file."""
    return json.loads(third_party_path(name).read_text())


def evm_items() -> list[tuple[str, dict[str, Any]]]:
    """All evm-tx items of good/evm.json and of the incidents, each with a name."""
    found = []
    for path in [OWN / "good/evm.json", *sorted((OWN / "incidents").glob("*.json"))]:
        document = json.loads(path.read_text())
        for case in document.get("cases", [document]):
            for number, item in enumerate(case["items"]):
                if item["format"] == "evm-tx":
                    found.append((f"{case['id']}/{number}", item))
    return found
