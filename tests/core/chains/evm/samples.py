"""Made-up transactions, calls and messages for the tests of the EVM decoder."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import rlp
from eth_abi.abi import encode
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from quorate.core.chains.effects import Decoded, Effect
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.knowledge import Knowledge

SENDER = "0xfdb2ab56Fd27191206b99E966705ba774575fc64"
TO = "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD"
TOKEN = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
SAFE = "0x0597D59A268Bb2A0C7832258B7147621A6Bc9c05"
PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
MULTISEND = "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D"
ZERO = "0x" + "0" * 40
OURS = Knowledge(sender=SENDER, chain_id=1, own_addresses=frozenset({SENDER, SAFE}))


def account(number: int) -> str:
    return to_checksum_address(number.to_bytes(20, "big"))


def raw(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def call_data(signature: str, *args: Any) -> bytes:
    """Selector and arguments, encoded by eth-abi."""
    types = _split(signature[signature.index("(") + 1 : -1])
    return keccak(signature.encode())[:4] + encode(types, args)


def _split(text: str) -> list[str]:
    """The types of a signature, tuples whole."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]] if text else []


def transaction(to: str | None, data: bytes = b"", value: int = 0, *, chain_id: int = 1) -> bytes:
    recipient = b"" if to is None else raw(to)
    return b"\x02" + bytes(rlp.encode([chain_id, 7, 1, 30, 21_000, recipient, value, data, []]))


def decoded(to: str | None, data: bytes = b"", value: int = 0, knowledge: Knowledge = OURS) -> Decoded:
    return decode_item("evm-tx", transaction(to, data, value), knowledge)


def effects(to: str | None, data: bytes = b"", value: int = 0, knowledge: Knowledge = OURS) -> list[Effect]:
    """All effects but the fee, which is the last."""
    found = decoded(to, data, value, knowledge).effects
    assert found[-1] == {"type": "fee", "asset": "native", "max_amount": "630000"} | (
        {"payer": knowledge.sender} if knowledge.sender else {}
    )
    return list(found[:-1])


def fields(effect: Effect, *names: str) -> tuple[Any, ...]:
    return tuple(effect.get(name) for name in names)


DOMAIN_TYPES = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}


def typed(
    types: Mapping[str, Sequence[str]],
    primary: str,
    message: Mapping[str, Any],
    domain: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A typed-data document; members are written `type name`."""
    domain = {"name": "Test", "chainId": 1, "verifyingContract": TOKEN} if domain is None else domain
    own = [f"{DOMAIN_TYPES[name]} {name}" for name in DOMAIN_TYPES if name in domain]
    every = {"EIP712Domain": own, **types}
    return {
        "types": {
            name: [dict(zip(("type", "name"), member.split(" "), strict=True)) for member in members]
            for name, members in every.items()
        },
        "primaryType": primary,
        "domain": domain,
        "message": message,
    }


def read_typed(document: Mapping[str, Any], knowledge: Knowledge = OURS) -> Decoded:
    return decode_item("evm-typed-data", json.dumps(document).encode(), knowledge)
