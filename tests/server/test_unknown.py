"""Things that do not exist, and what refused requests leave behind."""

from quorate.server.api.fireblocks.errors import CALL, TOKEN
from tests.judge.cluster import raw_eddsa, transfer
from tests.server.running import Running
from tests.server.test_bad_input import is_error


async def test_unknown_things(willing: Running) -> None:
    call = willing.call
    is_error(await call("POST", "/v1/transactions", transfer(assetId="DOGE")), 400, 1006)
    is_error(await call("POST", "/v1/transactions", transfer()), 400, 1004)
    is_error(await call("GET", "/v1/transactions/none"), 404, 1405)
    is_error(await call("GET", "/v1/transactions/external_tx_id/none"), 404, 1405)
    is_error(await call("POST", "/v1/transactions/none/cancel", {}), 404, 1405)
    for account in ("7", "-1", "01", "x", "99999999999999999999", "2147483648", "%30"):
        is_error(await call("GET", f"/v1/vault/accounts/{account}"), 404, 1004)
        is_error(await call("POST", f"/v1/vault/accounts/{account}/ETH", {}), 404, 1004)
    await call("POST", "/v1/vault/accounts", {"name": "first"})
    is_error(await call("POST", "/v1/vault/accounts/0/DOGE", {}), 404, 1006)
    is_error(await call("GET", "/v1/vault/accounts/0/ETH"), 404, 1006)


async def test_nothing_was_done(willing: Running) -> None:
    """Refused requests leave no transaction, no account and no trace at the signers."""
    await willing.call("POST", "/v1/transactions", transfer(amount="-1"))
    await willing.call("POST", "/v1/transactions", raw_eddsa(), who=willing.cluster.viewer)
    await willing.call("POST", "/v1/vault/accounts", {"name": 1})
    assert (await willing.call("GET", "/v1/transactions")).json() == []
    assert (await willing.call("GET", "/v1/vault/accounts_paged")).json()["accounts"] == []
    assert [signer.asked for signer in willing.signers.values()] == [[], [], []]


def test_the_table_of_codes() -> None:
    assert {answer.status for answer in TOKEN.values()} == {401}
    assert {answer.code for answer in TOKEN.values()} == {-1, -2, -3, -4, -5, -6, -7, -8, -10, -12}
    assert not TOKEN.keys() & CALL.keys()
    assert all(400 <= answer.status < 600 for answer in CALL.values())
