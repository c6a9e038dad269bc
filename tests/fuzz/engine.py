"""One target in this process, until a bound or a failure: `python -m tests.fuzz.engine NAME [OPTIONS]`, with
the options of libFuzzer.

Only the core is instrumented: coverage of what it does guides the run.
"""

import sys
from typing import Final

import atheris

with atheris.instrument_imports(include=["quorate.core"]):
    from tests.fuzz.mutator import mutate
    from tests.fuzz.targets import TARGETS, outcome


RECURSION: Final = 1000
"""The interpreter's default, which eth-account raises on import: it comes with the tests alone."""


def main() -> None:
    sys.setrecursionlimit(RECURSION)
    target = TARGETS[sys.argv[1]]
    atheris.Setup(
        [sys.argv[0], *sys.argv[2:]],
        lambda data: outcome(target, data) and None,
        custom_mutator=lambda data, limit, seed: mutate(target.tree, data, limit, seed, atheris.Mutate),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
