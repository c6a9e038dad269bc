"""The classes of mutations, by what they are about."""

from types import ModuleType
from typing import Final

from tests.hostile.families import (
    admissions,
    approvals,
    authority,
    bitcoin,
    bitcoin_inputs,
    bitcoin_outputs,
    body,
    charter,
    documents,
    envelopes,
    evm,
    evm_calls,
    freezes,
    policy,
    replays,
    session,
    solana,
    solana_calls,
    tally,
    token,
    tron,
    tron_fields,
    votes,
)
from tests.hostile.mutation import Family, Mutation

MODULES: Final[tuple[ModuleType, ...]] = (
    token, body, policy, evm, evm_calls, bitcoin, bitcoin_outputs, bitcoin_inputs, tron, tron_fields, solana,
    solana_calls, session, votes, tally, admissions, approvals, replays, envelopes, authority, freezes,
    documents, charter,
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
