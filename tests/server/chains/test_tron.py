"""The TRON client against a front that answers as full nodes do, and against one that does not."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from coincurve import PrivateKey

from quorate.core.chains.tron import address
from quorate.core.chains.tron.attach import attach, http_json
from quorate.core.chains.tron.decode import txid
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains.interface import Receipt
from quorate.server.chains.networks import GENESIS
from quorate.server.chains.tron_http import Block, Resources, TronClient
from tests.core.vectors import own
from tests.server.chains.front import NOT_FOUND, Answer, Asked, Front, Reply, as_json

CHAIN = Chain("tron:nile", "tron", 3448148188, "root-ecdsa", 195, "TRX", 10**9, 0)
ID = GENESIS["tron", "nile"]
KEY = PrivateKey(bytes(31) + b"\x07")
OWNER = address.from_public_key(KEY.public_key.format())
TOKEN, TO = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TBjVnRoLcoCyhkXLCcmtsqsADjxiRY5Dke"
BLOCK = (70_756_786).to_bytes(8, "big") + b"\x6a" * 24
DATA = bytes.fromhex(own("good/tron.json")["cases"][1]["items"][0]["bytes"])
SIGNATURE = KEY.sign_recoverable(txid(DATA), hasher=None)
RAW, SENT = attach(DATA, SIGNATURE[:64], SIGNATURE[64], sender=OWNER)
FAILED, WAITING, UNKNOWN = (bytes([i]) * 32 for i in range(3))
HEADER = {"number": 70_756_786, "timestamp": 1_764_000_000_000, "parentHash": "00" * 32, "version": 32}
NOW = {
    "blockID": BLOCK.hex(),
    "block_header": {"raw_data": HEADER, "witness_signature": "00"},
    "transactions": [],
}
INFO = {
    "id": SENT.hex(),
    "fee": 345_000,
    "blockNumber": 70_756_787,
    "receipt": {"net_usage": 345, "result": "SUCCESS"},
}
TAKEN = {"result": True, "code": "SUCCESS", "message": "", "txid": SENT.hex(), "transaction": "{}"}
DUPLICATE = {"code": "DUP_TRANSACTION_ERROR", "txid": SENT.hex(), "message": b"dup transaction".hex()}
METHODS: dict[str, Any] = {
    "getblockbynum": lambda body: {"blockID": ID} if body == {"num": 0} else {},
    "getnowblock": NOW,
    "getaccount": lambda body: {"address": OWNER, "balance": 7} if body["address"] == OWNER else {},
    "getaccountresource": {"freeNetUsed": 200, "freeNetLimit": 600, "NetLimit": 90, "TotalNetLimit": 1},
    "triggerconstantcontract": lambda body: (
        {
            "result": {"result": True},
            "energy_used": 541,
            "constant_result": ["00" * 31 + "09"],
            "transaction": {},
        }
    ),
    "getchainparameters": {
        "chainParameter": [
            {"key": "getTransactionFee", "value": 1000},
            {"key": "getRemoveThePowerOfTheGr", "value": -1},
            {"key": "getEnergyFee", "value": 100},
            {"key": "getAllowTvmOsaka"},
        ]
    },
    "gettransactioninfobyid": lambda body: {SENT.hex(): INFO}.get(body["value"], {}),
    "gettransactionbyid": lambda body: {"txID": SENT.hex()} if body["value"] == SENT.hex() else {},
    "gettransactionfrompending": lambda body: (
        {"txID": WAITING.hex()} if body["value"] == WAITING.hex() else {}
    ),
    "broadcasthex": lambda body: (
        TAKEN if body == {"transaction": RAW.hex()} else {"Error": "class Exception : no"}
    ),
}
Serve = Callable[[Answer], Front]


def nodes(**methods: Any) -> Answer:
    known = {**METHODS, **methods}

    def answer(asked: Asked) -> Reply:
        found = known.get(asked.path.removeprefix("/wallet/"))
        if found is None or asked.method != "POST":
            return NOT_FOUND
        return as_json(found(asked.json) if callable(found) else found)

    return answer


def client(serve: Serve, http: httpx2.AsyncClient, **methods: Any) -> TronClient:
    return TronClient(CHAIN, [serve(nodes(**methods)).url], http, genesis=ID)


async def test_what_it_reads(serve: Serve, http: httpx2.AsyncClient) -> None:
    tron = client(serve, http)
    await tron.check()
    assert await tron.block() == Block(70_756_786, BLOCK.hex(), 1_764_000_000_000)
    assert [await tron.balance(of) for of in (OWNER, TO)] == [7, 0]
    assert await tron.balance(OWNER, TOKEN) == 9
    assert await tron.energy(OWNER, TOKEN, TO, 5) == 541
    assert [await tron.exists(of) for of in (OWNER, TO)] == [True, False]
    assert await tron.fee_hint() == 100
    parameters = await tron.parameters()
    assert parameters == {"getTransactionFee": 1000, "getRemoveThePowerOfTheGr": -1, "getEnergyFee": 100}
    assert await tron.receipt(SENT) == Receipt(True, 70_756_787, None, 345_000)
    assert await tron.receipt(UNKNOWN) is None
    assert [await tron.knows(id) for id in (SENT, WAITING, UNKNOWN)] == [True, True, False]


@pytest.mark.parametrize(
    ("answer", "expected", "most"),
    [
        ({}, Resources(0, 0, 0), 0),
        (METHODS["getaccountresource"], Resources(400, 90, 0), 400),
        ({"NetUsed": 7, "NetLimit": 500, "EnergyLimit": 9, "EnergyUsed": 2}, Resources(0, 493, 7), 493),
        ({"freeNetUsed": 601, "freeNetLimit": 600}, Resources(0, 0, 0), 0),  # limits may fall
    ],
)
async def test_resources(
    answer: dict[str, int], expected: Resources, most: int, serve: Serve, http: httpx2.AsyncClient
) -> None:
    found = await client(serve, http, getaccountresource=answer).resources(OWNER)
    assert found == expected
    assert (found.carries(most), found.carries(most + 1)) == (True, False)


async def test_what_a_call_asks(serve: Serve, http: httpx2.AsyncClient) -> None:
    running = serve(nodes())
    tron = TronClient(CHAIN, [running.url], http, genesis=ID)
    await tron.balance(OWNER, TOKEN)
    word = "00" * 12 + address.to_bytes(OWNER)[1:].hex()
    common = {"owner_address": OWNER, "contract_address": TOKEN, "visible": True}
    assert running.asked[-1].json == {**common, "function_selector": "balanceOf(address)", "parameter": word}
    await tron.energy(OWNER, TOKEN, TO, 5)
    words = "00" * 12 + address.to_bytes(TO)[1:].hex() + "00" * 31 + "05"
    assert running.asked[-1].json == {
        **common,
        "function_selector": "transfer(address,uint256)",
        "parameter": words,
    }


@pytest.mark.parametrize(
    ("change", "succeeded"),
    [
        ({}, True),
        ({"receipt": {"net_fee": 345_000}}, True),  # no code ran
        ({"receipt": {"result": "DEFAULT"}}, True),
        ({"receipt": {"result": "OUT_OF_ENERGY"}, "result": "FAILED"}, False),
        ({"receipt": {"result": "REVERT"}}, False),
        ({"result": "FAILED"}, False),
    ],
)
async def test_receipts(
    change: dict[str, Any], succeeded: bool, serve: Serve, http: httpx2.AsyncClient
) -> None:
    found = await client(serve, http, gettransactioninfobyid={**INFO, **change}).receipt(SENT)
    assert found == Receipt(succeeded, 70_756_787, None, 345_000)


async def test_a_receipt_without_a_fee(serve: Serve, http: httpx2.AsyncClient) -> None:
    free = {name: value for name, value in INFO.items() if name not in ("fee", "receipt")}
    found = await client(serve, http, gettransactioninfobyid=free).receipt(SENT)
    assert found == Receipt(True, 70_756_787, None, 0)


REVERTED = {"result": True, "message": b"REVERT opcode executed".hex()}
FAILING = {"code": "CONTRACT_VALIDATE_ERROR", "message": b"No contract or not a valid smart contract".hex()}


@pytest.mark.parametrize(
    ("result", "words"),
    [(REVERTED, "REVERT opcode executed"), (FAILING, "CONTRACT_VALIDATE_ERROR No contract"), ({}, "refused")],
)
async def test_calls_that_fail(
    result: dict[str, Any], words: str, serve: Serve, http: httpx2.AsyncClient
) -> None:
    answer = {"result": result, "energy_used": 541, "constant_result": ["00" * 32]}
    tron = client(serve, http, triggerconstantcontract=answer)
    for ask in (tron.balance(OWNER, TOKEN), tron.energy(OWNER, TOKEN, TO, 5)):
        with pytest.raises(QuorateError) as refused:
            await ask
        assert refused.value.code == "chain_error"
        assert words in refused.value.message


async def test_broadcast(serve: Serve, http: httpx2.AsyncClient) -> None:
    await client(serve, http).broadcast(RAW, SENT)
    await client(serve, http, broadcasthex=DUPLICATE).broadcast(RAW, SENT)  # it has it
    for answer in (DUPLICATE, {}, {"result": "true"}, {"Error": "class java.lang.Exception : x"}):
        tron = client(serve, http, broadcasthex=answer, gettransactionbyid={})
        with pytest.raises(QuorateError) as refused:
            await tron.broadcast(RAW, SENT)
        assert refused.value.code == "chain_error"
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, broadcasthex={**TAKEN, "txid": UNKNOWN.hex()}).broadcast(RAW, FAILED)
    assert refused.value.code == "chain_answer"


async def test_broadcast_as_json(serve: Serve, http: httpx2.AsyncClient) -> None:
    """Where a provider has no broadcasthex."""
    taken: list[Any] = []

    def take(body: Any) -> Any:
        taken.append(body)
        return TAKEN

    await client(serve, http, broadcasthex=None, broadcasttransaction=take).broadcast(RAW, SENT)
    assert taken == [json.loads(json.dumps(http_json(RAW)))]
    assert taken[0]["raw_data_hex"] == DATA.hex()
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, broadcasthex=None, gettransactionbyid={}).broadcast(RAW, SENT)
    assert refused.value.code == "chain_unreachable"


def block(**members: Any) -> dict[str, Any]:
    return {**NOW, "block_header": {"raw_data": {**HEADER, **members}}}


def called(**members: Any) -> dict[str, Any]:
    return {"result": {"result": True}, "energy_used": 541, "constant_result": ["00" * 32], **members}


ASKS: dict[str, Callable[[TronClient], Any]] = {
    "getblockbynum": lambda c: c.balance(OWNER),
    "getnowblock": lambda c: c.block(),
    "getaccount": lambda c: c.balance(OWNER),
    "balanceOf": lambda c: c.balance(OWNER, TOKEN),
    "energy": lambda c: c.energy(OWNER, TOKEN, TO, 5),
    "getchainparameters": lambda c: c.fee_hint(),
    "gettransactioninfobyid": lambda c: c.receipt(SENT),
    "gettransactionbyid": lambda c: c.knows(SENT),
}
CALLS = dict.fromkeys(("balanceOf", "energy"), "triggerconstantcontract")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("getblockbynum", {}),
        ("getblockbynum", {"blockID": 7}),
        ("getnowblock", {}),
        ("getnowblock", []),
        ("getnowblock", {"blockID": BLOCK.hex()}),
        ("getnowblock", {**NOW, "blockID": BLOCK.hex()[:-2]}),
        ("getnowblock", block(number=1)),
        ("getnowblock", block(number="70756786")),
        ("getnowblock", block(timestamp=None)),
        ("getnowblock", block(timestamp=0)),
        ("getnowblock", block(timestamp=2**63)),
        ("getaccount", {"balance": -1}),
        ("getaccount", {"balance": "7"}),
        ("getaccount", {"balance": 2**63}),
        ("getaccount", {"balance": None}),
        ("getaccount", [7]),
        ("balanceOf", called(result=None)),
        ("balanceOf", called(result={"result": "true"})),
        ("balanceOf", called(constant_result=[])),
        ("balanceOf", called(constant_result=["00" * 32] * 2)),
        ("balanceOf", called(constant_result=[""])),
        ("balanceOf", called(constant_result=["00" * 31])),
        ("balanceOf", called(constant_result=[7])),
        ("energy", called(energy_used=-1)),
        ("energy", called(energy_used=0)),
        ("energy", called(energy_used=None)),
        ("getchainparameters", {}),
        ("getchainparameters", {"chainParameter": [7]}),
        ("getchainparameters", {"chainParameter": [{"key": "getTransactionFee", "value": 1000}]}),
        ("getchainparameters", {"chainParameter": [{"key": "getEnergyFee", "value": 0}]}),
        ("getchainparameters", {"chainParameter": [{"key": "getEnergyFee", "value": "100"}]}),
        ("getchainparameters", {"chainParameter": [{"value": 100}]}),
        ("gettransactioninfobyid", {**INFO, "id": UNKNOWN.hex()}),
        ("gettransactioninfobyid", {**INFO, "blockNumber": 0}),
        ("gettransactioninfobyid", {**INFO, "fee": -1}),
        ("gettransactioninfobyid", {**INFO, "receipt": 7}),
        ("gettransactionbyid", {"txID": UNKNOWN.hex()}),
    ],
)
async def test_nonsense(question: str, answer: Any, serve: Serve, http: httpx2.AsyncClient) -> None:
    tron = client(serve, http, **{CALLS.get(question, question): lambda body: answer})
    with pytest.raises(QuorateError) as refused:
        await ASKS[question](tron)
    assert (refused.value.code, refused.value.whose) == ("chain_answer", "peer")


async def test_errors_in_the_nodes_own_form(serve: Serve, http: httpx2.AsyncClient) -> None:
    error = {"Error": "class org.tron.core.exception.BadItemException : x"}
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, getaccount=error).balance(OWNER)
    assert refused.value.code == "chain_error"
    with pytest.raises(QuorateError) as refused:
        await client(serve, http, getaccount=None).balance(OWNER)
    assert refused.value.code == "chain_unreachable"


async def test_a_node_without_a_pool_method(serve: Serve, http: httpx2.AsyncClient) -> None:
    tron = client(serve, http, gettransactionfrompending=None)
    assert [await tron.knows(id) for id in (SENT, WAITING)] == [True, False]


async def test_addresses_that_are_none(serve: Serve, http: httpx2.AsyncClient) -> None:
    with pytest.raises(QuorateError) as refused:
        await client(serve, http).balance("0x" + "00" * 20, TOKEN)
    assert refused.value.code == "address"
