"""Refusals in words, from the entries that the signers wrote into their own logs."""

from collections.abc import Iterable
from typing import Any

from quorate.core.audit.events import Event


def refusals(entries: Iterable[Event]) -> list[str]:
    """Which check of which signer; where no rule matched, which field failed in each rule."""
    lines = []
    for entry in entries:
        lines.append(f"{entry.signer} refused at check `{entry.data['check']}`: {entry.data['message']}")
        lines += [f"  {line}" for line in _trace(entry.data["trace"])]
    return lines


def _trace(trace: Any) -> list[str]:
    return [f"rule {line['rule']}: {line['first_mismatch']} does not match" for line in trace]


def ether(wei: int) -> str:
    """An amount for people."""
    whole, fraction = divmod(wei, 10**18)
    return f"{whole}.{fraction:018d}".rstrip("0").rstrip(".") + " ETH"
