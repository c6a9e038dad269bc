"""The database: units all or nothing, one fsync for many, nothing visible before the disk, one process."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.freeze import FreezeSet
from quorate.core.model.records import Signed, TallyEntry
from quorate.core.model.tally import NO_HEAD
from quorate.core.policy import TallyLine
from quorate.judge.store.schema import MIGRATIONS
from quorate.judge.store.store import Store, open_store


def fail(error: QuorateError) -> None:
    raise AssertionError(error)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "judge.sqlite", "signer-1", fail)


def test_a_unit_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(store)
    assert store.blobs.all() == {}


def _write_and_fail(store: Store) -> None:
    with store.db.unit():
        store.blobs.put([("state", b"2"), ("seal", b"2")])
        raise ZeroDivisionError


def test_an_inner_unit_fails_alone(store: Store) -> None:
    with store.db.unit():
        store.blobs.put([("state", b"1")])
        with pytest.raises(ZeroDivisionError):
            _write_and_fail(store)
    assert store.blobs.all() == {"state": b"1"}


def test_a_write_outside_a_unit_is_a_mistake(store: Store) -> None:
    with pytest.raises(RuntimeError):
        store.blobs.put([("state", b"1")])


async def test_many_units_share_one_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    honest = store.db.commit
    monkeypatch.setattr(store.db, "commit", lambda: (commits.append(1), honest())[1])

    async def work(number: int) -> None:
        with store.db.unit():
            store.blobs.put([(f"key/{number}", b"x")])
        await store.db.durable()

    await asyncio.gather(*(work(number) for number in range(20)))
    assert len(commits) == 1
    assert len(store.blobs.all()) == 20


async def test_what_is_durable_survives_a_copy_of_the_files(store: Store, tmp_path: Path) -> None:
    """A copy taken at any moment is what a crash at that moment would leave."""
    with store.db.unit():
        store.blobs.put([("state", b"1")])
    await store.db.durable()
    with store.db.unit():
        store.blobs.put([("state", b"2")])
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("judge.sqlite", "judge.sqlite-wal"):
        copy.joinpath(name).write_bytes(tmp_path.joinpath(name).read_bytes())
    assert open_store(copy / "judge.sqlite", "signer-1", fail).blobs.all() == {"state": b"1"}


async def test_a_failed_commit_is_told_once_and_nothing_goes_on(tmp_path: Path) -> None:
    failures: list[QuorateError] = []
    store = open_store(tmp_path / "judge.sqlite", "signer-1", failures.append)
    with store.db.unit():
        store.blobs.put([("state", b"1")])
    store.db._connection.execute("ROLLBACK")  # as a full disk does: the transaction is gone when COMMIT comes
    with pytest.raises(QuorateError, match="store_failed"):
        await store.db.durable()
    with pytest.raises(QuorateError, match="store_failed"), store.db.unit():
        pass
    assert [failure.code for failure in failures] == ["store_failed"]


def test_a_second_judge_on_the_same_file_fails(store: Store, tmp_path: Path) -> None:
    with store.db.unit():
        store.blobs.put([("state", b"1")])
    store.db.commit()
    with pytest.raises(QuorateError, match="store_unusable"):
        open_store(tmp_path / "judge.sqlite", "signer-1", fail)


def test_durability_settings(store: Store) -> None:
    assert store.db.first("PRAGMA journal_mode") == ("wal",)
    assert store.db.first("PRAGMA synchronous") == (2,)


def test_the_schema_is_known_by_its_number(store: Store, tmp_path: Path) -> None:
    assert store.db.first("PRAGMA user_version") == (len(MIGRATIONS),)
    store.db.close()
    with sqlite3.connect(tmp_path / "judge.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(QuorateError, match="store_newer"):
        open_store(tmp_path / "judge.sqlite", "signer-1", fail)


def test_blobs_are_replaced_and_erased(store: Store) -> None:
    with store.db.unit():
        store.blobs.put([("key/a/1", b"1"), ("state", b"1")])
        store.blobs.put([("key/a/1", b""), ("state", b"2")])
    assert store.blobs.all() == {"state": b"2"}


def test_a_reservation_is_made_once_and_freed_only_before_the_vote(store: Store) -> None:
    line = TallyLine(b"\x01" * 32, "user", "0", "shop", "ETH", 5, 1000)
    with store.db.unit():
        assert store.tally.reserve(line)
        assert not store.tally.reserve(line)
        store.tally.unreserve(line.intent_hash)
        assert store.tally.reserve(line)
        store.db.write("UPDATE reservations SET voted = 1")
        store.tally.unreserve(line.intent_hash)
    assert store.tally.has_voted(line.intent_hash)
    assert store.tally.lines("ETH", 0) == [line]
    assert store.tally.lines("ETH", 1001) == []


def test_amounts_are_unbounded(store: Store) -> None:
    line = TallyLine(b"\x01" * 32, "user", "0", "shop", "ETH", 2**255, 1000)
    with store.db.unit():
        store.tally.reserve(line)
    assert store.tally.lines("ETH", 0)[0].amount == 2**255


def test_destinations_are_remembered(store: Store) -> None:
    line = TallyLine(b"\x01" * 32, "user", "0", "shop", "ETH", 5, 1000)
    assert store.tally.first_asked("shop", 7) == 7
    assert store.tally.first_asked("shop", 9) == 7
    assert store.tally.first_asked("bank", 9) == 9
    assert not store.tally.was_used("shop", b"", 2)
    with store.db.unit():
        store.tally.reserve(line)
    assert store.tally.was_used("shop", b"", 2)
    assert not store.tally.was_used("shop", line.intent_hash, 2)
    assert not store.tally.was_used("bank", b"", 2)


def test_one_other_signer_makes_no_destination_known(store: Store) -> None:
    """It could have made the entry up; of so many as the charter asks for one at least is honest."""
    for count, signer in enumerate(("signer-2", "signer-3"), start=1):
        assert not store.tally.was_used("kiosk", b"", 2)
        _foreign_entry(store, signer, "kiosk")
        assert store.tally.was_used("kiosk", b"", 1)
        assert store.tally.was_used("kiosk", b"", 2) == (count == 2)


def _foreign_entry(store: Store, signer: str, destination: str) -> None:
    entry = TallyEntry(
        "0" * 32, signer, 1, NO_HEAD, b"\x07" * 32, bytes(32), 1000,
        "user", "TRANSFER", "0", destination, "ETH", 5, 2000,
    )  # fmt: skip
    with store.db.unit():
        store.tally.add(entry, Signed(entry.to_bytes(), bytes(64)))


def test_facts_only_rise(store: Store) -> None:
    assert store.facts.integer("latest_vote_ms") == 0
    with store.db.unit():
        for value in (5, 3, 7, 6):
            store.facts.raise_to("latest_vote_ms", value)
    assert store.facts.integer("latest_vote_ms") == 7


async def test_a_file_of_the_first_release_opens(tmp_path: Path) -> None:
    """Its tables are those of the first migration; what came since is added, and nothing of it is lost."""
    path = tmp_path / "judge.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(f"BEGIN; {MIGRATIONS[0]} PRAGMA user_version = 1; COMMIT;")
    connection.execute("INSERT INTO blobs VALUES ('state', x'00')")
    connection.commit()
    connection.close()
    opened = open_store(path, "signer-1", lambda error: None)
    assert opened.blobs.all() == {"state": b"\x00"}
    assert opened.freezes.known() == FreezeSet()
    assert opened.proposals.all() == ()
    assert opened.vetoes.by(bytes(32)) is None
    opened.db.close()
