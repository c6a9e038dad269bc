"""Body of POST /v1/transactions -> Intent. Every field of the SDK's TransactionRequest has its place in one
of these lists.

A field is used, or harmless and ignored by name, or refused because carrying the request out without it
would be another request.
"""

from collections.abc import Mapping
from typing import Any, Final

from quorate.core.dialects.fireblocks.call import read_call
from quorate.core.dialects.fireblocks.fees import FEE_FIELDS
from quorate.core.dialects.fireblocks.fields import Fields, as_refusal
from quorate.core.dialects.fireblocks.raw import read_raw
from quorate.core.dialects.fireblocks.refusal import UNSUPPORTED, refused, unsupported
from quorate.core.dialects.fireblocks.transfer import Asked, read_transfer
from quorate.core.dialects.fireblocks.typed import read_typed
from quorate.core.evidence import json_strict
from quorate.core.evidence.token import Claims
from quorate.core.model import members
from quorate.core.model.charter import Asset, Chain, Charter
from quorate.core.model.intent import (
    CONTRACT_CALL,
    RAW,
    TRANSFER,
    TYPED_MESSAGE,
    Intent,
    RawMessage,
    Source,
    check_shape,
    request_id,
)
from quorate.core.model.records import KeyCertificate

DIALECT: Final = "fireblocks"
MAX_BODY: Final = 1 << 20

USED: Final = frozenset(
    {
        "operation",
        "assetId",
        "source",
        "destination",
        "amount",
        "externalTxId",
        "extraParameters",
        "derivationPath",
    }
)
IGNORED_TEXT: Final = frozenset({"note", "customerRefId", "feeCurrency"})
"""Remarks to the workspace and to AML providers; feeCurrency is for one chain that is not served, and
ignored for all others.
"""
REFUSED_WHEN_TRUE: Final = frozenset(
    {"treatAsGrossAmount", "forceSweep", "autoStaking", "useGasless", "waitForStatus"}
)
REFUSED: Final = frozenset(
    {
        "replaceTxByHash",
        "utxoSelectionParams",
        "travelRuleMessage",
        "travelRuleMessageId",
        "networkStaking",
        "cpuStaking",
    }
)
REFUSED_UNLESS_EMPTY: Final = frozenset({"destinations", "configurations"})
KNOWN: Final = USED | IGNORED_TEXT | REFUSED_WHEN_TRUE | REFUSED | REFUSED_UNLESS_EMPTY | FEE_FIELDS


def to_intent(
    body: bytes, claims: Claims, charter: Charter, certificates: Mapping[str, KeyCertificate]
) -> Intent:
    """What the requester wants. `claims` come from a verified token over this body, `certificates` are
    verified, by key id.

    Raises Refused(check="intent") with a code that says what to correct; QuorateError key_missing (whose:
    state) while the key of an own destination does not exist.
    """
    return map_request(read_json(body), claims, charter, certificates)


def map_request(
    value: object, claims: Claims, charter: Charter, certificates: Mapping[str, KeyCertificate]
) -> Intent:
    """As `to_intent`, of a body that is parsed."""
    with as_refusal():
        fields = Fields(value, "", KNOWN)
        _check_fields(fields)
        operation = fields.text("operation") or TRANSFER
        intent = Intent(
            cluster=charter.cluster,
            charter=charter.hash,
            dialect=DIALECT,
            request_id=request_id(claims.sub, claims.nonce),
            user=claims.sub,
            external_id=_external_id(fields),
            operation=operation,
            created_at=claims.iat,
            expires_at=claims.iat + charter.request_lifetime,
            **{**_ABSENT, **_parts(operation, fields, charter, certificates)},
        )
        check_shape(intent)
        return intent


def read_json(body: bytes) -> object:
    try:
        return json_strict.loads(body, limit=MAX_BODY)
    except ValueError as error:
        raise refused("malformed_body", f"the body is not a JSON request: {error}") from None


def _check_fields(fields: Fields) -> None:
    for name in IGNORED_TEXT:
        fields.text(name)
    fields.refuse_true(REFUSED_WHEN_TRUE, "is not served")
    fields.refuse_given(REFUSED, "is not served")
    for name in sorted(REFUSED_UNLESS_EMPTY):
        if fields.raw(name) not in (None, [], {}):
            raise unsupported(name, "is not served")


def _refuse_for_transfer(fields: Fields) -> None:
    fields.refuse_given(("derivationPath",), "belongs to RAW")
    if fields.raw("extraParameters") not in (None, {}):
        raise unsupported("extraParameters", "a TRANSFER has none")


def _external_id(fields: Fields) -> str | None:
    return members.printable(fields.raw("externalTxId"), "externalTxId") if "externalTxId" in fields else None


def _parts(
    operation: str, fields: Fields, charter: Charter, certificates: Mapping[str, KeyCertificate]
) -> dict[str, Any]:
    """The members of the intent that the operation has in its own way."""
    if operation == TRANSFER:
        _refuse_for_transfer(fields)
        transfer = read_transfer(fields, charter, certificates)
        return {**_transaction(transfer), "effects": (transfer.effect,)}
    if operation == CONTRACT_CALL:
        call = read_call(fields, charter, certificates)
        return {**_transaction(call), "data": call.data}
    if operation == TYPED_MESSAGE:
        typed = read_typed(fields, charter)
        return _messages(typed.account, typed.asset, typed.chain, typed.chain.key, typed.messages)
    if operation == RAW:
        raw = read_raw(fields, charter)
        return _messages(raw.account, raw.asset, raw.chain, raw.key, raw.messages)
    raise refused(
        "unsupported_operation", f"operation {operation[:32]} is not served", reason_class=UNSUPPORTED
    )


def _transaction(asked: Asked) -> dict[str, Any]:
    return {
        "source": Source(asked.account),
        "destination": asked.destination,
        "asset": asked.asset.id,
        "amount": asked.amount,
        "key": asked.chain.key,
        "chain": asked.chain.id,
        "path": asked.path,
        "fee_ceiling": asked.fee_ceiling,
    }


def _messages(
    account: str | None, asset: Asset | None, chain: Chain | None, key: str, messages: tuple[RawMessage, ...]
) -> dict[str, Any]:
    return {
        "source": Source(account),
        "asset": asset.id if asset else None,
        "key": key,
        "chain": chain.id if chain else None,
        "messages": messages,
    }


_ABSENT: Final[Mapping[str, Any]] = {
    "destination": None,
    "amount": None,
    "path": (),
    "effects": (),
    "messages": (),
    "fee_ceiling": None,
}
"""What an intent holds where the operation has nothing to say."""
