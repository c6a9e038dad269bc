"""What holds of transactions and messages, whatever their bytes: they are refused with a code, or they decode
to effects of the vocabulary, in the only encoding they have, and can be judged.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import rlp
from solders.message import from_bytes_versioned, to_bytes_versioned

from quorate.core.chains import readers
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.to_sign import to_sign
from quorate.core.chains.decode import decode_bytes
from quorate.core.chains.effects import VOCABULARY, Decoded, Effect
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.reading import Reading, View
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.core.policy import AddressBook, PolicyRequest, TallyView, decide, explain
from tests.core import examples
from tests.core.chains.bitcoin.support import NETWORK, join, split, wallet
from tests.core.chains.bitcoin.test_reading import VIEW as BITCOIN_VIEW
from tests.core.chains.evm.samples import OURS, SAFE, SENDER, TO
from tests.core.chains.solana.test_reading import VIEW as SOLANA_VIEW
from tests.core.chains.tron import published
from tests.core.policy.builders import EVIDENCE, NOW, line
from tests.fuzz import seeds

Check = Callable[[bytes], object]
TRON_OWNER: Final = seeds.tron_owner()
_CERTIFICATE: Final = examples.certificates()["main-ecdsa"]
_EVM_VIEW: Final = View(
    Chain("evm:1", "evm", 1, "main-ecdsa", 60, "ETH", 10**18, 100), _CERTIFICATE, "0", SENDER
)
_TRON_VIEW: Final = View(
    Chain("tron:mainnet", "tron", 0, "main-ecdsa", 195, "TRX", 10**9, 0), _CERTIFICATE, "0", TRON_OWNER
)
_BOOK: Final = AddressBook(own={SENDER: "0", SAFE: "1"}, whitelist={TO: "shop"})
_TALLY: Final = TallyView([line(1, 10, asset="ETH"), line(2, 10, asset="USDC")])
_MOVES: Final = ("native_transfer", "token_transfer", "change")


def evm(format: str) -> Check:
    def check(data: bytes) -> None:
        read = accepted(data, _EVM_VIEW, format) if format == "evm-tx" else None
        decoded = known(lambda: decode_item(format, data, OURS), read)
        assert decoded == decode_item(format, data, OURS)
        if format in ("evm-tx", "evm-7702-authorization"):
            payload = data if data[0] >= 0xC0 else data[1:]
            assert rlp.encode(rlp.decode(payload)) == payload
        judged(decoded, read, "evm:1")

    return check


def bitcoin(data: bytes) -> None:
    """With a wallet and without one the same bytes are refused alike."""
    read = accepted(data, BITCOIN_VIEW, "bitcoin-psbt")
    decoded = known(lambda: decode_psbt(data, wallet(), NETWORK), read)
    assert decode_psbt(data, None, NETWORK).chain == decoded.chain
    assert join(split(data)) == data
    judged(decoded, read, f"bitcoin:{NETWORK}")
    error = examples.refusal(to_sign, data, wallet(), NETWORK)
    assert error is not None or not decoded.blind


def solana(data: bytes) -> None:
    read = accepted(data, SOLANA_VIEW, "solana-message")
    decoded = known(lambda: decode_bytes("solana-message", data, seeds.solana_context_of_all(), {}), read)
    assert to_bytes_versioned(from_bytes_versioned(data)) == data
    judged(decoded, read, SOLANA_VIEW.chain.id)


def tron(data: bytes) -> None:
    read = accepted(data, _TRON_VIEW, "tron-tx")
    decoded = known(lambda: decode_bytes("tron-tx", data, {}, {}), read)
    message = published.message("Raw")
    message.ParseFromString(data)
    assert message.SerializeToString(deterministic=True) == data
    judged(decoded, read, "tron:mainnet")


# ---- what holds of all of them


def accepted(data: bytes, view: View, format: str) -> Reading | None:
    """What the signer's own reader says; None where it refuses."""
    try:
        return readers.read(format, data, view)
    except QuorateError:
        return None


def known(decode: Callable[[], Decoded], read: Reading | None) -> Decoded:
    """The decoder refuses nothing that the reader takes."""
    try:
        return decode()
    except QuorateError:
        assert read is None, "the reader took what the decoder refuses"
        raise


def judged(decoded: Decoded, read: Reading | None, chain: str) -> None:
    """The effects have the members of the vocabulary, are JSON, and are decided about without an error."""
    for effect in decoded.effects:
        assert set(VOCABULARY[str(effect["type"])]) <= effect.keys()
    json.dumps(decoded.to_json())
    request = PolicyRequest(source="0", chain=chain, book=_BOOK, assets={"native": "ETH"})
    for policy in seeds.policies():
        found = decide(policy, request, decoded.effects, EVIDENCE, _TALLY, NOW)
        assert explain.lines(found)
    if read is not None and not (read.blind or read.form or read.others):
        assert _amounts(read) <= Counter(_decoded_amounts(decoded.effects))


def _amounts(read: Reading) -> Counter[str]:
    return Counter(str(effect.amount) for effect in read.effects)


def _decoded_amounts(effects: Iterable[Effect]) -> list[str]:
    """A plain transfer by the reader is one by the decoder, to the smallest unit."""
    return [str(effect.get("amount")) for effect in effects if effect["type"] in _MOVES]
