"""EVM: the cluster's own accounts in the victim's place.

What a victim's account was is account 0, further own accounts are account 1; contracts, thieves, whitelist
and lists stay who they are. Messages name the cluster's chain.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from quorate.core.chains.evm.address import checksum
from tests.museum import cases
from tests.museum.cases import Json, Theft
from tests.museum.rebind.asking import SOURCE, Book, Request, raw, transfer, whole

CHAIN_ID: Final = 31337
CHAIN: Final = f"evm:{CHAIN_ID}"
_TOKENS: Final = {
    "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48": ("USDC", 6),
    "0xdAC17F958D2ee523a2206206994597C13D831ec7": ("USDT", 6),
    "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599": ("WBTC", 8),
}
ASSETS: Final = [
    {"id": "ETH", "chain": CHAIN, "decimals": "18"},
    *(
        {"id": id, "chain": CHAIN, "contract": contract, "decimals": str(decimals)}
        for contract, (id, decimals) in _TOKENS.items()
    ),
]
BOOK: Final = Book(CHAIN, cases.named("evm", "whitelist"))
LIMITS: Final = {
    "asset": "ETH",
    "per_tx": "50 ETH",
    "rolling": {"seconds": "86400", "max": "200 ETH"},
}
NAMED_CALL: Final = (checksum("5a" * 20), "0xa694fc3a")
"""The one call that is allowed although nobody knows what it does: stake(uint256) of one contract."""
HONEST: Final[dict[str, Request]] = {
    "transfer": transfer("ETH", "0.01", BOOK.destination(BOOK.addresses[0])),
    "call": {
        "operation": "CONTRACT_CALL", "assetId": "ETH", "source": SOURCE,
        "destination": {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": NAMED_CALL[0]}},
        "extraParameters": {"contractCallData": NAMED_CALL[1] + f"{7:064x}"},
    },
}  # fmt: skip


def own_contracts() -> list[str]:
    """Own addresses that are called: Safes."""
    every = (*cases.good_cases("evm"), *cases.incidents("evm"))
    called = {place for case in every for place in _called(case)}
    return sorted(called & set(cases.named("evm", "own_addresses")))


def _called(case: Json) -> Iterator[str]:
    for item in case["items"]:
        if item["format"] == "evm-typed-data":
            yield json.loads(item["bytes"])["domain"].get("verifyingContract", "")
        elif item.get("decoded", {}).get("to") != _victim(item):
            yield item.get("decoded", {}).get("to") or ""


class Evm:
    """`accounts`: the cluster's own addresses of vault accounts 0 and 1."""

    def __init__(self, accounts: tuple[str, str]) -> None:
        self._accounts = accounts
        self._others = sorted(set(cases.named("evm", "own_addresses")) - set(own_contracts()))

    def request(self, theft: Theft) -> Request:
        """What somebody sends who wants this signed."""
        return self.asking(theft.item)

    def twin(self, case: Json, item: Json) -> Request:
        return self.asking(item)

    def honest(self, theft: Theft) -> dict[str, Request]:
        """A server builds no messages: those that a requester signs for are what they are."""
        return HONEST if theft.item["format"] == "evm-tx" else {}

    def lie(self, theft: Theft) -> dict[str, str]:
        """What a server builds that wants this signed: contract, value and data, or the bytes of another
        type."""
        return self._transaction(theft.item)

    def asking(self, item: Json) -> Request:
        if as_raw(item):
            content = item["digest"]["value"].removeprefix("0x")
            return raw("MPC_ECDSA_SECP256K1", {"content": content, "derivationPath": [1729, 0, 7]})
        return self._call(item) if item["format"] == "evm-tx" else self._message(item)

    def _transaction(self, item: Json) -> dict[str, str]:
        decoded = item["decoded"]
        if str(decoded["type"]) == "4":
            return {"raw": self._rebound(item, item["bytes"]).removeprefix("0x")}
        data = self._rebound(item, decoded["data"]).removeprefix("0x")
        return {"to": self._address(item, decoded["to"]), "value": decoded["value"], "data": data}

    def _call(self, item: Json) -> Request:
        made = self._transaction({**item, "decoded": {**item["decoded"], "type": 2}})
        body = transfer("ETH", whole(int(made["value"]), 18), BOOK.destination(made["to"]))
        if not made["data"]:
            return body
        extra = {"contractCallData": "0x" + made["data"]}
        return {**body, "operation": "CONTRACT_CALL", "extraParameters": extra}

    def _message(self, item: Json) -> Request:
        if item["format"] == "evm-personal-message":
            message = {"type": "EIP191", "content": item["bytes"].removeprefix("0x")}
        else:
            content = json.loads(self._rebound(item, item["bytes"]))
            if "chainId" in content["domain"]:
                content["domain"]["chainId"] = CHAIN_ID
            message = {"type": "EIP712", "content": content}
        extra = {"rawMessageData": {"messages": [message]}}
        typed: dict[str, Any] = {"operation": "TYPED_MESSAGE", "assetId": "ETH", "source": SOURCE}
        return {**typed, "extraParameters": extra}

    def _rebound(self, item: Json, text: str) -> str:
        """Bytes as hexadecimal, or JSON: victim -> account 0, other own accounts -> account 1."""
        for old, new in self._pairs(item):
            for form in (old, old.lower()):
                text = text.replace(form[2:], (new if form == old else new.lower())[2:])
        return text

    def _address(self, item: Json, address: str) -> str:
        return checksum(self._rebound(item, address))

    def _pairs(self, item: Json) -> list[tuple[str, str]]:
        """Whoever sent it and is none of the victim's own stays who he is: he may be the one who gains."""
        return [(old, self._accounts[old != _victim(item)]) for old in self._others]


def as_raw(item: Json) -> bool:
    """An authorization by itself can be asked for as a digest only, which does not say what it is of."""
    return item["format"] in ("evm-7702-authorization", "raw-digest")


def _victim(item: Json) -> str:
    return str(item.get("from") or item.get("signer") or "")
