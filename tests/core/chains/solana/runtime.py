"""The real Solana runtime and its programs, in this process, and messages compiled by `solders`."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata

from quorate.core.chains.solana.decode import Transaction, decode

BLOCKHASH = Hash(sha256(b"blockhash").digest())
SOL = 1_000_000_000


KEYPAIRS: dict[Pubkey, Keypair] = {}
"""All that `keypair` has made, for signing by address."""


@cache
def keypair(name: str) -> Keypair:
    made = Keypair.from_seed(sha256(name.encode()).digest())
    KEYPAIRS[made.pubkey()] = made
    return made


def key(name: str) -> Pubkey:
    """The address of `keypair(name)`, or a well-known one in base58."""
    return Pubkey.from_string(name) if len(name) > 31 else keypair(name).pubkey()


def text(name: str) -> str:
    return str(key(name))


def call(program: str, accounts: str, data: bytes) -> Instruction:
    """`accounts` are names; a name with `*` signs, one with `+` is writable: "from*+ to+ clock"."""
    metas = [AccountMeta(key(name.rstrip("*+")), "*" in name, "+" in name) for name in accounts.split()]
    return Instruction(Pubkey.from_string(program), data, metas)


def compiled(instructions: Sequence[Instruction], payer: str = "payer", *, legacy: bool = False) -> bytes:
    if legacy:
        return bytes(Message.new_with_blockhash(list(instructions), key(payer), BLOCKHASH))
    return to_bytes_versioned(MessageV0.try_compile(key(payer), list(instructions), [], BLOCKHASH))


def decoded(*instructions: Instruction, payer: str = "payer") -> Transaction:
    return decode(compiled(instructions, payer), {})


class World:
    """A ledger with funded accounts. `run` executes instructions, and gives what the decoder says of them."""

    def __init__(self, *funded: str) -> None:
        self.vm = LiteSVM()
        for name in ("payer", *funded):
            self.vm.airdrop(key(name), 100 * SOL)

    def run(self, *instructions: Instruction) -> tuple[Transaction, TransactionMetadata]:
        """Signed by all signers; the instructions take effect, or the test fails."""
        message = self.compile(instructions)
        result = self.send(message)
        assert isinstance(result, TransactionMetadata), result
        return decode(to_bytes_versioned(message), {}), result

    def fails(self, *instructions: Instruction) -> str:
        """The runtime refuses it; says how."""
        result = self.send(self.compile(instructions))
        assert isinstance(result, FailedTransactionMetadata), result
        return str(result.err())

    def compile(self, instructions: Sequence[Instruction]) -> MessageV0:
        self.vm.expire_blockhash()  # no two messages are equal
        return MessageV0.try_compile(key("payer"), list(instructions), [], self.vm.latest_blockhash())

    def send(self, message: MessageV0) -> object:
        signers = message.account_keys[: message.header.num_required_signatures]
        return self.vm.send_transaction(VersionedTransaction(message, [KEYPAIRS[key] for key in signers]))

    def broadcast(self, wire: bytes) -> object:
        return self.vm.send_transaction(VersionedTransaction.from_bytes(wire))

    def balance(self, address: Pubkey) -> int:
        return self.vm.get_balance(address) or 0

    def tokens(self, account: Pubkey) -> int:
        """Balance of a token account; its layout begins with mint, owner, amount (8 bytes, little endian)."""
        found = self.vm.get_account(account)
        return 0 if found is None else int.from_bytes(found.data[64:72], "little")

    def rent(self, size: int) -> int:
        return self.vm.minimum_balance_for_rent_exemption(size)
