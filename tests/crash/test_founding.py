"""Charter and keys survive a kill at each of their steps."""

from tests.crash import points
from tests.crash.site import EDDSA, SECP, Site


async def test_every_point_of_a_ceremony_was_reached(site: Site) -> None:
    counts = {point: site.reached.get(point, 0) for point in sorted(points.CEREMONY)}
    print(counts)
    assert all(counts.values()), [point for point, count in counts.items() if not count]


async def test_every_signer_holds_the_same_keys(site: Site) -> None:
    await site.running()
    proofs = (await site.native("/keys"))["keys"]
    keys = sorted(proof["certificate"]["key"] for proof in proofs)
    assert len(keys) == len(set(keys))
    assert {EDDSA, SECP} <= set(keys)
    for signer in site.signers:
        state = await signer.ask({"do": "status"})
        assert state is not None
        assert state["keys"] == keys
