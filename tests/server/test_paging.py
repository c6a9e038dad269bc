"""The two paging styles of the dialect, forwards and back, over every page size."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.judge.cluster import raw_eddsa
from tests.server.running import Running

COUNT = 7


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
async def test_accounts(server: Running, limit: int, order: str) -> None:
    for number in range(COUNT):
        await server.call("POST", "/v1/vault/accounts", {"name": f"n{number}"})
    path = f"/v1/vault/accounts_paged?limit={limit}&orderBy={order}"
    seen, pages = [], []
    while True:
        page = (await server.call("GET", path)).json()
        pages.append([account["id"] for account in page["accounts"]])
        seen += pages[-1]
        if "nextUrl" not in page:
            break
        path = _target(page["nextUrl"])
    expected = [str(number) for number in range(COUNT)]
    assert seen == (expected if order == "ASC" else expected[::-1])
    for earlier in reversed(pages[:-1]):
        page = (await server.call("GET", _target(page["previousUrl"]))).json()
        assert [account["id"] for account in page["accounts"]] == earlier
    assert "previousUrl" not in page


async def test_account_filters(server: Running) -> None:
    for name in ("ops-eu", "ops-us", "cold", "100%", "1000"):
        await server.call("POST", "/v1/vault/accounts", {"name": name})

    async def names(query: str) -> set[str]:
        page = (await server.call("GET", f"/v1/vault/accounts_paged?{query}")).json()
        return {account["name"] for account in page["accounts"]}

    assert await names("namePrefix=ops") == {"ops-eu", "ops-us"}
    assert await names("nameSuffix=us") == {"ops-us"}
    assert await names("namePrefix=100%25") == {"100%"}
    assert await names("assetId=ETH") == set()


@pytest.mark.parametrize("limit", [1, 3, 500])
@pytest.mark.parametrize("order", ["orderBy=createdAt&sort=ASC", "orderBy=lastUpdated", "sort=DESC"])
async def test_transactions(willing: Running, limit: int, order: str) -> None:
    ids = [await willing.submit(raw_eddsa(bytes([number]))) for number in range(COUNT)]
    for id in ids:
        await willing.finished(id)
    path = f"/v1/transactions?limit={limit}&{order}"
    seen: list[str] = []
    pages: list[list[str]] = []
    while True:
        response = await willing.call("GET", path)
        pages.append([row["id"] for row in response.json()])
        seen += pages[-1]
        if "next-page" not in response.headers:
            break
        path = _target(response.headers["next-page"])
    assert sorted(seen) == sorted(ids)
    if "createdAt" in order:
        assert seen == ids
    for earlier in reversed(pages[:-1]):
        response = await willing.call("GET", _target(response.headers["prev-page"]))
        assert [row["id"] for row in response.json()] == earlier
    assert "prev-page" not in response.headers


async def test_transaction_filters(willing: Running) -> None:
    first = await willing.submit({**raw_eddsa(b"1"), "externalTxId": "e/1"})
    second = await willing.submit(raw_eddsa(b"2"))
    rows: dict[str, Any] = {id: await willing.finished(id) for id in (first, second)}

    async def ids(query: str) -> list[str]:
        response = await willing.call("GET", f"/v1/transactions?{query}")
        assert response.status_code == 200, response.text
        return [row["id"] for row in response.json()]

    assert await ids("status=COMPLETED") == [second, first]
    assert await ids("status=FAILED") == []
    assert await ids(f"before={rows[second]['createdAt']}&after=0") in ([first], [])
    assert await ids(f"after={rows[second]['createdAt']}") == []
    assert await ids("sourceType=VAULT_ACCOUNT") == []
    assert await ids("assets=ETH,USDC") == []
    found = await willing.call("GET", "/v1/transactions/external_tx_id/e/1")
    assert found.json()["id"] == first


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
