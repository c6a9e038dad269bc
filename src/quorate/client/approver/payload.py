"""A request in the words of the co-signer callback of the Fireblocks dialect (POST /v2/tx_sign_request)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from quorate.client.approver.asked import Asked
from quorate.client.approver.words import to_text
from quorate.core.model.intent import items, to_sign

_TYPES: Final = {"own_account": "VAULT", "whitelist": "UNMANAGED", "one_time": "ONE_TIME_ADDRESS"}
_ADDRESS_TYPES: Final = {"own_account": "WHITELISTED", "whitelist": "WHITELISTED", "one_time": "ONE_TIME"}


def payload(asked: Asked, request_id: str, approver: str) -> dict[str, Any]:
    """`request_id` names this question; the answer must repeat it. Members that do not apply are left out."""
    intent = asked.intent
    made = {
        "txId": asked.transaction,
        "requestId": request_id,
        "externalTxId": intent.external_id,
        "operation": intent.operation,
        "sourceType": "UNKNOWN" if intent.source.vault_account is None else "VAULT",
        "sourceId": intent.source.vault_account,
        "asset": intent.asset,
        **_destination(asked),
        **_amounts(asked),
        "rawTx": raw_transactions(asked),
        "players": [],
        "signerId": approver,
    }
    return {name: value for name, value in made.items() if value is not None}


def _destination(asked: Asked) -> dict[str, Any]:
    to = asked.intent.destination
    if to is None:
        return {}
    entry = asked.charter.whitelist_entry(to.id or "") if to.type == "whitelist" else None
    text = _amount_text(asked)
    one = {
        "amountNative": None if text is None else float(text),
        "amountNativeStr": text,
        "dstAddressType": _ADDRESS_TYPES[to.type],
        "dstId": to.id or "",
        "dstName": entry.name if entry else "",
        "dstType": _TYPES[to.type],
        "displayDstAddress": to.address,
    }
    return {
        "destType": _TYPES[to.type],
        "destId": to.id or "",
        "destAddressType": _ADDRESS_TYPES[to.type],
        "destAddress": to.address,
        "destinations": [one],
    }


def _amounts(asked: Asked) -> dict[str, Any]:
    text = _amount_text(asked)
    if text is None:
        return {}
    number = float(text)
    fee = {"fee": _fee_text(asked)}
    return {
        "amount": number,
        "amountStr": text,
        "requestedAmount": number,
        "requestedAmountStr": text,
        **fee,
    }


def _amount_text(asked: Asked) -> str | None:
    asset = asked.charter.asset(asked.intent.asset or "")
    if asset is None or asked.intent.amount is None:
        return None
    return to_text(asked.intent.amount, asset.decimals)


def _fee_text(asked: Asked) -> str | None:
    """The ceiling, in whole units of the native coin."""
    chain = asked.charter.chain(asked.intent.chain or "")
    native = asked.charter.asset(chain.native_asset) if chain else None
    if native is None or asked.intent.fee_ceiling is None:
        return None
    return to_text(asked.intent.fee_ceiling, native.decimals)


def raw_transactions(asked: Asked) -> list[Mapping[str, str]]:
    """The exact bytes, hexadecimal without prefix, with what would be signed over them: one entry for each
    signature. Raises QuorateError of the decoder.
    """
    intent, attempt = asked.intent, asked.attempt
    if intent.signs_messages:
        return [_raw(message.path, message.content, to_sign(message)) for message in intent.messages]
    key = asked.subject.key
    made = items(intent, attempt, (key.public_key, key.chain_code))
    return [_raw(item.path, attempt.data, item.message) for item in made]


def _raw(path: tuple[int, ...], data: bytes, signed: bytes) -> Mapping[str, str]:
    return {
        "keyDerivationPath": "[ " + json.dumps(list(path))[1:-1] + " ]",
        "rawTx": data.hex(),
        "payload": signed.hex(),
    }
