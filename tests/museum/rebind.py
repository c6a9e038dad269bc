"""The recorded thefts and their benign twins as requests to a running cluster: the same technique, with the
cluster's own accounts in the victim's place.

What a victim's account was is account 0, further own accounts are account 1; contracts, thieves, whitelist
and lists stay who they are. Messages name the cluster's chain.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quorate.core.chains.evm.address import checksum
from tests.core.vectors import OWN

CHAIN_ID: Final = 31337
CHAIN: Final = f"evm:{CHAIN_ID}"
Json = Mapping[str, Any]
_TOKENS: Final = {
    "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48": ("USDC", 6),
    "0xdAC17F958D2ee523a2206206994597C13D831ec7": ("USDT", 6),
    "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599": ("WBTC", 8),
}
NOT_SERVED: Final = {
    "4844-blob": "transactions with blobs are not built",
    "7702-trusted": "transactions that delegate are not built",
    "7702-authorization": "nothing asks for a delegation by itself",
    "legacy-zero-nonce-no-data": "a transfer of nothing cannot be asked for",
}
"""Benign cases that the API has no request for."""


@dataclass(frozen=True)
class Theft:
    """One item. `reasons`: by which it may be refused when it is asked for; `main` is the named one."""

    name: str
    item: Json
    main: str
    reasons: frozenset[str]


def incidents() -> list[Json]:
    """Those of EVM chains."""
    found = [json.loads(path.read_text()) for path in sorted((OWN / "incidents").glob("*.json"))]
    return [case for case in found if case["chain"]["family"] == "evm"]


def good_cases() -> list[Json]:
    cases: list[Json] = json.loads((OWN / "good/evm.json").read_text())["cases"]
    return cases


def thefts() -> list[Theft]:
    found = []
    for case in incidents():
        for number, item in enumerate(case["items"]):
            if item.get("expected_verdict", "refuse") == "refuse":
                reasons = {case["reason_class"], *case["also_acceptable"], item.get("reason_class")}
                reasons |= {"raw_digest"} if _as_raw(item) else set()
                main = item.get("reason_class", case["reason_class"])
                found.append(Theft(f"{case['id']}/{number}", item, main, frozenset(filter(None, reasons))))
    return found


def _as_raw(item: Json) -> bool:
    """An authorization by itself can be asked for as a digest only, which does not say what it is of."""
    return item["format"] in ("evm-7702-authorization", "raw-digest")


def twins() -> list[tuple[str, Json]]:
    """Benign cases, and what the screen showed where an incident has it: (name, item)."""
    found = [
        (f"{case['id']}/{number}", item)
        for case in (*good_cases(), *incidents())
        for number, item in enumerate(case["items"])
        if item.get("expected_verdict", case["expected_verdict"]) == "allow"
    ]
    return [(name, item) for name, item in found if name.partition("/")[0] not in NOT_SERVED]


# ---- the charter's side


def named(member: str) -> list[str]:
    """A list of the contexts of all cases together."""
    cases = (*good_cases(), *incidents())
    return sorted({text for case in cases for text in case["context"].get(member, ())})


def own_contracts() -> list[str]:
    """Own addresses that are called: Safes."""
    called = {place for case in (*good_cases(), *incidents()) for place in _called(case)}
    return sorted(called & set(named("own_addresses")))


def _called(case: Json) -> Iterator[str]:
    for item in case["items"]:
        if item["format"] == "evm-typed-data":
            yield json.loads(item["bytes"])["domain"].get("verifyingContract", "")
        elif item.get("decoded", {}).get("to") != _victim(item):
            yield item.get("decoded", {}).get("to") or ""


def assets() -> list[dict[str, str]]:
    native = {"id": "ETH", "chain": CHAIN, "decimals": "18"}
    tokens = [
        {"id": id, "chain": CHAIN, "contract": contract, "decimals": str(decimals)}
        for contract, (id, decimals) in _TOKENS.items()
    ]
    return [native, *tokens]


# ---- the requester's side


class Rebinding:
    """`accounts`: the cluster's own addresses of vault accounts 0 and 1."""

    def __init__(self, accounts: tuple[str, str]) -> None:
        self._accounts = accounts
        self._others = sorted(set(named("own_addresses")) - set(own_contracts()))
        self._whitelist = {address: f"known-{n}" for n, address in enumerate(named("whitelist"))}

    def request(self, item: Json) -> dict[str, Any]:
        """What somebody sends who wants this signed."""
        if _as_raw(item):
            return self._raw(item)
        if item["format"] == "evm-tx":
            return self._call(item)
        return self._message(item)

    def transaction(self, item: Json) -> dict[str, Any]:
        """What a server builds that wants this signed: contract, value and data, or the bytes of another
        type."""
        decoded = item["decoded"]
        if str(decoded["type"]) == "4":
            return {"raw": self._rebound(item, item["bytes"]).removeprefix("0x")}
        data = self._rebound(item, decoded["data"]).removeprefix("0x")
        return {"to": self._address(item, decoded["to"]), "value": decoded["value"], "data": data}

    def _call(self, item: Json) -> dict[str, Any]:
        made = self.transaction({**item, "decoded": {**item["decoded"], "type": 2}})
        amount = _ether(int(made["value"]))
        body = {
            "assetId": "ETH", "amount": amount, "source": {"type": "VAULT_ACCOUNT", "id": "0"},
            "destination": self._destination(made["to"]),
        }  # fmt: skip
        if not made["data"]:
            return {"operation": "TRANSFER", **body}
        extra = {"contractCallData": "0x" + made["data"]}
        return {"operation": "CONTRACT_CALL", **body, "extraParameters": extra}

    def _destination(self, address: str) -> dict[str, Any]:
        if address in self._whitelist:
            return {"type": "EXTERNAL_WALLET", "id": self._whitelist[address]}
        return {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}

    def _message(self, item: Json) -> dict[str, Any]:
        if item["format"] == "evm-personal-message":
            message = {"type": "EIP191", "content": item["bytes"].removeprefix("0x")}
        else:
            content = json.loads(self._rebound(item, item["bytes"]))
            if "chainId" in content["domain"]:
                content["domain"]["chainId"] = CHAIN_ID
            message = {"type": "EIP712", "content": content}
        return {
            "operation": "TYPED_MESSAGE", "assetId": "ETH",
            "source": {"type": "VAULT_ACCOUNT", "id": "0"},
            "extraParameters": {"rawMessageData": {"messages": [message]}},
        }  # fmt: skip

    def _raw(self, item: Json) -> dict[str, Any]:
        message = {"content": item["digest"]["value"].removeprefix("0x"), "derivationPath": [1729, 0, 7]}
        data = {"messages": [message], "algorithm": "MPC_ECDSA_SECP256K1"}
        return {"operation": "RAW", "extraParameters": {"rawMessageData": data}}

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


def _victim(item: Json) -> str:
    return str(item.get("from") or item.get("signer") or "")


def _ether(wei: int) -> str:
    whole, fraction = divmod(wei, 10**18)
    return f"{whole}.{fraction:018d}".rstrip("0").rstrip(".")
