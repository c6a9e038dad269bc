"""The logs verify; a copy with one altered byte does not, and the entry is named."""

import shutil
from pathlib import Path

from quorate.client.demo.story import expect
from quorate.client.demo.telling import Telling
from quorate.client.dev import commands


def tell(it: Telling) -> None:
    story = it.story
    story.chapter("The logs")
    audits = {signer["id"]: Path(signer["audit"]) for signer in it.stage.dev["signers"]}
    with story.step("every signer's log verifies offline, from the charter alone"):
        for id, audit in audits.items():
            report = commands.verdict("audit", "verify", audit, "--charter", it.charter)
            expect(report["outcome"] == "valid", f"{id}: {report['fault']}")
            story.tell(f"{id}: {report['size']} entries, root {report['root'][:16]}...")
    with story.step("one byte of a copy is flipped"):
        copy = it.stage.folder / "copy"
        entry = copy_with_a_flipped_byte(audits["signer-1"], copy)
        report = commands.verdict("audit", "verify", copy, "--charter", it.charter)
        fault = report["fault"]
        expect(report["outcome"] == "invalid", "the altered copy verified")
        expect(fault["entry"] == entry, f"entry {entry} was altered, but this was named: {fault}")
        story.tell(f"first bad: entry {fault['entry']} in {fault['file']}: {fault['message']}")


def copy_with_a_flipped_byte(audit: Path, copy: Path) -> int:
    """Alters the middle of the first bundle of entries; the number of the entry that it hit."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(audit, copy)
    bundles = [path for path in (copy / "tile/entries").rglob("*") if path.is_file()]
    bundle = max(bundles, key=lambda path: path.stat().st_size)
    content = bytearray(bundle.read_bytes())
    middle = len(content) // 2
    hit = _entry_at(bytes(content), middle)
    content[middle] ^= 1
    bundle.write_bytes(content)
    return hit


def _entry_at(bundle: bytes, offset: int) -> int:
    """Which entry of a bundle holds the byte at `offset`. Each is a u16 length, then its bytes."""
    entry, end = 0, 2 + int.from_bytes(bundle[:2])
    while end <= offset:
        entry, end = entry + 1, end + 2 + int.from_bytes(bundle[end : end + 2])
    return entry
