"""RAW: request body -> intent."""

from typing import Any

import pytest

from quorate.core.dialects import fireblocks
from quorate.core.model.intent import Intent, RawMessage, Source
from tests.core import examples
from tests.core.dialects.requests import CERTIFICATES, CLAIMS, RAW, intent, raw, refusal
from tests.core.spec.generate.world import CHARTER as CHARTER_VALUE
from tests.core.spec.generate.world import changed

DIGEST = "11" * 32
SOURCE = {"type": "VAULT_ACCOUNT", "id": "4"}


def on_asset(
    message: dict[str, Any], algorithm: str | None = "MPC_ECDSA_SECP256K1", **fields: object
) -> dict[str, Any]:
    data = {"messages": [message]} | ({"algorithm": algorithm} if algorithm else {})
    return {
        "operation": "RAW", "assetId": "ETH_TEST", "source": SOURCE,
        "extraParameters": {"rawMessageData": data}, **fields
    }  # fmt: skip


def raw_data(**data: object) -> dict[str, Any]:
    return raw(extraParameters={"rawMessageData": data})


def test_bare_path() -> None:
    found = intent(RAW)
    assert found.messages == (RawMessage(b"Hallo", (1729, 1, 5), "ed25519"),)
    assert (found.key, found.source, found.asset, found.chain) == ("main-eddsa", Source(None), None, None)
    assert (found.destination, found.amount, found.fee_ceiling, found.path, found.effects) == (
        None,
        None,
        None,
        (),
        (),
    )
    assert Intent.from_bytes(found.to_bytes()) == found


def test_the_worked_example_of_the_spec() -> None:
    worked = examples.example("intent", "RAW Ed25519")
    assert intent({**RAW, "externalTxId": "payout-4711"}).to_bytes() == examples.body(worked)


def test_path_at_the_top_is_for_messages_without_one() -> None:
    one = raw({"content": "48616c6c6f"}, derivationPath=[1729, 1, 5])
    assert intent(one) == intent(RAW)
    assert refusal(raw(derivationPath=[1729, 1, 5])).code == "two_paths"
    assert refusal(raw({"content": "00"})).code == "missing_field"


def test_ecdsa_signs_the_digest_itself() -> None:
    found = intent(raw({"content": DIGEST, "derivationPath": [1729, 0, 1]}, "MPC_ECDSA_SECP256K1"))
    assert found.messages == (RawMessage(bytes.fromhex(DIGEST), (1729, 0, 1), "ecdsa-secp256k1"),)
    assert found.key == "main-ecdsa"


@pytest.mark.parametrize("algorithm", ["MPC_ECDSA_SECP256K1", None])
def test_path_of_an_account_and_asset(algorithm: str | None) -> None:
    found = intent(on_asset({"content": DIGEST, "bip44change": 1, "bip44addressIndex": 9}, algorithm))
    assert found.messages == (RawMessage(bytes.fromhex(DIGEST), (44, 60, 4, 1, 9), "ecdsa-secp256k1"),)
    assert (found.key, found.source, found.asset, found.chain) == (
        "main-ecdsa",
        Source("4"),
        "ETH_TEST",
        "evm:31337",
    )
    assert intent(on_asset({"content": DIGEST}, algorithm)).messages[0].path == (44, 60, 4, 0, 0)


def test_several_messages_keep_their_order() -> None:
    messages = [{"content": f"{i:02x}", "derivationPath": [1729, 1, i]} for i in range(16)]
    body = raw()
    body["extraParameters"]["rawMessageData"]["messages"] = messages
    assert [m.path[2] for m in intent(body).messages] == list(range(16))
    body["extraParameters"]["rawMessageData"]["messages"] = [*messages, messages[0]]
    assert refusal(body).code == "wrong_type"


ED = {"content": "00", "derivationPath": [1729, 1, 5]}
EC = {"content": DIGEST, "derivationPath": [1729, 0, 5]}


@pytest.mark.parametrize(
    ("message", "algorithm", "code"),
    [
        (ED | {"content": ""}, None, "raw_content"), (ED | {"content": "0x00"}, None, "raw_content"),
        (ED | {"content": "0"}, None, "raw_content"), (ED | {"content": "zz"}, None, "raw_content"),
        (ED | {"content": 5}, None, "wrong_type"), (ED | {"content": None}, None, "missing_field"),
        (ED | {"content": "00" * 65_537}, None, "wrong_type"),
        (EC | {"content": "11" * 31}, "MPC_ECDSA_SECP256K1", "wrong_type"),
        (EC | {"content": "11" * 33}, "MPC_ECDSA_SECP256K1", "wrong_type"),
        (ED | {"derivationPath": "m/44"}, None, "wrong_type"),
        (ED | {"derivationPath": []}, None, "wrong_type"),
        (ED | {"derivationPath": [1729]}, None, "wrong_type"),
        (ED | {"derivationPath": [1729.0, 1, 5]}, None, "wrong_type"),
        (ED | {"derivationPath": [1729, True, 5]}, None, "wrong_type"),
        (ED | {"derivationPath": [1729, 1, -1]}, None, "wrong_type"),
        (ED | {"derivationPath": [1729, 1, 2**31]}, None, "wrong_type"),
        (ED | {"derivationPath": [1729] + [1] * 10}, None, "wrong_type"),
        (ED | {"derivationPath": [1729, 0, 5]}, None, "path_scheme"),
        (ED | {"derivationPath": [45, 1, 5]}, None, "path_scheme"),
        (EC | {"derivationPath": [86, 0, 0]}, "MPC_ECDSA_SECP256K1", "path_scheme"),
        (ED | {"bip44change": 0}, None, "unsupported_field"),
        (ED | {"bip44addressIndex": 0}, None, "unsupported_field"),
        (ED | {"type": "EIP712"}, None, "unknown_field"), (ED | {"preHash": {}}, None, "unknown_field"),
        ("00", None, "wrong_type"),
        (ED, "MPC_ECDSA_SECP256R1", "unsupported_algorithm"), (ED, "ed25519", "unsupported_algorithm"),
        (ED, "MPC_ECDSA_SECP256K1", "wrong_type"),
    ],
)  # fmt: skip
def test_messages_refused(message: Any, algorithm: str | None, code: str) -> None:
    assert refusal(raw(message, algorithm)).code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (on_asset({"content": DIGEST, "derivationPath": [44, 60, 4, 0, 0]}), "two_paths"),
        (on_asset({"content": DIGEST}, derivationPath=[44, 60, 4, 0, 0]), "two_paths"),
        (on_asset({"content": DIGEST}, "MPC_EDDSA_ED25519"), "unsupported_algorithm"),
        (on_asset({"content": DIGEST}, source=None), "missing_field"),
        (on_asset({"content": DIGEST}, assetId=None), "unsupported_field"),
        (on_asset({"content": DIGEST}, assetId="BTC"), "unknown_asset"),
        (on_asset({"content": DIGEST, "bip44change": 2}), "wrong_type"),
        (on_asset({"content": DIGEST, "bip44change": True}), "wrong_type"),
        (on_asset({"content": DIGEST, "bip44addressIndex": -1}), "wrong_type"),
        (on_asset({"content": DIGEST, "bip44addressIndex": 1.5}), "wrong_type"),
        (raw(source=SOURCE), "unsupported_field"), (raw(amount="1"), "unsupported_field"),
        (raw(destination=SOURCE), "unsupported_field"), (raw(networkFee="1"), "unsupported_field"),
        (raw(feeLevel="LOW"), "unsupported_field"), (raw(extraParameters=None), "missing_field"),
        (raw(extraParameters={}), "missing_field"),
        (raw(extraParameters={"contractCallData": "0x"}), "unsupported_field"),
        (raw(extraParameters={"rawMessageData": {"messages": []}}), "missing_field"),
        (raw_data(messages=[], algorithm="MPC_EDDSA_ED25519"), "wrong_type"),
        (raw_data(messages={}, algorithm="MPC_EDDSA_ED25519"), "wrong_type"),
        (raw(extraParameters={**RAW["extraParameters"], "inputsSelection": {}}), "unsupported_field"),
        (raw(extraParameters={**RAW["extraParameters"], "other": {}}), "unknown_field"),
    ],
)  # fmt: skip
def test_requests_refused(body: dict[str, Any], code: str) -> None:
    assert refusal(body).code == code


def test_no_key_for_the_scheme() -> None:
    from quorate.core.model import canonical
    from quorate.core.model.charter import parse

    charter = parse(canonical.encode(changed(CHARTER_VALUE, "raw_keys", "ed25519", None)))
    error = examples.refusal(fireblocks.to_intent, canonical.encode(RAW), CLAIMS, charter, CERTIFICATES)
    assert error is not None
    assert error.code == "unsupported_algorithm"
