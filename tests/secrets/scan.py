"""Looks for many needles at once: in bytes, in the memory of processes, in files."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.secrets.forms import pieces
from tests.secrets.needles import Needle

_WORD: Final = 8
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_RESIDENT: Final = 3 << 62
"""Of an entry of /proc/PID/pagemap: present in memory, or swapped out."""
_CHUNK: Final = 16 << 20
_SEAM: Final = 256
"""Bytes of the chunk before that are looked at again; longer than any piece."""


class Haystack:
    """Every piece of every form has a word that starts at a multiple of 8 bytes, wherever the piece lies. So
    it is enough to look each such word up, and to compare in full where one is known.
    """

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._anchors: defaultdict[int, list[tuple[int, bytes, str]]] = defaultdict(list)
        for needle in needles:
            for form, piece in pieces(needle.value, scalar=needle.scalar):
                for shift in range(min(_WORD, len(piece) - _WORD + 1)):
                    word = int.from_bytes(piece[shift : shift + _WORD], "little")
                    self._anchors[word].append((shift, piece, f"{needle.name} ({form})"))
        self._words = frozenset(self._anchors)

    def search(self, data: bytes) -> set[str]:
        """Names of what was found."""
        padded = data + bytes(-len(data) % _WORD)
        known = self._words.intersection(memoryview(padded).cast("Q"))
        return {name for word in known for name in self._confirm(padded, word)}

    def _confirm(self, data: bytes, word: int) -> Iterator[str]:
        wanted, at = word.to_bytes(_WORD, "little"), -1
        while (at := data.find(wanted, at + 1)) >= 0:
            for shift, piece, name in self._anchors[word]:
                if at >= shift and data.startswith(piece, at - shift):
                    yield name


@dataclass
class Report:
    """Bytes `looked_at`, `found` needles by place, regions that the kernel `refused` to show."""

    looked_at: int = 0
    found: dict[str, set[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def add(self, place: str, data: bytes, haystack: Haystack) -> None:
        self.looked_at += len(data)
        if names := haystack.search(data):
            self.found.setdefault(place, set()).update(names)


def process(pid: int, haystack: Haystack, report: Report) -> None:
    """All memory of a process that can be read, and its environment and arguments."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory, open(f"/proc/{pid}/pagemap", "rb") as pages:
        for start, end, name in _regions(pid):
            for first, last in _resident(pages.fileno(), start, end):
                _read(memory.fileno(), first, last, f"process {pid}: {name}", haystack, report)
    words(pid, haystack, report)


def words(pid: int, haystack: Haystack, report: Report) -> None:
    """Environment and arguments of a process."""
    for what in ("environ", "cmdline"):
        report.add(f"process {pid}: {what}", Path(f"/proc/{pid}/{what}").read_bytes(), haystack)


def files(folder: Path, haystack: Haystack, report: Report) -> None:
    """The content of every file below `folder`."""
    for path in folder.rglob("*"):
        if path.is_file():
            report.add(str(path.relative_to(folder)), path.read_bytes(), haystack)


def _regions(pid: int) -> Iterator[tuple[int, int, str]]:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        match = re.fullmatch(r"(\w+)-(\w+) r\S+ \S+ \S+ \S+ *(.*)", line)
        if match and match[3] not in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):
            yield int(match[1], 16), int(match[2], 16), match[3] or "anonymous"


def _resident(pagemap: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of pages that are there."""
    entries = memoryview(os.pread(pagemap, (end - start) // _PAGE * 8, start // _PAGE * 8)).cast("Q")
    at = start
    while at < end:
        last = at
        while last < end and entries[(last - start) // _PAGE] & _RESIDENT:
            last += _PAGE
        if last > at:
            yield at, last
        at = last + _PAGE


def _read(memory: int, start: int, end: int, place: str, haystack: Haystack, report: Report) -> None:
    for at in range(start, end, _CHUNK):
        try:
            data = os.pread(memory, min(_CHUNK + _SEAM, end - at), at)
        except OSError as error:
            report.refused.append(f"{place}: {error.strerror}")
            return
        report.add(place, data, haystack)
