"""Every route with what no client should send: a clear answer in the dialect's form, never a 5xx,
and nothing done."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.judge.cluster import Cluster, raw_eddsa, transfer
from tests.server import tokens
from tests.server.running import Running, serve
from tests.server.tokens import ApiUser

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One server for all of this module: nothing here may change anything."""
    async with serve(cluster, tmp_path_factory.mktemp("shared")) as running:
        await running.attach()
        yield running


READS = (
    "/v1/vault/accounts_paged",
    "/v1/vault/accounts/0",
    "/v1/vault/accounts/0/ETH",
    "/v1/vault/accounts/0/ETH/addresses_paginated",
    "/v1/transactions",
    "/v1/transactions/some-id",
    "/v1/transactions/external_tx_id/some-id",
    "/v1/supported_assets",
)
WRITES = (
    ("POST", "/v1/vault/accounts"),
    ("PUT", "/v1/vault/accounts/0"),
    ("POST", "/v1/vault/accounts/0/hide"),
    ("POST", "/v1/vault/accounts/0/unhide"),
    ("POST", "/v1/vault/accounts/0/set_customer_ref_id"),
    ("POST", "/v1/vault/accounts/0/set_auto_fuel"),
    ("POST", "/v1/vault/accounts/0/ETH"),
    ("POST", "/v1/vault/accounts/0/ETH/activate"),
    ("POST", "/v1/vault/accounts/0/ETH/addresses"),
    ("POST", "/v1/transactions"),
    ("POST", "/v1/transactions/some-id/cancel"),
)
CHECKED_READS = (("POST", "/v1/vault/accounts/0/ETH/balance"),)
ROUTES = tuple(("GET", path) for path in READS) + WRITES + CHECKED_READS
WITH_BODY = WRITES + CHECKED_READS


def is_error(response: Any, status: int, code: int) -> None:
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), response.text
    assert set(body) == {"message", "code"}
    assert isinstance(body["message"], str)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_route_checks_the_token(shared: Running, method: str, path: str) -> None:
    """The table of the dialect's token codes, on each route."""
    user, viewer, now = shared.cluster.user, shared.cluster.viewer, int(time.time())
    used = {"nonce": "used-before"}
    is_error(await shared.http.request(method, shared.url + path), 401, -3)
    is_error(await _with_header(shared, method, path, "Bearer"), 401, -3)
    is_error(await _with_header(shared, method, path, "Basic dXNlcjpwYXNz"), 401, -3)
    is_error(await _with_header(shared, method, path, "Bearer a.b.c"), 401, -5)
    is_error(await shared.call(method, path, uri=path + "x"), 401, -4)
    is_error(await shared.call(method, path, sub="nobody"), 401, -6)
    is_error(await shared.call(method, path, headers={"X-API-Key": viewer.id}), 401, -6)
    is_error(await shared.call(method, path, bodyHash="0" * 64), 401, -7)
    is_error(await shared.call(method, path, iat=now - 100, exp=now - 50), 401, -10)
    is_error(await shared.call(method, path, iat=now + 50, exp=now + 100), 401, -12)
    is_error(await shared.call(method, path, iat=now, exp=now + 4000), 401, -5)
    is_error(await _forged(shared, method, path), 401, -1)
    is_error(await _without_sub(shared, method, path, user), 401, -2)
    is_error(await _wrong_algorithm(shared, method, path, user), 401, -5)
    await shared.call(method, path, **used)
    is_error(await shared.call(method, path, **used), 401, -7)


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_viewer_may_not_write(shared: Running, method: str, path: str) -> None:
    is_error(await shared.call(method, path, {}, who=shared.cluster.viewer), 401, -8)


async def test_a_viewer_may_read(shared: Running) -> None:
    for path in ("/v1/vault/accounts_paged", "/v1/transactions", "/v1/supported_assets"):
        assert (await shared.call("GET", path, who=shared.cluster.viewer)).status_code == 200


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b'{"a":1,"a":2}',
        b'{"name":"x","name":"y"}',
        b'{"a":NaN}',
        b"\xff\xfe{}",
        b'{"unheard_of":1}',
        b"[" * 100_000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'{"a":1' + b"0" * 9000 + b"}",
        b'{"a":"\\ud800"}',
    ],
    ids=lambda raw: repr(raw[:16]),
)
async def test_malformed_bodies(shared: Running, method: str, path: str, raw: bytes) -> None:
    response = await shared.call(method, path, raw=raw)
    assert 400 <= response.status_code < 500, response.text
    is_error(response, 400, 1000)


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
async def test_oversized_bodies(shared: Running, method: str, path: str) -> None:
    is_error(await shared.call(method, path, raw=b" " * ((1 << 20) + 1)), 413, 413)


async def test_an_oversized_body_of_unknown_length(shared: Running) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * (1 << 16)

    headers = {"Authorization": f"Bearer {tokens.make(shared.cluster.user, {})}"}
    response = await shared.http.post(shared.url + "/v1/transactions", content=chunks(), headers=headers)
    is_error(response, 413, 413)


WRONG_TYPES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/v1/vault/accounts", {"name": 7}),
    ("POST", "/v1/vault/accounts", {"name": "x" * 256}),
    ("POST", "/v1/vault/accounts", {"hiddenOnUI": "true"}),
    ("POST", "/v1/vault/accounts", {"autoFuel": 1}),
    ("POST", "/v1/vault/accounts", {"autoAssign": True}),
    ("POST", "/v1/vault/accounts", {"vaultType": "KEY_LINK"}),
    ("PUT", "/v1/vault/accounts/0", {}),
    ("PUT", "/v1/vault/accounts/0", {"name": ""}),
    ("PUT", "/v1/vault/accounts/0", {"name": ["x"]}),
    ("POST", "/v1/vault/accounts/0/set_auto_fuel", {"autoFuel": "yes"}),
    ("POST", "/v1/vault/accounts/0/ETH", {"eosAccountName": "eos"}),
    ("POST", "/v1/vault/accounts/0/ETH/addresses", {"description": {}}),
    ("POST", "/v1/transactions", {**transfer(), "operation": 1}),
    ("POST", "/v1/transactions", {**transfer(), "operation": "MINT"}),
    ("POST", "/v1/transactions", {**transfer(), "note": 1}),
    ("POST", "/v1/transactions", {**transfer(), "externalTxId": 1}),
    ("POST", "/v1/transactions", {**transfer(), "externalTxId": "ü"}),
    ("POST", "/v1/transactions", {**transfer(), "source": "0"}),
    ("POST", "/v1/transactions", {**transfer(), "source": {"type": "EXCHANGE_ACCOUNT", "id": "0"}}),
    ("POST", "/v1/transactions", {**transfer(), "source": {"type": "VAULT_ACCOUNT", "id": "-1"}}),
    (
        "POST",
        "/v1/transactions",
        {**transfer(), "destination": {"type": "EXTERNAL_WALLET", "id": "elsewhere"}},
    ),
    ("POST", "/v1/transactions", raw_eddsa(b"")),
)


@pytest.mark.parametrize(("method", "path", "body"), WRONG_TYPES)
async def test_wrong_types_and_values(shared: Running, method: str, path: str, body: dict[str, Any]) -> None:
    is_error(await shared.call(method, path, body), 400, 1000)


@pytest.mark.parametrize(
    "amount",
    ["-1", "0", "", "1e3", "0x10", "1.0000000000000000001", "9" * 200, " 1", "1,5", -1, 0, True, {}, "NaN"],
)
async def test_amounts(shared: Running, amount: Any) -> None:
    is_error(await shared.call("POST", "/v1/transactions", transfer(amount)), 400, 1000)


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=501", "limit=-1", "limit=x", "limit=1&limit=2", "status=DONE", "status="),
        *("orderBy=amount", "sort=UP", "before=x", "after=1e3", "sourceWalletId=1", "destType=x"),
        *(
            "next=%21%21",
            "next=e30",
            "next=bnVsbA",
            "next=a&prev=b",
            "sourceType=EXCHANGE_ACCOUNT",
            "unheard=of",
        ),
    ],
)
async def test_queries_of_the_transaction_list(shared: Running, query: str) -> None:
    is_error(await shared.call("GET", f"/v1/transactions?{query}"), 400, 1000)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "before=1&after=2",
        "before=-1",
        "orderBy=x",
        "tagIds=1",
        "minAmountThreshold=1",
    ],
)
async def test_queries_of_the_account_list(shared: Running, query: str) -> None:
    is_error(await shared.call("GET", f"/v1/vault/accounts_paged?{query}"), 400, 1000)


async def test_unknown_routes_and_methods(shared: Running) -> None:
    for method, path, status in (
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/vault/nothing", 404),
        ("GET", "/v1/internal_wallets", 404),
        ("DELETE", "/v1/transactions", 405),
        ("PATCH", "/v1/vault/accounts/0", 405),
        ("POST", "/v1/transactions/", 404),
    ):
        is_error(await shared.http.request(method, shared.url + path), status, status)


async def test_the_token_covers_the_raw_target(shared: Running) -> None:
    """The query as sent, in its order and escapes; a proxy that rewrites it breaks the token."""
    path = "/v1/transactions?orderBy=createdAt&limit=5&txHash=a%2Fb/c"
    assert (await shared.call("GET", path)).status_code == 200
    is_error(await shared.call("GET", path, uri=path.replace("%2F", "%2f")), 401, -4)


async def _with_header(shared: Running, method: str, path: str, header: str) -> Any:
    return await shared.http.request(method, shared.url + path, headers={"Authorization": header})


async def _forged(shared: Running, method: str, path: str) -> Any:
    """Claims of the user, signed by somebody else's key."""
    claims = tokens.claims(shared.cluster.user, path, b"")
    forged = tokens.make(shared.cluster.viewer, claims)
    return await _send(shared, method, path, forged)


async def _without_sub(shared: Running, method: str, path: str, user: ApiUser) -> Any:
    claims = tokens.claims(user, path, b"")
    del claims["sub"]
    return await _send(shared, method, path, tokens.make(user, claims))


async def _wrong_algorithm(shared: Running, method: str, path: str, user: ApiUser) -> Any:
    header = {"alg": "none", "typ": "JWT"}
    return await _send(shared, method, path, tokens.make(user, tokens.claims(user, path, b""), header))


async def _send(shared: Running, method: str, path: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "X-API-Key": shared.cluster.user.id}
    return await shared.http.request(method, shared.url + path, headers=headers)
