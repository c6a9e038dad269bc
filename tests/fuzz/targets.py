"""The table of what is fuzzed: what reads it, what holds of every input, and where a run begins."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from quorate.core.chains.evm.item import FORMATS
from quorate.core.errors import WHOSE
from tests.core.examples import refusal
from tests.core.spec.test_vectors import READ
from tests.fuzz import seeds, structures, transactions

JSON, RLP, PSBT = "json", "rlp", "psbt"
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Target:
    """`check` raises nothing but a coded QuorateError, whatever the bytes. `tree` says which structure the
    mutations know; `longest` is the most bytes that a run tries.
    """

    check: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    tree: str = ""
    longest: int = 4096


def outcome(target: Target, data: bytes) -> str:
    """The code that these bytes are refused with; empty where they are accepted. Anything else goes through:
    a foreign exception, a property that does not hold, an error without a code or one that says it is a bug.
    """
    error = refusal(target.check, data)
    if error is None:
        return ""
    assert _CODE.fullmatch(error.code), error.code
    assert error.whose in WHOSE, error.whose
    assert error.whose != "bug", error
    return error.code


_TREES: Final = {"evm-tx": RLP, "evm-typed-data": JSON, "evm-7702-authorization": RLP}
_BINARY: Final = ("vote", "tally")
_LONG: Final = {"charter": 16_384}

TARGETS: Final[Mapping[str, Target]] = {
    **{
        format: Target(transactions.evm(format), partial(seeds.transactions, format), _TREES.get(format, ""))
        for format in FORMATS
    },
    "bitcoin-psbt": Target(transactions.bitcoin, partial(seeds.transactions, "bitcoin-psbt"), PSBT, 8192),
    "solana-message": Target(
        transactions.solana, partial(seeds.transactions, "solana-message"), longest=1400
    ),
    "tron-tx": Target(transactions.tron, partial(seeds.transactions, "tron-tx")),
    "canonical-json": Target(
        structures.canonical_json, partial(seeds.structures, "canonical"), JSON, longest=1024
    ),
    **{
        name: Target(
            structures.structure(name),
            partial(seeds.structures, name),
            "" if name in _BINARY else JSON,
            _LONG.get(name, 4096),
        )
        for name in READ
    },
    "charter-chain": Target(structures.charter_chain, seeds.chains, JSON, 65_536),
    "signed-json": Target(structures.signed_json, seeds.signed, JSON),
    "ssh-signature": Target(structures.armor, seeds.armors),
    "ssh-key": Target(structures.ssh_key, seeds.ssh_keys, longest=512),
    "request-token": Target(structures.request_token, seeds.tokens_of_sdks),
    "request-body": Target(structures.request_body, seeds.requests, JSON),
    "address": Target(structures.address, seeds.addresses, longest=256),
    "policy-yaml": Target(structures.policy_yaml, seeds.yaml_sources),
    "policy-json": Target(structures.policy_json, seeds.policy_documents, JSON, 8192),
    "policy-request": Target(structures.policy_request, seeds.policy_requests, JSON, 8192),
    "decode-context": Target(structures.context, seeds.contexts, JSON),
    "abi-json": Target(structures.abi, seeds.abis, JSON),
    "erc7730": Target(structures.descriptor, seeds.descriptors, JSON),
    "checkpoint": Target(structures.note, seeds.notes),
    "verifier-key": Target(structures.verifier, seeds.verifiers, longest=256),
    "log-bundle": Target(structures.entry_bundle, seeds.bundles),
}
