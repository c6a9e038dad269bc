"""CONTRACT_CALL and TYPED_MESSAGE: bodies -> intents, and the digests that are signed."""

import json
from typing import Any

import pytest
from eth_account.messages import encode_defunct, encode_typed_data
from eth_hash.auto import keccak

from quorate.core.errors import QuorateError
from quorate.core.model.intent import Attempt, Intent, items
from tests.core.dialects.requests import TRANSFER, intent, refusal

CALL_DATA = bytes.fromhex("095ea7b3") + bytes(64)
CONTRACT = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
ROOT = (bytes(33), bytes(32))
MAIL: dict[str, Any] = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
        "Mail": [{"name": "to", "type": "string"}, {"name": "amount", "type": "uint256"}],
    },
    "primaryType": "Mail",
    "domain": {"name": "Ether Mail", "chainId": 31337},
    "message": {"to": "Zoë", "amount": str(2**255)},
}


def call(**changes: Any) -> dict[str, Any]:
    body = {
        **TRANSFER,
        "operation": "CONTRACT_CALL",
        "assetId": "ETH",
        "amount": "0",
        "destination": {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": CONTRACT}},
        "extraParameters": {"contractCallData": "0x" + CALL_DATA.hex()},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def typed(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "operation": "TYPED_MESSAGE",
        "assetId": "ETH",
        "source": {"type": "VAULT_ACCOUNT", "id": "3"},
        "extraParameters": {"rawMessageData": {"messages": list(messages)}},
        **changes,
    }


def mail(content: object = MAIL) -> dict[str, Any]:
    return {"content": content, "type": "EIP712"}


def text(content: bytes = b"Sign in") -> dict[str, Any]:
    return {"content": content.hex(), "type": "EIP191"}


def test_a_call_is_its_contract_value_and_data() -> None:
    made = intent(call(amount="0.5"))
    assert (made.operation, made.amount, made.data, made.effects) == (
        "CONTRACT_CALL", 5 * 10**17, CALL_DATA, (),
    )  # fmt: skip
    assert made.destination
    assert (made.destination.type, made.destination.address) == ("one_time", CONTRACT)
    assert Intent.from_bytes(made.to_bytes()) == made
    assert intent(call(amount=None)).amount == 0
    bare = {"extraParameters": {"contractCallData": CALL_DATA.hex()}}
    assert intent(call(**bare)).data == CALL_DATA


def test_each_byte_of_a_call_is_in_the_hash_of_its_intent() -> None:
    made = {intent(call()).hash, intent(call(amount="1")).hash}
    for place in (0, 3, 4, 67):
        data = bytearray(CALL_DATA)
        data[place] ^= 1
        made.add(intent(call(extraParameters={"contractCallData": data.hex()})).hash)
    assert len(made) == 6


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"assetId": "USDC"}, "unsupported_asset"),
        ({"extraParameters": None}, "missing_field"),
        ({"extraParameters": {}}, "missing_field"),
        ({"extraParameters": {"contractCallData": ""}}, "call_data"),
        ({"extraParameters": {"contractCallData": "0x"}}, "call_data"),
        ({"extraParameters": {"contractCallData": "0x123"}}, "call_data"),
        ({"extraParameters": {"contractCallData": 5}}, "wrong_type"),
        ({"extraParameters": {"contractCallData": "00" * 65_537}}, "wrong_type"),
        ({"extraParameters": {"contractCallData": "00", "nodeControls": {}}}, "unsupported_field"),
        ({"extraParameters": {"contractCallData": "00", "programCallData": "00"}}, "unsupported_field"),
        ({"destination": None}, "missing_field"),
        ({"destination": {"type": "CONTRACT", "id": "nobody"}}, "unknown_destination"),
        ({"amount": "-1"}, "amount_form"),
        ({"derivationPath": [44, 60]}, "unsupported_field"),
        ({"useGasless": True}, "unsupported_field"),
    ],
    ids=str,
)
def test_calls_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(call(**changes)).code == code


def digests(made: Intent) -> list[bytes]:
    return [item.message for item in items(made, Attempt(made.hash, "raw", b""), ROOT)]


def test_digests_are_those_of_another_library() -> None:
    made = intent(typed(mail(), text(), text("Grüße".encode())))
    assert Intent.from_bytes(made.to_bytes()) == made
    signable = encode_typed_data(full_message=MAIL)
    expected = [keccak(b"\x19\x01" + signable.header + signable.body)]
    for message in (b"Sign in", "Grüße".encode()):
        parts = encode_defunct(message)
        expected.append(keccak(b"\x19" + parts.version + parts.header + parts.body))
    assert digests(made) == expected
    assert [m.path for m in made.messages] == [(44, 60, 3, 0, 0)] * 3


def test_the_spelling_of_typed_data_changes_nothing() -> None:
    """Order of members, white space and escapes are the client's; the content is its canonical form."""
    turned = json.loads(json.dumps(MAIL), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert intent(typed(mail(turned))).messages == intent(typed(mail())).messages
    other = {**MAIL, "message": {**MAIL["message"], "to": "Zoe"}}
    assert intent(typed(mail(other))).hash != intent(typed(mail())).hash


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (typed(), "wrong_type"),
        (typed(*[text()] * 17), "wrong_type"),
        (typed({"content": "00" * 32}), "missing_field"),
        (typed({"content": "00", "type": "TIP191"}), "unsupported_message"),
        (typed({"content": "00", "type": "BTC_MESSAGE"}), "unsupported_message"),
        (typed({"content": "hello", "type": "EIP191"}), "raw_content"),
        (typed({"content": "", "type": "EIP191"}), "raw_content"),
        (typed({"content": json.dumps(MAIL), "type": "EIP712"}), "wrong_type"),
        (typed({"content": {"ä": 1}, "type": "EIP712"}), "not_canonical"),
        (typed({"content": {"a": 2**53}, "type": "EIP712"}), "not_canonical"),
        (typed({"content": {"a": 1.5}, "type": "EIP712"}), "not_canonical"),
        (typed({"content": {"a": "x" * 65_536}, "type": "EIP712"}), "wrong_type"),
        (typed({**text(), "derivationPath": [44]}), "two_paths"),
        (typed(text(), amount="1"), "unsupported_field"),
        (typed(text(), destination={"type": "VAULT_ACCOUNT", "id": "0"}), "unsupported_field"),
        (typed(text(), networkFee="1"), "unsupported_field"),
        (typed(text(), assetId=None), "missing_field"),
    ],
    ids=range(17),
)
def test_messages_refused(body: dict[str, Any], code: str) -> None:
    assert refusal(body).code == code


def test_typed_data_that_is_none_has_no_digest() -> None:
    made = intent(typed(mail({"a": 1})))
    with pytest.raises(QuorateError, match="malformed_typed_data"):
        digests(made)


def test_a_further_address_of_the_account_signs_by_its_index() -> None:
    made = intent(typed({**text(), "bip44addressIndex": 5, "bip44change": 1}))
    assert [m.path for m in made.messages] == [(44, 60, 3, 1, 5)]
