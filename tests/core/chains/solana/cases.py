"""Instructions of known programs and the effects they must have, written by hand from the programs' own
documentation.

`test_runtime` executes most of them on the real programs in the order of a life cycle; `test_programs`
decodes all of them, and finds their mutations blind.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana.runtime import key, text

Effect = Mapping[str, object]

RENT = "SysvarRent111111111111111111111111111111111"
CLOCK = "SysvarC1ock11111111111111111111111111111111"
HASHES = "SysvarRecentB1ockHashes11111111111111111111"
HISTORY = "SysvarStakeHistory1111111111111111111111111"
STAKE_CONFIG = "StakeConfig11111111111111111111111111111111"
DERIVED = str(Pubkey.create_with_seed(key("alice"), "seed", key("program")))
"""The address that alice may sign for with seed "seed" below the program "program"."""
SEED = (4).to_bytes(8, "little") + b"seed"


@dataclass(frozen=True)
class Case:
    """`open_data`: any data behind the tag is taken. `open_accounts`: how many accounts is not fixed."""

    instruction: Instruction
    effects: tuple[Effect, ...]
    open_data: bool = False
    open_accounts: bool = False


def u(width: int, value: int) -> bytes:
    return value.to_bytes(width, "little")


def pk(name: str) -> bytes:
    return bytes(key(name))


def some(name: str) -> bytes:
    return b"\x01" + pk(name)


def associated(owner: str, mint: str, program: str) -> str:
    seeds = [pk(owner), pk(program), pk(mint)]
    return str(Pubkey.find_program_address(seeds, key(ids.ASSOCIATED_TOKEN))[0])


def authority(
    account: str, kind: str, new: str, program: str, current: str | None = None
) -> dict[str, object]:
    made: dict[str, object] = {
        "type": "authority_change",
        "account": text(account),
        "authority_type": kind,
        "new_authority": new if new == "none" else text(new),
        "program": program,
    }
    return made if current is None else made | {"current_authority": text(current)}


def permission(account: str, value: str, **more: object) -> dict[str, object]:
    return {"type": "permission_update", "account": text(account), "permission": value, **more}


def sol(source: str, to: str, amount: int, **more: object) -> dict[str, object]:
    return {
        "type": "native_transfer",
        "asset": "SOL",
        "from": text(source),
        "to": text(to),
        "amount": str(amount),
        **more,
    }


def known_call(program: str, selector: str, signature: str, **more: object) -> dict[str, object]:
    made = {"type": "contract_call", "to": program, "selector": selector, "signature": signature}
    return {**made, "blind": False, **more}


def blind_call(
    program: str, selector: str, reason: str, signers: tuple[str, ...] = (), signature: str | None = None
) -> dict[str, object]:
    made: dict[str, object] = {
        "type": "contract_call",
        "to": program,
        "selector": selector,
        "blind": True,
        "reason": reason,
    }
    if signers:
        made["signers"] = [text(name) for name in signers]
    return made if signature is None else made | {"signature": signature}
