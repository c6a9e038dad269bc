"""Canonical JSON by itself: what is its own re-encoding, and one reason each why other bytes are not."""

from typing import Any

from tests.core.spec.generate.encode import canonical


def build() -> dict[str, Any]:
    deep = b"[" * 16 + b"]" * 16
    valid: dict[str, bytes] = {
        "empty object": b"{}",
        "sorted members": b'{"":0,"A":1,"_":2,"a":3,"aa":4}',
        "largest integers": b"[-9007199254740991,0,9007199254740991]",
        "text beyond ASCII is not escaped": '["Köln","𝄞","\u2028"]'.encode(),
        "the escapes there are": b'["\\b\\t\\n\\f\\r\\"\\\\","\\u0000\\u001f","/","\x7f"]',
        "sixteen deep": deep,
        "literals": b"[null,true,false]",
        "a scalar": b'"text"',
    }
    invalid: dict[str, bytes] = {
        "empty": b"",
        "white space": b'{"a": 1}',
        "final newline": b"{}\n",
        "trailing bytes": b"{}{}",
        "byte order mark": b"\xef\xbb\xbf{}",
        "members not sorted": b'{"b":1,"a":2}',
        "a member twice": b'{"a":1,"a":1}',
        "a fraction": b"[1.5]",
        "an integral float": b"[1.0]",
        "an exponent": b"[1e3]",
        "minus zero": b"[-0]",
        "a leading zero": b"[01]",
        "above 2^53 - 1": b"[9007199254740992]",
        "below -(2^53 - 1)": b"[-9007199254740992]",
        "a number of 400 digits": b"[" + b"9" * 400 + b"]",
        "NaN": b"[NaN]",
        "an escape that need not be": b'["\\u0041"]',
        "an escaped slash": b'["\\/"]',
        "upper-case escape": b'["\\u001F"]',
        "a lone surrogate": b'["\\ud800"]',
        "a raw control character": b'["\x01"]',
        "not UTF-8": b'["\xff"]',
        "a member name beyond ASCII": '{"ä":1}'.encode(),
        "seventeen deep": b"[" + deep + b"]",
        "two thousand deep": b"[" * 2000 + b"]" * 2000,
        "truncated": b'{"a":',
    }
    return {
        "valid": [{"name": name, "body": body.hex()} for name, body in valid.items()],
        "invalid": [
            *({"name": name, "body": body.hex(), "code": "not_canonical"} for name, body in invalid.items()),
        ],
        "size": {
            "about": "arrays of this many zeros",
            "largest": {"count": 524_287, "bytes": len(canonical([0] * 524_287))},
            "too_large": {"count": 524_288, "code": "too_large"},
        },
    }
