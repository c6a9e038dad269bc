"""What holds of the tree itself."""

import re
import subprocess
from pathlib import Path


def _tracked(root: Path) -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_no_file_names_a_path_of_one_machine(root: Path) -> None:
    # Assembled, so that this file does not name one either.
    home = re.compile(
        "(?<![A-Za-z0-9_.-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]+"]) + ")/"
    )
    found = []
    for name in _tracked(root):
        path = root / name
        if path.is_file() and path.suffix in {
            ".py",
            ".rs",
            ".md",
            ".toml",
            ".sh",
            ".yaml",
            ".json",
            ".txt",
            "",
        }:
            text = path.read_text(errors="replace")
            found += [f"{name}: {match.group(0)}" for match in home.finditer(text)]
    assert not found


def test_the_committed_messages_are_those_of_proto(root: Path, tmp_path: Path) -> None:
    """`make proto` changes nothing."""
    folder = root / "src/quorate/core/proto"
    before = {path.name: path.read_bytes() for path in folder.glob("*_pb2*")}
    subprocess.run([root / "tools/proto.sh"], check=True, capture_output=True)
    after = {path.name: path.read_bytes() for path in folder.glob("*_pb2*")}
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []


def test_the_keeper_that_runs_is_the_version_of_the_tree(root: Path) -> None:
    program = root / ".venv/bin/quorate-keeper"
    done = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    version = re.search(r'^version = "(.+)"$', (root / "Cargo.toml").read_text(), re.M)
    assert version
    assert done.stdout.split()[-1] == version.group(1)
