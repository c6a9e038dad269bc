"""The cluster of the tests with TRON beside its EVM chain, and transfers on it."""

from typing import Any

from tests.judge.cluster import Cluster, transfer

CHAIN = "tron:localnet"
STALL = "TBjVnRoLcoCyhkXLCcmtsqsADjxiRY5Dke"
TOKEN = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
TRX = 10**6
"""Sun."""
FEE_CAP = 50 * TRX


class TronCluster(Cluster):
    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        value = super()._charter(rules)
        value["chains"].append(
            {
                "id": CHAIN,
                "family": "tron",
                "key": "ecdsa",
                "coin_type": 1,
                "native_asset": "TRX",
                "fee_cap": str(FEE_CAP),
            }
        )
        value["assets"] += [
            {"id": "TRX", "name": "TRON", "chain": CHAIN, "contract": None, "decimals": 6},
            {"id": "USDT", "name": "Tether", "chain": CHAIN, "contract": TOKEN, "decimals": 6},
        ]
        value["whitelist"].append({"id": "stall", "name": "Stall", "chain": CHAIN, "address": STALL})
        return value


def payment(amount: str = "1", **fields: Any) -> dict[str, Any]:
    """A TRANSFER of TRX from account 0 to the whitelisted stall."""
    stall = {"type": "EXTERNAL_WALLET", "id": "stall"}
    return transfer(amount, **{"assetId": "TRX", "destination": stall, **fields})
