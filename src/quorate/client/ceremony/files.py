"""Files of the ceremonies: written whole or not at all, private where they must be, and read with errors
that say what to do.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quorate.core.errors import QuorateError


def write(path: Path, content: bytes, *, mode: int = 0o644, replace: bool = True) -> None:
    """Writes `content` durably under `path`: a reader sees the old file or the whole new one.

    Raises QuorateError file_exists when `replace` is false and the file is there.
    """
    if not replace and path.exists():
        raise QuorateError(
            "file_exists",
            f"{path} exists already",
            "caller",
            "choose another folder, or remove it if it is not needed",
        )
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, document: Mapping[str, Any], *, mode: int = 0o644, replace: bool = True) -> None:
    """Writes `document` for people and programs alike."""
    write(path, json.dumps(document, indent=2).encode() + b"\n", mode=mode, replace=replace)


def read(path: Path) -> bytes:
    """Raises QuorateError file_missing, file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise QuorateError("file_missing", f"{path} does not exist") from None
    except OSError as error:
        raise QuorateError("file", f"{path}: {error.strerror}") from None


def text(path: Path) -> str:
    """Raises QuorateError file_missing, file, not_text."""
    try:
        return read(path).decode()
    except UnicodeDecodeError:
        raise QuorateError("not_text", f"{path} is not UTF-8 text") from None


def read_json(path: Path) -> dict[str, Any]:
    """Raises QuorateError file_missing, file, not_json."""
    try:
        document = json.loads(read(path))
    except (ValueError, RecursionError) as error:
        raise QuorateError("not_json", f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise QuorateError("not_json", f"{path}: an object is expected")
    return document


def member(document: Mapping[str, Any], name: str, path: Path) -> Any:
    """Raises QuorateError missing_member."""
    if name not in document:
        raise QuorateError(
            "missing_member", f"{path}: {name} is missing", "caller", "is this the right file?"
        )
    return document[name]


def make_folder(folder: Path) -> None:
    """A folder that only its owner enters."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
