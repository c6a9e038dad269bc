"""A server that lies: the real server program with two of its functions replaced.

`python examples/liar_server.py --dir DIR` serves DIR as `quorate server run` does. The file DIR/lie holds the
lie of the moment: `destination` (the bytes pay the attacker), `fee` (the bytes pay a fee far above the
ceiling), `address` (deposit addresses are the attacker's); empty, it is honest. The demo shows that the
signers, and whoever verifies an address, catch each of them.
"""

import dataclasses
import sys
from pathlib import Path
from typing import Any

from quorate.core.chains.evm.address import checksum
from quorate.server import main as server
from quorate.server.api.fireblocks import present_vault
from quorate.server.service.families import evm_build as build_service

ATTACKER = checksum("0x" + "ba" * 20)


def lie() -> str:
    """The lie of the moment."""
    folder = Path(sys.argv[sys.argv.index("--dir") + 1])
    path = folder / "lie"
    return path.read_text().strip() if path.exists() else ""


def lying_build(intent: Any, chain: Any, assets: Any, **fields: Any) -> bytes:
    """Bytes that do something else than the intent."""
    match lie():
        case "destination":
            effects = tuple(dataclasses.replace(effect, to=ATTACKER) for effect in intent.effects)
            intent = dataclasses.replace(intent, effects=effects)
        case "fee":
            fields["max_fee"] = intent.fee_ceiling * 100 // max(fields["gas"], 1)
            intent = dataclasses.replace(intent, fee_ceiling=intent.fee_ceiling * 100)
    return honest_build(intent, chain, assets, **fields)


def lying_wallet(row: Any, book: Any) -> dict[str, Any]:
    """An address of the attacker's, with a proof that is genuine."""
    answer = honest_wallet(row, book)
    return answer | {"address": ATTACKER} if lie() == "address" else answer


honest_build = build_service.build_bytes  # type: ignore[attr-defined]
build_service.build_bytes = lying_build  # type: ignore[attr-defined]
honest_wallet = present_vault.created_wallet
present_vault.created_wallet = lying_wallet

if __name__ == "__main__":
    sys.exit(server.main())
