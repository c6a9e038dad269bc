"""The Bitcoin Core client against a front that answers as its RPC documentation says, or does not."""

import copy
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from quorate.core.chains.bitcoin.address import to_script
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains import bitcoin_core
from quorate.server.chains.bitcoin import Utxo
from quorate.server.chains.bitcoin_core import CoreClient
from quorate.server.chains.interface import Head, Receipt
from quorate.server.chains.networks import GENESIS
from tests.server.chains.front import Answer, Front, Reply, RpcError, rpc

CHAIN = Chain("bitcoin:regtest", "bitcoin", 0, "root-ecdsa", 1, "BTC", 10**6, 0)
ID = GENESIS["bitcoin", "regtest"]
ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
SCRIPT = to_script(ADDRESS, "regtest").hex()
TX, WAITING, BLOCK, ORPHAN, TIP = (bytes([i]) * 32 for i in (1, 2, 3, 4, 5))
RAW = bytes.fromhex("0200000000")
HEADERS = {
    BLOCK.hex(): {"hash": BLOCK.hex(), "height": 7, "confirmations": 3},
    ORPHAN.hex(): {"hash": ORPHAN.hex(), "height": 7, "confirmations": -1},
}
TRANSACTIONS = {
    TX.hex(): {
        "txid": TX.hex(),
        "hex": RAW.hex(),
        "blockhash": BLOCK.hex(),
        "confirmations": 3,
        "fee": 0.00000141,
    },
    WAITING.hex(): {"txid": WAITING.hex(), "hex": RAW.hex()},
    ORPHAN.hex(): {"txid": ORPHAN.hex(), "hex": RAW.hex(), "blockhash": ORPHAN.hex(), "confirmations": 0},
}
UNSPENT = [
    {
        "txid": TX.hex(),
        "vout": 1,
        "amount": 20999999.9769,
        "coinbase": False,
        "height": 7,
        "desc": "addr()#x",
        "scriptPubKey": SCRIPT,
    },
    {
        "txid": WAITING.hex(), "vout": 0, "amount": 0.00000001, "coinbase": True, "height": 10,
        "scriptPubKey": SCRIPT,
    },
    {
        "txid": BLOCK.hex(), "vout": 0, "amount": 50.0, "coinbase": True, "height": 11,
        "scriptPubKey": SCRIPT,
    },
]  # fmt: skip
SCAN = {"success": True, "txouts": 3, "height": 109, "bestblock": TIP.hex(), "unspents": UNSPENT}
Serve = Callable[[Answer], Front]


def transaction(txid: str, verbosity: int, blockhash: str | None = None) -> Any:
    if txid not in TRANSACTIONS:
        raise RpcError(
            -5, "No such mempool or blockchain transaction. Use gettransaction for wallet transactions."
        )
    return TRANSACTIONS[txid] if verbosity else TRANSACTIONS[txid]["hex"]


def block_hash(height: int) -> str:
    return {0: ID, 7: BLOCK.hex()}[height]


def txout(txid: str, vout: int, include_mempool: bool) -> Any:
    spent_in_pool = (txid, vout) == (WAITING.hex(), 0)
    spent = (txid, vout) == (TX.hex(), 0) or (spent_in_pool and include_mempool)
    return None if spent else {"bestblock": TIP.hex(), "confirmations": 1, "value": 1.0, "coinbase": False}


def refused(raw: str) -> str:
    raise RpcError(-26, "min relay fee not met")


METHODS: dict[str, Any] = {
    "getblockhash": block_hash,
    "getblockchaininfo": {"chain": "regtest", "blocks": 109, "headers": 109, "bestblockhash": TIP.hex()},
    "scantxoutset": lambda action, objects: SCAN if objects == [f"addr({ADDRESS})"] else None,
    "gettxout": txout,
    "getrawtransaction": transaction,
    "getblockheader": lambda hash: HEADERS[hash],
    "estimatesmartfee": lambda target: {"feerate": 0.00012001, "blocks": target},
    "sendrawtransaction": lambda raw: TX.hex(),
}


def client(serve: Serve, http: httpx2.AsyncClient, **methods: Any) -> CoreClient:
    return CoreClient(CHAIN, [serve(rpc({**METHODS, **methods})).url], http, genesis=ID)


async def test_what_it_reads(serve: Serve, http: httpx2.AsyncClient) -> None:
    core = client(serve, http)
    await core.check()
    assert await core.block() == Head(109, TIP.hex())
    assert await core.utxos(ADDRESS, pending=False) == (
        Utxo(ADDRESS, TX, 1, 2_099_999_997_690_000, 7),
        Utxo(ADDRESS, WAITING, 0, 1, 10),
    )
    assert await core.utxos(ADDRESS) == (Utxo(ADDRESS, TX, 1, 2_099_999_997_690_000, 7),)
    assert await core.balance(ADDRESS) == 2_099_999_997_690_001
    assert await core.balance(ADDRESS, pending=True) == 2_099_999_997_690_000
    assert await core.transaction(TX) == RAW
    assert await core.fee_hint() == 12_001
    assert await core.receipt(TX) == Receipt(True, 7, BLOCK.hex(), 141)
    assert [await core.receipt(id) for id in (WAITING, ORPHAN, TIP)] == [None, None, None]
    assert [await core.knows(id) for id in (TX, WAITING, TIP)] == [True, True, False]


async def test_whether_an_output_can_be_spent(serve: Serve, http: httpx2.AsyncClient) -> None:
    core = client(serve, http)
    asked = [(TX, 0), (TX, 1), (WAITING, 0)]
    assert [await core.unspent(*output, pending=True) for output in asked] == [False, True, False]
    assert [await core.unspent(*output, pending=False) for output in asked] == [False, True, True]


async def test_a_transaction_by_its_block(serve: Serve, http: httpx2.AsyncClient) -> None:
    """Which a node without txindex needs to find it."""
    running = serve(rpc(METHODS))
    assert await CoreClient(CHAIN, [running.url], http, genesis=ID).transaction(TX, 7) == RAW
    assert running.asked[-1].json["params"] == [TX.hex(), 0, BLOCK.hex()]
    with pytest.raises(QuorateError) as failure:
        await client(serve, http).transaction(TIP)
    assert failure.value.code == "chain_error"


async def test_the_password_of_the_url_is_sent_and_not_told(serve: Serve, http: httpx2.AsyncClient) -> None:
    answer = rpc(METHODS)

    def guarded(asked: Any) -> Reply:
        return answer(asked) if asked.authorization == "Basic dXNlcjpzZWNyZXQ=" else Reply(b"", 401)

    running = serve(guarded)
    url = running.url.replace("http://", "http://user:secret@")
    assert await CoreClient(CHAIN, [url], http, genesis=ID).fee_hint() == 12_001
    with pytest.raises(QuorateError) as failure:
        await CoreClient(CHAIN, [running.url], http, genesis=ID).fee_hint()
    assert (failure.value.code, "401" in failure.value.message) == ("chain_unreachable", True)
    with pytest.raises(QuorateError) as failure:
        await CoreClient(CHAIN, [url], http, genesis="00" * 32).check()
    assert failure.value.code == "chain_id"
    assert "secret" not in str(failure.value)


async def test_broadcast(serve: Serve, http: httpx2.AsyncClient) -> None:
    await client(serve, http).broadcast(RAW, TX)
    with pytest.raises(QuorateError) as failure:
        await client(serve, http, sendrawtransaction=refused).broadcast(RAW, TIP)
    assert (failure.value.code, "min relay fee" in failure.value.message) == ("chain_error", True)
    await client(serve, http, sendrawtransaction=refused).broadcast(RAW, WAITING)  # it has that one
    with pytest.raises(QuorateError) as failure:
        await client(serve, http, sendrawtransaction=TX.hex()).broadcast(RAW, TIP)
    assert failure.value.code == "chain_answer"


async def test_other_errors_than_not_found_are_refusals(serve: Serve, http: httpx2.AsyncClient) -> None:
    """Which error it is, its number says, not its words."""

    def warming_up(*params: Any) -> Any:
        raise RpcError(-28, "No such mempool or blockchain transaction")

    for ask in (lambda core: core.knows(TX), lambda core: core.receipt(TX)):
        with pytest.raises(QuorateError) as failure:
            await ask(client(serve, http, getrawtransaction=warming_up))
        assert failure.value.code == "chain_error"


async def test_one_scan_serves_many_addresses(serve: Serve, http: httpx2.AsyncClient) -> None:
    other, asked = "bcrt1qsy0kj864stxjgkx774n4wk3suep6cf0tx3d777", []
    second = {**UNSPENT[1], "scriptPubKey": to_script(other, "regtest").hex()}

    def scantxoutset(action: str, objects: list[str]) -> Any:
        asked.append(objects)
        return {**SCAN, "unspents": [UNSPENT[0], second]}

    core = client(serve, http, scantxoutset=scantxoutset)
    found = await core.utxos(ADDRESS, other, pending=False)
    assert [(utxo.address, utxo.txid) for utxo in found] == [(ADDRESS, TX), (other, WAITING)]
    assert await core.balance_of([ADDRESS, other]) == 2_099_999_997_690_001
    assert asked == [[f"addr({ADDRESS})", f"addr({other})"]] * 2
    with pytest.raises(QuorateError) as failure:
        await core.utxos(ADDRESS)
    assert failure.value.code == "chain_answer", "an output that nobody asked for"


@pytest.mark.usefixtures("impatient")
async def test_a_scan_may_take_longer_than_other_calls(
    serve: Serve, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = rpc(METHODS)

    def slow(asked: Any) -> Reply:
        reply = answer(asked)
        return Reply(reply.body, pause=0.002) if asked.json["method"] == "scantxoutset" else reply

    core = CoreClient(CHAIN, [serve(slow).url], http, genesis=ID)
    assert len(await core.utxos(ADDRESS, pending=False)) == 2
    monkeypatch.setattr(bitcoin_core, "SCAN_TIMEOUT", 0.2)
    with pytest.raises(QuorateError) as failure:
        await core.utxos(ADDRESS)
    assert failure.value.code == "chain_unreachable"


def scan(**members: Any) -> dict[str, Any]:
    changed = copy.deepcopy(SCAN)
    changed["unspents"][0].update(members)
    return changed


def info(**members: Any) -> dict[str, Any]:
    return {**METHODS["getblockchaininfo"], **members}


def having(**members: Any) -> dict[str, Any]:
    return {**TRANSACTIONS[TX.hex()], **members}


ASKS: dict[str, Callable[[CoreClient], Any]] = {
    "scantxoutset": lambda c: c.utxos(ADDRESS),
    "getblockchaininfo": lambda c: c.block(),
    "estimatesmartfee": lambda c: c.fee_hint(),
    "getrawtransaction": lambda c: c.receipt(TX),
    "getblockheader": lambda c: c.receipt(TX),
}


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("scantxoutset", None),
        ("scantxoutset", {**SCAN, "success": False}),
        ("scantxoutset", {**SCAN, "unspents": {}}),
        ("scantxoutset", {**SCAN, "unspents": [7]}),
        ("scantxoutset", {**SCAN, "unspents": [UNSPENT[0], UNSPENT[0]]}),
        ("scantxoutset", {**SCAN, "height": 6}),
        ("scantxoutset", {**SCAN, "height": -1}),
        ("scantxoutset", scan(txid=TX.hex()[:-2])),
        ("scantxoutset", scan(vout=-1)),
        ("scantxoutset", scan(vout=0.5)),
        ("scantxoutset", scan(amount=-0.1)),
        ("scantxoutset", scan(amount=0.000000001)),
        ("scantxoutset", scan(amount=21_000_001)),
        ("scantxoutset", scan(amount="1.0")),
        ("scantxoutset", scan(amount=True)),
        ("scantxoutset", scan(amount=None)),
        ("scantxoutset", scan(amount=1e300)),
        ("scantxoutset", scan(coinbase="no")),
        ("scantxoutset", scan(height=None)),
        ("scantxoutset", scan(scriptPubKey=None)),
        ("scantxoutset", scan(scriptPubKey="51")),
        ("getblockchaininfo", []),
        ("getblockchaininfo", info(blocks="109")),
        ("getblockchaininfo", info(blocks=-1)),
        ("getblockchaininfo", info(bestblockhash="x")),
        ("estimatesmartfee", 7),
        ("estimatesmartfee", {"feerate": -1}),
        ("estimatesmartfee", {"feerate": "0.1"}),
        ("estimatesmartfee", {"feerate": 1.00000001}),
        ("getrawtransaction", RAW.hex()),
        ("getrawtransaction", having(txid=WAITING.hex())),
        ("getrawtransaction", having(blockhash="x")),
        ("getrawtransaction", having(fee=-1)),
        ("getblockheader", None),
        ("getblockheader", {**HEADERS[BLOCK.hex()], "hash": TIP.hex()}),
        ("getblockheader", {**HEADERS[BLOCK.hex()], "height": -1}),
        ("getblockheader", {**HEADERS[BLOCK.hex()], "confirmations": None}),
    ],
)
async def test_nonsense(method: str, answer: Any, serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as failure:
        await ASKS[method](client(serve, http, **{method: lambda *params: answer}))
    assert (failure.value.code, failure.value.whose) == ("chain_answer", "peer")


@pytest.mark.parametrize("answer", ["", "zz", None, 7, "00" * 4_000_001])
async def test_a_transaction_that_is_none(answer: Any, serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as failure:
        await client(serve, http, getrawtransaction=lambda *params: answer).transaction(TX)
    assert failure.value.code == "chain_answer"


async def test_a_chain_without_history_has_no_estimate(serve: Serve, http: httpx2.AsyncClient) -> None:
    answer = {"errors": ["Insufficient data or no feerate found"], "blocks": 6}
    assert await client(serve, http, estimatesmartfee=answer).fee_hint() == 1_000


async def test_a_pruned_block_leaves_the_fee_open(serve: Serve, http: httpx2.AsyncClient) -> None:
    pruned = {name: value for name, value in TRANSACTIONS[TX.hex()].items() if name != "fee"}
    found = await client(serve, http, getrawtransaction=pruned).receipt(TX)
    assert found == Receipt(True, 7, BLOCK.hex(), None)


async def test_what_is_not_asked(serve: Serve, http: httpx2.AsyncClient) -> None:
    core = client(serve, http)
    for address in ("raw(00)", ADDRESS + ")", ""):
        with pytest.raises(QuorateError) as failure:
            await core.balance(address)
        assert failure.value.code == "address"
    with pytest.raises(QuorateError) as failure:
        await core.balance(ADDRESS, "USDT")
    assert failure.value.code == "unknown_token"
