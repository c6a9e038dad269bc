"""The classes of mutations, by what they are about."""

from types import ModuleType
from typing import Final

from tests.hostile.families import (
    admissions,
    authority,
    bitcoin,
    body,
    charter,
    envelopes,
    evm,
    policy,
    replays,
    session,
    tally,
    token,
    votes,
)
from tests.hostile.mutation import Family, Mutation

MODULES: Final[tuple[ModuleType, ...]] = (
    token, body, policy, evm, bitcoin, session, votes, tally, admissions, replays, envelopes, authority,
    charter,
)  # fmt: skip
"""In the order they run; charter last."""

FAMILIES: Final[dict[str, list[Family]]] = {
    module.__name__.rpartition(".")[2]: module.families() for module in MODULES
}


def find(family: str, mutation: str) -> Mutation:
    """Raises LookupError for a name that there is not."""
    for group in FAMILIES.values():
        for candidate in group:
            found = [m for m in candidate.mutations if candidate.name == family and m.name == mutation]
            if found:
                return found[0]
    raise LookupError(f"{family}: {mutation}")
