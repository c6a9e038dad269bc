"""The real Solana runtime behind the JSON-RPC that the client speaks. One block for each transaction."""

import base64
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from solders import system_program as sp
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from quorate.core.chains.solana.address import associated_token
from quorate.core.chains.solana.expired import CLOCK
from quorate.server.chains.networks import GENESIS
from tests.core.chains.solana.cases_token import PROGRAMS, base_cases
from tests.core.chains.solana.runtime import World, call, key, text
from tests.server.chains.front import Answer, Front, RpcError, rpc


class SolanaNode:
    """The runtime is used on one thread alone. `refusing`: sendTransaction answers an error. `offset_s` moves
    the chain's time. Whoever was funded has a transaction of the day before.
    """

    def __init__(self, genesis: str = GENESIS["solana", "devnet"]) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._world = self._thread.submit(World, "bob").result()
        self._statuses: dict[str, dict[str, Any]] = {}
        self._history: list[tuple[dict[str, Any], tuple[str, ...], bytes]] = []
        self.offset_s = 0
        self.slot = 1_000
        self.refusing = False
        methods: dict[str, Callable[..., Any]] = {
            "getGenesisHash": lambda: genesis,
            "getLatestBlockhash": self._blockhash,
            "isBlockhashValid": self._valid,
            "getBalance": lambda address, _: self._in_context(self.balance(address)),
            "getAccountInfo": lambda address, _: self._in_context(self._account(address)),
            "getTokenAccountsByOwner": self._token_accounts,
            "getSignatureStatuses": self._signature_statuses,
            "getSignaturesForAddress": self._signatures,
            "getTransaction": self._transaction,
            "sendTransaction": self._send,
        }
        self._front = Front(rpc({name: self._on_thread(method) for name, method in methods.items()}))

    @property
    def url(self) -> str:
        return self._front.url

    @property
    def answer(self) -> Answer:
        """For further fronts of the same chain."""
        return self._front.answer

    def close(self) -> None:
        self._front.close()
        self._thread.shutdown()

    def run(self, action: Callable[[World], Any]) -> Any:
        return self._thread.submit(action, self._world).result()

    def fund(self, address: str, lamports: int) -> None:
        self.run(lambda world: world.vm.airdrop(Pubkey.from_string(address), lamports))
        self._note(str(Keypair().sign_message(b"airdrop")), (address,), b"", self.now_s() - 24 * 3600)

    def note(self, wire: bytes) -> None:
        """In the history: executed, though not through this node."""
        self.slot += 1
        transaction = VersionedTransaction.from_bytes(wire)
        accounts = tuple(str(key) for key in transaction.message.account_keys)
        self._note(str(transaction.signatures[0]), accounts, wire, self.now_s())

    def now_s(self) -> int:
        return int(time.time()) + self.offset_s

    def issue(self, standard: str, address: str, units: int) -> None:
        """Makes the token if it is not there, and gives an address units of it."""
        self.run(lambda world: issue(world, standard, address, units))

    def lamports(self, address: str) -> int:
        return int(self.run(lambda world: world.balance(Pubkey.from_string(address))))

    def tokens(self, standard: str, owner: str) -> int:
        account = Pubkey.from_string(associated_token(owner, text(f"mint-{standard}"), PROGRAMS[standard]))
        return int(self.run(lambda world: world.tokens(account)))

    def expire(self) -> None:
        """No message with a blockhash of before is executed any more."""
        self.slot += 151
        self.run(lambda world: world.vm.expire_blockhash())

    # -- JSON-RPC

    def balance(self, address: str) -> int:
        return self._world.balance(Pubkey.from_string(address))

    def _on_thread(self, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *params: self._thread.submit(method, *params).result()

    def _in_context(self, value: Any) -> dict[str, Any]:
        return {"context": {"slot": self.slot}, "value": value}

    def _blockhash(self, options: Any) -> dict[str, Any]:
        hash = str(self._world.vm.latest_blockhash())
        return self._in_context({"blockhash": hash, "lastValidBlockHeight": self.slot + 150})

    def _valid(self, hash: str, options: dict[str, Any]) -> dict[str, Any]:
        if options["minContextSlot"] > self.slot:
            raise RpcError(-32016, "Minimum context slot has not been reached")
        return self._in_context(hash == str(self._world.vm.latest_blockhash()))

    def _token_accounts(self, owner: str, filter: dict[str, str], options: Any) -> dict[str, Any]:
        """The associated ones, of whichever program."""
        found = []
        for program in PROGRAMS.values():
            address = associated_token(owner, filter["mint"], program)
            account = self._account(address)
            if account is not None and account["owner"] == program:
                found.append({"pubkey": address, "account": account})
        return self._in_context(found)

    def _account(self, address: str) -> dict[str, Any] | None:
        if address == CLOCK:
            data = struct.pack("<QqQQq", self.slot, 0, 0, 0, self.now_s())
            owner = "Sysvar1111111111111111111111111111111111111"
            return {"owner": owner, "data": [base64.b64encode(data).decode(), "base64"]}
        account = self._world.vm.get_account(Pubkey.from_string(address))
        if account is None:
            return None
        return {"owner": str(account.owner), "data": [base64.b64encode(account.data).decode(), "base64"]}

    def _signature_statuses(self, ids: list[str], options: Any) -> dict[str, Any]:
        return self._in_context([self._statuses.get(id) for id in ids])

    def _signatures(self, address: str, options: dict[str, Any]) -> list[dict[str, Any]]:
        assert options["commitment"] == "finalized"
        if options["minContextSlot"] > self.slot:
            raise RpcError(-32016, "Minimum context slot has not been reached")
        named = [entry for entry, accounts, _ in reversed(self._history) if address in accounts]
        return named[: options["limit"]]

    def _transaction(self, signature: str, options: dict[str, Any]) -> dict[str, Any] | None:
        assert options["maxSupportedTransactionVersion"] == 0
        for entry, _, wire in self._history:
            if entry["signature"] == signature and wire:
                return {"slot": entry["slot"], "transaction": [base64.b64encode(wire).decode(), "base64"]}
        return None

    def _note(self, signature: str, accounts: tuple[str, ...], wire: bytes, seconds: int) -> None:
        entry = {"signature": signature, "slot": self.slot, "blockTime": seconds, "err": None}
        self._history.append((entry, accounts, wire))

    def _send(self, raw: str, options: Any) -> str:
        if self.refusing:
            raise RpcError(-32005, "Node is behind")
        transaction = VersionedTransaction.from_bytes(base64.b64decode(raw))
        result = self._world.vm.send_transaction(transaction)
        if isinstance(result, FailedTransactionMetadata):
            raise RpcError(-32002, f"Transaction simulation failed: {result.err()}")
        self.note(bytes(transaction))
        id = str(transaction.signatures[0])
        self._statuses[id] = {"slot": self.slot, "err": None, "confirmationStatus": "confirmed"}
        return id


def issue(world: World, standard: str, owner: str, units: int) -> None:
    program, mint = PROGRAMS[standard], f"mint-{standard}"
    if world.vm.get_account(key(mint)) is None:
        create = sp.create_account(
            sp.CreateAccountParams(
                from_pubkey=key("payer"), to_pubkey=key(mint), lamports=world.rent(82), space=82,
                owner=Pubkey.from_string(program),
            )
        )  # fmt: skip
        world.run(create, base_cases(standard)["initialize_mint2"].instruction)
    account = associated_token(owner, text(mint), program)
    ata = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"
    world.run(
        call(ata, f"payer*+ {account}+ {owner} {mint} {sp.ID} {program}", b"\x01"),
        call(program, f"{mint}+ {account}+ issuer*", b"\x07" + units.to_bytes(8, "little")),
    )
