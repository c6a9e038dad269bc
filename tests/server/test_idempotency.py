"""Idempotency-Key: the stored answer, never a second effect."""

import asyncio

from tests.judge.cluster import SIGNERS, raw_eddsa
from tests.server.running import Running, serve

KEY = {"Idempotency-Key": "key-1"}


async def test_a_repeated_call_gets_the_stored_answer(willing: Running) -> None:
    first = await willing.call("POST", "/v1/vault/accounts", {"name": "a"}, headers=KEY)
    second = await willing.call("POST", "/v1/vault/accounts", {"name": "a"}, headers=KEY)
    assert first.json() == second.json()
    assert len((await willing.call("GET", "/v1/vault/accounts_paged")).json()["accounts"]) == 1


async def test_another_body_or_route_under_the_key_is_refused(willing: Running) -> None:
    await willing.call("POST", "/v1/vault/accounts", {"name": "a"}, headers=KEY)
    for path, body in (("/v1/vault/accounts", {"name": "b"}), ("/v1/transactions", raw_eddsa())):
        response = await willing.call("POST", path, body, headers=KEY)
        assert (response.status_code, response.json()["code"]) == (400, 1440)


async def test_keys_belong_to_users_and_have_a_form(willing: Running) -> None:
    for bad in ("", "x" * 256, "a\tb"):
        response = await willing.call("POST", "/v1/vault/accounts", {}, headers={"Idempotency-Key": bad})
        assert (response.status_code, response.json()["code"]) == (400, 1439)


async def test_a_transaction_is_made_once_however_often_it_is_sent(willing: Running) -> None:
    answers = await asyncio.gather(
        *(willing.call("POST", "/v1/transactions", raw_eddsa(), headers=KEY) for _ in range(8))
    )
    codes = {answer.status_code for answer in answers}
    assert codes <= {200, 409}, "either the answer, or that the first call is still under way"
    late = await willing.call("POST", "/v1/transactions", raw_eddsa(), headers=KEY)
    ids = {answer.json()["id"] for answer in (*answers, late) if answer.status_code == 200}
    assert len(ids) == 1
    assert len((await willing.call("GET", "/v1/transactions")).json()) == 1
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {1441}


async def test_a_refused_transaction_stays_refused_under_its_key(server: Running) -> None:
    await server.attach(ids=SIGNERS[:1])
    first = await server.call("POST", "/v1/transactions", raw_eddsa(), headers=KEY)
    await server.attach(ids=SIGNERS[1:])
    second = await server.call("POST", "/v1/transactions", raw_eddsa(), headers=KEY)
    assert (first.status_code, first.json()) == (second.status_code, second.json())


async def test_answers_survive_a_restart(willing: Running) -> None:
    first = await willing.call("POST", "/v1/transactions", raw_eddsa(), headers=KEY)
    directory = willing.server.ctx.config.directory
    async with serve(willing.cluster, directory) as restarted:
        again = await restarted.call("POST", "/v1/transactions", raw_eddsa(), headers=KEY)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


async def test_a_token_nonce_is_used_once_also_after_a_restart(willing: Running) -> None:
    nonce = {"nonce": "only-once"}
    first = await willing.call("POST", "/v1/transactions", raw_eddsa(), **nonce)
    assert first.status_code == 200
    async with serve(willing.cluster, willing.server.ctx.config.directory) as restarted:
        again = await restarted.call("POST", "/v1/transactions", raw_eddsa(), **nonce)
    assert (again.status_code, again.json()["code"]) == (401, -7)
