"""The locks hold hashes and no addresses; a signer cannot reach what only the server installs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SERVER_ONLY = ("fastapi", "sqlalchemy", "alembic", "uvicorn", "httpx2", "prometheus_client", "starlette")
LOCKS = ("judge", "server", "dev", "uv", "fuzz")


def _lock(root: Path, name: str) -> str:
    return (root / f"requirements/{name}.txt").read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_pin_with_hashes_and_no_address(root: Path, name: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", _lock(root, name)) if not entry.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
        assert "://" not in entry, entry


def test_npm_lock_names_no_registry(root: Path) -> None:
    packages = json.loads((root / "package-lock.json").read_text())["packages"]
    locked = {name: entry for name, entry in packages.items() if name}
    assert locked
    assert all(
        "resolved" not in entry and entry["integrity"].startswith("sha512-") for entry in locked.values()
    )


def test_the_judge_lock_names_nothing_of_the_server(root: Path) -> None:
    named = {
        line.split("==")[0].replace("-", "_") for line in _lock(root, "judge").splitlines() if "==" in line
    }
    assert named >= {"grpcio", "cryptography", "coincurve"}
    assert not named & set(SERVER_ONLY)


def test_a_judge_environment_runs_the_judge_and_cannot_import_the_server(root: Path, tmp_path: Path) -> None:
    """A fresh environment from requirements/judge.txt alone."""
    python = _environment(root, tmp_path)
    assert _imports(python, "quorate.judge.main") == ""
    assert _imports(python, "quorate.client.cli.main") == ""
    for module in (*SERVER_ONLY, "quorate.server.main"):
        assert "ModuleNotFoundError" in _imports(python, module), (
            f"{module} can be imported where a signer runs"
        )


def _environment(root: Path, folder: Path) -> Path:
    """The judge's lock and our own wheel, nothing else."""
    uv, python = Path(sys.executable).with_name("uv"), folder / "venv/bin/python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    locked = [*install, "--require-hashes", "-r", root / "requirements/judge.txt"]
    done = subprocess.run(locked, check=False, capture_output=True, text=True)
    if done.returncode:
        assert re.search("connect|network|dns|resolve|timed out|fetch", done.stderr, re.IGNORECASE), (
            done.stderr
        )
        pytest.skip(f"registry: {done.stderr.strip().splitlines()[-1]}")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    subprocess.run([*install, "--no-deps", *(folder / "dist").glob("*.whl")], check=True)
    return python


def _imports(python: Path, module: str) -> str:
    """The error of importing `module`, or nothing."""
    command = [python, "-I", "-c", f"import {module}"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stderr
