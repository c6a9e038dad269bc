"""The server is replaced by a liar (examples/liar_server.py) that has its keys, database and certificate."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from quorate.client.ceremony import files, judge, processes
from quorate.client.demo.stage import EXCHANGE
from quorate.client.demo.story import expect
from quorate.client.demo.telling import WHITELISTED, Telling
from quorate.client.demo.words import refusals
from quorate.client.dev import commands, daemons

PROGRAM: Final = Path("examples/liar_server.py")
LIAR: Final = (sys.executable, PROGRAM)


def tell(it: Telling) -> None:
    story = it.story
    story.chapter("The server is replaced by a liar that has its keys, its database and its certificate")
    with story.step("the liar takes the server's place; the signers dial it and notice nothing"):
        expect(PROGRAM.exists(), f"{PROGRAM} is not here: run this in the checkout")
        replace_server(it, LIAR)
    with story.step("it makes the bytes pay somebody else"):
        lie(it, "destination")
        story.tell(*caught(it))
    with story.step("it makes the bytes pay a fee of a hundred times the ceiling"):
        lie(it, "fee")
        story.tell(*caught(it))
    with story.step("it answers with a deposit address of its own"):
        lie(it, "address")
        story.tell(_false_address(it))
    with story.step("the honest server comes back"):
        replace_server(it, (*commands.QUORATE, "server", "run"))


def lie(it: Telling, word: str) -> None:
    files.write(it.layout.server / "lie", word.encode())


def caught(it: Telling) -> list[str]:
    """A transfer that the liar cannot get signed; what the signers wrote about it into their own logs."""
    chain = it.stage.chain
    before = (chain.balance(it.address), chain.balance(EXCHANGE))
    done, external_id = it.transfer("ETH", "2", WHITELISTED)
    expect(done.status in ("FAILED", "BLOCKED"), f"it ended as {done}")
    entries = it.logs.wait_for("refusal", external_id, seconds=2)
    expect(bool(entries), "no signer wrote a refusal into its log")
    events = {entry.event for entry in it.logs.about(external_id)}
    expect(not events & {"vote", "release"}, "a signer voted for it")
    expect((chain.balance(it.address), chain.balance(EXCHANGE)) == before, "money moved")
    return refusals(entries)


def _false_address(it: Telling) -> str:
    false, _ = it.requester.address(it.requester.account("bait"), "ETH")
    answer = it.verify_address(false)
    expect(answer["outcome"] == "invalid", f"{false} verified")
    return f"{false}: {answer['error']['code']}, says `quorate address verify`"


def replace_server(it: Telling, program: Sequence[str | Path]) -> None:
    commands.end(processes.recorded(it.layout.server / "run.json"))
    daemons.start_server(it.layout, program)
    for signer in it.stage.dev["signers"]:
        _wait_until_connected(Path(signer["dir"]))


def _wait_until_connected(folder: Path) -> None:
    commands.until(lambda: bool(judge.ask(folder, {"do": "status"})["connected"]))
