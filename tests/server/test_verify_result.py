"""What the server believes of a signature: that it verifies under the key which the certificate gives."""

from dataclasses import replace
from typing import Any

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.intent import Item
from quorate.core.model.records import KeyCertificate
from quorate.core.proto.link_pb2 import ItemSignature
from quorate.server.service.verify_result import ItemResult, verify_item
from tests.core.chains.test_bip340 import recorded
from tests.core.examples import VECTORS, body

CERTIFICATE = KeyCertificate.from_bytes(body(VECTORS["key-certificate"]["valid"][0]))
CASES = recorded()
TAPROOT = next(case for case in CASES if case["path"][0] == 86)
RAW = next(case for case in CASES if case["path"][0] == 1729)


def verify(case: dict[str, Any], signature: bytes | None = None, **changes: Any) -> ItemResult:
    root, code = bytes.fromhex(case["root_public_key"]), bytes.fromhex(case["chain_code"])
    item = Item(2, tuple(case["path"]), bytes.fromhex(case["digest"]))
    made = ItemSignature(signature=bytes.fromhex(case["signature"]) if signature is None else signature)
    certificate = replace(CERTIFICATE, public_key=root, chain_code=code)
    return verify_item(replace(item, **changes), made, certificate)


def test_bip340_signatures_of_real_shares() -> None:
    for case in CASES:
        found = verify(case)
        assert found == ItemResult(bytes.fromhex(case["signature"]), None, bytes.fromhex(case["public_key"]))


@pytest.mark.parametrize("case", [TAPROOT, RAW], ids=["taproot", "raw"])
def test_another_message_path_or_scheme_is_refused(case: dict[str, Any]) -> None:
    good = bytes.fromhex(case["signature"])
    attempts: list[dict[str, Any]] = [
        {"message": b"\x00" * 32},
        {"path": (*case["path"], 0)},
        {"path": (86, *case["path"][1:]) if case is RAW else (1729, 2, *case["path"][2:])},
        {"signature": good[:63]},
        {"signature": good + b"\x00"},
        {"signature": good[32:] + good[:32]},
        {"signature": b""},
        {"scheme": 0},
    ]
    for changes in attempts:
        with pytest.raises(QuorateError) as error:
            verify(case, **changes)
        assert error.value.code == "signature", changes
    with pytest.raises(QuorateError) as error:
        verify(case, path=(84, 0, 0))
    assert error.value.code == "path_scheme"
