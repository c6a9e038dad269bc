"""An installation that other users may run, as docs/ops/install.md asks for: not in a closed folder."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
SITE: Final = ROOT / ".venv/lib/python3.11/site-packages"
SYSTEM: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
_STRANGER: Final = 70_000
_NOT_COPIED: Final = shutil.ignore_patterns(
    "__pycache__", "test", "tests", "config-*", "site-packages", "idlelib", "tkinter", "lib2to3", "ensurepip",
    "mypy*", "*__mypyc*", "pip*", "setuptools", "grpc_tools", "jsonschema_rs*", "hypothesis*",
    "schemathesis*", "fireblocks*", "_editable_impl_*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Installation:
    """An interpreter and the environment in which it finds the packages and the keeper."""

    python: str
    environment: dict[str, str]

    def serves(self, uid: int) -> bool:
        """Whether that user can run judge and keeper."""
        try:
            return all(self._runs(uid, command) for command in (self.judge, ["quorate-keeper", "--version"]))
        except PermissionError:
            return False

    @property
    def judge(self) -> list[str]:
        return [self.python, "-c", "import grpc, sqlalchemy, quorate.judge.main"]

    def _runs(self, uid: int, command: list[str]) -> bool:
        done = subprocess.run(
            command, user=uid, group=uid, extra_groups=[], env=self.environment, cwd="/", check=False,
            capture_output=True,
        )  # fmt: skip
        return done.returncode == 0


def for_everybody(folder: Path) -> Installation:
    """This checkout under its own or the system's interpreter, where strangers may run them; else a copy of
    both in `folder`. Skips where not even that can be run, and without root.
    """
    if os.geteuid() != 0:
        pytest.skip("os-users: not root")
    here = _environment(ROOT / ".venv/bin", ROOT / "src", SITE)
    pythons = (sys.executable, "/usr/bin/python3.11")
    choices = (Installation(python, here) for python in pythons if os.path.exists(python))
    found = next((choice for choice in choices if choice.serves(_STRANGER)), None) or _copy(folder)
    if not found.serves(_STRANGER):
        pytest.skip("os-users: no installation that another user may run")
    return found


def _copy(folder: Path) -> Installation:
    """The interpreter with its library, the packages, our own, and the keeper: what wheels would bring."""
    base, version = Path(sys.base_prefix), f"python3.{sys.version_info.minor}"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(base / "bin" / version, folder / "bin/python3")
    shutil.copy(ROOT / ".venv/bin/quorate-keeper", folder / "bin/quorate-keeper")
    shutil.copytree(base / "lib" / version, folder / "lib" / version, ignore=_NOT_COPIED)
    for library in (base / "lib").glob("libpython3*.so*"):
        shutil.copy(library, folder / "lib" / library.name)
    shutil.copytree(SITE, folder / "site", ignore=_NOT_COPIED)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    environment = _environment(folder / "bin", folder / "src", folder / "site")
    return Installation(str(folder / "bin/python3"), {**environment, "LD_LIBRARY_PATH": str(folder / "lib")})


def _environment(programs: Path, *packages: Path) -> dict[str, str]:
    found = os.pathsep.join(map(str, packages))
    return {"PATH": f"{programs}:{SYSTEM}", "PYTHONPATH": found, "PYTHONDONTWRITEBYTECODE": "1"}
