"""Two people approve, one rejects, a liar reuses old approvals, a program approves by rules of its own."""

import time
import uuid
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import files, http
from quorate.client.demo.parts import liar
from quorate.client.demo.sdk import Outcome, transfer_of
from quorate.client.demo.stage import EXCHANGE, TOKEN
from quorate.client.demo.story import expect
from quorate.client.demo.telling import WHITELISTED, Telling
from quorate.client.dev import commands
from quorate.core.errors import QuorateError

POLICY: Final = f"""\
# Payments to the whitelist want two of three approvers.
rules:
  - name: two-approve-payments
    operations: [TRANSFER]
    destinations: [whitelist]
    assets: [ETH, {TOKEN}]
    approvals: {{threshold: 2, group: approvers}}
    verdict: approvals
"""
RULES: Final = """\
# What the program that holds approver-3's key approves: up to 1 ETH at a time, and 2 ETH a day.
rules:
  - name: small
    operations: [TRANSFER]
    destinations: [whitelist]
    assets: [ETH]
    max_amount: 1 ETH
    window: {seconds: 86400, max: 2 ETH, per: []}
    verdict: allow
"""
_PATIENCE: Final = 20.0


class Pending:
    """A payment that waits for people."""

    def __init__(self, it: Telling, amount: str) -> None:
        self._it = it
        self.external_id = f"demo-{uuid.uuid4()}"
        request = transfer_of(it.account, "ETH", amount, WHITELISTED, self.external_id)
        self.id = it.requester.submit(request)
        self.intent = self._wait()

    def _wait(self) -> str:
        """Its intent hash, once the server lists it."""
        until = time.monotonic() + _PATIENCE
        while True:
            for entry in http.call(self._it.url, "/quorate/v1/intents")["intents"]:
                if entry["transaction"] == self.id:
                    return str(entry["intent_hash"])
            expect(time.monotonic() < until, f"transaction {self.id} does not wait for approvals")
            time.sleep(0.05)

    def say(self, approver: str, *options: str) -> dict[str, Any]:
        """`quorate approve`, without the question. Raises QuorateError as the command does."""
        key = self._it.layout.approver(approver)
        about = ("--server", self._it.url, "--charter", self._it.charter, "--key", key)
        return commands.run("approve", self.intent, *about, "--yes", *options)

    def end(self) -> Outcome:
        return self._it.requester.finish(self.id)


def tell(it: Telling) -> None:
    _two_people(it)
    _a_rejection(it)
    _a_liar(it)
    _a_program(it)


def _two_people(it: Telling) -> None:
    story, chain = it.story, it.stage.chain
    story.chapter("Two people approve")
    with story.step("1.5 ETH to the exchange: the policy wants two of three approvers, so it waits"):
        payment = Pending(it, "1.5")
        story.tell(f"intent {payment.intent}")
    with story.step("approver-1 looks with `quorate approve`, which decodes the bytes itself, and signs"):
        seen = payment.say("approver-1")
        expect(not seen["warnings"], f"there are warnings: {seen['warnings']}")
        expect(seen["status"] == "PENDING_AUTHORIZATION", f"the request is {seen['status']}")
        story.tell(*seen["shown"], *seen["approvals_missing"])
    with story.step("the same approver once more: that is still one approver"):
        again = payment.say("approver-1")
        expect(bool(again["approvals_missing"]), "one approver counted twice")
    with story.step("approver-2 signs too: each signer verifies both statements, and two of three sign"):
        payment.say("approver-2")
        paid = payment.end()
        expect(paid.status == "COMPLETED", f"the payment ended as {paid}")
        expect(chain.balance(EXCHANGE) == 15 * 10**17, "the money did not arrive")
        logged = it.logs.wait_for("approval", payment.external_id)
        signers = {entry.signer for entry in logged}
        expect(len(signers) == 2, f"the statements are in the logs of {sorted(signers)}")
        story.tell(
            f"the statements are in the logs of {' and '.join(sorted(signers))}, with their signatures"
        )


def _a_rejection(it: Telling) -> None:
    story, chain = it.story, it.stage.chain
    story.chapter("One rejection is final")
    before = chain.balance(EXCHANGE)
    with story.step("approver-1 approves 2 ETH, approver-3 rejects"):
        payment = Pending(it, "2")
        payment.say("approver-1")
        payment.say("approver-3", "--reject")
        ended = payment.end()
        expect(ended.status == "REJECTED", f"it ended as {ended}")
        story.tell(str(ended))
    with story.step("all three signers have the rejection on file; approver-2 comes too late"):
        vetoes = it.logs.wait_for("veto", payment.external_id, signers=3)
        expect(len({entry.signer for entry in vetoes}) == 3, "not every signer knows of it")
        expect(_refused(payment, "approver-2") == "not_pending", "an approval was taken after a rejection")
        expect(chain.balance(EXCHANGE) == before, "money moved")


def _refused(payment: Pending, approver: str) -> str:
    """The code by which an approval is refused."""
    try:
        payment.say(approver)
    except QuorateError as error:
        return error.code
    return ""


def _a_liar(it: Telling) -> None:
    story = it.story
    story.chapter("A server that lies about approvals")
    with story.step("the liar takes the server's place; it brings the old approvals to a new request"):
        expect(liar.PROGRAM.exists(), f"{liar.PROGRAM} is not here: run this in the checkout")
        liar.replace_server(it, liar.LIAR)
        liar.lie(it, "approvals")
        story.tell(*liar.caught(it))
    with story.step("the honest server comes back"):
        liar.lie(it, "")
        liar.replace_server(it, (*commands.QUORATE, "server", "run"))


def _a_program(it: Telling) -> None:
    story = it.story
    story.chapter("A machine approver")
    rules = it.stage.folder / "rules.yaml"
    files.write(rules, RULES.encode())
    with story.step("a program holds approver-3's key; its own rules approve up to 1 ETH, 2 ETH a day"):
        small, large = Pending(it, "0.75"), Pending(it, "5")
        expect(_program(it, rules) == 1, "it did not answer exactly one of two")
        story.tell("it approved 0.75 ETH and left 5 ETH to people")
    with story.step("approver-1 approves both: only the one that the program approved too is paid"):
        for payment in (small, large):
            payment.say("approver-1")
        paid = small.end()
        expect(paid.status == "COMPLETED", f"the payment ended as {paid}")
        waiting = [e["transaction"] for e in http.call(it.url, "/quorate/v1/intents")["intents"]]
        expect(waiting == [large.id], f"these wait: {waiting}")


def _program(it: Telling, rules: Path) -> int:
    """One look of the program; how many statements it sent."""
    key = it.layout.approver("approver-3")
    about = ("--server", it.url, "--charter", it.charter, "--key", key)
    record = it.stage.folder / "approver-3"
    answer = commands.run("approver", "run", *about, "--rules", rules, "--dir", record, "--once")
    return int(answer["sent"])
