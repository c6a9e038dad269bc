"""Requests for calls and messages as approvers meet them, and the charter whose lists they are read by."""

from typing import Any

from quorate.core.chains.evm.address import checksum
from quorate.core.chains.evm.calls.multisend import KNOWN
from tests.judge.calls import call, data_of
from tests.judge.cluster import ASKED, PEOPLE, SHOP, TOKEN, TWO_OF_THREE, Cluster

SAFE = checksum("0x" + "5a" * 20)
OTHER_SAFE = checksum("0x" + "5b" * 20)
CODE = checksum("0x" + "c0" * 20)
MULTISEND = next(iter(KNOWN))
PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
ZERO = "0x" + "00" * 20
RULES = (
    *ASKED,
    {
        "name": "messages", "operations": ["TYPED_MESSAGE", "APPROVE", "CONTRACT_CALL"],
        "approvals": TWO_OF_THREE, "verdict": "approvals",
    },
)  # fmt: skip


class WithSafe(Cluster):
    """Knows one Safe as its own, and one contract whose code may run as it."""

    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        charter = super()._charter(rules)
        lists = {"own_safes": [SAFE], "trusted_delegatecall": [MULTISEND]}
        return {**charter, "policy": {**charter["policy"], "lists": lists}}


def with_safe() -> Cluster:
    return WithSafe(RULES, PEOPLE)


def pay(amount: int = 600, to: str = SHOP) -> bytes:
    return data_of("transfer(address,uint256)", to, amount)


def safe_call(data: bytes, *, safe: str = SAFE, to: str = TOKEN, operation: int = 0) -> dict[str, Any]:
    """execTransaction: 0 a call, 1 a delegatecall."""
    signature = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
    return call(data_of(signature, to, 0, data, operation, 0, 0, 0, ZERO, ZERO, b"\x01" * 65), to=safe)


def batch(*steps: tuple[str, bytes]) -> bytes:
    """multiSend of calls without value."""
    packed = b"".join(
        bytes([0]) + bytes.fromhex(to[2:]) + bytes(32) + len(data).to_bytes(32, "big") + data
        for to, data in steps
    )
    return data_of("multiSend(bytes)", packed)


def eip712(
    primary: str, types: dict[str, list[tuple[str, str]]], domain: dict[str, Any], message: dict[str, Any]
) -> dict[str, Any]:
    kinds = {"name": "string", "chainId": "uint256", "verifyingContract": "address"}
    named = {"EIP712Domain": [(name, kinds[name]) for name in domain], **types}
    content = {
        "types": {
            name: [{"name": field, "type": kind} for field, kind in fields] for name, fields in named.items()
        },
        "primaryType": primary,
        "domain": domain,
        "message": message,
    }
    return {"type": "EIP712", "content": content}


def permit2(spender: str, amount: int, chain_id: int = 31337) -> dict[str, Any]:
    details = [("token", "address"), ("amount", "uint160"), ("expiration", "uint48"), ("nonce", "uint48")]
    single = [("details", "PermitDetails"), ("spender", "address"), ("sigDeadline", "uint256")]
    return eip712(
        "PermitSingle",
        {"PermitSingle": single, "PermitDetails": details},
        {"name": "Permit2", "chainId": chain_id, "verifyingContract": PERMIT2},
        {
            "details": {"token": TOKEN, "amount": str(amount), "expiration": "2000000000", "nonce": 0},
            "spender": spender,
            "sigDeadline": "2000000000",
        },
    )


def safe_tx(data: bytes, *, safe: str = SAFE, to: str = TOKEN, operation: int = 0) -> dict[str, Any]:
    """What an owner of a Safe signs off chain."""
    fields = [
        ("to", "address"), ("value", "uint256"), ("data", "bytes"), ("operation", "uint8"),
        ("safeTxGas", "uint256"), ("baseGas", "uint256"), ("gasPrice", "uint256"), ("gasToken", "address"),
        ("refundReceiver", "address"), ("nonce", "uint256"),
    ]  # fmt: skip
    message = {
        **{"to": to, "value": "0", "data": "0x" + data.hex(), "operation": operation, "safeTxGas": "0"},
        **{"baseGas": "0", "gasPrice": "0", "gasToken": ZERO, "refundReceiver": ZERO, "nonce": 3},
    }
    return eip712("SafeTx", {"SafeTx": fields}, {"chainId": 31337, "verifyingContract": safe}, message)
