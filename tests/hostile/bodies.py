"""Bodies as an SDK sends them, one of each kind, and what they mean in the test's own words."""

import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

ETH, USDC_TRANSFER, ECDSA, EDDSA = "eth", "usdc", "raw-ecdsa", "raw-eddsa"
KINDS: Final = (ETH, USDC_TRANSFER, ECDSA, EDDSA)
TRANSFERS: Final = (ETH, USDC_TRANSFER)
TRX, TUSD_TRANSFER = "trx", "tusd"
TRON_TRANSFERS: Final = (TRX, TUSD_TRANSFER)
SOL, SPL = "sol", "spl"
SOLANA_TRANSFERS: Final = (SOL, SPL)
"""Beside `KINDS`, as those of TRON: what is not about bytes has been asked of four kinds already."""
ASSETS: Final = {
    ETH: "ETH", USDC_TRANSFER: "USDC", TRX: "TRX", TUSD_TRANSFER: "TUSD", SOL: "SOL", SPL: "SPL",
}  # fmt: skip
_DECIMALS: Final = {"ETH": 18, "SOL": 9, "BTC": 8}
_PAYEES: Final = dict.fromkeys(TRON_TRANSFERS, "stall") | dict.fromkeys(SOLANA_TRANSFERS, "sol-shop")
BTC: Final = "btc"
"""A transfer of bitcoin; its bytes are made by families/bitcoin.py."""

Body = dict[str, Any]


def body(kind: str, account: int, **changes: Any) -> Body:
    """A request that the policy covers. RAW takes `account` as the last index of its path."""
    made: Body
    if kind in ASSETS:
        made = {
            "operation": "TRANSFER",
            "assetId": ASSETS[kind],
            "source": {"type": "VAULT_ACCOUNT", "id": str(account)},
            "destination": {"type": "EXTERNAL_WALLET", "id": _PAYEES.get(kind, "shop")},
            "amount": "0.5" if kind in (ETH, SOL) else "25.75",
            "note": "invoice 7",
        }
    elif kind == BTC:
        made = {
            "operation": "TRANSFER",
            "assetId": "BTC",
            "source": {"type": "VAULT_ACCOUNT", "id": str(account)},
            "destination": {"type": "EXTERNAL_WALLET", "id": "kiosk"},
            "amount": "0.25",
        }
    else:
        algorithm = "MPC_ECDSA_SECP256K1" if kind == ECDSA else "MPC_EDDSA_ED25519"
        message = {
            "content": secrets.token_hex(32),
            "derivationPath": [1729, 0 if kind == ECDSA else 1, account],
        }
        data = {"messages": [message], "algorithm": algorithm}
        made = {"operation": "RAW", "extraParameters": {"rawMessageData": data}, "note": "invoice 7"}
    return {**made, **changes}


def encode(value: Body) -> bytes:
    return json.dumps(value).encode()


def units(asset: str, amount: str) -> int:
    """Whole units to the smallest, for the amounts these tests use: at most six digits after the point."""
    whole, _, fraction = amount.partition(".")
    scaled = int(whole + fraction.ljust(6, "0"))
    return scaled * 10 ** (_DECIMALS.get(asset, 6) - 6)


@dataclass(frozen=True)
class Meaning:
    """What a body asks for, read without any code of the product."""

    operation: str
    asset: str | None
    account: str | None
    to: str | None
    amount: int
    messages: tuple[tuple[bytes, tuple[int, ...]], ...]
    external_id: str | None


def meaning(raw: bytes, destinations: dict[str, str]) -> Meaning:
    """`destinations` are the addresses of whitelisted wallets by id."""
    value = json.loads(raw)
    external_id = value.get("externalTxId")
    if value.get("operation") == "RAW":
        data = value["extraParameters"]["rawMessageData"]["messages"]
        messages = tuple((bytes.fromhex(m["content"]), tuple(m["derivationPath"])) for m in data)
        return Meaning("RAW", None, None, None, 0, messages, external_id)
    asset = value["assetId"]
    to = destinations[value["destination"]["id"]]
    amount = units(asset, str(value["amount"]))
    return Meaning("TRANSFER", asset, value["source"]["id"], to, amount, (), external_id)
