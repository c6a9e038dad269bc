"""The cluster at a glance. What a signer says of itself is shown as its claim."""

from quorate.core.model.charter.types import Signer
from quorate.server.api.quorate.documents import state as documents
from quorate.server.api.quorate.governance import freeze_state, proposals
from quorate.server.link.attached import AttachedSigner
from quorate.server.service.charter.governance import Governance
from quorate.server.service.context import Context
from quorate.server.store import transactions


async def status(ctx: Context, governance: Governance) -> dict[str, object]:
    """Mode, isolation, signers, charter version, keys, chains, freezes, charter versions on their way,
    documents that the charter pins, and how many requests are under way.
    """
    charter = ctx.book.charter
    unfinished = await ctx.database.read(transactions.count_unfinished)
    return {
        "cluster": charter.cluster,
        "mode": charter.mode,
        "charter": {"version": charter.version, "hash": charter.hash.hex()},
        "threshold": charter.threshold,
        "ready": len(ctx.hub.ready()) >= charter.threshold,
        "keys": {key.id: key.id in ctx.book.certificates for key in charter.keys},
        "chains": sorted(ctx.chains),
        "unfinished": unfinished,
        "freezes": freeze_state(ctx, governance),
        "proposals": proposals(ctx, governance)["proposals"],
        "documents": documents(ctx, governance.documents),
        "signers": [_signer(ctx, signer, ctx.hub.get(signer.id)) for signer in charter.signers],
    }


def _signer(ctx: Context, signer: Signer, attached: AttachedSigner | None) -> dict[str, object]:
    if attached is None:
        return {"id": signer.id, "attached": False, "may_vote": False}
    hello, ready = attached.hello, attached.ready
    return {
        "id": signer.id,
        "attached": True,
        "may_vote": ready.may_vote and hello.charter_hash == ctx.book.charter.hash,
        "heard": list(ready.heard),
        "needed": ready.needed,
        "refusal": ready.refusal or None,
        "incarnation": hello.incarnation,
        "isolation": hello.isolation,
        "seal": hello.seal,
        "software": hello.software,
        "charter": {"version": hello.charter_version, "hash": hello.charter_hash.hex()},
        "tally_count": ctx.hub.tally.count(signer.id),
    }
