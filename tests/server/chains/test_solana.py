"""The Solana client against a front that answers as the JSON-RPC documentation says, or does not."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from quorate.core.chains import base58
from quorate.core.chains.solana.answers import (
    LOOKUP_TABLE,
    TOKEN,
    TOKEN_2022,
    Blockhash,
    LookupTable,
    TokenAccount,
)
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains.interface import Head, Receipt
from quorate.server.chains.networks import GENESIS
from quorate.server.chains.solana_client import SolanaClient
from tests.server.chains.front import Answer, Front, RpcError, rpc

CHAIN = Chain("solana:devnet", "solana", 0, "root-eddsa", 501, "SOL", 10**8, 0)
ID = GENESIS["solana", "devnet"]
OWNER, MINT, HELD, HELD_2022, TABLE, HASH = (base58.encode(bytes([i]) * 32) for i in range(1, 7))
SENT, FAILED, SEEN, UNKNOWN = (bytes([i]) * 64 for i in range(1, 5))
RAW = b"\x01" + bytes(300)


def in_context(value: Any, slot: int = 348_000_000) -> dict[str, Any]:
    return {"context": {"apiVersion": "3.1.8", "slot": slot}, "value": value}


def account(owner: str, data: bytes) -> dict[str, Any]:
    return {
        "data": [base64.b64encode(data).decode(), "base64"],
        "executable": False,
        "lamports": 2_039_280,
        "owner": owner,
        "rentEpoch": 2**64 - 1,
        "space": len(data),
    }


def token_data(amount: int, state: int = 1, mint: str = MINT, owner: str = OWNER) -> bytes:
    return (
        base58.decode(mint)
        + base58.decode(owner)
        + amount.to_bytes(8, "little")
        + bytes(36)
        + bytes([state])
        + bytes(56)
    )


def holding(address: str, data: bytes, program: str = TOKEN) -> dict[str, Any]:
    return {"pubkey": address, "account": account(program, data)}


ACCOUNTS = [
    holding(HELD, token_data(5)),
    holding(HELD_2022, token_data(2**64 - 1, 2) + bytes(17), TOKEN_2022),
]
KEYS = tuple(bytes([i]) * 32 for i in range(9, 12))


def table_data(kind: int = 1, closed_at: int = 2**64 - 1) -> bytes:
    header = kind.to_bytes(4, "little") + closed_at.to_bytes(8, "little") + bytes(8) + b"\x00\x01" + bytes(34)
    return header + b"".join(KEYS)


def status(level: str | None, err: Any = None) -> dict[str, Any]:
    confirmations = None if level == "finalized" else 3
    return {
        "slot": 72,
        "confirmations": confirmations,
        "err": err,
        "status": {"Ok": None},
        "confirmationStatus": level,
    }


STATUSES = {
    base58.encode(SENT): status("finalized"),
    base58.encode(FAILED): status("confirmed", {"InstructionError": [0, {"Custom": 1}]}),
    base58.encode(SEEN): status("processed"),
}
METHODS: dict[str, Any] = {
    "getGenesisHash": ID,
    "getLatestBlockhash": in_context({"blockhash": HASH, "lastValidBlockHeight": 3090}, 2792),
    "isBlockhashValid": lambda blockhash, options: in_context(blockhash == HASH),
    "getBalance": in_context(2**64 - 1),
    "getTokenAccountsByOwner": lambda owner, filter, options: in_context(
        ACCOUNTS if filter == {"mint": MINT} else []
    ),
    "getAccountInfo": lambda key, options: in_context(
        account(LOOKUP_TABLE, table_data()) if key == TABLE else None
    ),
    "getSignatureStatuses": lambda ids, options: in_context([STATUSES.get(id) for id in ids]),
    "sendTransaction": lambda raw, options: base58.encode(SENT),
}
Serve = Callable[[Answer], Front]


def client(serve: Serve, http: httpx2.AsyncClient, **methods: Any) -> SolanaClient:
    return SolanaClient(CHAIN, [serve(rpc({**METHODS, **methods})).url], http, genesis=ID)


async def test_what_it_reads(serve: Serve, http: httpx2.AsyncClient) -> None:
    solana = client(serve, http)
    await solana.check()
    assert len(token_data(0)) == 165
    assert await solana.latest_blockhash() == Blockhash(HASH, 3090, 2792)
    assert await solana.block() == Head(2792, HASH)
    assert [await solana.blockhash_valid(hash) for hash in (HASH, MINT)] == [True, False]
    assert await solana.balance(OWNER) == 2**64 - 1
    assert await solana.balance(OWNER, MINT) == 2**64 + 4
    assert await solana.balance(OWNER, TABLE) == 0
    assert await solana.token_accounts(OWNER, MINT) == (
        TokenAccount(HELD, TOKEN, 5, False),
        TokenAccount(HELD_2022, TOKEN_2022, 2**64 - 1, True),
    )
    assert await solana.lookup_table(TABLE) == LookupTable(KEYS, False)
    assert await solana.fee_hint() == 5000


async def test_receipts(serve: Serve, http: httpx2.AsyncClient) -> None:
    """Processed is not executed: such a block may still be dropped."""
    solana = client(serve, http)
    assert await solana.receipt(SENT) == Receipt(True, 72, None, None)
    assert await solana.receipt(FAILED) == Receipt(False, 72, None, None)
    assert [await solana.receipt(id) for id in (SEEN, UNKNOWN)] == [None, None]
    assert [await solana.knows(id) for id in (SENT, FAILED, SEEN, UNKNOWN)] == [True, True, True, False]


async def test_broadcast(serve: Serve, http: httpx2.AsyncClient) -> None:
    running = serve(rpc(METHODS))
    await SolanaClient(CHAIN, [running.url], http, genesis=ID).broadcast(RAW, SENT)
    assert base64.b64decode(running.asked[-1].json["params"][0]) == RAW

    def refused(raw: str, options: Any) -> Any:
        raise RpcError(-32002, "Transaction simulation failed: Blockhash not found")

    with pytest.raises(QuorateError) as failure:
        await client(serve, http, sendTransaction=refused).broadcast(RAW, UNKNOWN)
    assert (failure.value.code, "Blockhash" in failure.value.message) == ("chain_error", True)
    await client(serve, http, sendTransaction=refused).broadcast(RAW, SEEN)  # it has that one
    with pytest.raises(QuorateError) as failure:
        await client(serve, http).broadcast(RAW, UNKNOWN)
    assert failure.value.code == "chain_answer"


@pytest.mark.parametrize(
    ("data", "expected"),
    [(table_data(closed_at=7), LookupTable(KEYS, True)), (table_data()[:56], LookupTable((), False))],
)
async def test_lookup_tables(
    data: bytes, expected: LookupTable, serve: Serve, http: httpx2.AsyncClient
) -> None:
    found = in_context(account(LOOKUP_TABLE, data))
    assert await client(serve, http, getAccountInfo=found).lookup_table(TABLE) == expected


async def test_a_table_that_is_not_there(serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as failure:
        await client(serve, http).lookup_table(OWNER)
    assert failure.value.code == "chain_error"


def one(entry: Any) -> dict[str, Any]:
    return in_context([entry])


def with_data(value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(ACCOUNTS[0])
    changed["account"]["data"] = value
    return one(changed)


ASKS: dict[str, Callable[[SolanaClient], Any]] = {
    "getLatestBlockhash": lambda c: c.latest_blockhash(),
    "isBlockhashValid": lambda c: c.blockhash_valid(HASH),
    "getBalance": lambda c: c.balance(OWNER),
    "getTokenAccountsByOwner": lambda c: c.balance(OWNER, MINT),
    "getAccountInfo": lambda c: c.lookup_table(TABLE),
    "getSignatureStatuses": lambda c: c.receipt(SENT),
    "getGenesisHash": lambda c: c.balance(OWNER),
}


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("getGenesisHash", None),
        ("getGenesisHash", "0OIl"),
        ("getLatestBlockhash", None),
        ("getLatestBlockhash", {"value": {"blockhash": HASH, "lastValidBlockHeight": 1}}),
        ("getLatestBlockhash", in_context({"blockhash": HASH})),
        ("getLatestBlockhash", in_context({"blockhash": HASH + "1", "lastValidBlockHeight": 1})),
        ("getLatestBlockhash", in_context({"blockhash": 7, "lastValidBlockHeight": 1})),
        ("getLatestBlockhash", in_context({"blockhash": "2" * 100, "lastValidBlockHeight": 1})),
        ("getLatestBlockhash", in_context({"blockhash": HASH, "lastValidBlockHeight": -1})),
        ("getLatestBlockhash", in_context({"blockhash": HASH, "lastValidBlockHeight": 2**64})),
        ("isBlockhashValid", in_context("true")),
        ("isBlockhashValid", in_context(None)),
        ("getBalance", in_context(-1)),
        ("getBalance", in_context(2**64)),
        ("getBalance", in_context(1.5)),
        ("getBalance", in_context(True)),
        ("getBalance", in_context(None)),
        ("getBalance", 7),
        ("getBalance", {"context": {"slot": -1}, "value": 7}),
        ("getBalance", {"context": {"slot": 7}}),
        ("getTokenAccountsByOwner", in_context(None)),
        ("getTokenAccountsByOwner", in_context({})),
        ("getTokenAccountsByOwner", in_context([ACCOUNTS[0], ACCOUNTS[0]])),
        ("getTokenAccountsByOwner", one(7)),
        ("getTokenAccountsByOwner", one({"pubkey": HELD})),
        ("getTokenAccountsByOwner", one({"account": account(TOKEN, token_data(5))})),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5), MINT))),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5), "x"))),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5)[:-1]))),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5, mint=OWNER)))),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5, owner=MINT)))),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5, state=0)))),
        ("getTokenAccountsByOwner", one(holding(HELD, token_data(5) + bytes(70_000)))),
        ("getTokenAccountsByOwner", with_data("AAAA")),
        ("getTokenAccountsByOwner", with_data(["AAAA", "base58"])),
        ("getTokenAccountsByOwner", with_data(["A A=", "base64"])),
        ("getTokenAccountsByOwner", with_data(["é", "base64"])),
        ("getTokenAccountsByOwner", with_data([7, "base64"])),
        ("getTokenAccountsByOwner", with_data({"program": "spl-token", "parsed": {}})),
        ("getAccountInfo", in_context(account(TOKEN, table_data()))),
        ("getAccountInfo", in_context(account(LOOKUP_TABLE, table_data(kind=0)))),
        ("getAccountInfo", in_context(account(LOOKUP_TABLE, table_data()[:55]))),
        ("getAccountInfo", in_context(account(LOOKUP_TABLE, table_data() + b"\0"))),
        ("getAccountInfo", in_context(account(LOOKUP_TABLE, table_data() + bytes(32 * 254)))),
        ("getSignatureStatuses", in_context([])),
        ("getSignatureStatuses", in_context([None, None])),
        ("getSignatureStatuses", in_context([7])),
        ("getSignatureStatuses", in_context([status("rooted")])),
        ("getSignatureStatuses", in_context([{**status("finalized"), "slot": -1}])),
        ("getSignatureStatuses", in_context([{"slot": 72, "confirmationStatus": "finalized"}])),
    ],
)
async def test_nonsense(method: str, answer: Any, serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as failure:
        await ASKS[method](client(serve, http, **{method: lambda *params: answer}))
    assert (failure.value.code, failure.value.whose) == ("chain_answer", "peer")


async def test_another_cluster(serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as failure:
        await client(serve, http, getGenesisHash=GENESIS["solana", "mainnet-beta"]).check()
    assert failure.value.code == "chain_id"
