"""Which coins a payment spends. Deterministic: the same coins and the same target give the same choice.

1. Coins that cost more than they bring at this fee rate are left out.
2. Branch and bound looks for coins that need no change: their sum exceeds the target by less than a change
   output and its later spending would cost. Of those found, the one with the least excess is taken.
3. Otherwise the largest coins are taken, one after the other, until there is enough for a change output.

Values are in 1/4000 of a satoshi here, which makes the fee of every weight unit a whole number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TRIES: Final = 20_000
"""Steps of branch and bound; it takes the best choice found until then."""


@dataclass(frozen=True, slots=True)
class Coin:
    """`value`: what the coin brings after the fee for spending it. `name` breaks ties."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`excess`: what is left over the target."""

    names: frozenset[str]
    excess: int


def select(coins: Sequence[Coin], target: int, *, spare: int, change: int, most: int) -> Choice | None:
    """A choice of at most `most` coins that brings `target` (0 or less: no coin will do); None without one.

    `spare` is the excess that is cheaper to leave to the miners than to keep; `change` what a change output
    takes at least, its own fee included.
    """
    useful = sorted((c for c in coins if c.value > 0), key=lambda c: (-c.value, c.name))
    exact = _branch_and_bound(useful, target, target + spare, most)
    return exact or _largest_first(useful, target, target + change, most)


def _largest_first(coins: Sequence[Coin], target: int, wanted: int, most: int) -> Choice | None:
    total, names = 0, []
    for coin in coins[:most]:
        if total >= wanted:
            break
        total += coin.value
        names.append(coin.name)
    return Choice(frozenset(names), total - target) if total >= target else None


def _branch_and_bound(coins: Sequence[Coin], low: int, high: int, most: int) -> Choice | None:
    """Depth first, each coin in before out. A branch ends where it has too much, or cannot have enough."""
    best: tuple[int, tuple[int, ...]] | None = None
    rest = _sums_behind(coins)
    stack: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for _ in range(TRIES):
        if not stack:
            break
        at, total, taken = stack.pop()
        if low <= total <= high and (best is None or total < best[0]):
            best = (total, taken)
        if total >= low or total + rest[at] < low or len(taken) == most:
            continue
        stack.append((at + 1, total, taken))
        if total + coins[at].value <= high:
            stack.append((at + 1, total + coins[at].value, (*taken, at)))
    if best is None:
        return None
    return Choice(frozenset(coins[place].name for place in best[1]), best[0] - low)


def _sums_behind(coins: Sequence[Coin]) -> list[int]:
    """For each place, what all coins from there on bring together."""
    sums = [0]
    for coin in reversed(coins):
        sums.append(sums[-1] + coin.value)
    return sums[::-1]
