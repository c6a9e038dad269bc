"""A signer dies and comes back; nobody waits for it."""

from quorate.client.demo.story import expect
from quorate.client.demo.telling import Telling
from quorate.client.dev import commands


def tell(it: Telling) -> None:
    story = it.story
    story.chapter("A signer dies, and comes back")
    with story.step("signer-2 is killed with -9; the next transfer goes through without it"):
        _signer(it, "kill", "signer-2")
        expect("signer-2" not in it.pay("ETH", "0.25"), "the dead signed")
    with story.step("signer-2 comes back; it votes only once both others told it what they remember of it"):
        _signer(it, "start", "signer-2")
        status = commands.run("status", "--dir", it.layout.signer("signer-2"))
        story.tell(f"incarnation {status['incarnation']}, heard {' and '.join(status['heard'])}")
    with story.step("signer-1 is stopped, so that the next transfer needs signer-2"):
        _signer(it, "stop", "signer-1")
        members = it.pay("ETH", "0.25")
        expect(members == ["signer-2", "signer-3"], f"{members} signed")
    with story.step("signer-1 comes back too"):
        _signer(it, "start", "signer-1")


def _signer(it: Telling, what: str, id: str) -> None:
    commands.run("dev", "signer", what, id, "--dir", it.stage.cluster)
