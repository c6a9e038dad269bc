"""Requests for calls and messages, as an SDK sends them, and what they hold."""

from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from tests.judge.cluster import TOKEN, Cluster

STRANGER = "0x" + "11" * 20
SPENDER = "0x000000000022D473030F116dDEE9F6B43aC78BA3"


def data_of(signature: str, *arguments: Any) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(signature.encode())[:4] + encode(types.split(",") if types else [], arguments)


def call(data: bytes, to: str = TOKEN, **fields: Any) -> dict[str, Any]:
    """From account 0 to a contract that stands nowhere in the charter's whitelist."""
    return {
        "operation": "CONTRACT_CALL",
        "assetId": "ETH",
        "amount": "0",
        "source": {"type": "VAULT_ACCOUNT", "id": "0"},
        "destination": {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": to}},
        "extraParameters": {"contractCallData": "0x" + data.hex()},
        **fields,
    }


def typed(*messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "operation": "TYPED_MESSAGE",
        "assetId": "ETH",
        "source": {"type": "VAULT_ACCOUNT", "id": "0"},
        "extraParameters": {"rawMessageData": {"messages": list(messages)}},
    }


def personal(text: bytes = b"Sign in") -> dict[str, Any]:
    return {"type": "EIP191", "content": text.hex()}


def permit(cluster: Cluster, spender: str, value: int, chain_id: int = 31337) -> dict[str, Any]:
    """EIP-2612, of account 0."""
    fields = [("owner", "address"), ("spender", "address")]
    fields += [(name, "uint256") for name in ("value", "nonce", "deadline")]
    domain = [("name", "string"), ("version", "string")]
    domain += [("chainId", "uint256"), ("verifyingContract", "address")]
    content = {
        "types": {
            "EIP712Domain": [{"name": name, "type": type} for name, type in domain],
            "Permit": [{"name": name, "type": type} for name, type in fields],
        },
        "primaryType": "Permit",
        "domain": {"name": "USD Coin", "version": "2", "chainId": chain_id, "verifyingContract": TOKEN},
        "message": {
            "owner": cluster.address("0"),
            "spender": spender,
            "value": str(value),
            "nonce": 0,
            "deadline": 2_000_000_000,
        },
    }
    return {"type": "EIP712", "content": content}
