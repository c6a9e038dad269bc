"""A server that lies: the real server program with some of its functions replaced.

`python examples/liar_server.py --dir DIR` serves DIR as `quorate server run` does. The file DIR/lie holds the
lie of the moment: `destination` (the bytes pay the attacker), `fee` (the bytes pay a fee far above the
ceiling), `address` (deposit addresses are the attacker's), `approvals` (it waits for nobody, and brings what
people said about other requests); empty, it is honest. The demo shows that the signers, and whoever verifies
an address, catch each of them.
"""

import dataclasses
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from quorate.core.chains.evm.address import checksum
from quorate.core.evidence import approval
from quorate.core.model.statement import SignedStatement
from quorate.server import main as server
from quorate.server.api.fireblocks import present_vault
from quorate.server.service import authorize, heard, prediction, session, submit_transaction
from quorate.server.service.families import evm_build as build_service
from quorate.server.store import schema

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


def lying_missing(ctx: Any, intent: Any, approvals: Any) -> tuple[str, ...]:
    """Nobody need be asked."""
    return () if lie() == "approvals" else honest_missing(ctx, intent, approvals)


async def lying_heard(ctx: Any, transaction: Any) -> tuple[approval.Approval, ...]:
    """Genuine approvals, of other requests."""
    if lie() != "approvals":
        return await honest_heard(ctx, transaction)
    table, charter = schema.statements, ctx.book.charter
    rows = await ctx.database.read(lambda c: c.execute(select(table.c.body, table.c.armor)).all())
    return tuple(approval.trusted(SignedStatement(bytes(body), armor), charter) for body, armor in rows)


honest_build = build_service.build_bytes  # type: ignore[attr-defined]
build_service.build_bytes = lying_build  # type: ignore[attr-defined]
honest_wallet = present_vault.created_wallet
present_vault.created_wallet = lying_wallet

honest_missing, honest_heard = prediction.missing, heard.heard
for module in (authorize, submit_transaction):
    module.missing = lying_missing  # type: ignore[attr-defined]
session.heard = lying_heard  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(server.main())
