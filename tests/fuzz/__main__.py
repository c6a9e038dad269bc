"""Runs targets one after the other, each for a number of inputs, or replays one input.

What is found lies under .fuzz/ of the checkout: `crashes/TARGET/` and, kept for the next run, the inputs
that reached something new, `corpus/TARGET/`. The same seed over the same corpus is the same run. Exit 1: a
target failed.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.core.vectors import ROOT
from tests.fuzz.targets import TARGETS, outcome

WORK: Final = ROOT / ".fuzz"
ENGINE: Final = ROOT / ".make/fuzz"
"""Where `make fuzz` installs requirements/fuzz.txt: beside the environment, not in it."""
TIMEOUT: Final = 20
"""Seconds of wall time for one input, instrumented and on a busy machine; test_bounds.py is strict."""
MEMORY: Final = 1024
"""MiB of the whole process."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all of them when none is named")
    parser.add_argument("--cases", type=int, default=20_000, help="inputs for each target")
    parser.add_argument("--seconds", type=int, default=0, help="bound the time of each target instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one target over one input")
    arguments = parser.parse_args()
    if arguments.replay:
        print(outcome(TARGETS[arguments.targets[0]], arguments.replay.read_bytes()) or "accepted")
        return
    bound = [f"-max_total_time={arguments.seconds}"] if arguments.seconds else [f"-runs={arguments.cases}"]
    print(f"{'target':<24}{'executions':>12}{'seconds':>9}{'coverage':>10}{'corpus':>8}", flush=True)
    failed = [
        name for name in arguments.targets or TARGETS if not _run(name, [*bound, f"-seed={arguments.seed}"])
    ]
    sys.exit(1 if failed else 0)


def _run(name: str, options: list[str]) -> bool:
    """Whether the target held; says what it did."""
    target, crashes, corpus = TARGETS[name], WORK / "crashes" / name, WORK / "corpus" / name
    seeds = _write(WORK / "seeds" / name, target.seeds())
    crashes.mkdir(parents=True, exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)
    once = "-reload=0"  # reading the corpus again by the clock would make each run another
    limits = [once, f"-max_len={target.longest}", f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY}"]
    places = [f"-artifact_prefix={crashes}/", "-print_final_stats=1", str(corpus), str(seeds)]
    command = [sys.executable, "-m", "tests.fuzz.engine", name, *options, *limits, *places]
    environment = {**os.environ, "PYTHONPATH": str(ENGINE), "PYTHONHASHSEED": "0"}
    begin = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    log = done.stdout + done.stderr
    print(_row(name, log, time.monotonic() - begin, len(list(corpus.iterdir()))), flush=True)
    if done.returncode:
        (WORK / f"{name}.log").write_text(log)
        print(_failure(name, log), flush=True)
    return done.returncode == 0


def _write(folder: Path, seeds: Iterable[bytes]) -> Path:
    """As files, named by content."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return folder


def _row(name: str, log: str, seconds: float, corpus: int) -> str:
    executions, coverage = (
        (re.findall(pattern, log) or ["-"])[-1]
        for pattern in (r"stat::number_of_executed_units: (\d+)", r" cov: (\d+)")
    )
    return f"{name:<24}{executions:>12}{seconds:>9.0f}{coverage:>10}{corpus:>8}"


def _failure(name: str, log: str) -> str:
    """What was raised, where the input lies and how to run it again without the engine."""
    told = [line for line in log.splitlines() if not line.startswith(("#", "INFO", "==", "stat::"))]
    found = re.findall(r"written to (\S+)", log)
    replay = (
        f"python -m tests.fuzz {name} --replay {os.path.relpath(found[-1], ROOT)}" if found else "no input"
    )
    return "\n".join([*(f"    {line}" for line in told[-14:]), f"    {replay}"])


if __name__ == "__main__":
    main()
