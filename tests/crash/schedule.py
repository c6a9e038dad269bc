"""Who is killed when. Two loops run side by side with the traffic: one over the server, one over the signers,
one signer at a time, so that a quorum can be there.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.crash.programs import Program
from tests.crash.site import Site

REACHED_WITHIN: Final = 30.0
TRIES: Final = 3
"""Programs at which a point is tried, one after the other, until one dies of it."""
SOMETIMES: Final = 3
"""A point is struck at its first to third passage after the start."""
LATE: Final = {"keeper.before_reply": 40, "judge.store.before_commit": 12, "judge.store.after_commit": 12,
               "judge.keeper.before_durable": 12, "judge.keeper.after_durable": 12}  # fmt: skip
"""Points that are passed at every step: any of the first so many passages."""
ONCE: Final = ("judge.start.loaded", "judge.start.recorded")


@dataclass
class Killer:
    """Kills, and starts again without the fault, as a service manager would."""

    site: Site
    rng: random.Random
    random_kills: Counter[str] = field(default_factory=Counter)
    unreached: list[str] = field(default_factory=list)
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Program -> held by whoever ends and starts it."""

    async def at_points(self, programs: Sequence[Program], points: Sequence[str]) -> None:
        """Each point once, at one program after the other; where a busy machine does not get there in time,
        at another program. The restart that arms a program is itself a kill at a random moment.
        """
        order = list(points)
        self.rng.shuffle(order)
        for number, point in enumerate(order):
            for turn in range(TRIES):
                fault = f"{point}:1" if turn else self._fault(point)
                if await self._strike(programs[(number + turn) % len(programs)], fault):
                    break
            else:
                self.unreached.append(point)

    async def at_random(self, programs: Sequence[Program], calm: float) -> None:
        """One or several programs at once, for ever, with so many seconds between on average."""
        while True:
            await asyncio.sleep(self.rng.uniform(0, 2 * calm))
            victims = self.rng.sample(programs, self.rng.randint(1, len(programs)))
            await asyncio.gather(*(self._kill_once(program) for program in victims))

    async def calm(self) -> None:
        """Everybody runs without a fault, whatever was interrupted."""
        for program in self.site.programs:
            await program.kill()
            program.start()
        await self.site.all_ready()

    async def _strike(self, program: Program, fault: str) -> bool:
        """Whether the fault ended the program in time. It runs without one afterwards."""
        async with self._turns[program.name]:
            struck = await self._dies(program, fault)
            program.start()
            await program.ready()
            return struck

    async def _dies(self, program: Program, fault: str) -> bool:
        """Starts it with the fault; whether it died of it in time. It does not run afterwards."""
        await self._kill(program)
        program.start(fault)
        try:
            await program.died_at(fault.partition(":")[0], REACHED_WITHIN)
        except TimeoutError:
            await self._kill(program)
            return False
        self.site.struck(fault)
        return True

    async def _kill_once(self, program: Program) -> None:
        async with self._turns[program.name]:
            await self._kill(program)
            program.start()
            await program.ready()

    async def _kill(self, program: Program) -> None:
        await asyncio.sleep(self.rng.uniform(0, 0.4))
        await program.kill()
        self.random_kills[program.name] += 1

    def _fault(self, point: str) -> str:
        passages = 1 if point in ONCE else LATE.get(point, SOMETIMES)
        return f"{point}:{self.rng.randint(1, passages)}"
