"""A transaction row as TransactionResponse. Every member has exactly the type of the clients'
strict models."""

import json
from collections.abc import Mapping
from typing import Any, Final

from quorate.core.chains.evm.message import TYPED_DATA
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Intent, RawMessage, to_sign
from quorate.server.api.fireblocks.amounts import to_number, to_text
from quorate.server.api.fireblocks.present_asset import asset_type
from quorate.server.api.fireblocks.present_vault import without_none
from quorate.server.store.rows import Transaction, load_messages, read_intent

ALGORITHMS: Final = {"ecdsa-secp256k1": "MPC_ECDSA_SECP256K1", "ed25519": "MPC_EDDSA_ED25519"}
PEER_TYPES: Final = {
    "own_account": "VAULT_ACCOUNT",
    "whitelist": "EXTERNAL_WALLET",
    "one_time": "ONE_TIME_ADDRESS",
}
ADDRESS_TYPES: Final = {"own_account": "WHITELISTED", "whitelist": "WHITELISTED", "one_time": "ONE_TIME"}


def transaction(row: Transaction, charter: Charter, names: Mapping[str, str]) -> dict[str, object]:
    """`names`: vault account id -> name."""
    intent = read_intent(row.intent)
    return without_none(
        {
            **_common(row),
            "source": _source(row, names),
            "sourceAddress": row.sender or "",
            "destination": _destination(row, charter, names),
            "destinations": [],
            "destinationAddress": "" if intent.destination is None else intent.destination.address,
            "destinationAddressDescription": "",
            "destinationTag": "",
            "addressType": ADDRESS_TYPES.get(row.destination_type or "", ""),
            "expiresAt": intent.expires_at * 1000,
            **_amounts(intent, charter),
            **_chain(row, intent, charter),
            **(_messages(row, intent) if intent.signs_messages else {}),
            **_call(intent),
        }
    )


def _common(row: Transaction) -> dict[str, object]:
    messages = load_messages(row.system_messages)
    return {
        "id": row.id,
        "externalTxId": row.external_id,
        "status": row.status,
        "subStatus": row.sub_status,
        "operation": row.operation,
        "note": row.note or "",
        "assetId": row.asset,
        "customerRefId": row.customer_ref_id,
        "createdAt": row.created_ms,
        "lastUpdated": row.updated_ms,
        "createdBy": row.user,
        "signedBy": [] if row.signed_by is None else json.loads(row.signed_by),
        "rejectedBy": "",
        "systemMessages": messages,
        "errorDescription": messages[0]["message"]
        if row.status in ("FAILED", "BLOCKED", "REJECTED") and messages
        else "",
        "networkRecords": [],
    }


def _source(row: Transaction, names: Mapping[str, str]) -> dict[str, object]:
    if row.source_account is None:
        return {"type": "UNKNOWN"}
    return {"type": "VAULT_ACCOUNT", "id": row.source_account, "name": names.get(row.source_account, "")}


def _destination(row: Transaction, charter: Charter, names: Mapping[str, str]) -> dict[str, object]:
    if row.destination_type is None:
        return {"type": "UNKNOWN"}
    name = names.get(row.destination_id or "", "")
    if row.destination_type == "whitelist":
        entry = charter.whitelist_entry(row.destination_id or "")
        name = "" if entry is None else entry.name
    return without_none({"type": PEER_TYPES[row.destination_type], "id": row.destination_id, "name": name})


def _amounts(intent: Intent, charter: Charter) -> dict[str, object]:
    asset = charter.asset(intent.asset or "")
    if asset is None:
        return {}
    if intent.amount is None:
        return {"assetType": asset_type(asset)}
    text = to_text(intent.amount, asset.decimals)
    number = to_number(text)
    return {
        "assetType": asset_type(asset),
        "amountInfo": {"amount": text, "requestedAmount": text, "netAmount": text},
        "amount": number,
        "requestedAmount": number,
        "netAmount": number,
    }


def _chain(row: Transaction, intent: Intent, charter: Charter) -> dict[str, object]:
    chain = charter.chain(intent.chain or "")
    native = charter.asset(chain.native_asset) if chain is not None else None
    if chain is None or native is None or intent.signs_messages:
        return {"txHash": "", "numOfConfirmations": 0}
    fee = None if row.network_fee is None else to_text(int(row.network_fee), native.decimals)
    block = {
        "blockHeight": None if row.block_height is None else str(row.block_height),
        "blockHash": row.block_hash,
    }
    return {
        "txHash": row.transaction_hash or "",
        "replacedTxHash": row.replaced_hash,
        "numOfConfirmations": row.confirmations,
        "feeCurrency": native.id,
        "feeInfo": None if fee is None else {"networkFee": fee},
        "networkFee": None if fee is None else to_number(fee),
        "blockInfo": without_none(block),
        "nonce": None if row.nonce is None else str(row.nonce),
        "index": 0,
    }


def _call(intent: Intent) -> dict[str, object]:
    return {} if intent.data is None else {"extraParameters": {"contractCallData": "0x" + intent.data.hex()}}


def _messages(row: Transaction, intent: Intent) -> dict[str, object]:
    """The messages as asked for, and their signatures once there are any. The content of a signature is what
    it verifies over: of a typed message the digest.
    """
    algorithm = ALGORITHMS[intent.messages[0].scheme]
    asked = [_asked(message) for message in intent.messages]
    extra = {"rawMessageData": {"messages": asked, "algorithm": algorithm}}
    if row.result is None:
        return {"extraParameters": extra, "signedMessages": []}
    made = json.loads(row.result)
    signed = [
        _signed(to_sign(m), m.path, algorithm, item) for m, item in zip(intent.messages, made, strict=True)
    ]
    return {"extraParameters": extra, "signedMessages": signed}


def _asked(message: RawMessage) -> dict[str, object]:
    """Typed data are an object, everything else is hexadecimal."""
    content: object = message.content.hex()
    if message.type == TYPED_DATA:
        content = json.loads(message.content)
    kind = {} if message.type is None else {"type": message.type}
    return {"content": content, "derivationPath": list(message.path), **kind}


def _signed(content: bytes, path: tuple[int, ...], algorithm: str, item: dict[str, Any]) -> dict[str, object]:
    """SignedMessage: r and s are the halves of the full signature, v the recovery id (0 for Ed25519)."""
    full: str = item["signature"]
    return {
        "content": content.hex(),
        "algorithm": algorithm,
        "derivationPath": list(path),
        "signature": {"fullSig": full, "r": full[:64], "s": full[64:], "v": item["recovery_id"] or 0},
        "publicKey": item["public_key"],
    }
