"""Transfers of coin and token, and a raw signature."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.client.demo.stage import EXCHANGE, TOKEN
from quorate.client.demo.story import Wrong, expect
from quorate.client.demo.telling import Telling
from quorate.client.demo.words import ether


def tell(it: Telling) -> None:
    _transfers(it)
    _raw(it)


def _transfers(it: Telling) -> None:
    story, chain = it.story, it.stage.chain
    story.chapter("Transfers: each signer judges the bytes for itself, two of three sign")
    with story.step("1.5 ETH to the exchange on the whitelist"):
        it.pay("ETH", "1.5")
        held = chain.balance(EXCHANGE)
        expect(held == 15 * 10**17, f"the exchange holds {held} wei")
        story.tell(f"the exchange holds {ether(held)}")
    with story.step(f"2500 {TOKEN} to the same place"):
        it.pay(TOKEN, "2500")
        held = chain.token_balance(it.stage.token, EXCHANGE)
        expect(held == 2_500 * 10**6, f"the exchange holds {held} units of {TOKEN}")
        story.tell(f"the exchange holds {held // 10**6} {TOKEN}")


def _raw(it: Telling) -> None:
    story = it.story
    story.chapter("A raw Ed25519 signature")
    with story.step("bytes that are no transaction, on the RAW branch; verified here with another library"):
        content = b"Quorate signs this, and nothing on any chain moves."
        done = it.requester.sign_raw("MPC_EDDSA_ED25519", [1729, 1, 0], content)
        expect(done.status == "COMPLETED", f"the request ended as {done}")
        public_key, signature = done.raw[0]
        _verify(public_key, signature, content)
        story.tell(f"public key {public_key}", f"signature {signature[:32]}... is valid")


def _verify(public_key: str, signature: str, content: bytes) -> None:
    """With the cryptography package, which had no part in making it."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(signature), content
        )
    except (InvalidSignature, ValueError):
        raise Wrong("the signature does not verify") from None
