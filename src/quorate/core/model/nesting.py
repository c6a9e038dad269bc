"""How deep JSON text is nested, found without recursion.

The parser of the standard library recurses in C, bounded only by the interpreter's recursion limit; a
library that raises that limit (py_ecc does, below eth-account) turns deep input into a crash of the
process.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+\\?(?:"|\Z)|[\[\]{}]', re.DOTALL)
"""A string, ended or not, or a bracket. Possessive, so that the scan is linear whatever the bytes are."""


def deeper_than(data: bytes, limit: int) -> bool:
    """Whether containers lie more than `limit` deep: `[]` is 1 deep. For any bytes, JSON or not."""
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    depth = 0
    for token in _TOKEN.finditer(data):
        first = data[token.start()]
        if first in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif first in b"]}":
            depth -= 1
    return False
