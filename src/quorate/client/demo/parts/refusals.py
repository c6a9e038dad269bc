"""What the policy does not allow, the signers refuse, and say why."""

from typing import Any, Final

from quorate.client.demo.sdk import one_time
from quorate.client.demo.story import expect
from quorate.client.demo.telling import WHITELISTED, Telling
from quorate.core.chains.evm.address import checksum

STRANGER: Final = checksum("0x" + "5f" * 20)


def tell(it: Telling) -> None:
    story = it.story
    story.chapter("What the policy does not allow, the signers refuse")
    with story.step("11 ETH to the exchange, over the limit of 10"):
        story.tell(*_refused(it, "11", WHITELISTED, "max_amount"))
    with story.step("1 ETH to an address that stands on no list"):
        story.tell(*_refused(it, "1", one_time(STRANGER), "destinations"))


def _refused(it: Telling, amount: str, destination: Any, field: str) -> tuple[str, ...]:
    """A transfer that the policy must block, naming `field` as what did not match; its explanation."""
    chain = it.stage.chain
    before = chain.balance(it.address)
    done, _ = it.transfer("ETH", amount, destination)
    expect(done.status == "BLOCKED", f"it ended as {done}")
    expect(any(field in line for line in done.lines), f"the explanation does not name {field}: {done}")
    expect(chain.balance(it.address) == before, "money moved")
    return (done.status, *done.lines[1:])
