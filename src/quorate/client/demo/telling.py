"""What the parts of the main story share: stage, requester, account, and a payment that must succeed."""

import uuid
from pathlib import Path
from typing import Any

from quorate.client.demo.sdk import Destination, Outcome, Requester, whitelisted
from quorate.client.demo.signer_logs import SignerLogs
from quorate.client.demo.stage import Stage
from quorate.client.demo.story import Story, expect
from quorate.client.dev import commands
from quorate.client.dev.options import Layout

WHITELISTED = whitelisted("whitelist-1")


class Telling:
    """Filled as the story goes on: `begin` once the cluster serves, account and address by the opening."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self.stage = stage
        self.story = story
        self.layout = Layout(stage.cluster)
        self.account = ""
        self.address = ""

    def begin(self) -> None:
        self.charter = Path(self.stage.dev["charter"])
        self.url = str(self.stage.dev["api"]["base_path"]).removesuffix("/v1")
        self.requester = Requester(self.stage.dev["api"])
        self.logs = SignerLogs(self.stage.dev["signers"])

    @property
    def proof(self) -> Path:
        return self.stage.folder / "proof.json"

    def verify_address(self, address: str) -> dict[str, Any]:
        """What `quorate address verify` says of an address for the account."""
        about = ("--proof", self.proof, "--account", self.account, "--asset", "ETH")
        return commands.verdict("address", "verify", address, "--charter", self.charter, *about)

    def transfer(self, asset: str, amount: str, destination: Destination) -> tuple[Outcome, str]:
        """A transfer from the account to its end, and its externalTxId, by which the logs know it."""
        external_id = f"demo-{uuid.uuid4()}"
        return self.requester.transfer(self.account, asset, amount, destination, external_id), external_id

    def pay(self, asset: str, amount: str) -> list[str]:
        """A transfer to the exchange that must complete; the signers whose own logs tell of a release."""
        paid, external_id = self.transfer(asset, amount, WHITELISTED)
        expect(paid.status == "COMPLETED", f"the transfer ended as {paid}")
        receipt = self.stage.chain.receipt(paid.hash)
        expect(int(receipt["status"], 16) == 1, "the transaction was reverted")
        members = sorted({entry.signer for entry in self.logs.wait_for("release", external_id)})
        expect(len(members) == 2, f"shares came from {members}, not from two signers")
        block = int(receipt["blockNumber"], 16)
        self.story.tell(f"signed by {' and '.join(members)}, mined in block {block}: {paid.hash}")
        return members
