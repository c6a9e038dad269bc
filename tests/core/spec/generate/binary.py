"""Vote and tally entry, byte by byte, and the hashes that are built from them."""

import hashlib
from typing import Any

from tests.core.spec.generate.encode import canonical, digest, lp, seed, sign
from tests.core.spec.generate.structures import ATTEMPT, EMPTY_HASH, INTENT_HASH
from tests.core.spec.generate.world import CHARTER_HASH, CLUSTER, NOW, USER, WHITELISTED

ATTEMPT_HASH = digest("quorate/attempt/v1", canonical(ATTEMPT))
ECDSA_ITEM = (0, (44, 60, 0, 0, 0), bytes.fromhex("aa" * 32))
ED25519_ITEM = (1, (1729, 1, 5), b"Hallo")
BIP340_ITEM = (2, (86, 0, 0, 0, 0), bytes.fromhex("bb" * 32))
HEADS = (("signer-1", 17, b"\x77" * 32), ("signer-2", 0, bytes(32)), ("signer-3", 2, b"\x33" * 32))


def u(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def shared(
    items: Any = (ECDSA_ITEM,), members: Any = ("signer-1", "signer-3"), cluster: str = CLUSTER
) -> bytes:
    out = lp(cluster) + CHARTER_HASH + u(0, 8) + bytes.fromhex(EMPTY_HASH) + lp("main-ecdsa") + u(1, 4)
    out += INTENT_HASH + ATTEMPT_HASH + u(len(items), 2)
    for scheme, path, message in items:
        out += u(scheme, 1) + u(len(path), 1) + b"".join(u(i, 4) for i in path) + lp(message)
    return out + u(len(members), 1) + b"".join(lp(m) for m in members) + u(9, 8)


def own(voter: str = "signer-1", randomness: Any = (b"\x5a" * 32,), heads: Any = HEADS) -> bytes:
    out = (
        lp(voter)
        + u(3, 4)
        + u(NOW * 1000 + 500, 8)
        + u(len(randomness), 2)
        + b"".join(lp(r) for r in randomness)
    )
    return out + u(len(heads), 1) + b"".join(lp(s) + u(c, 8) + h for s, c, h in heads)


def tally(
    count: int = 1,
    previous: bytes = bytes(32),
    cluster: str = CLUSTER,
    amount: str = "1500000",
    user: str = USER,
    signer: str = "signer-1",
) -> bytes:
    out = (
        lp(cluster)
        + lp(signer)
        + u(count, 8)
        + previous
        + INTENT_HASH
        + ATTEMPT_HASH
        + u(NOW * 1000 + 400, 8)
    )
    return (
        out
        + lp(user)
        + lp("TRANSFER")
        + lp("0")
        + lp(WHITELISTED)
        + lp("USDC")
        + lp(amount)
        + u(NOW + 3600, 8)
    )


def build() -> dict[str, Any]:
    vote, second = shared() + own(), shared() + own("signer-3", (b"\xa5" * 32,))
    both = (ECDSA_ITEM, ED25519_ITEM)
    mixed = shared(both) + own(randomness=(b"\x5a" * 32, b"\x01" * 64))
    taproot = shared((BIP340_ITEM,)) + own(randomness=(b"\x02" * 66,))
    session = digest("quorate/session/v1", shared())
    entry = tally()
    head = digest("quorate/tally/v1", entry)
    return {
        "vote": {
            "label": "quorate/vote/v1",
            "valid": [
                _valid("quorate/vote/v1", "ECDSA", vote, "signer-1/vote")
                | {"session_id": session.hex(), "shared": shared().hex()},
                _valid("quorate/vote/v1", "the other member's", second, "signer-3/vote")
                | {"session_id": session.hex(), "shared": shared().hex()},
                _valid("quorate/vote/v1", "an item of ECDSA and one of Ed25519", mixed, "signer-1/vote")
                | {
                    "session_id": digest("quorate/session/v1", shared(both)).hex(),
                    "shared": shared(both).hex(),
                },
                _valid("quorate/vote/v1", "BIP340", taproot, "signer-1/vote")
                | {
                    "session_id": digest("quorate/session/v1", shared((BIP340_ITEM,))).hex(),
                    "shared": shared((BIP340_ITEM,)).hex(),
                },
            ],
            "invalid": [
                {"name": name, "body": body.hex(), "code": "vote_form"} for name, body in _votes(vote).items()
            ],
        },
        "tally": {
            "label": "quorate/tally/v1",
            "valid": [
                _valid("quorate/tally/v1", "first", entry, "signer-1/vote") | {"head": head.hex()},
                _valid("quorate/tally/v1", "second", tally(2, head), "signer-1/vote")
                | {"head": digest("quorate/tally/v1", tally(2, head)).hex()},
            ],
            "invalid": _tallies(entry, head),
        },
        "item-session": [
            {
                "about": "votes of signer-1 and signer-3 above, in order of index; k counts from 0",
                "session_id": session.hex(),
                "votes": [vote.hex(), second.hex()],
                "k": k,
                "hash": digest("quorate/item/v1", session + u(k, 2) + _sha256(vote) + _sha256(second)).hex(),
            }
            for k in (0, 1)
        ],
    }


def _votes(vote: bytes) -> dict[str, bytes]:
    def item(scheme: int = 0, path: Any = (44, 60, 0, 0, 0), message: bytes = b"\xaa" * 32) -> bytes:
        length = {1: 64, 2: 66}.get(scheme, 32)
        return shared(((scheme, path, message),)) + own(randomness=(b"\x5a" * length,))

    return {
        "empty": b"",
        "truncated": vote[:-1],
        "a byte too many": vote + b"\x00",
        "cluster is not hexadecimal": shared(cluster="C0FFEE00" * 4) + own(),
        "no item": shared(()) + own(randomness=()),
        "seventeen items": shared((ECDSA_ITEM,) * 17) + own(randomness=(b"\x5a" * 32,) * 17),
        "unknown scheme": item(scheme=3),
        "ECDSA over 31 bytes": item(message=b"\xaa" * 31),
        "BIP340 over 33 bytes": item(2, (86, 0), b"\xaa" * 33),
        "BIP340 over nothing": item(2, (86, 0), b""),
        "Ed25519 over nothing": item(1, (1729, 1, 5), b""),
        "path of one": item(path=(44,)),
        "path of eleven": item(path=(44,) * 11),
        "hardened index": item(path=(44, 2**31)),
        "a member twice": shared(members=("signer-1", "signer-1")) + own(),
        "member id with a space": shared(members=("signer-1", "signer 3")) + own(),
        "voter is not a member": shared() + own("signer-2"),
        "no randomness": shared() + own(randomness=()),
        "ECDSA randomness of 31 bytes": shared() + own(randomness=(b"\x5a" * 31,)),
        "Ed25519 commitments of 32 bytes": shared((ED25519_ITEM,)) + own(randomness=(b"\x5a" * 32,)),
        "BIP340 commitments of 64 bytes": shared((BIP340_ITEM,)) + own(randomness=(b"\x02" * 64,)),
        "BIP340 with the randomness of ECDSA": shared((BIP340_ITEM,)) + own(),
        "a head twice": shared() + own(heads=HEADS[:1] * 2),
        "a length beyond the end": (2**32 - 1).to_bytes(4, "big") + vote[4:],
    }


def _tallies(entry: bytes, head: bytes) -> list[dict[str, str]]:
    cases = [
        ("empty", b"", "tally_form"),
        ("truncated", entry[:-1], "tally_form"),
        ("a byte too many", entry + b"\x00", "tally_form"),
        ("count 0", tally(0), "tally_form"),
        ("first entry after another head", tally(1, head), "tally_form"),
        ("second entry after nothing", tally(2), "tally_form"),
        ("signer id in upper case", tally(signer="SIGNER-1"), "tally_form"),
        ("amount with leading zero", tally(amount="01"), "tally_fields"),
        ("amount of 2^256", tally(amount=str(2**256)), "tally_fields"),
        ("user of 256 bytes", tally(user="x" * 256), "tally_fields"),
    ]
    return [{"name": name, "body": body.hex(), "code": code} for name, body, code in cases]


def _valid(label: str, name: str, body: bytes, signer: str) -> dict[str, str]:
    return {
        "name": name,
        "body": body.hex(),
        "hash": digest(label, body).hex(),
        "signer": signer,
        "seed": seed(signer).hex(),
        "signature": sign(signer, label, body).hex(),
    }


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
