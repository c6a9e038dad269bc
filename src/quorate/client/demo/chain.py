"""A real EVM chain on this machine: anvil, as a process. And the few calls that somebody outside the
cluster makes to a chain.
"""

import json
import shutil
import subprocess
import time
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from quorate.client.ceremony import http
from quorate.client.dev import ports
from quorate.core.errors import QuorateError

ETHER: Final = 10**18
_PATIENCE: Final = 15.0


def anvil() -> str:
    """The program of the npm package in this folder, or else on PATH.

    Raises QuorateError anvil_missing.
    """
    local = Path("node_modules/.bin/anvil")
    found = str(local.absolute()) if local.exists() else shutil.which("anvil")
    if found is None:
        raise QuorateError(
            "anvil_missing", "anvil is not installed for this platform", "state", "npm ci, in the checkout"
        )
    return found


class Chain:
    """One anvil; every new block holds the transactions that came in. Its first accounts are rich and
    unlocked.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        port = ports.free()
        self.url = f"http://{host}:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        command = [anvil(), "--host", host, "--port", str(port), "--state", str(folder / "anvil.json")]
        with (folder / "anvil.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()
        self.rich: str = self.call("eth_accounts")[0]

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.call("eth_blockNumber")
                return
            except QuorateError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise QuorateError("anvil", "anvil did not start", "state") from None
            time.sleep(0.05)

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of one JSON-RPC call.

        Raises QuorateError chain with the node's message.
        """
        answer = http.call(
            self.url, "", {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}, timeout=10
        )
        if "error" in answer:
            raise QuorateError("chain", f"{method}: {answer['error'].get('message')}", "transport")
        return answer["result"]

    def send(self, **transaction: str) -> dict[str, Any]:
        """Sends a transaction from the rich account; its receipt."""
        return self.receipt(self.call("eth_sendTransaction", {"from": self.rich, **transaction}))

    def receipt(self, hash: str) -> dict[str, Any]:
        """Waits for the receipt of a transaction: mining is asynchronous."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            receipt = self.call("eth_getTransactionReceipt", hash)
            if receipt is not None:
                return dict(receipt)
            time.sleep(0.02)
        raise QuorateError("chain", f"{hash} was not mined", "transport")

    def balance(self, address: str) -> int:
        """Native balance in wei."""
        return int(self.call("eth_getBalance", address, "latest"), 16)

    def fund(self, address: str, ether: int) -> None:
        """A transfer from the rich account."""
        self.send(to=address, value=hex(ether * ETHER))

    def deploy_token(self, supply: int) -> str:
        """Deploys DemoToken; its address. The rich account owns all of it."""
        code = json.loads(resources.files(__package__).joinpath("token/DemoToken.json").read_text())[
            "bytecode"
        ]
        return str(self.send(data=code + f"{supply:064x}", gas=hex(1_000_000))["contractAddress"])

    def send_token(self, token: str, to: str, amount: int) -> None:
        """ERC-20 transfer(address,uint256) from the rich account."""
        self.send(to=token, data=f"0xa9059cbb{to[2:].lower():0>64}{amount:064x}")

    def token_balance(self, token: str, address: str) -> int:
        """ERC-20 balanceOf(address)."""
        return int(
            self.call("eth_call", {"to": token, "data": f"0x70a08231{address[2:].lower():0>64}"}, "latest"),
            16,
        )

    def stop(self) -> None:
        """Ends the node; it writes its state first."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
