"""The Esplora client against a front that answers as API.md says, and against one that does not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains.bitcoin import Utxo
from quorate.server.chains.bitcoin_esplora import EsploraClient
from quorate.server.chains.interface import Head, Receipt
from quorate.server.chains.networks import GENESIS
from tests.server.chains.front import NOT_FOUND, Answer, Asked, Front, Reply, as_json, text

CHAIN = Chain("bitcoin:regtest", "bitcoin", 0, "root-ecdsa", 1, "BTC", 10**6, 0)
ID = GENESIS["bitcoin", "regtest"]
ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
TX, WAITING, BLOCK, TIP = (bytes([i]) * 32 for i in (1, 2, 3, 4))
RAW = bytes.fromhex("0200000000")
MINED = {"confirmed": True, "block_height": 7, "block_hash": BLOCK.hex(), "block_time": 1_764_000_000}
OPEN = {"confirmed": False}
PAGES: dict[str, Any] = {
    "/block-height/0": ID,
    "/blocks/tip/hash": TIP.hex(),
    f"/block/{TIP.hex()}": {"id": TIP.hex(), "height": 9, "timestamp": 1_764_000_000},
    f"/address/{ADDRESS}": {
        "address": ADDRESS,
        "chain_stats": {"tx_count": 2, "funded_txo_sum": 900, "spent_txo_sum": 200},
        "mempool_stats": {"tx_count": 1, "funded_txo_sum": 50, "spent_txo_sum": 100},
    },
    f"/address/{ADDRESS}/utxo": [
        {"txid": TX.hex(), "vout": 1, "value": 700, "status": MINED},
        {"txid": WAITING.hex(), "vout": 0, "value": 50, "status": OPEN},
    ],
    f"/tx/{TX.hex()}": {"txid": TX.hex(), "fee": 141, "status": MINED},
    f"/tx/{WAITING.hex()}": {"txid": WAITING.hex(), "fee": 141, "status": OPEN},
    f"/tx/{TX.hex()}/hex": RAW.hex(),
    f"/tx/{TX.hex()}/outspend/0": {"spent": True, "txid": WAITING.hex(), "vin": 0, "status": OPEN},
    f"/tx/{TX.hex()}/outspend/1": {"spent": False},
    f"/tx/{TX.hex()}/outspend/2": {"spent": True, "txid": TX.hex(), "vin": 0, "status": MINED},
    "/fee-estimates": {"1": 87.882, "2": 81.5, "5": 12.0001, "10": 3.0, "1008": 1.027},
}
Serve = Callable[[Answer], Front]


def pages(**changed: Any) -> Answer:
    known = {**PAGES, **changed}

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return text(known["sent"]) if asked.body == RAW.hex().encode() else Reply(b"bad-txns", 400)
        found = known.get(asked.path)
        if found is None:
            return NOT_FOUND
        return text(found) if isinstance(found, str) else as_json(found)

    return answer


def client(serve: Serve, http: httpx2.AsyncClient, answer: Answer | None = None) -> EsploraClient:
    return EsploraClient(CHAIN, [serve(answer or pages()).url + "/"], http, genesis=ID)


async def test_what_it_reads(serve: Serve, http: httpx2.AsyncClient) -> None:
    esplora = client(serve, http)
    await esplora.check()
    assert await esplora.block() == Head(9, TIP.hex())
    assert await esplora.balance(ADDRESS) == 700
    assert await esplora.balance(ADDRESS, pending=True) == 650
    assert await esplora.utxos(ADDRESS) == (Utxo(ADDRESS, TX, 1, 700, 7), Utxo(ADDRESS, WAITING, 0, 50, None))
    assert await esplora.transaction(TX) == RAW
    assert await esplora.receipt(TX) == Receipt(True, 7, BLOCK.hex(), 141)
    assert await esplora.receipt(WAITING) is None
    assert await esplora.receipt(BLOCK) is None
    assert [await esplora.knows(id) for id in (TX, WAITING, BLOCK)] == [True, True, False]


async def test_whether_an_output_can_be_spent(serve: Serve, http: httpx2.AsyncClient) -> None:
    esplora = client(serve, http)
    assert [await esplora.unspent(TX, vout, pending=True) for vout in (0, 1, 2, 3)] == [
        False,
        True,
        False,
        False,
    ]
    assert [await esplora.unspent(TX, vout, pending=False) for vout in (0, 1, 2, 3)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("estimates", "hint"),
    [
        (PAGES["/fee-estimates"], 12_001),
        ({}, 1_000),
        ({"10": 50}, 1_000),
        ({"6": 0.25}, 1_000),
        ({"6": 2}, 2_000),
        ({"6": 2.0001, "x": 9}, 2_001),
        ({"6": 100_000}, 100_000_000),
    ],
)
async def test_fee_hint(estimates: dict[str, Any], hint: int, serve: Serve, http: httpx2.AsyncClient) -> None:
    assert await client(serve, http, pages(**{"/fee-estimates": estimates})).fee_hint() == hint


async def test_broadcast(serve: Serve, http: httpx2.AsyncClient) -> None:
    await client(serve, http, pages(sent=TX.hex())).broadcast(RAW, TX)
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, pages()).broadcast(RAW + b"\0", BLOCK)
    assert (refused.value.code, "bad-txns" in refused.value.message) == ("chain_error", True)
    await client(serve, http, pages()).broadcast(RAW + b"\0", WAITING)  # it has that one
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, pages(sent=TX.hex())).broadcast(RAW, BLOCK)
    assert refused.value.code == "chain_answer"


def without(path: str, name: str) -> Any:
    changed = copy.deepcopy(PAGES[path])
    (changed[0] if isinstance(changed, list) else changed).pop(name)
    return changed


def having(path: str, **members: Any) -> Any:
    changed = copy.deepcopy(PAGES[path])
    if isinstance(changed, list):
        changed[0].update(members)
        return changed
    return {**changed, **members}


ONE = PAGES[f"/address/{ADDRESS}/utxo"][0]
STATS = {"funded_txo_sum": 1, "spent_txo_sum": 0}
UTXO, AT, TXID, SPENT, HEX = (
    f"/address/{ADDRESS}/utxo",
    f"/address/{ADDRESS}",
    f"/tx/{TX.hex()}",
    "outspend",
    "hex",
)
ASKS: dict[str, Callable[[EsploraClient], Any]] = {
    UTXO: lambda c: c.utxos(ADDRESS),
    AT: lambda c: c.balance(ADDRESS),
    TXID: lambda c: c.receipt(TX),
    f"{TXID}/outspend/0": lambda c: c.unspent(TX, 0, pending=True),
    f"{TXID}/hex": lambda c: c.transaction(TX),
    "/fee-estimates": lambda c: c.fee_hint(),
    "/blocks/tip/hash": lambda c: c.block(),
    f"/block/{TIP.hex()}": lambda c: c.block(),
}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (UTXO, {}),
        (UTXO, [7]),
        (UTXO, [ONE, ONE]),
        (UTXO, [{**ONE, "vout": i} for i in range(10_001)]),
        *((UTXO, without(UTXO, name)) for name in ("txid", "vout", "value", "status")),
        (UTXO, having(UTXO, txid="01" * 31)),
        (UTXO, having(UTXO, txid="0X" + "01" * 31)),
        (UTXO, having(UTXO, txid="AB" * 32)),
        (UTXO, having(UTXO, vout=-1)),
        (UTXO, having(UTXO, vout=2**32)),
        (UTXO, having(UTXO, vout=True)),
        (UTXO, having(UTXO, value=-1)),
        (UTXO, having(UTXO, value=21 * 10**14 + 1)),
        (UTXO, having(UTXO, value=7.0)),
        (UTXO, having(UTXO, value="700")),
        (UTXO, having(UTXO, status={"confirmed": "yes"})),
        (UTXO, having(UTXO, status={"confirmed": True})),
        (UTXO, having(UTXO, status={"confirmed": True, "block_height": -1})),
        (UTXO, None),
        (AT, without(AT, "chain_stats")),
        (AT, having(AT, chain_stats={"funded_txo_sum": 1, "spent_txo_sum": 2})),
        (AT, having(AT, chain_stats={"funded_txo_sum": 1})),
        (AT, having(AT, chain_stats=STATS, mempool_stats={"funded_txo_sum": 0, "spent_txo_sum": 2})),
        (AT, having(AT, chain_stats={"funded_txo_sum": 21 * 10**14 + 1, "spent_txo_sum": 0})),
        (TXID, having(TXID, txid=WAITING.hex())),
        (TXID, without(TXID, "status")),
        (TXID, without(TXID, "fee")),
        (TXID, having(TXID, fee=-1)),
        (TXID, having(TXID, status={"confirmed": True, "block_height": 7})),
        (f"{TXID}/outspend/0", {}),
        (f"{TXID}/outspend/0", {"spent": 1}),
        (f"{TXID}/outspend/0", {"spent": True}),
        (f"{TXID}/hex", ""),
        (f"{TXID}/hex", "0"),
        (f"{TXID}/hex", "zz"),
        (f"{TXID}/hex", "00" * 4_000_001),
        ("/fee-estimates", []),
        ("/fee-estimates", {"6": -1}),
        ("/fee-estimates", {"6": "7"}),
        ("/fee-estimates", {"6": True}),
        ("/fee-estimates", {"6": 100_000.1}),
        ("/fee-estimates", {"6": 1e300}),
        ("/blocks/tip/hash", "00"),
        ("/blocks/tip/hash", None),
        (f"/block/{TIP.hex()}", {"id": BLOCK.hex(), "height": 9}),
        (f"/block/{TIP.hex()}", {"id": TIP.hex(), "height": 2**31}),
        (f"/block/{TIP.hex()}", {"id": TIP.hex()}),
        (f"/block/{TIP.hex()}", None),
    ],
)
async def test_nonsense(path: str, answer: Any, serve: Serve, http: httpx2.AsyncClient) -> None:
    """Refused; and another source is asked, so that one cannot stop the work."""
    lying = serve(pages(**{path: answer}))
    with pytest.raises(QuorateError) as refused:
        await ASKS[path](EsploraClient(CHAIN, [lying.url], http, genesis=ID))
    assert (refused.value.code, refused.value.whose) == ("chain_answer", "peer")
    two = EsploraClient(CHAIN, [lying.url, serve(pages()).url], http, genesis=ID)
    assert await ASKS[path](two) == await ASKS[path](client(serve, http))


async def test_a_rate_with_a_million_digits(serve: Serve, http: httpx2.AsyncClient) -> None:
    body = json.dumps({"6": 1}).replace("1", "1e999999").encode()
    answer = pages()
    lying = client(
        serve, http, lambda asked: Reply(body) if asked.path == "/fee-estimates" else answer(asked)
    )
    with pytest.raises(QuorateError) as refused:
        await lying.fee_hint()
    assert refused.value.code == "chain_answer"


async def test_many_addresses(serve: Serve, http: httpx2.AsyncClient) -> None:
    other = "bcrt1qsy0kj864stxjgkx774n4wk3suep6cf0tx3d777"
    there = f"/address/{other}"
    answer = [{"txid": BLOCK.hex(), "vout": 1, "value": 5, "status": MINED}]
    stats = {"chain_stats": {"funded_txo_sum": 5, "spent_txo_sum": 0}, "mempool_stats": STATS}
    esplora = client(serve, http, pages(**{there + "/utxo": answer, there: stats}))
    assert [(utxo.address, utxo.amount) for utxo in await esplora.utxos(ADDRESS, other)] == [
        (ADDRESS, 700), (ADDRESS, 50), (other, 5),
    ]  # fmt: skip
    assert await esplora.balance_of([ADDRESS, other]) == 705
    twice = client(serve, http, pages(**{there + "/utxo": PAGES[UTXO]}))
    with pytest.raises(QuorateError) as refused:
        await twice.utxos(ADDRESS, other)
    assert refused.value.code == "chain_answer", "one output lies at two addresses"


async def test_what_is_not_asked(serve: Serve, http: httpx2.AsyncClient) -> None:
    esplora = client(serve, http)
    for address in ("../../tx", "a b", "", ADDRESS + "?x", "x" * 91):
        with pytest.raises(QuorateError) as refused:
            await esplora.balance(address)
        assert refused.value.code == "address"
    with pytest.raises(QuorateError) as refused:
        await esplora.balance(ADDRESS, "USDT")
    assert refused.value.code == "unknown_token"
    with pytest.raises(QuorateError) as refused:
        await esplora.transaction(BLOCK)
    assert refused.value.code == "chain_error"


async def test_another_chain(serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, pages(**{"/block-height/0": GENESIS["bitcoin", "mainnet"]})).check()
    assert refused.value.code == "chain_id"
