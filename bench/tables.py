"""Tables as text."""

from collections.abc import Sequence
from typing import TypeAlias

Cell: TypeAlias = str | int | float | None


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], foot: str = "") -> str:
    """Columns of equal width, numbers to the right. A cell that is None has no figure."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    left = [all(isinstance(row[i], str) for row in rows) for i in range(len(heads))]
    lines = [
        "",
        title,
        "=" * len(title),
        _line(heads, widths, left),
        _line(["-" * w for w in widths], widths, left),
    ]
    lines += [_line(row, widths, left) for row in cells]
    return "\n".join([*lines, *([foot] if foot else [])])


def _line(cells: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> str:
    padded = [
        cell.ljust(width) if to_left else cell.rjust(width)
        for cell, width, to_left in zip(cells, widths, left, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _text(cell: Cell) -> str:
    """Three significant digits are more than a shared machine repeats."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}" if abs(cell) < 1 else f"{cell:.1f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
