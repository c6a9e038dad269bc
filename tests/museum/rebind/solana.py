"""Solana: the cluster's accounts in the signers' place, and tokens that the chain of the tests has in place
of USDC, USDT and one of Token-2022. Token accounts are the associated ones before and after.
"""

import base64
from collections.abc import Iterator
from typing import Final

from quorate.core.chains import base58
from quorate.core.chains.effects import Effect
from quorate.core.chains.solana.address import associated_token
from quorate.core.chains.solana.decode import decode_message
from tests.core.chains.solana.cases_token import PROGRAMS
from tests.core.chains.solana.runtime import text
from tests.museum import cases
from tests.museum.cases import Json, Theft
from tests.museum.rebind.asking import MOVES, Book, Request, raw, transfer, whole
from tests.server.solana_node import SolanaNode

CHAIN: Final = "solana:localnet"
GENESIS: Final = base58.encode(bytes(range(32)))
MINTS: Final = {standard: text(f"mint-{standard}") for standard in PROGRAMS}
TOKENS: Final = {"spl": "USD_SOL", "token2022": "T22_SOL"}
ASSETS: Final = [
    {"id": "SOL", "chain": CHAIN, "decimals": "9"},
    *(
        {"id": id, "chain": CHAIN, "contract": MINTS[standard], "decimals": "6", "standard": standard}
        for standard, id in TOKENS.items()
    ),
]
LIMITS: Final = {
    "asset": TOKENS["spl"],
    "per_tx": f"2000000 {TOKENS['spl']}",
    "rolling": {"seconds": "86400", "max": f"5000000 {TOKENS['spl']}"},
}
"""Those of the context of coindcx-2025."""


def _all() -> Iterator[Json]:
    """Every effect of every case, requested ones too."""
    for case in (*cases.good_cases("solana"), *cases.incidents("solana")):
        yield from case["requested"]["effects"]
        for item in case["items"]:
            yield from item["expected"]["effects"]


STANDARDS: Final = {e["asset"]: e["standard"] for e in _all() if e["type"] == "token_transfer"}
"""Of each mint in the files."""
OWNERS: Final = {
    associated_token(owner, mint, PROGRAMS[standard]): owner
    for mint, standard in STANDARDS.items()
    for owner in (*cases.named("solana", "whitelist"), *(e["owner"] for e in _all() if "owner" in e))
}
"""Token account -> wallet."""
BOOK: Final = Book(CHAIN, sorted({OWNERS.get(a, a) for a in cases.named("solana", "whitelist")}))


class Solana:
    """`accounts`: the cluster's own addresses of vault accounts 0 and 1."""

    def __init__(self, accounts: tuple[str, str], node: SolanaNode) -> None:
        self._accounts, self._node = accounts, node

    def request(self, theft: Theft) -> Request:
        """A transfer; or else the message itself as bytes to sign, which is all that a request can say."""
        effect = cases.effect(theft.item["expected"]["effects"], *MOVES)
        if effect is not None:
            return self._pay(effect)
        message = {"content": self.lie(theft)["raw"], "derivationPath": [44, 501, 0, 0, 0]}
        return raw("MPC_EDDSA_ED25519", message)

    def twin(self, case: Json, item: Json) -> Request:
        return self._pay(case["requested"]["effects"][0])

    def to_known(self, theft: Theft) -> Request:
        """The same amount to an address of the whitelist."""
        effect = cases.effect(theft.item["expected"]["effects"], *MOVES) or {}
        return self._pay({**effect, "to": BOOK.addresses[0]})

    def honest(self, theft: Theft) -> dict[str, Request]:
        known = BOOK.destination(BOOK.addresses[0])
        return {"tokens": transfer(TOKENS["spl"], "1", known), "coins": transfer("SOL", "0.01", known)}

    def lie(self, theft: Theft) -> dict[str, str]:
        """The message with other keys in the places of the old ones, and a blockhash that lives."""
        data = base64.b64decode(theft.item["bytes"])
        new = {**self._wallets(theft.item), theft.item["recent_blockhash"]: self._blockhash()}
        new |= {mint: MINTS[standard] for mint, standard in STANDARDS.items()}
        new |= {account: self._rebound_account(account, new) for account in OWNERS}
        for old, other in new.items():
            data = data.replace(base58.decode(old), base58.decode(other))
        return {"raw": data.hex()}

    def effects(self, data: bytes) -> tuple[Effect, ...]:
        return decode_message(data, {}).effects

    def _blockhash(self) -> str:
        return str(self._node.run(lambda world: world.vm.latest_blockhash()))

    def _wallets(self, item: Json) -> dict[str, str]:
        return dict(zip(item["signers"], self._accounts, strict=False))

    def _rebound_account(self, account: str, new: dict[str, str]) -> str:
        owner = new.get(OWNERS[account], OWNERS[account])
        standard = next(
            s for m, s in STANDARDS.items() if associated_token(OWNERS[account], m, PROGRAMS[s]) == account
        )
        return associated_token(owner, MINTS[standard], PROGRAMS[standard])

    def _pay(self, effect: Json) -> Request:
        amount = int(effect["amount"])
        destination = BOOK.destination(OWNERS.get(effect["to"], effect["to"]))
        if effect["type"] == "native_transfer":
            return transfer("SOL", whole(amount, 9), destination)
        return transfer(TOKENS[STANDARDS[effect["asset"]]], whole(amount, 6), destination)


def fund(node: SolanaNode, account: str) -> None:
    node.fund(account, 100 * 10**9)
    for standard in TOKENS:
        node.issue(standard, account, 100_000_000 * 10**6)
