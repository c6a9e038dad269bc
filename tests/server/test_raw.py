"""RAW from POST to signature, over the real link."""

import asyncio

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.judge.cluster import raw_eddsa
from tests.server.running import Running


async def test_an_ed25519_message_is_signed_and_verifies(willing: Running) -> None:
    id = await willing.submit(raw_eddsa(b"hello"))
    found = await willing.finished(id)
    assert found["status"] == "COMPLETED", found
    (signed,) = found["signedMessages"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["publicKey"]))
    key.verify(bytes.fromhex(signed["signature"]["fullSig"]), b"hello")
    assert signed["derivationPath"] == [1729, 1, 0]
    assert signed["algorithm"] == "MPC_EDDSA_ED25519"
    assert len(found["signedBy"]) == 2


async def test_thirty_two_at_once(willing: Running) -> None:
    ids = await asyncio.gather(*(willing.submit(raw_eddsa(bytes([i, 1]))) for i in range(32)))
    found = await asyncio.gather(*(willing.finished(id) for id in ids))
    assert [each["status"] for each in found] == ["COMPLETED"] * 32
