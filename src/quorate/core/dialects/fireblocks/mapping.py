"""Body of POST /v1/transactions -> Intent. Every field of the SDK's TransactionRequest has its place in one
of these lists.

A field is used, or harmless and ignored by name, or refused because carrying the request out without it
would be another request.
"""

from collections.abc import Mapping
from typing import Final

from quorate.core.dialects.fireblocks.fees import FEE_FIELDS
from quorate.core.dialects.fireblocks.fields import Fields, as_refusal
from quorate.core.dialects.fireblocks.raw import Raw, read_raw
from quorate.core.dialects.fireblocks.refusal import UNSUPPORTED, refused, unsupported
from quorate.core.dialects.fireblocks.transfer import Transfer, read_transfer
from quorate.core.evidence import json_strict
from quorate.core.evidence.token import Claims
from quorate.core.model import members
from quorate.core.model.charter import Charter
from quorate.core.model.intent import RAW, TRANSFER, Intent, Source, check_shape, request_id
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
    with as_refusal():
        fields = Fields(_json(body), "", KNOWN)
        _check_fields(fields)
        operation = fields.text("operation") or TRANSFER
        if operation == TRANSFER:
            _refuse_for_transfer(fields)
            intent = _transfer_intent(fields, claims, charter, read_transfer(fields, charter, certificates))
        elif operation == RAW:
            intent = _raw_intent(fields, claims, charter, read_raw(fields, charter))
        else:
            raise refused(
                "unsupported_operation", f"operation {operation[:32]} is not served", reason_class=UNSUPPORTED
            )
        check_shape(intent)
        return intent


def _json(body: bytes) -> object:
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


def _transfer_intent(fields: Fields, claims: Claims, charter: Charter, transfer: Transfer) -> Intent:
    return Intent(
        cluster=charter.cluster,
        charter=charter.hash,
        dialect=DIALECT,
        request_id=request_id(claims.sub, claims.nonce),
        user=claims.sub,
        external_id=_external_id(fields),
        operation=TRANSFER,
        source=Source(transfer.account),
        destination=transfer.destination,
        asset=transfer.asset.id,
        amount=transfer.amount,
        key=transfer.chain.key,
        chain=transfer.chain.id,
        path=transfer.path,
        effects=(transfer.effect,),
        messages=(),
        fee_ceiling=transfer.fee_ceiling,
        created_at=claims.iat,
        expires_at=claims.iat + charter.request_lifetime,
    )


def _raw_intent(fields: Fields, claims: Claims, charter: Charter, raw: Raw) -> Intent:
    return Intent(
        cluster=charter.cluster,
        charter=charter.hash,
        dialect=DIALECT,
        request_id=request_id(claims.sub, claims.nonce),
        user=claims.sub,
        external_id=_external_id(fields),
        operation=RAW,
        source=Source(raw.account),
        destination=None,
        asset=raw.asset.id if raw.asset else None,
        amount=None,
        key=raw.key,
        chain=raw.chain.id if raw.chain else None,
        path=(),
        effects=(),
        messages=raw.messages,
        fee_ceiling=None,
        created_at=claims.iat,
        expires_at=claims.iat + charter.request_lifetime,
    )
