"""TRON through the HTTP interface of its full nodes (`/wallet/...`)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from quorate.core.chains.answers import boolean, integer, listing, mapping, nonsense, octets, text
from quorate.core.chains.tron import address as addresses
from quorate.core.chains.tron.attach import http_json
from quorate.server.chains import rest
from quorate.server.chains.by_genesis import ByGenesis
from quorate.server.chains.exchange import parse, refusal, unreachable, words
from quorate.server.chains.interface import Head, Receipt

T = TypeVar("T")
MOST_PARAMETERS: Final = 1_000
ENERGY_FEE: Final = "getEnergyFee"


@dataclass(frozen=True, slots=True)
class Block(Head):
    """`hash` is the block's id, whose first 8 bytes are its number. `timestamp` in Unix milliseconds."""

    timestamp: int


@dataclass(frozen=True, slots=True)
class Resources:
    """What an account has left of what costs nothing. Bytes are paid by one of the two whole, or by TRX."""

    free_bandwidth: int
    staked_bandwidth: int
    energy: int

    def carries(self, size: int) -> bool:
        """Whether a transaction of that many bytes costs no bandwidth."""
        return size <= max(self.free_bandwidth, self.staked_bandwidth)


class TronClient(ByGenesis):
    """A `ChainClient`. `genesis` is the id of block 0. Amounts in sun, or the token's smallest unit."""

    async def block(self) -> Block:
        """The newest one: what a transaction refers to, and the chain's own time."""
        return await self._read("getnowblock", {}, _block)

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Of the account, or of a TRC-20 contract. Nodes tell of nothing that waits."""
        if token is None:
            return await self._read("getaccount", {"address": address, "visible": True}, _balance)
        call = _call(address, token, "balanceOf(address)", _word(address))
        return await self._read("triggerconstantcontract", call, _constant)

    async def exists(self, address: str) -> bool:
        """Whether the account has been activated: paying one that is not costs more."""
        return await self._read("getaccount", {"address": address, "visible": True}, bool)

    async def resources(self, address: str) -> Resources:
        return await self._read("getaccountresource", {"address": address, "visible": True}, _resources)

    async def energy(self, sender: str, token: str, to: str, amount: int) -> int:
        """What a TRC-20 transfer would use now. Raises QuorateError chain_error when it would fail."""
        arguments = _word(to) + amount.to_bytes(32, "big").hex()
        call = _call(sender, token, "transfer(address,uint256)", arguments)
        return await self._read("triggerconstantcontract", call, _energy)

    async def parameters(self) -> dict[str, int]:
        """What the chain has voted: prices among others, by their names in the interface."""
        return await self._read("getchainparameters", {}, _parameters)

    async def fee_hint(self) -> int:
        """sun for a unit of energy."""

        def read(answer: dict[str, Any]) -> int:
            return integer(_parameters(answer).get(ENERGY_FEE), ENERGY_FEE, 1)

        return await self._read("getchainparameters", {}, read)

    async def knows(self, id: bytes) -> bool:
        """Whether the transaction is executed or waits in a node's pool."""
        return await self._sources.read(lambda url: self._has(url, id))

    async def receipt(self, id: bytes) -> Receipt | None:
        """None while it is not executed. Nodes do not answer the block's id here."""
        return await self._read(
            "gettransactioninfobyid", {"value": id.hex()}, lambda answer: _receipt(answer, id)
        )

    async def broadcast(self, raw: bytes, id: bytes) -> None:
        """Hands it to the first node that takes or has it. Raises the last one's error when none does."""

        async def send(url: str) -> None:
            answer = await self._ask(url, "broadcasthex", {"transaction": raw.hex()}, optional=True)
            if answer is None:  # some providers have only the other one
                answer = await self._ask(url, "broadcasttransaction", http_json(raw))
            _accepted(answer, id)

        await self._sources.hand_over(send, lambda url: self._has(url, id))

    async def _has(self, url: str, id: bytes) -> bool:
        for method in ("gettransactionbyid", "gettransactionfrompending"):
            answer = await self._ask(url, method, {"value": id.hex()}, optional=True)
            if answer:
                if answer.get("txID") != id.hex():
                    raise nonsense(method, answer.get("txID"))
                return True
        return False

    async def _read(self, method: str, body: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> T:
        async def ask(url: str) -> T:
            return read(await self._ask(url, method, body) or {})

        return await self._sources.read(ask)

    async def _ask(
        self, url: str, method: str, body: dict[str, Any], *, optional: bool = False
    ) -> dict[str, Any] | None:
        """An empty object is how nodes say that there is no such thing; None: they have no such method."""
        content = await rest.post(self._http, url, f"/wallet/{method}", json=body)
        if content is None:
            if optional:
                return None
            raise unreachable(method, "the source does not offer it")
        answer = mapping(parse(content, method), method)
        if "Error" in answer:
            raise refusal(method, words(str(answer["Error"]).encode()))
        return answer

    async def _genesis_of(self, url: str) -> str:
        answer = await self._ask(url, "getblockbynum", {"num": 0}) or {}
        return octets(answer.get("blockID"), "genesis", 32).hex()


def _call(owner: str, contract: str, selector: str, parameter: str) -> dict[str, Any]:
    return {
        "owner_address": owner,
        "contract_address": contract,
        "function_selector": selector,
        "parameter": parameter,
        "visible": True,
    }


def _word(address: str) -> str:
    """An address as an argument: 32 bytes in hexadecimal."""
    return (bytes(12) + addresses.to_bytes(address)[1:]).hex()


def _block(answer: dict[str, Any]) -> Block:
    what = "getnowblock"
    id = octets(answer.get("blockID"), what, 32)
    header = mapping(mapping(answer.get("block_header"), what).get("raw_data"), what)
    number = integer(header.get("number"), what, 1)
    if int.from_bytes(id[:8], "big") != number:
        raise nonsense(what, f"block {number} with the id {id.hex()}")
    return Block(number, id.hex(), integer(header.get("timestamp"), what, 1))


def _balance(answer: dict[str, Any]) -> int:
    """An account without coins has no such member, one that does not exist has none at all."""
    return integer(answer.get("balance", 0), "getaccount")


def _resources(answer: dict[str, Any]) -> Resources:
    """What is 0 is left out."""

    def left(limit: str, used: str) -> int:
        return max(0, integer(answer.get(limit, 0), limit) - integer(answer.get(used, 0), used))

    return Resources(
        left("freeNetLimit", "freeNetUsed"), left("NetLimit", "NetUsed"), left("EnergyLimit", "EnergyUsed")
    )


def _executed(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer to a call that was executed without failing. Raises QuorateError chain_error otherwise."""
    what = "triggerconstantcontract"
    result = mapping(answer.get("result"), what)
    failed = result.get("message") or result.get("code", "SUCCESS") != "SUCCESS"
    if failed or not boolean(result.get("result", False), what):
        raise refusal(what, _message(result))
    return answer


def _constant(answer: dict[str, Any]) -> int:
    results = listing(_executed(answer).get("constant_result"), "constant_result", 1)
    if len(results) != 1:
        raise nonsense("constant_result", results)
    return int.from_bytes(octets(results[0], "constant_result", 32), "big")


def _energy(answer: dict[str, Any]) -> int:
    return integer(_executed(answer).get("energy_used"), "energy_used", 1)


def _parameters(answer: dict[str, Any]) -> dict[str, int]:
    """Parameters that were never voted on may have no value."""
    entries = listing(answer.get("chainParameter"), "chainParameter", MOST_PARAMETERS)
    fields = [mapping(entry, "chainParameter") for entry in entries]
    return {
        text(entry.get("key"), "chainParameter"): integer(entry["value"], "chainParameter", -(1 << 63))
        for entry in fields
        if "value" in entry
    }


def _accepted(answer: dict[str, Any] | None, id: bytes) -> None:
    """Raises QuorateError: chain_error (the node's refusal), chain_answer (it took something else)."""
    fields = answer or {}
    if fields.get("result") is not True:
        raise refusal("broadcast", _message(fields))
    if fields.get("txid") != id.hex():
        raise nonsense("broadcast", fields.get("txid"))


def _message(fields: dict[str, Any]) -> str:
    """Code and message; nodes write the message in hexadecimal."""
    message = str(fields.get("message", ""))
    with suppress(ValueError):
        message = bytes.fromhex(message).decode()
    return words(f"{fields.get('code', 'refused')} {message}".encode())


def _receipt(answer: dict[str, Any], id: bytes) -> Receipt | None:
    """`result` is there when it failed; `receipt.result` only where code ran."""
    if not answer:
        return None
    what = "gettransactioninfobyid"
    if answer.get("id") != id.hex():
        raise nonsense(what, answer.get("id"))
    ran = mapping(answer.get("receipt", {}), what).get("result", "SUCCESS")
    succeeded = "result" not in answer and ran in ("SUCCESS", "DEFAULT")
    height = integer(answer.get("blockNumber"), what, 1)
    return Receipt(succeeded, height, None, integer(answer.get("fee", 0), what))
