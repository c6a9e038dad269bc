"""A cluster whose charter has a Solana chain too: SOL, and a token of each program."""

from typing import Any

from quorate.core.dialects.fireblocks import account_address
from tests.core.chains.solana.runtime import text
from tests.judge.cluster import Cluster

CHAIN = "solana:devnet"
BOB = text("bob")
MINTS = {"spl": text("mint-spl"), "token2022": text("mint-token2022")}
FEE_CAP = 10_000_000


class SolanaCluster(Cluster):
    def solana_address(self, account: str) -> str:
        return account_address(self.charter, self.keys, "SOL", account)

    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        made = super()._charter(rules)
        made["chains"].append(
            {
                "id": CHAIN,
                "family": "solana",
                "key": "eddsa",
                "coin_type": 501,
                "native_asset": "SOL",
                "fee_cap": str(FEE_CAP),
            }
        )
        made["assets"] += [
            {"id": "SOL", "name": "Solana", "chain": CHAIN, "contract": None, "decimals": 9},
            *(
                {
                    "id": f"COIN-{standard}",
                    "name": standard,
                    "chain": CHAIN,
                    "contract": mint,
                    "decimals": 6,
                    "standard": standard,
                }
                for standard, mint in MINTS.items()
            ),
        ]
        made["whitelist"].append({"id": "bob", "name": "Bob", "chain": CHAIN, "address": BOB})
        return made


def pay(amount: str = "1", asset: str = "SOL", **fields: Any) -> dict[str, Any]:
    """From account 0 to Bob, in whole units."""
    return {
        "operation": "TRANSFER",
        "assetId": asset,
        "source": {"type": "VAULT_ACCOUNT", "id": "0"},
        "destination": {"type": "EXTERNAL_WALLET", "id": "bob"},
        "amount": amount,
        **fields,
    }
