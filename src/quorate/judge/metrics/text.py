"""Counters, gauges and histograms as text (Prometheus text-based format, version 0.0.4).

Written out here rather than by a library: what a signer's host runs is to be short.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[str, ...]


class Counter:
    """Counts since the judge's start. Label values are names in our code, never what somebody sent."""

    def __init__(self, name: str, help: str, labels: Labels = ()) -> None:
        self._name, self._help, self._labels = name, help, labels
        self._counts: dict[Labels, int] = {} if labels else {(): 0}

    def add(self, *labels: str) -> None:
        self._counts[labels] = self._counts.get(labels, 0) + 1

    def lines(self) -> Iterator[str]:
        yield from header(self._name, self._help, "counter")
        for values, count in sorted(self._counts.items()):
            yield sample(self._name, dict(zip(self._labels, values, strict=True)), count)


class Histogram:
    """Durations in seconds, by at most one label. `bounds` rise."""

    def __init__(self, name: str, help: str, bounds: Sequence[float], label: str = "") -> None:
        self._name, self._help, self._bounds, self._label = name, help, tuple(bounds), label
        self._counts: dict[str, list[int]] = {} if label else {"": self._none()}
        self._sums: dict[str, float] = {} if label else {"": 0.0}

    def observe(self, seconds: float, label: str = "") -> None:
        counts = self._counts.setdefault(label, self._none())
        counts[bisect_left(self._bounds, seconds)] += 1
        self._sums[label] = self._sums.get(label, 0.0) + seconds

    def lines(self) -> Iterator[str]:
        yield from header(self._name, self._help, "histogram")
        for value, counts in sorted(self._counts.items()):
            yield from self._series({self._label: value} if self._label else {}, counts, self._sums[value])

    def _series(self, labels: Mapping[str, str], counts: Sequence[int], sum: float) -> Iterator[str]:
        total = 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), counts, strict=True):
            total += count
            yield sample(f"{self._name}_bucket", {**labels, "le": bound}, total)
        yield sample(f"{self._name}_sum", labels, sum)
        yield sample(f"{self._name}_count", labels, total)

    def _none(self) -> list[int]:
        return [0] * (len(self._bounds) + 1)


def gauge(name: str, help: str, value: float) -> Iterator[str]:
    yield from header(name, help, "gauge")
    yield sample(name, {}, value)


def header(name: str, help: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {help}"
    yield f"# TYPE {name} {kind}"


def sample(name: str, labels: Mapping[str, str], value: float) -> str:
    pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{pairs}}} {value}" if pairs else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
