"""Solana through the JSON-RPC of its nodes."""

import base64
from collections.abc import Callable
from typing import Any, Final, TypeVar

from quorate.core.chains import base58
from quorate.core.chains.answers import U64, boolean, integer, listing, mapping, nonsense
from quorate.core.chains.solana.answers import (
    Blockhash,
    LookupTable,
    TokenAccount,
    in_context,
    key,
    lookup_table,
    token_account,
)
from quorate.core.errors import QuorateError
from quorate.server.chains import json_rpc
from quorate.server.chains.by_genesis import ByGenesis
from quorate.server.chains.interface import Head, Receipt

COMMITMENT: Final = "confirmed"
AT: Final = {"commitment": COMMITMENT}
BASE64: Final = {"encoding": "base64", **AT}
EXECUTED: Final = ("confirmed", "finalized")
LAMPORTS_PER_SIGNATURE: Final = 5_000
MOST_ACCOUNTS: Final = 1_000
T = TypeVar("T")


class SolanaClient(ByGenesis):
    """A `ChainClient`. `genesis` is the genesis hash in base58. Ids are signatures of 64 bytes.

    Amounts in lamports or the token's smallest unit; heights are slots.
    """

    _newest_slot = 0
    """The highest at which a blockhash was read."""

    async def block(self) -> Head:
        """Slot and hash of the newest block."""
        newest = await self.latest_blockhash()
        return Head(newest.slot, newest.hash)

    async def latest_blockhash(self) -> Blockhash:
        """What a message is built with."""
        found = await self._read("getLatestBlockhash", [AT], _blockhash)
        self._newest_slot = max(self._newest_slot, found.slot)
        return found

    async def blockhash_valid(self, blockhash: str) -> bool:
        """False once no message with this blockhash can be executed any more, at the node's newest slot.

        A node that is behind does not know the newest blockhashes either: it refuses (chain_error).
        """
        options = {**AT, "minContextSlot": self._newest_slot}
        return await self._read("isBlockhashValid", [blockhash, options], _valid)

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Of an account, or of the owner's token accounts for a mint. Nodes tell of nothing that waits."""
        if token is not None:
            return sum(held.amount for held in await self.token_accounts(address, token))
        return await self._read("getBalance", [address, AT], _balance)

    async def token_accounts(self, owner: str, mint: str) -> tuple[TokenAccount, ...]:
        """All of them, the associated account first or last or not there: the caller derives its address."""

        def read(answer: Any) -> tuple[TokenAccount, ...]:
            entries = listing(in_context(answer, "token accounts")[1], "token accounts", MOST_ACCOUNTS)
            found = tuple(token_account(entry, owner, mint) for entry in entries)
            if len({held.address for held in found}) != len(found):
                raise nonsense("token accounts", "an account that is there twice")
            return found

        return await self._read("getTokenAccountsByOwner", [owner, {"mint": mint}, BASE64], read)

    async def lookup_table(self, address: str) -> LookupTable:
        """Raises QuorateError chain_error when there is none at the address."""
        found = await self._read("getAccountInfo", [address, BASE64], _table)
        if found is None:
            raise QuorateError("chain_error", f"there is no lookup table {address}", "peer")
        return found

    async def fee_hint(self) -> int:
        """Lamports a signature, a constant of the protocol."""
        return LAMPORTS_PER_SIGNATURE

    async def knows(self, id: bytes) -> bool:
        """Whether a node has seen it executed, at whatever commitment."""
        return await self._sources.read(lambda url: self._has(url, id))

    async def receipt(self, id: bytes) -> Receipt | None:
        """None until it is confirmed. Nodes answer neither block hash nor fee here."""
        status = await self._sources.read(lambda url: self._status(url, id))
        if status is None or status.get("confirmationStatus") not in EXECUTED:
            return None
        return Receipt(status.get("err") is None, status["slot"], None, None)

    async def broadcast(self, raw: bytes, id: bytes) -> None:
        """Hands it to the first node that takes or has it. Raises the last one's error when none does."""
        text, options = (
            base64.b64encode(raw).decode(),
            {"encoding": "base64", "preflightCommitment": COMMITMENT},
        )

        async def send(url: str) -> None:
            answer = await json_rpc.call(self._http, url, "sendTransaction", [text, options])
            if answer != base58.encode(id):
                raise nonsense("sendTransaction", answer)

        await self._sources.hand_over(send, lambda url: self._has(url, id))

    async def _has(self, url: str, id: bytes) -> bool:
        return await self._status(url, id) is not None

    async def _status(self, url: str, id: bytes) -> dict[str, Any] | None:
        params = [[base58.encode(id)], {"searchTransactionHistory": True}]
        return _status(await json_rpc.call(self._http, url, "getSignatureStatuses", params))

    async def _read(self, method: str, params: list[Any], read: Callable[[Any], T]) -> T:
        async def ask(url: str) -> T:
            return read(await json_rpc.call(self._http, url, method, params))

        return await self._sources.read(ask)

    async def _genesis_of(self, url: str) -> str:
        return key(await json_rpc.call(self._http, url, "getGenesisHash", []), "getGenesisHash")


def _blockhash(answer: Any) -> Blockhash:
    what = "getLatestBlockhash"
    slot, value = in_context(answer, what)
    fields = mapping(value, what)
    last = integer(fields.get("lastValidBlockHeight"), what, high=U64)
    return Blockhash(key(fields.get("blockhash"), what), last, slot)


def _valid(answer: Any) -> bool:
    return boolean(in_context(answer, "isBlockhashValid")[1], "isBlockhashValid")


def _balance(answer: Any) -> int:
    return integer(in_context(answer, "getBalance")[1], "getBalance", high=U64)


def _table(answer: Any) -> LookupTable | None:
    value = in_context(answer, "getAccountInfo")[1]
    return None if value is None else lookup_table(value)


def _status(answer: Any) -> dict[str, Any] | None:
    """The one status that was asked for: slot, err, confirmationStatus."""
    what = "getSignatureStatuses"
    statuses = listing(in_context(answer, what)[1], what, 1)
    if len(statuses) != 1:
        raise nonsense(what, statuses)
    if statuses[0] is None:
        return None
    status = mapping(statuses[0], what)
    integer(status.get("slot"), what, high=U64)
    if "err" not in status or status.get("confirmationStatus") not in (None, "processed", *EXECUTED):
        raise nonsense(what, status)
    return status
