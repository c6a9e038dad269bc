"""TRON: the cluster's account is the owner, and blocks are those of the node of the tests."""

import hashlib
from typing import Final

from quorate.core.chains.effects import Effect
from quorate.core.chains.tron.decode import decode_tx
from tests.core.chains.tron.published import message
from tests.hostile.tron_bytes import bytes_of
from tests.museum import cases
from tests.museum.cases import Json, Theft
from tests.museum.rebind.asking import SOURCE, Book, Request, raw, transfer, whole
from tests.server.chains.tron_node import Node

CHAIN: Final = "tron:localnet"
TOKEN: Final = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
USDT: Final = "USDT_TRX"
ASSETS: Final = [
    {"id": "TRX", "chain": CHAIN, "decimals": "6"},
    {"id": USDT, "chain": CHAIN, "contract": TOKEN, "decimals": "6"},
]
BOOK: Final = Book(CHAIN, cases.named("tron", "whitelist"))
LIFE_MS: Final = 300_000


class Tron:
    def __init__(self, account: str, node: Node) -> None:
        self._account, self._node = account, node

    def request(self, theft: Theft) -> Request:
        """Its digest: calls of contracts cannot be asked for."""
        digest = hashlib.sha256(bytes.fromhex(self.lie(theft)["raw"])).hexdigest()
        return raw("MPC_ECDSA_SECP256K1", {"content": digest}, assetId="TRX", source=SOURCE)

    def twin(self, case: Json, item: Json) -> Request:
        return self._pay(case["requested"]["effects"][0], case["requested"]["effects"][0]["to"])

    def honest(self, theft: Theft) -> dict[str, Request]:
        """What the approvers saw, to somebody they know; and coins."""
        seen = self._pay(theft.case["requested"]["effects"][0], BOOK.addresses[0])
        return {"seen": seen, "coins": transfer("TRX", "1", BOOK.destination(BOOK.addresses[0]))}

    def lie(self, theft: Theft) -> dict[str, str]:
        raw_data = message("Raw")
        raw_data.ParseFromString(bytes.fromhex(theft.item["bytes"].removeprefix("0x")))
        block, now = self._node.block_id(self._node.height), self._node.now_ms()
        raw_data.ref_block_bytes, raw_data.ref_block_hash = block[6:8], block[8:16]
        raw_data.timestamp, raw_data.expiration = now, now + LIFE_MS
        (contract,) = raw_data.contract
        value = message(contract.parameter.type_url.rpartition(".")[2])
        value.ParseFromString(contract.parameter.value)
        value.owner_address = bytes_of(self._account)
        contract.parameter.value = value.SerializeToString(deterministic=True)
        return {"raw": raw_data.SerializeToString(deterministic=True).hex()}

    def effects(self, data: bytes) -> tuple[Effect, ...]:
        return decode_tx(data).effects

    def _pay(self, effect: Json, to: str) -> Request:
        asset = "TRX" if effect["type"] == "native_transfer" else USDT
        return transfer(asset, whole(int(effect["amount"]), 6), BOOK.destination(to))


def fund(node: Node, account: str) -> None:
    node.coins[account], node.tokens[account] = 20_000 * 10**6, 50_000 * 10**6
