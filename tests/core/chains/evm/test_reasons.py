"""Every reason that the decoder can give is explained in docs/decoding-evm.md, and no other is."""

import re

from tests.core.vectors import ROOT

SOURCE = ROOT / "src/quorate/core/chains/evm"
JUDGE_ONLY = {"access_list", "blobs", "authorization_list", "value_with_call", "unknown_call", "not_abi"}
"""Reasons of the plain-transfer reading in decode.py."""
NO_REASONS = {"fixed_bytes", "own_safes", "trusted_delegatecall", "document_hash"}
"""Other names in that folder: a type, lists of the policy, the state of a pinned document."""
_CONSTANT = re.compile(r'^[A-Z][A-Z0-9_]*: Final = "([a-z0-9]+(?:_[a-z0-9]+)+)"$', re.MULTILINE)
_LITERAL = re.compile(r'(?:reason=|blind\()"([a-z0-9_]+)"')


def test_reasons_are_documented() -> None:
    given: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        given |= set(_CONSTANT.findall(text)) | set(_LITERAL.findall(text))
    rows = re.findall(r"^\| `([a-z0-9_]+)` \|", (ROOT / "docs/decoding-evm.md").read_text(), re.MULTILINE)
    assert given - JUDGE_ONLY - NO_REASONS == set(rows)
    assert len(rows) == 22
