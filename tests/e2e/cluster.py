"""The running cluster as tests see it."""

import json
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from quorate.client.demo.sdk import Destination, Outcome, Requester, whitelisted
from quorate.client.demo.signer_logs import SignerLogs
from quorate.client.demo.stage import TOKEN, Stage
from quorate.client.dev import commands
from quorate.client.dev.options import Layout


class Cluster:
    """A stage with an account that holds coin and token."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.chain = stage.chain
        self.layout = Layout(stage.cluster)
        self.requester = Requester(stage.dev["api"])
        self.url = str(stage.dev["api"]["base_path"]).removesuffix("/v1")
        self.account = self.requester.account("funded")
        self.address, raw = self.requester.address(self.account, "ETH")
        self.proof = json.loads(raw)["proof"]
        self.requester.address(self.account, TOKEN)
        self.chain.fund(self.address, 100)
        self.chain.send_token(stage.token, self.address, 50_000 * 10**6)

    @property
    def logs(self) -> SignerLogs:
        """What the signers wrote into their own logs."""
        return SignerLogs(self.stage.dev["signers"])

    def pay(
        self,
        amount: str,
        asset: str = "ETH",
        destination: Destination | None = None,
        source: str | None = None,
    ) -> tuple[Outcome, str]:
        """A transfer to its end (by default from the account to the exchange), and its externalTxId."""
        id = str(uuid.uuid4())
        to = destination or whitelisted("whitelist-1")
        return self.requester.transfer(source or self.account, asset, amount, to, id), id

    def signers(self) -> list[str]:
        return [signer["id"] for signer in self.stage.dev["signers"]]

    def native(self, path: str) -> Any:
        """GET of a native route."""
        with urllib.request.urlopen(f"{self.url}/quorate/v1{path}", timeout=10) as answer:
            return json.load(answer)

    def signer(self, what: str, id: str) -> dict[str, Any]:
        """start, stop or kill."""
        return commands.run("dev", "signer", what, id, "--dir", self.stage.cluster)

    def status(self, id: str) -> dict[str, Any]:
        """A signer's own words."""
        return commands.run("status", "--dir", self.layout.signer(id))

    def start_all(self) -> None:
        """Starts the signers that do not run, together: one that starts must hear both others."""
        self.stage.reload()
        ended = [signer["id"] for signer in self.stage.dev["signers"] if signer["pid"] is None]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda id: self.signer("start", id), ended))
        self.stage.reload()
