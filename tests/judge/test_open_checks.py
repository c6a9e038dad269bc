"""Each check of a session refuses what it is for, by its name; the straight case passes all of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quorate.core.checks import CHECKS
from quorate.core.errors import Refused
from quorate.judge.checks import tables
from quorate.judge.checks.session import CLOCK_FACT
from tests.judge.bench import Bench
from tests.judge.cluster import ETHER, TOKEN, Cluster, transfer

OTHER = "0x" + "11" * 20
ERC20 = bytes.fromhex("a9059cbb") + bytes(12) + bytes.fromhex("11" * 20) + (10**18).to_bytes(32, "big")


async def refused(bench: Bench, case: Any, **fields: Any) -> Refused:
    votes = bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await bench.open(case, **fields)
    assert bench.keeper.asked.count("vote") == votes, "the keeper was asked for a vote"
    return caught.value


BYTES: list[tuple[str, dict[str, Any]]] = [
    ("attempt_form", {"format": "raw"}),
    ("attempt_form", {"format": "raw", "bytes": b""}),
    ("attempt_form", {"bytes": b""}),
    ("attempt_form", {"bytes": bytes(128 * 1024 + 1)}),
    ("decode", {"bytes": b"\x02\xc0"}),
    ("decode", {"bytes": b"\x01\xc8" + bytes(8)}),
    ("blind", {"data": b"\x12\x34\x56\x78"}),
    ("blind", {"to": TOKEN, "data": ERC20, "value": 1}),
    ("effects_match", {"to": OTHER}),
    ("effects_match", {"value": ETHER + 1}),
    ("effects_match", {"value": 0, "to": TOKEN, "data": ERC20}),
    ("chain_match", {"chain_id": 1}),
    ("fee_ceiling", {"max_fee": 10**12}),
    ("fee_ceiling", {"gas": 30_000_000}),
    ("nonce_window", {"nonce": 16}),
    ("nonce_window", {"nonce": 2**63}),
]


@pytest.mark.parametrize(("name", "fields"), BYTES)
async def test_bytes_are_refused_by_their_check(bench: Bench, name: str, fields: dict[str, Any]) -> None:
    case = await bench.admit()
    assert (await refused(bench, case, **fields)).check == name
    await bench.open(case)


async def test_trailing_bytes_are_named(bench: Bench) -> None:
    case = await bench.admit()
    data = bench.request(case).bytes + b"\x00"
    assert (await refused(bench, case, bytes=data)).check == "decode"


MEMBERS = [
    ["signer-1"],
    ["signer-1", "signer-2", "signer-3"],
    ["signer-2", "signer-1"],
    ["signer-2", "signer-3"],
    ["signer-1", "signer-1"],
    ["signer-1", "signer-9"],
    [],
]


@pytest.mark.parametrize("members", MEMBERS)
async def test_members_are_exactly_t_in_order_with_this_signer(bench: Bench, members: list[str]) -> None:
    case = await bench.admit()
    assert (await refused(bench, case, members=members)).check == "members"
    await bench.open(case, members=["signer-1", "signer-3"])


async def test_a_session_number_only_rises(bench: Bench) -> None:
    case = await bench.admit()
    await bench.open(case, session=5)
    for number in (5, 4, 0, 2**53, 2**64 - 1):
        assert (await refused(bench, case, session=number)).check == "session_number"
    await bench.open(case, session=6)


async def test_a_session_number_beyond_the_database_bricks_nothing(bench: Bench) -> None:
    case = await bench.admit()
    for number in (0, 2**53, 2**63, 2**64 - 1):
        assert (await refused(bench, case, session=number)).check == "session_number"
    await bench.open(case, session=2**53 - 1)


async def test_what_was_not_admitted_is_not_signed(bench: Bench) -> None:
    case = await bench.admit()
    assert (await refused(bench, case, intent_hash=bytes(32))).check == "admitted"


async def test_a_request_ends_with_its_lifetime(bench: Bench) -> None:
    case = await bench.admit()
    bench.offset_ms = 3_601_000
    assert (await refused(bench, case)).check == "expired"
    bench.offset_ms = 3_590_000
    await bench.open(case)


async def test_a_clock_that_stepped_back_does_not_vote(bench: Bench) -> None:
    first, second = await bench.admit(), await bench.admit()
    await bench.open(first)
    bench.offset_ms = -2000
    assert (await refused(bench, second, nonce=1)).check == "clock_stepped_back"
    bench.offset_ms = 0
    await bench.open(second, nonce=1)


async def test_an_uncertified_key_does_not_sign(bench: Bench) -> None:
    case = await bench.admit()
    keys = bench.judge.state.certificates
    bench.judge.state.certificates = {}
    assert (await refused(bench, case)).check == "key_certified"
    bench.judge.state.certificates = keys
    await bench.open(case)


async def test_a_request_of_an_older_charter_is_refused(bench: Bench) -> None:
    case = await bench.admit()
    from tests.judge.cluster import chain_json

    chain = chain_json(bench.cluster.document, bench.cluster.next_charter(skew=6))
    await bench.judge.activation.activate(chain, None)
    assert (await refused(bench, case)).check == "charter_current"


async def test_nothing_is_signed_while_the_log_cannot_be_written(bench: Bench) -> None:
    case = await bench.admit()
    bench.folder.joinpath("audit").write_text("in the way")
    await bench.judge.log.checkpoint()
    assert (await refused(bench, case)).check == "log_unwritable"
    bench.folder.joinpath("audit").unlink()
    await bench.judge.log.checkpoint()
    await bench.open(case)
    assert bench.leaves().count("checkpoint_failed") == 1


async def test_the_sentinel_silences_the_signer(bench: Bench) -> None:
    case = await bench.admit()
    with bench.judge.store.db.unit():
        bench.judge.store.facts.raise_to("repeated_r", 1)
    assert (await refused(bench, case)).check == "repeated_r"


async def test_the_policy_names_rule_field_and_reason(bench: Bench) -> None:
    one_time = transfer(destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": OTHER}})
    refusal = await refused(bench, await bench.admit(one_time))
    assert (refusal.check, refusal.reason_class) == ("policy", "unknown_destination")
    assert [(line.rule, line.first_mismatch) for line in refusal.trace][:1] == [("capped", "destinations")]


WAITING = (
    {"name": "known", "destinations": ["one_time"], "new_destination_delay": 60, "verdict": "allow"},
    {
        "name": "first",
        "destinations": ["whitelist"],
        "assets": ["ETH"],
        "first_use_max_amount": str(ETHER),
        "verdict": "allow",
    },
    {
        "name": "large",
        "destinations": ["whitelist"],
        "verdict": "approvals",
        "approvals": {"threshold": 1},
    },
)


async def test_a_new_destination_waits(tmp_path: Path) -> None:
    """Known from when this signer was first asked, although it refused."""
    async with Bench(Cluster(WAITING), tmp_path).running() as bench:
        one_time = transfer(destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": OTHER}})
        case = await bench.admit(one_time)
        refusal = await refused(bench, case)
        assert (refusal.check, refusal.reason_class) == ("policy", "new_destination_delay")
        bench.offset_ms = 59_000
        assert (await refused(bench, case)).reason_class == "new_destination_delay"
        bench.offset_ms = 61_000
        await bench.open(case)


async def test_a_first_payment_is_small(tmp_path: Path) -> None:
    async with Bench(Cluster(WAITING), tmp_path).running() as bench:
        large = await bench.admit(transfer("2"))
        refusal = await refused(bench, large)
        assert (refusal.check, refusal.rule, refusal.reason_class) == (
            "approvals",
            "large",
            "missing_evidence",
        )
        await bench.open(await bench.admit(transfer("1")))
        await bench.open(large, nonce=1)


async def test_the_window_counts_what_was_voted_for(bench: Bench) -> None:
    await bench.open(await bench.admit(transfer("6")))
    late = await bench.admit(transfer("5"))
    refusal = await refused(bench, late, nonce=1)
    assert (refusal.check, refusal.reason_class) == ("policy_window", "velocity")
    await bench.open(await bench.admit(transfer("4")), nonce=1)


async def test_a_later_session_of_a_request_counts_once(bench: Bench) -> None:
    case = await bench.admit(transfer("6"))
    for number in (1, 2, 3):
        await bench.open(case, session=number)
    votes = [r.vote for r in bench.keeper.requests if r.WhichOneof("request") == "vote"]
    assert [vote.HasField("reserve") for vote in votes] == [True, False, False]
    await bench.open(await bench.admit(transfer("4")), nonce=1)


async def test_two_sessions_at_once_cannot_share_the_room_in_a_window(bench: Bench) -> None:
    import asyncio

    cases = [await bench.admit(transfer("6")) for _ in range(4)]
    opens = (bench.judge.judge_open.open(bench.request(case, nonce=n)) for n, case in enumerate(cases))
    results = await asyncio.gather(*opens, return_exceptions=True)
    assert [isinstance(result, Refused) for result in results].count(False) == 1


async def test_room_is_given_back_when_the_keeper_does_not_vote(bench: Bench) -> None:
    case = await bench.admit(transfer("6"))
    bench.keeper.refuse["vote"] = "start_rule"
    with pytest.raises(Exception, match="start_rule"):
        await bench.open(case)
    bench.keeper.refuse.clear()
    await bench.open(await bench.admit(transfer("10")))


async def test_the_signing_path_is_the_source_accounts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The intent is this signer's own, so the check is a second line: shown by a mapping that goes wrong."""
    from dataclasses import replace

    from quorate.judge import admit

    honest: Callable[..., Any] = admit.fireblocks.to_intent

    def wrong_account(*args: Any) -> Any:
        return replace(honest(*args), path=(44, 60, 1, 0, 0))

    monkeypatch.setattr("quorate.judge.admit.fireblocks.to_intent", wrong_account)
    case = await bench.admit()
    assert (await refused(bench, case)).check == "sender_path"


async def test_raw_needs_no_bytes_and_signs_its_content(bench: Bench) -> None:
    from tests.judge.cluster import raw_eddsa

    case = await bench.admit(raw_eddsa())
    assert (await refused(bench, case, bytes=b"\x01")).check == "attempt_form"
    await bench.open(case)
    item = bench.keeper.requests[-1].vote.items[0]
    assert (item.scheme, tuple(item.path), item.message) == (1, (1729, 1, 0), b"hello")


def test_every_check_of_the_table_is_registered(capped: Cluster) -> None:
    assert len(tables.OPEN) == 25
    assert {"decode", "blind", "effects_match", "nonce_conflict", "policy_window"} <= set(CHECKS)
    assert CLOCK_FACT
