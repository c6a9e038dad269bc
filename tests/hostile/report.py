"""The table of a whole run: which check refused how many harmful mutations of which class."""

from collections import Counter
from dataclasses import dataclass, field

from tests.hostile.mutation import Mutation, Outcome

_WIDTH = 11


@dataclass
class Report:
    harmful: Counter[str] = field(default_factory=Counter)
    neutral: Counter[str] = field(default_factory=Counter)
    controls: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    neutral_signed: int = 0
    complaints: list[str] = field(default_factory=list)
    forgeries: list[str] = field(default_factory=list)
    ablation: list[str] = field(default_factory=list)

    def add(self, group: str, mutation: Mutation, outcome: Outcome) -> None:
        complaint = mutation.complaint(outcome)
        if complaint:
            self.complaints.append(complaint)
        if not mutation.harmful:
            self.neutral[group] += 1
            self.neutral_signed += outcome.signed
            return
        self.harmful[group] += 1
        for check in outcome.refused:
            self.refused[check, group] += 1

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
        return [*lines, "", *self.ablation] if self.ablation else lines
