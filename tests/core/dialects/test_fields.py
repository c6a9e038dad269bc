"""Every field of the SDK's request has its place, and bodies that are not such requests are refused with a
code.
"""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.dialects.fireblocks import mapping
from quorate.core.dialects.fireblocks.fees import FEE_FIELDS
from tests.core import examples
from tests.core.dialects.requests import RAW, TRANSFER, intent, refusal, transfer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fireblocks.models.transaction_operation import TransactionOperation
    from fireblocks.models.transaction_request import TransactionRequest

SDK_FIELDS = {field.alias or name for name, field in TransactionRequest.model_fields.items()}
BEYOND_THE_SDK = {"derivationPath", "waitForStatus"}
"""A documented field that the model of 35.1.0 lacks, and what the older SDK sends."""


def test_each_field_of_the_sdk_is_in_exactly_one_list() -> None:
    lists = (
        mapping.USED, mapping.IGNORED_TEXT, mapping.REFUSED_WHEN_TRUE, mapping.REFUSED,
        mapping.REFUSED_UNLESS_EMPTY, FEE_FIELDS,
    )  # fmt: skip
    assert sum(map(len, lists)) == len(mapping.KNOWN)
    assert SDK_FIELDS | BEYOND_THE_SDK == mapping.KNOWN
    assert len(SDK_FIELDS) == 31


@pytest.mark.parametrize("body", [TRANSFER, RAW], ids=["TRANSFER", "RAW"])
def test_what_the_sdk_sends_for_its_models(body: dict[str, Any]) -> None:
    request = TransactionRequest.from_dict(body)
    assert request is not None
    assert intent(json.dumps(request.to_dict()).encode()) == intent(body)


@pytest.mark.parametrize("amount", ["0.25", 3, 0.25, 1e-7])
def test_what_the_sdk_sends_for_amounts(amount: Any) -> None:
    request = TransactionRequest.from_dict(transfer(amount=amount))
    assert request is not None
    written = json.dumps(request.to_dict())
    assert intent(written.encode()).amount == round(float(amount) * 10**18)


def test_what_the_older_sdk_sends() -> None:
    extra = {
        "waitForStatus": False,
        "note": "",
        "externalTxId": None,
        "destinations": [],
        "feeLevel": "MEDIUM",
    }
    assert intent(transfer(**extra)) == intent(TRANSFER)


def test_ignored_fields_change_nothing() -> None:
    for name in mapping.IGNORED_TEXT:
        assert intent(transfer(**{name: "anything"})).hash == intent(TRANSFER).hash
        assert refusal(transfer(**{name: 5})).code == "wrong_type"


def test_operation_is_transfer_where_none_is_named() -> None:
    without = {name: value for name, value in TRANSFER.items() if name != "operation"}
    assert intent(without) == intent(transfer(operation=None)) == intent(TRANSFER)


@pytest.mark.parametrize("name", sorted(mapping.REFUSED_WHEN_TRUE))
def test_flags(name: str) -> None:
    assert intent(transfer(**{name: False})) == intent(TRANSFER)
    assert refusal(transfer(**{name: True})).code == "unsupported_field"
    assert refusal(transfer(**{name: "true"})).code == "wrong_type"


@pytest.mark.parametrize("name", sorted(mapping.REFUSED))
def test_fields_that_would_change_the_request(name: str) -> None:
    assert intent(transfer(**{name: None})) == intent(TRANSFER)
    for value in ("x", {}, 0, False, ""):
        assert refusal(transfer(**{name: value})).code == "unsupported_field"


def test_several_destinations_and_own_expiry() -> None:
    assert refusal(transfer(destinations=[{"amount": "1"}])).code == "unsupported_field"
    assert refusal(transfer(configurations={"expiresAfterSeconds": 300})).code == "unsupported_field"
    assert intent(transfer(destinations=[], configurations={})) == intent(TRANSFER)


def test_raw_parts_in_a_transfer() -> None:
    assert intent(transfer(extraParameters={})) == intent(TRANSFER)
    assert refusal(transfer(extraParameters=RAW["extraParameters"])).code == "unsupported_field"
    assert refusal(transfer(derivationPath=[44, 60])).code == "unsupported_field"


@pytest.mark.parametrize("operation", [*(o.value for o in TransactionOperation), "transfer", "OTHER"])
def test_operations(operation: str) -> None:
    if operation not in ("TRANSFER", "RAW", "CONTRACT_CALL", "TYPED_MESSAGE"):
        assert refusal(transfer(operation=operation)).code == "unsupported_operation"


@pytest.mark.parametrize("id", ["", "x" * 256, "Zahlung-ü", "a\nb", 5, True, []], ids=repr)
def test_external_ids_refused(id: Any) -> None:
    assert refusal(transfer(externalTxId=id)).code == "identifier"


def test_external_id_is_optional() -> None:
    assert intent(transfer(externalTxId="x" * 255)).external_id == "x" * 255
    assert intent(TRANSFER).external_id is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_body"), (b"{", "malformed_body"), (b"\xff", "malformed_body"),
        (b"{} {}", "malformed_body"),
        (b"[]", "wrong_type"), (b"null", "wrong_type"), (b'"x"', "wrong_type"), (b"5", "wrong_type"),
        (b'{"note":"a","note":"a"}', "malformed_body"), (b'{"note":"\\ud800"}', "malformed_body"),
        (b'{"source":{"id":"0","id":"1"}}', "malformed_body"),
        (b'{"amount":1e999999999999999999999}', "malformed_body"),
        (b"[" * 100_000, "malformed_body"), (b'{"note":' + b"[" * 17 + b"]" * 17 + b"}", "malformed_body"),
        (b'{"note":"' + b"x" * (1 << 20) + b'"}', "malformed_body"), (b'{"other":1}', "unknown_field"),
        (b'{"Note":"a"}', "unknown_field"), (b'{"\\u0000":1}', "unknown_field"), (b"{}", "missing_field"),
    ],
    ids=lambda value: repr(value[:24]),
)  # fmt: skip
def test_bodies_refused(body: bytes, code: str) -> None:
    assert refusal(body).code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(mapping.KNOWN)), JSON, st.sampled_from([TRANSFER, RAW]))
def test_any_value_in_any_field_is_mapped_or_refused_with_a_code(
    name: str, value: Any, base: dict[str, Any]
) -> None:
    error = examples.refusal(intent, {**base, name: value})
    assert error is None or (error.code and error.whose == "caller")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_with_a_code(body: bytes) -> None:
    assert refusal(body).code in ("malformed_body", "wrong_type", "unknown_field", "missing_field")
