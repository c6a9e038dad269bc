"""Signatures + message -> the transaction to broadcast and its id."""

from collections.abc import Sequence

from nacl.exceptions import BadSignatureError
from nacl.exceptions import ValueError as NaclValueError
from nacl.signing import VerifyKey

from quorate.core.chains import base58
from quorate.core.chains.solana import address
from quorate.core.chains.solana.message import parse
from quorate.core.errors import QuorateError


def attach(message: bytes, signatures: Sequence[bytes]) -> tuple[bytes, str]:
    """The wire transaction (count, signatures of 64 bytes, message) and its id: the first signature's base58.

    `signatures` are in the order of the message's signers, the fee payer's first.

    Raises QuorateError: signature (whose `peer`) unless every signer has one and each is its signer's over
    exactly these bytes (RFC 8032); what `message.parse` raises.
    """
    signers = parse(message).signers
    if len(signatures) != len(signers):
        raise _bad(f"{len(signers)} signatures are needed, {len(signatures)} are given")
    for signer, signature in zip(signers, signatures, strict=True):
        _check(signer, signature, message)
    # a packet holds fewer than 128 signatures: their count has one byte
    return bytes([len(signatures)]) + b"".join(signatures) + message, base58.encode(signatures[0])


def _check(signer: str, signature: bytes, message: bytes) -> None:
    try:
        VerifyKey(address.parse(signer)).verify(message, signature)
    except (BadSignatureError, NaclValueError):
        raise _bad(f"a signature is not by {signer}") from None


def _bad(message: str) -> QuorateError:
    return QuorateError("signature", message, "peer", "the session that made it is void; sign again")
