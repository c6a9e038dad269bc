"""Verification of log folders: every flipped byte is found and the right place is named."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.core.audit import tiles
from quorate.core.audit.folder import entries
from quorate.core.audit.verify import Report, verify_directory_files
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter
from tests.core.audit.logs import KEY, SIGNER, LogCharter, files, leaf, log

SIZES = (0, 1, 2, 3, 255, 256, 257, 300, 600)


def verify(folder: dict[str, bytes], key: Ed25519PrivateKey = KEY, names: bool = True) -> Report:
    charter = cast(Charter, LogCharter(key))
    return verify_directory_files(folder.get, charter, SIGNER, names=folder if names else ())


def fault(folder: dict[str, bytes]) -> tuple[str, int | None, str]:
    found = verify(folder).fault
    assert found is not None
    return found.path, found.entry, found.code


@pytest.mark.parametrize("size", SIZES)
def test_whole_logs(size: int) -> None:
    report = verify(log(size))
    assert (report.ok, report.fault, report.size, report.unchecked) == (True, None, size, ())


def flipped(folder: dict[str, bytes], path: str, at: int, bit: int) -> dict[str, bytes]:
    content = bytearray(folder[path])
    content[at] ^= 1 << bit
    return {**folder, path: bytes(content)}


def test_every_flipped_byte_of_a_small_log_is_found_and_named() -> None:
    folder = log(5)
    starts = entry_starts(folder["tile/entries/000.p/5"])
    count = 0
    for path, content in folder.items():
        for at in range(len(content)):
            found_path, entry, code = fault(flipped(folder, path, at, at % 8))
            assert found_path == path
            if path.startswith("tile/entries"):
                assert entry == sum(start <= at for start in starts) - 1
                assert code in ("entry_hash", "bundle_form")
            elif path.startswith("tile/0"):
                assert (entry, code) == (at // 32, "tile_hash")
            count += 1
    assert count == sum(map(len, folder.values())) > 1000


def entry_starts(content: bytes) -> list[int]:
    starts, at = [], 0
    while at < len(content):
        starts.append(at)
        at += 2 + int.from_bytes(content[at : at + 2], "big")
    return starts


def test_flipped_bytes_of_a_log_with_two_levels() -> None:
    """Every byte of the upper tiles, and each entry's and each hash's first byte, in a log of 600 entries."""
    folder = log(600)
    count = 0
    for path, content in folder.items():
        if path.startswith("tile/entries"):
            places: list[int] = entry_starts(content)[::37]
        elif path.startswith("tile/0"):
            places = list(range(0, len(content), 32 * 23))
        else:
            places = list(range(len(content)))
        for at in places:
            assert fault(flipped(folder, path, at, 0))[0] == path
            count += 1
    assert count > 300


@pytest.mark.parametrize("path", sorted(log(300)))
def test_a_missing_or_cut_or_longer_file_is_named(path: str) -> None:
    folder = log(300)
    assert fault({name: content for name, content in folder.items() if name != path})[0] == path
    assert fault({**folder, path: folder[path][:-1]})[0] == path
    assert fault({**folder, path: folder[path] + b"\x00"})[0] == path
    assert fault({**folder, path: b""})[0] == path


def entry_changed(folder: dict[str, bytes]) -> dict[str, bytes]:
    """Entry 7 of a rewritten log in the bundle of the signed one."""
    other = files([leaf(i, data={"n": 70 if i == 7 else i}) for i in range(300)])
    return {**folder, "tile/entries/000": other["tile/entries/000"]}


def test_a_well_formed_other_entry_is_named() -> None:
    assert fault(entry_changed(log(300))) == ("tile/entries/000", 7, "entry_hash")


def test_an_entry_changed_together_with_its_hash_is_named_by_the_tile_above() -> None:
    other = files([leaf(i, data={"n": 70 if i == 7 else i}) for i in range(300)])
    folder = {**log(300), "tile/entries/000": other["tile/entries/000"], "tile/0/000": other["tile/0/000"]}
    assert fault(folder) == ("tile/1/000.p/1", None, "tile_hash")


def test_a_rewritten_log_under_the_old_checkpoint() -> None:
    other = files([leaf(i, data={"n": 0}) for i in range(300)])
    assert fault({**other, "checkpoint": log(300)["checkpoint"]}) == ("checkpoint", None, "root")


def test_both_altered_names_the_first_disagreement() -> None:
    folder = entry_changed(log(300))
    folder = flipped(folder, "tile/0/000", 9 * 32, 0)
    assert fault(folder) == ("tile/entries/000", 7, "entry_hash")


def test_another_key() -> None:
    report = verify(log(3), key=Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
    assert report.fault is not None
    assert (report.fault.path, report.fault.code) == ("checkpoint", "checkpoint_signature")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"index": 3}, "entry_place"),
        ({"index": 0}, "entry_place"),
        ({"signer": "signer-2"}, "entry_place"),
        ({"cluster": "cd" * 16}, "entry_place"),
    ],
)
def test_signed_entries_out_of_place(members: dict[str, Any], code: str) -> None:
    leaves = [leaf(i) if i != 2 else leaf(2, **members) for i in range(5)]
    assert fault(files(leaves)) == ("tile/entries/000.p/5", 2, code)


def test_signed_entries_that_are_no_events() -> None:
    for wrong in (b"", b"hello", leaf(2) + b" "):
        assert fault(files([leaf(0), leaf(1), wrong, leaf(3)])) == ("tile/entries/000.p/4", 2, "entry_form")


def superseded() -> dict[str, bytes]:
    """A folder in which nobody removed the earlier partial files."""
    return {**log(3), **log(200), **log(256), **log(300)}


def test_superseded_partial_files_are_checked() -> None:
    folder = superseded()
    assert verify(folder).ok
    assert len(folder) == 10
    for path, change in (
        ("tile/entries/000.p/3", lambda c: c[:-1] + b"x"),
        ("tile/entries/000.p/3", lambda c: c + b"\x00\x00"),
        ("tile/entries/000.p/200", lambda c: c[:-1]),
        ("tile/0/000.p/200", lambda c: c[:-32]),
        ("tile/0/000.p/3", lambda c: b"\x00" + c[1:]),
    ):
        changed = cast(Callable[[bytes], bytes], change)(folder[path])
        assert fault({**folder, path: changed})[0] == path
        assert verify({**folder, path: changed}, names=False).ok


def test_files_that_the_checkpoint_does_not_cover_are_told() -> None:
    """Tiles are written before the checkpoint: after a crash between the two the newer ones are no fault."""
    strangers = (
        "notes.txt",
        "tile/0/000.p/0",
        "tile/0/000.p/07",
        "tile/entries/001.p/45",
        "tile/0/002",
        "tile/9/000.p/1",
    )
    report = verify({**log(300), **dict.fromkeys(strangers, b"x")})
    assert report.ok
    assert set(report.unchecked) == set(strangers)


def test_unknown_signer() -> None:
    with pytest.raises(QuorateError) as error:
        verify_directory_files(log(1).get, cast(Charter, LogCharter()), "signer-9")
    assert error.value.code == "unknown_signer"


def test_reading_entries() -> None:
    folder = log(300)
    assert list(entries(folder.get, 300)) == [leaf(i) for i in range(300)]
    assert list(entries(folder.get, 300, 299)) == [leaf(299)]
    assert list(entries(folder.get, 300, 256)) == [leaf(i) for i in range(256, 300)]
    with pytest.raises(QuorateError) as error:
        list(entries({}.get, 1))
    assert error.value.code == "log_entry"


def test_a_log_that_grows_verifies_at_every_size() -> None:
    leaves = [leaf(i) for i in range(260)]
    folder: dict[str, bytes] = {}
    old = 0
    for new in (1, 2, 100, 255, 256, 257, 260):
        whole = files(leaves[:new])
        folder |= {path: whole[path] for path in whole}
        for path in tiles.superseded_files(old, new):
            folder.pop(path, None)
        assert verify(folder).ok
        assert set(folder) == set(whole)
        old = new
