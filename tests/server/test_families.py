"""What the server must know of each chain family to say that a payment cannot be made any more."""

from types import SimpleNamespace
from typing import Any

import pytest

from quorate.server.service.families import FAMILIES
from tests.core.chains.bitcoin.support import holding
from tests.core.chains.bitcoin.test_signed import built, coins

KINDS = {"p2pkh": True, "p2sh-p2wpkh": False, "p2wpkh": False, "p2tr": False}


def row(**fields: Any) -> Any:
    return SimpleNamespace(**fields)


@pytest.mark.parametrize(("family", "named"), [("evm", True), ("solana", True), ("tron", False)])
def test_whose_name_hangs_on_signatures(family: str, named: bool) -> None:
    assert FAMILIES[family].named_by_signature(row(attempt_bytes=b"")) is named


@pytest.mark.parametrize("kind", KINDS)
def test_on_bitcoin_that_depends_on_the_coins(kind: str) -> None:
    psbt = built(coins(kind, "p2wpkh"), 60_000, holding("p2wpkh", 0, change=1)).psbt
    assert FAMILIES["bitcoin"].named_by_signature(row(attempt_bytes=psbt)) is KINDS[kind]
