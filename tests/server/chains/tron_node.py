"""A TRON node as its HTTP interface shows it: balances, one token, blocks, a pool that is checked.

Transactions are read with Google's protobuf, and the key that signed is recovered from the digest: nothing of
the package under test is asked whether they are right. The virtual machine is one contract that knows
`transfer` and `balanceOf`.
"""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bip_utils import Base58Encoder
from coincurve import PublicKey
from eth_hash.auto import keccak

from tests.core.chains.tron.published import message
from tests.server.chains.front import NOT_FOUND, Asked, Reply, as_json

GENESIS = bytes(8) + bytes.fromhex("c0ffee" * 8)
ENERGY, ENERGY_PRICE, BANDWIDTH_PRICE = 65_000, 100, 1_000
"""Of a token transfer; sun."""
ACTIVATION = 1_100_000
ONE_DAY_MS = 24 * 3600 * 1000
TRANSFER = bytes.fromhex("a9059cbb")


class Refused(Exception):
    """Code and message, as `broadcasthex` answers them."""


@dataclass
class Node:
    """`offset_s` moves its clock; `closed` makes it take no transaction. One block a transaction. What is
    executed is solid at once; the newest solid block is of 19 blocks ago.
    """

    token: str
    coins: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    free_bandwidth: int = 0
    staked_energy: int = 0
    offset_s: int = 0
    closed: bool = False
    executed: dict[str, dict[str, Any]] = field(default_factory=dict)
    signed: list[bytes] = field(default_factory=list)
    height: int = 1_000

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.replace("/walletsolidity/", "/wallet/solid_")
        method = getattr(self, "_" + path.removeprefix("/wallet/"), None)
        if method is None:
            return NOT_FOUND
        with self._lock:
            return as_json(method(asked.json))

    # -- blocks

    def now_ms(self) -> int:
        """The newest block's time: producers make one every three seconds."""
        return (time.time_ns() // 1_000_000 + 1000 * self.offset_s) // 3000 * 3000

    def block_id(self, number: int) -> bytes:
        return number.to_bytes(8, "big") + hashlib.sha256(b"block %d" % number).digest()[8:]

    def _getblockbynum(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"blockID": GENESIS.hex()} if body == {"num": 0} else {}

    def _getnowblock(self, body: dict[str, Any]) -> dict[str, Any]:
        header = {"number": self.height, "timestamp": self.now_ms()}
        return {"blockID": self.block_id(self.height).hex(), "block_header": {"raw_data": header}}

    def _solid_getblock(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body == {"detail": False}, "whole blocks are large"
        header = {"number": self.height, "timestamp": self.now_ms() - 19 * 3000}
        return {"blockID": self.block_id(self.height).hex(), "block_header": {"raw_data": header}}

    def _getchainparameters(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"chainParameter": [{"key": "getEnergyFee", "value": ENERGY_PRICE}]}

    # -- accounts

    def _getaccount(self, body: dict[str, Any]) -> dict[str, Any]:
        address = body["address"]
        return {"address": address, "balance": self.coins[address]} if address in self.coins else {}

    def _getaccountresource(self, body: dict[str, Any]) -> dict[str, Any]:
        free, energy = self.free_bandwidth, self.staked_energy
        return {**({"freeNetLimit": free} if free else {}), **({"EnergyLimit": energy} if energy else {})}

    def _triggerconstantcontract(self, body: dict[str, Any]) -> dict[str, Any]:
        owner, words = body["owner_address"], bytes.fromhex(body["parameter"])
        if body["contract_address"] != self.token:
            message = b"contract validate error : No contract or not a smart contract".hex()
            return {"result": {"code": "CONTRACT_VALIDATE_ERROR", "message": message}}
        if body["function_selector"] == "balanceOf(address)":
            held = self.tokens.get(text(b"\x41" + words[12:32]), 0)
            return self._result(held.to_bytes(32, "big"), 900)
        if int.from_bytes(words[32:], "big") > self.tokens.get(owner, 0):
            return {"result": {"result": True, "message": b"REVERT opcode executed".hex()}}
        return self._result((1).to_bytes(32, "big"), ENERGY)

    def _result(self, returned: bytes, energy: int) -> dict[str, Any]:
        return {"result": {"result": True}, "energy_used": energy, "constant_result": [returned.hex()]}

    # -- transactions

    def _gettransactionbyid(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"txID": body["value"]} if body["value"] in self.executed else {}

    def _gettransactioninfobyid(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.executed.get(body["value"], {})

    _solid_gettransactioninfobyid = _gettransactioninfobyid

    def _broadcasthex(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            id = self.execute(bytes.fromhex(body["transaction"]))
        except Refused as refusal:
            code, words = refusal.args
            return {"code": code, "message": words.encode().hex()}
        return {"result": True, "code": "SUCCESS", "txid": id, "message": ""}

    def execute(self, data: bytes) -> str:
        """What java-tron checks before a transaction enters a block (Manager.validateCommon and others)."""
        if self.closed:
            raise Refused("SERVER_BUSY", "Server is busy, please try again later.")
        transaction = message("Transaction")
        transaction.ParseFromString(data)
        raw = transaction.raw_data
        digest = hashlib.sha256(raw.SerializeToString(deterministic=True)).digest()
        if not self.now_ms() < raw.expiration <= self.now_ms() + ONE_DAY_MS:
            raise Refused("TRANSACTION_EXPIRATION_ERROR", f"expires {raw.expiration}, now {self.now_ms()}")
        self._check_reference(raw)
        if digest.hex() in self.executed:
            raise Refused("DUP_TRANSACTION_ERROR", "dup transaction")
        (contract,) = raw.contract
        owner = signer_of(digest, transaction.signature)
        name = contract.parameter.type_url.rpartition(".")[2]
        value = message(name)
        value.ParseFromString(contract.parameter.value)
        if text(value.owner_address) != owner or contract.Permission_id:
            raise Refused("SIGERROR", f"Validate signature error: {owner} is not the owner")
        paid = self._pay_bandwidth(owner, len(data))
        paid += self._transfer(owner, value) if name == "TransferContract" else self._call(owner, raw, value)
        self.height += 1
        self.signed.append(data)
        self.executed[digest.hex()] = {
            "id": digest.hex(), "fee": paid, "blockNumber": self.height, "receipt": {"result": "SUCCESS"},
        }  # fmt: skip
        return digest.hex()

    def _check_reference(self, raw: Any) -> None:
        for number in range(self.height, max(0, self.height - 1000), -1):
            id = self.block_id(number)
            if (raw.ref_block_bytes, raw.ref_block_hash) == (id[6:8], id[8:16]):
                return
        raise Refused("TAPOS_ERROR", "Tapos check error")

    def _pay_bandwidth(self, owner: str, size: int) -> int:
        return self._burn(owner, 0 if size + 64 <= self.free_bandwidth else (size + 64) * BANDWIDTH_PRICE)

    def _transfer(self, owner: str, value: Any) -> int:
        to = text(value.to_address)
        fee = 0 if to in self.coins else ACTIVATION
        if self.coins.get(owner, 0) < value.amount + fee:
            raise Refused(
                "CONTRACT_VALIDATE_ERROR", "Validate TransferContract error, balance is not sufficient."
            )
        self.coins[owner] -= value.amount
        self.coins[to] = self.coins.get(to, 0) + value.amount
        return self._burn(owner, fee)

    def _call(self, owner: str, raw: Any, value: Any) -> int:
        assert (text(value.contract_address), value.data[:4], value.call_value) == (self.token, TRANSFER, 0)
        to, amount = text(b"\x41" + value.data[16:36]), int.from_bytes(value.data[36:], "big")
        assert self.tokens[owner] >= amount
        fee = max(0, ENERGY - self.staked_energy) * ENERGY_PRICE
        assert fee <= raw.fee_limit, "out of energy"
        self.tokens[owner] -= amount
        self.tokens[to] = self.tokens.get(to, 0) + amount
        return self._burn(owner, fee)

    def _burn(self, owner: str, sun: int) -> int:
        if self.coins.get(owner, 0) < sun:
            raise Refused("BANDWITH_ERROR", "Account resource insufficient error.")
        if sun:
            self.coins[owner] -= sun
        return sun


def signer_of(digest: bytes, signatures: Any) -> str:
    (signature,) = signatures
    recovered = bytes(signature[:64]) + bytes([signature[64] - 27])
    point = PublicKey.from_signature_and_message(recovered, digest, hasher=None).format(compressed=False)
    return text(b"\x41" + keccak(point[1:])[-20:])


def text(address: bytes) -> str:
    return str(Base58Encoder.CheckEncode(bytes(address)))
