"""Generates ed25519-hd.json: the Ed25519 derivation of docs/spec/key-certificate.md in plain integers."""

import hashlib
import hmac
import json
import pathlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

Point = tuple[int, int]


def add(one: Point, two: Point) -> Point:
    (x1, y1), (x2, y2) = one, two
    k = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P) % P


def mul(scalar: int, point: Point) -> Point:
    total = (0, 1)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def base() -> Point:
    y = 4 * pow(5, P - 2, P) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x), y


def encode(scalar: int) -> bytes:
    x, y = mul(scalar, BASE)
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def chain(secret: int, code: bytes, path: list[int]) -> dict:
    root, root_code, tweak, children = encode(secret).hex(), code.hex(), 0, []
    for index in path:
        h = hmac.new(code, encode(secret) + b"\0" + index.to_bytes(4, "big"), hashlib.sha512).digest()
        step = int.from_bytes(h[:32], "big") % L
        secret, tweak, code = (secret + step) % L, (tweak + step) % L, h[32:]
        child = {
            "index": index,
            "public_key": encode(secret).hex(),
            "chain_code": code.hex(),
            "tweak": tweak.to_bytes(32, "little").hex(),
        }
        children.append(child)
    return {"public_key": root, "chain_code": root_code, "children": children}


BASE = base()
CHAINS = [
    chain(
        int.from_bytes(hashlib.sha512(b"one").digest(), "little") % L,
        hashlib.sha256(b"one").digest(),
        [44, 501, 7, 0, 3],
    ),
    chain(int.from_bytes(hashlib.sha512(b"two").digest(), "little") % L, bytes(32), [1729, 1, 2**31 - 1]),
    chain(1, b"\xff" * 32, [0, 0, 0]),
]

if __name__ == "__main__":
    target = pathlib.Path(__file__).with_name("ed25519-hd.json")
    target.write_text(json.dumps({"chains": CHAINS}, indent=1) + "\n")
