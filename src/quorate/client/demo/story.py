"""How the demo tells: numbered steps with their time, what happened in each, and an end when one comes out
wrong.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.markup import escape

from quorate.core.errors import QuorateError


class Wrong(Exception):
    """A step did not come out as told."""


def expect(condition: bool, otherwise: str) -> None:
    """Goes on when `condition` holds.

    Raises Wrong with the reason.
    """
    if not condition:
        raise Wrong(otherwise)


class Story:
    """Prints to stdout; colours only on a terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._begin = time.monotonic()
        self._number = 0

    def title(self, text: str) -> None:
        self._console.print(f"\n[bold]{escape(text)}[/bold]")

    def chapter(self, text: str) -> None:
        self._console.print(f"\n[bold cyan]{escape(text)}[/bold cyan]")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """One step. Its lines come after its name; its time after it is done.

        Raises Wrong, for whatever ends it.
        """
        self._number += 1
        number, begin = self._number, time.monotonic()
        self._console.print(f"[bold]{number:>2}[/bold]  {escape(text)}")
        try:
            yield
        except (Wrong, QuorateError) as error:
            self._fail(number, error)
        self._console.print(f"    [green]ok[/green] [dim]{time.monotonic() - begin:.1f} s[/dim]")

    def tell(self, *lines: str) -> None:
        """What happened in this step."""
        for line in lines:
            self._console.print(f"      [dim]{escape(line)}[/dim]")

    def end(self) -> None:
        took = time.monotonic() - self._begin
        self._console.print(f"\n[bold green]Every step came out as told[/bold green] ({took:.0f} s).")

    def plain(self, text: str) -> None:
        """Text for copying: no wrapping, no indent of its own."""
        self._console.print(escape(text))

    def _fail(self, number: int, error: Exception) -> NoReturn:
        reason = str(error)
        self._console.print(f"    [bold red]WRONG[/bold red] step {number}: {escape(reason)}")
        raise Wrong(reason) from error
