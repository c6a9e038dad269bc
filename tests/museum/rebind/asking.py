"""Requests in the members of the API, from vault account 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Request = dict[str, Any]
SOURCE: Final = {"type": "VAULT_ACCOUNT", "id": "0"}
MOVES: Final = ("native_transfer", "token_transfer")


@dataclass(frozen=True)
class Book:
    """The charter's whitelist of one chain; a wallet's id is that of its address."""

    chain: str
    addresses: Sequence[str]

    def entries(self) -> list[dict[str, str]]:
        return [{"id": id, "chain": self.chain, "address": a} for a, id in self._ids.items()]

    def destination(self, address: str) -> Request:
        if address in self._ids:
            return {"type": "EXTERNAL_WALLET", "id": self._ids[address]}
        return {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}

    @property
    def _ids(self) -> Mapping[str, str]:
        family = self.chain.partition(":")[0]
        return {address: f"known-{family}-{n}" for n, address in enumerate(self.addresses)}


def transfer(asset: str, amount: str, destination: Request) -> Request:
    body = {"assetId": asset, "amount": amount, "source": SOURCE, "destination": destination}
    return {"operation": "TRANSFER", **body}


def raw(algorithm: str, *messages: Mapping[str, object], **more: object) -> Request:
    data = {"messages": [dict(message) for message in messages], "algorithm": algorithm}
    return {"operation": "RAW", "extraParameters": {"rawMessageData": data}, **more}


def whole(units: int, decimals: int) -> str:
    """Whole units of an asset, as the API has them."""
    integer, fraction = divmod(units, 10**decimals)
    return f"{integer}.{fraction:0{decimals}d}".rstrip("0").rstrip(".")
