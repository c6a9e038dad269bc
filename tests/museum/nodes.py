"""The chains of the museum: anvil, Bitcoin Core's consensus code, the Solana runtime, the TRON node."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from quorate.client.demo.chain import Chain
from quorate.client.demo.sdk import Requester
from quorate.core.model.records import KeyCertificate
from tests.bitcoin_bytes import Payer
from tests.core.vectors import ROOT
from tests.museum.rebind import bitcoin, evm, solana, tron
from tests.server.chains.front import front
from tests.server.chains.kernel import Kernel
from tests.server.chains.kernel_front import nodes
from tests.server.chains.miner import miner
from tests.server.chains.tron_node import GENESIS, Node
from tests.server.solana_node import SolanaNode

Rebinding = evm.Evm | bitcoin.Bitcoin | solana.Solana | tron.Tron


@dataclass
class Nodes:
    """`anvil` is None where it is not installed. `urls`, `genesis`: by the charter's names of the chains."""

    anvil: Chain | None
    kernel: Kernel
    solana: SolanaNode
    tron: Node
    urls: dict[str, str]
    genesis: dict[str, str]

    def bind(self, requester: Requester, secp: KeyCertificate) -> dict[str, Rebinding]:
        """Family -> the cases, bound to vault accounts 0 and 1, of which the first is funded."""
        accounts = requester.account("hot"), requester.account("cold")
        payer = bitcoin.Bitcoin(Payer(secp, 0), self.kernel)
        found: dict[str, Rebinding] = {"bitcoin": payer}
        assert requester.address("0", "BTC")[0] == payer.address
        bitcoin.fund(self.kernel, payer.address)
        first, second = (requester.address(account, "SOL")[0] for account in accounts)
        for asset in solana.TOKENS.values():
            requester.address("0", asset)
        solana.fund(self.solana, first)
        found["solana"] = solana.Solana((first, second), self.solana)
        owner = requester.address("0", "TRX")[0]
        tron.fund(self.tron, owner)
        found["tron"] = tron.Tron(owner, self.tron)
        if self.anvil is not None:
            first, second = (requester.address(account, "ETH")[0] for account in accounts)
            self.anvil.fund(first, 1000)
            found["evm"] = evm.Evm((first, second))
        return found


@contextmanager
def running(folder: Path) -> Iterator[Nodes]:
    with ExitStack() as stack:
        urls: dict[str, str] = {}
        anvil = None
        if (ROOT / "node_modules/.bin/anvil").exists() or shutil.which("anvil"):
            anvil = stack.enter_context(Chain(folder / "chain"))
            urls[evm.CHAIN] = anvil.url
        (folder / "kernel").mkdir()
        kernel = Kernel(folder / "kernel")
        kernel.mine(4)
        urls[bitcoin.CHAIN], _ = stack.enter_context(nodes(kernel, "core"))
        stack.enter_context(miner(kernel))
        sol = SolanaNode(solana.GENESIS)
        stack.callback(sol.close)
        node = Node(tron.TOKEN, dict.fromkeys(tron.BOOK.addresses, 0))
        urls |= {solana.CHAIN: sol.url, tron.CHAIN: stack.enter_context(front(node)).url}
        genesis = {solana.CHAIN: solana.GENESIS, tron.CHAIN: GENESIS.hex()}
        yield Nodes(anvil, kernel, sol, node, urls, genesis)
