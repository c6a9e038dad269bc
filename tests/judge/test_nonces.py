"""(chain, sender, nonce) belongs to one intent."""

import pytest

from quorate.core.errors import Refused
from tests.judge.bench import Bench, release_request, vote_request


async def check_refused(bench: Bench, case: object, name: str, **fields: object) -> None:
    with pytest.raises(Refused) as caught:
        await bench.open(case, **fields)  # type: ignore[arg-type]
    assert caught.value.check == name


async def test_bytes_are_free_until_the_keeper_voted(bench: Bench) -> None:
    case = await bench.admit()
    bench.keeper.refuse["vote"] = "ban"
    with pytest.raises(Exception, match="ban"):
        await bench.open(case, nonce=3)
    bench.keeper.refuse.clear()
    await bench.open(case, nonce=0)
    assert bench.judge.store.nonces.highest("evm:31337", bench.cluster.address("0")) == 0


async def test_an_unreleased_nonce_passes_on_and_the_first_request_is_dead(bench: Bench) -> None:
    first, second = await bench.admit(), await bench.admit()
    opened = await bench.open(first)
    theirs, entry = vote_request(bench, first, opened, bench.peer())
    await bench.open(second)
    await check_refused(bench, first, "nonce_conflict", session=2)
    with pytest.raises(Refused) as caught:
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], [entry]))
    assert caught.value.check == "nonce_conflict"
    assert "release" not in bench.keeper.asked


async def test_a_released_nonce_is_never_given_to_another(bench: Bench) -> None:
    first, second = await bench.admit(), await bench.admit()
    opened = await bench.open(first)
    theirs, entry = vote_request(bench, first, opened, bench.peer())
    bench.keeper.refuse["release"] = "vote_time"  # released here, although the keeper then refused
    with pytest.raises(Exception, match="vote_time"):
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], [entry]))
    await check_refused(bench, second, "nonce_conflict")
    await bench.open(second, nonce=1)


async def test_the_window_moves_with_what_is_known(bench: Bench) -> None:
    await bench.open(await bench.admit(), nonce=15)
    case = await bench.admit()
    await check_refused(bench, case, "nonce_window", nonce=32)
    await bench.open(case, nonce=31)


async def test_accounts_have_their_own_nonces(bench: Bench) -> None:
    from tests.judge.cluster import transfer

    await bench.open(await bench.admit(), nonce=15)
    other = await bench.admit(transfer(source={"type": "VAULT_ACCOUNT", "id": "1"}))
    await check_refused(bench, other, "nonce_window", nonce=16)
    await bench.open(other, nonce=0)


async def test_what_others_let_through_meanwhile_widens_the_window(bench: Bench) -> None:
    """A signer that was away learns from the entries sent along how far an account may have moved."""
    from quorate.core.proto import keeper_pb2, link_pb2

    peer, entries = bench.peer(), []
    for number in range(3):
        fields = keeper_pb2.TallyFields(
            user="user",
            operation="TRANSFER",
            source="0",
            destination="x",
            asset="ETH",
            amount="1",
            expires_at=2**32,
        )
        ask = keeper_pb2.Vote(
            intent_hash=bytes([number + 1]) * 32,
            attempt_hash=bytes(32),
            time_ms=bench.now_ms(),
            reserve=fields,
        )
        signed = peer.entry(ask)
        entries.append(link_pb2.Signed(body=signed.body, signature=signed.signature))
    case = await bench.admit()
    await check_refused(bench, case, "nonce_window", nonce=18)
    await check_refused(bench, case, "nonce_window", nonce=19, tally=entries)
    await bench.open(case, nonce=18)
