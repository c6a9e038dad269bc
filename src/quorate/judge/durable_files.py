"""Files that are whole or absent after a crash: written aside, synced, renamed, and the folder synced too."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Each file atomically; when this returns all are on disk. Raises OSError."""
    touched: set[Path] = set()
    for name, content in files.items():
        path = root / name
        touched.update(_make_folders(root, path.parent))
        aside = path.with_name(f".{path.name}.new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        aside.rename(path)
        touched.add(path.parent)
    for folder in touched:
        sync_folder(folder)


def remove_files(root: Path, names: Iterable[str]) -> None:
    """Removes what is there, and folders of partial tiles once they are empty. Nothing depends on its
    durability.
    """
    for name in names:
        path = root / name
        path.unlink(missing_ok=True)
        if path.parent.name.endswith(".p") and path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folders(root: Path, folder: Path) -> list[Path]:
    """Creates what is missing and returns the folders whose entries changed."""
    missing: list[Path] = []
    while not folder.is_dir():
        missing.append(folder)
        if folder == root:
            break
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(mode=0o755, exist_ok=True)
    return [path.parent for path in missing]


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
