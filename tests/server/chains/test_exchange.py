"""Sources that do not speak, speak slowly, or say too much; and what is told of them."""

import time
from collections.abc import Callable

import httpx2
import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains import exchange
from quorate.server.chains.families import BY_GENESIS, EVM
from quorate.server.chains.networks import GENESIS
from quorate.server.chains.sources import place
from quorate.server.chains.tron_http import TronClient
from tests.server.chains.front import Answer, Asked, Front, Reply, as_json, rpc

CHAIN = Chain("tron:mainnet", "tron", 728126428, "root-ecdsa", 195, "TRX", 10**9, 0)
ID = GENESIS["tron", "mainnet"]
Serve = Callable[[Answer], Front]


def honest(asked: Asked) -> Reply:
    if asked.path == "/wallet/getblockbynum":
        return as_json({"blockID": ID})
    return as_json({"balance": 7})


def answering(reply: Reply) -> Answer:
    """Honest about its chain, and then this."""
    return lambda asked: honest(asked) if asked.path == "/wallet/getblockbynum" else reply


def client(http: httpx2.AsyncClient, *fronts: Front | str) -> TronClient:
    urls = [each if isinstance(each, str) else each.url for each in fronts]
    return TronClient(CHAIN, urls, http, genesis=ID)


WRONG = {
    "down": Reply(b"{}", 500),
    "busy": Reply(b"{}", 429),
    "forbidden": Reply(b"{}", 403),
    "moved": Reply(b"", 302, headers={"Location": "/wallet/getblockbynum"}),
    "empty": Reply(b""),
    "a page": Reply(b"<html>"),
    "cut short": Reply(b'{"balance": 7}', claimed=99),
    "no UTF-8": Reply(b'{"\xff": 7}'),
    "deep": Reply(b'{"balance": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "NaN": Reply(b'{"balance": NaN}'),
    "a number of 5000 digits": Reply(b'{"balance": ' + b"7" * 5000 + b"}"),
    "a list": Reply(b"[7]"),
    "compressed, but not": Reply(b'{"balance": 7}', headers={"Content-Encoding": "gzip"}),
    "slow": Reply(b'{"balance": 7}', pause=0.1),
    "silent": Reply(b'{"balance": 7}', pause=2.0),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", WRONG)
async def test_the_next_source_is_asked(name: str, serve: Serve, http: httpx2.AsyncClient) -> None:
    bad, good = serve(answering(WRONG[name])), serve(honest)
    began = time.monotonic()
    assert await client(http, bad, good).balance("T") == 7
    assert time.monotonic() - began < 2
    with pytest.raises(QuorateError) as refused:
        await client(http, bad).balance("T")
    assert (refused.value.code, refused.value.whose) in (
        ("chain_unreachable", "transport"),
        ("chain_answer", "peer"),
    )


@pytest.mark.usefixtures("impatient")
async def test_an_endless_answer_is_not_read_to_its_end(
    serve: Serve, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 1000)
    padded = b'{"balance": 7, "x": "' + b"x" * 977 + b'"}'
    assert len(padded) == 1000
    assert await client(http, serve(answering(Reply(padded)))).balance("T") == 7
    with pytest.raises(QuorateError) as refused:
        await client(http, serve(answering(Reply(padded + b" ")))).balance("T")
    assert "more than 1000 bytes" in refused.value.message


async def test_a_refusal_is_an_answer(serve: Serve, http: httpx2.AsyncClient) -> None:
    """The source's own words, bounded and without what could forge lines in a log."""
    words = b"no such account\x1b[2J\n" + b"x" * 5000
    refusing, good = serve(answering(Reply(words, 400))), serve(honest)
    with pytest.raises(QuorateError) as refused:
        await client(http, refusing, good).balance("T")
    assert refused.value.code == "chain_error"
    assert len(refused.value.message) < 600
    assert refused.value.message.isprintable()


async def test_nonsense_is_told_on_one_line(serve: Serve, http: httpx2.AsyncClient) -> None:
    lying = answering(as_json({"balance": "7\n2026-01-01 INFO all is well\x1b[2J" + "x" * 999}))
    with pytest.raises(QuorateError) as refused:
        await client(http, serve(lying)).balance("T")
    assert refused.value.code == "chain_answer"
    assert len(refused.value.message) < 200
    assert refused.value.message.isprintable()


async def test_a_source_of_another_chain_is_never_used(serve: Serve, http: httpx2.AsyncClient) -> None:
    other = serve(lambda asked: as_json({"blockID": GENESIS["tron", "nile"], "balance": 9}))
    good = serve(honest)
    assert await client(http, other, good).balance("T") == 7
    assert [asked.path for asked in other.asked] == ["/wallet/getblockbynum"]
    with pytest.raises(QuorateError) as refused:
        await client(http, good, other).check()
    assert refused.value.code == "chain_id"
    with pytest.raises(QuorateError) as refused:
        await client(http, other).broadcast(b"raw", bytes(32))
    assert refused.value.code == "chain_id"
    assert {asked.path for asked in other.asked} == {"/wallet/getblockbynum"}


async def test_a_source_is_identified_once(serve: Serve, http: httpx2.AsyncClient) -> None:
    good = serve(honest)
    asking = client(http, good)
    await asking.check()
    assert [await asking.balance("T") for _ in range(3)] == [7, 7, 7]
    assert [asked.path for asked in good.asked].count("/wallet/getblockbynum") == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[", "", "ftp://x", "http://host.invalid"])
async def test_urls_that_lead_nowhere(url: str, serve: Serve, http: httpx2.AsyncClient) -> None:
    assert await client(http, url, serve(honest)).balance("T") == 7
    with pytest.raises(QuorateError) as refused:
        await client(http, url).balance("T")
    assert refused.value.code == "chain_unreachable"
    await client(http, url).check()


async def test_no_sources(http: httpx2.AsyncClient) -> None:
    for question in (client(http).balance("T"), client(http).broadcast(b"raw", bytes(32))):
        with pytest.raises(QuorateError) as refused:
            await question
        assert refused.value.code == "chain_unreachable"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@node.example:8332/secret?key=secret", "node.example:8332"),
        ("https://node.example/v2/secret", "node.example"),
        ("http://[", "an URL that is none"),
    ],
)
def test_keys_in_urls_are_not_told(url: str, shown: str) -> None:
    assert place(url) == shown


@pytest.mark.parametrize("change", [{"id": 0}, {"id": None}, {"result": None, "error": None}])
async def test_an_answer_to_another_request(
    change: dict[str, object], serve: Serve, http: httpx2.AsyncClient
) -> None:
    """JSON-RPC answers name the request. A null result with a null error is an answer: of nothing."""
    good = rpc({"eth_chainId": "0x1", "eth_getBalance": "0x7"})

    def changed(asked: Asked) -> Reply:
        if asked.json["method"] == "eth_chainId":
            return good(asked)
        return as_json({"jsonrpc": "2.0", "id": asked.json["id"], "result": "0x7", **change})

    evm = Chain("evm:1", "evm", 1, "root-ecdsa", 60, "ETH", 10**16, 16)
    with pytest.raises(QuorateError) as refused:
        await EVM(evm, [serve(changed).url], http).balance("0x" + "00" * 20)
    assert refused.value.code == ("chain_unreachable" if "id" in change else "chain_answer")


def test_every_kind_of_source_has_a_client() -> None:
    assert set(BY_GENESIS) == {"bitcoin-core", "bitcoin-esplora", "solana", "tron"}
    assert len(GENESIS) == 11
    assert len(set(GENESIS.values())) == 11
