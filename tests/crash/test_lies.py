"""A server that lies about the first answer: a request retried with its externalTxId never pays twice."""

import asyncio
import json

import pytest

from tests.crash import book as books
from tests.crash import evidence
from tests.crash.book import Book, Request
from tests.crash.client import Answer, Client
from tests.crash.front import Front, KeepsItBack, SaysItFailed, TakesItForNew
from tests.crash.site import Site

RETRIES = 4
SETTLED_WITHIN = 60.0
LATE = 3.0
"""Seconds in which a second payment would have been mined."""


@pytest.fixture
async def book(site: Site) -> Book:
    """Two accounts with coin, and the requests of this test."""
    await site.running()
    client = Client(site.user, site.server.url)
    try:
        return Book(await books.accounts(site, client, 2))
    finally:
        await client.close()


def payments(site: Site, request: Request) -> int:
    key = (request.sender.lower(), request.to.lower(), request.value)
    return len(evidence.mined(site).get(key, []))


@pytest.mark.parametrize("kind", [SaysItFailed, KeepsItBack])
async def test_a_careful_client_pays_once(site: Site, book: Book, kind: type[Front]) -> None:
    with kind(site.server.url) as front:
        client = Client(site.user, front.url)
        request = book.next()
        outcome = await client.settle(request.body, SETTLED_WITHIN)
        await client.close()
        assert outcome.status == "COMPLETED", outcome.reason
        await asyncio.sleep(LATE)
        assert payments(site, request) == 1


@pytest.mark.parametrize("kind", [SaysItFailed, KeepsItBack])
async def test_a_client_that_only_repeats_pays_once(site: Site, book: Book, kind: type[Front]) -> None:
    """It never looks anything up."""
    with kind(site.server.url) as front:
        client = Client(site.user, front.url)
        request = book.next()
        answers = await _insist(client, request)
        await client.close()
        assert answers[0] is not None
        assert answers[0].status == 500
        taken = [id for id, (status, _) in front.passed if status == 200]
        assert taken == [request.external_id], "the server itself took it twice"
        assert {json.loads(body)["code"] for _, (status, body) in front.passed if status != 200} == {1438}
        await _settled(site, request)
        await asyncio.sleep(LATE)
        assert payments(site, request) == 1


async def test_a_server_that_takes_the_retry_for_a_new_request_is_stopped_by_the_signers(
    site: Site, book: Book
) -> None:
    """It has thrown its own record away; the signers have not."""
    with TakesItForNew(site.server.url, site.server.folder / "server.sqlite") as front:
        client = Client(site.user, front.url)
        request = book.next()
        await _insist(client, request)
        await client.close()
        assert front.forgotten >= 1
        assert len(front.passed) == RETRIES, "a retry was not passed on"
        assert [status for _, (status, _) in front.passed] == [200] + [400] * (RETRIES - 1)
        words = [json.loads(body)["message"] for _, (status, body) in front.passed if status == 400]
        assert all("check external_id" in message and "signer-" in message for message in words), words
        await _settled(site, request)
        await asyncio.sleep(LATE)
        assert payments(site, request) == 1


async def _insist(client: Client, request: Request) -> list[Answer | None]:
    """The same request, each time with a new token, whatever the answers are."""
    answers = []
    for _ in range(RETRIES):
        answers.append(await client.call("POST", "/v1/transactions", request.body))
        await asyncio.sleep(0.3)
    return answers


async def _settled(site: Site, request: Request) -> None:
    async with asyncio.timeout(SETTLED_WITHIN):
        while payments(site, request) == 0:
            await asyncio.sleep(0.2)
