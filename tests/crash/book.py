"""Requests that can be told apart on the chain: no two move the same amount."""

import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from tests.crash.client import Client, Outcome
from tests.crash.site import EXCHANGE, Site

RAW_EVERY: Final = 8
"""Among the transfers, one in so many is an Ed25519 signature: its nonces are made before the session."""
FIRST: Final = 10**12
ETHER: Final = 10**18


@dataclass(frozen=True)
class Account:
    """A vault account with coin in it."""

    id: str
    address: str


@dataclass
class Request:
    """What was asked for. `value` is the amount in wei, unique over the run; 0 for RAW."""

    external_id: str
    body: dict[str, Any]
    sender: str
    to: str
    value: int
    message: bytes = b""
    outcome: Outcome | None = None

    @property
    def is_transfer(self) -> bool:
        return self.value > 0


@dataclass
class Book:
    """Makes the requests of a run and keeps them all."""

    accounts: list[Account]
    all: list[Request] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next(self) -> Request:
        number = next(self._numbers)
        request = self._raw(number) if number % RAW_EVERY == 0 else self._transfer(number)
        self.all.append(request)
        return request

    def transfers(self) -> list[Request]:
        return [request for request in self.all if request.is_transfer]

    def _transfer(self, number: int) -> Request:
        """To the whitelist, or to another account of ours."""
        source = self.accounts[number % len(self.accounts)]
        other = self.accounts[(number + 1) % len(self.accounts)]
        own = number % 3 == 0
        value, id = FIRST + number, str(uuid.uuid4())
        body = {
            "operation": "TRANSFER",
            "assetId": "ETH",
            "amount": f"{value // ETHER}.{value % ETHER:018d}",
            "source": {"type": "VAULT_ACCOUNT", "id": source.id},
            "destination": {"type": "VAULT_ACCOUNT", "id": other.id}
            if own
            else {"type": "EXTERNAL_WALLET", "id": "whitelist-1"},
            "externalTxId": id,
        }
        return Request(id, body, source.address, other.address if own else EXCHANGE, value)

    def _raw(self, number: int) -> Request:
        message, id = f"message {number}".encode(), str(uuid.uuid4())
        messages = [{"content": message.hex(), "derivationPath": [1729, 1, number]}]
        body = {
            "operation": "RAW",
            "extraParameters": {
                "rawMessageData": {"messages": messages, "algorithm": "MPC_EDDSA_ED25519"},
            },
            "externalTxId": id,
        }
        return Request(id, body, "", "", 0, message)


async def accounts(site: Site, client: Client, count: int) -> list[Account]:
    """New vault accounts, each with 10 coins."""
    made = []
    for number in range(count):
        answer = await client.sure("POST", "/v1/vault/accounts", {"name": f"account {number}"})
        wallet = await client.sure("POST", f"/v1/vault/accounts/{answer['id']}/ETH", {})
        site.chain.fund(wallet["address"], 10)
        made.append(Account(str(answer["id"]), wallet["address"]))
    return made
