"""The tables of a whole run: the mutations of each family, and which check refused how many of which
class.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.hostile.mutation import Mutation, Outcome

_WIDTH = 11
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+")
CHAINS = ("evm", "bitcoin", "tron", "solana")


@dataclass
class Row:
    """One family. `read`: harmful by what the oracle reads in the bytes. `kinds`: names that differ by more
    than a number.
    """

    group: str
    harmful: int = 0
    read: int = 0
    neutral: int = 0
    kinds: set[str] = field(default_factory=set)


@dataclass
class Report:
    harmful: Counter[str] = field(default_factory=Counter)
    neutral: Counter[str] = field(default_factory=Counter)
    rows: dict[str, Row] = field(default_factory=dict)
    controls: int = 0
    votes: int = 0
    """For harmful bytes of a chain."""
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    neutral_signed: int = 0
    complaints: list[str] = field(default_factory=list)
    forgeries: list[str] = field(default_factory=list)
    ablation: list[str] = field(default_factory=list)

    def add(self, group: str, family: str, mutation: Mutation, outcome: Outcome, harm: str) -> None:
        """`harm`: the oracle's reading, or empty."""
        group = chain_of(group) or group
        row = self.rows.setdefault(family, Row(group))
        row.harmful += mutation.harmful
        row.neutral += not mutation.harmful
        row.read += mutation.harmful and bool(harm)
        row.kinds |= {_NUMBER.sub("#", mutation.name)} if mutation.harmful else set()
        complaint = mutation.complaint(outcome)
        if complaint:
            self.complaints.append(complaint)
        if not mutation.harmful:
            self.neutral[group] += 1
            self.neutral_signed += outcome.signed
            return
        self.harmful[group] += 1
        self.votes += outcome.votes if group in CHAINS else 0
        for check in outcome.refused:
            self.refused[check, group] += 1

    def read(self, chain: str) -> int:
        """Harmful mutations of a chain's bytes, by the oracle's own reading of them."""
        return sum(row.read for row in self.rows.values() if row.group == chain)

    def _families(self) -> Iterator[str]:
        width = max(len(name) for name in self.rows)
        heads = (f"{head:>{_WIDTH}}" for head in ("harmful", "read", "kinds", "neutral"))
        yield f"{'family':<{width}}" + "".join(heads)
        for name, row in self.rows.items():
            read = row.read if row.group in CHAINS else "."
            cells = (row.harmful, read, len(row.kinds), row.neutral)
            yield f"{name:<{width}}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)
        read = ", ".join(f"{chain} {self.read(chain)}" for chain in CHAINS)
        kinds = sum(len(row.kinds) for row in self.rows.values())
        yield f"harmful by the oracle's reading of the bytes: {read}; {self.votes} votes; {kinds} kinds"

    def lines(self) -> list[str]:
        groups = list(self.harmful)
        checks = sorted({check for check, _ in self.refused}, key=lambda c: (":" in c, c))
        width = max((len(check) for check in checks), default=0)
        head = [f"{group:>{_WIDTH}}" for group in (*groups, "all")]
        lines = [f"{'refused by':<{width}}{''.join(head)}"]
        for check in checks:
            counts = [self.refused[check, group] for group in groups]
            cells = [f"{count or '.':>{_WIDTH}}" for count in (*counts, sum(counts))]
            lines.append(f"{check:<{width}}{''.join(cells)}")
        for name, counter in (("harmful", self.harmful), ("neutral", self.neutral)):
            cells = [f"{counter[group]:>{_WIDTH}}" for group in groups]
            lines.append(f"{name:<{width}}{''.join(cells)}{sum(counter.values()):>{_WIDTH}}")
        lines.append(
            f"{sum(self.harmful.values())} harmful: {len(self.forgeries)} forgeries, "
            f"{len(self.complaints)} not refused as declared; {sum(self.neutral.values())} neutral: "
            f"{self.neutral_signed} signed rightly; {self.controls} controls signed"
        )
        lines = [*self._families(), "", *lines]
        return [*lines, "", *self.ablation] if self.ablation else lines


def chain_of(group: str) -> str:
    """The chain whose bytes a module's families bend; empty for other modules."""
    return next((chain for chain in CHAINS if group.startswith(chain)), "")
