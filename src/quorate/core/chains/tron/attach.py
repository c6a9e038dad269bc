"""Signature + raw_data -> the signed transaction, as bytes and as the JSON of the nodes' HTTP interface."""

from typing import Final

from coincurve import PublicKey

from quorate.core.chains.tron import address
from quorate.core.chains.tron.contracts import CONTRACTS, TRIGGER_SMART_CONTRACT
from quorate.core.chains.tron.decode import RAW_DATA, TYPE_URL, TronTransaction, read_tx, txid
from quorate.core.chains.tron.wire import Field, Message, Schema, encode, malformed, read
from quorate.core.errors import QuorateError

ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""n of secp256k1 (SEC 2)."""
SIGNED: Final[Schema] = {1: Field("raw_data", message=True), 2: Field("signature", repeated=True)}
"""Transaction without `ret`, which nodes add."""
_BUILT: Final = frozenset({1, TRIGGER_SMART_CONTRACT})


def attach(data: bytes, r_s: bytes, recovery_id: int, *, sender: str) -> tuple[bytes, bytes]:
    """The signed transaction and its id.

    `r_s` is r || s, 32 bytes each; the signature is r || s || v with v = 27 + `recovery_id`. `sender` is the
    address of the key that signs: the owner's, unless a permission names another.

    Raises QuorateError signature (whose `peer`) unless s is low, the recovery id is 0 or 1, and the signature
    over exactly these bytes recovers to `sender`; malformed_transaction for bytes that are not built here.
    """
    if read_tx(data).contract_type not in _BUILT:
        raise QuorateError("malformed_transaction", "only transfers of TRX and TRC-20 are built here", "bug")
    _check_scalars(r_s)
    if recovery_id not in (0, 1):
        raise _bad(f"recovery id {recovery_id} has no place in a transaction")
    if _recover(data, r_s, recovery_id) != sender:
        raise _bad(f"the signature is not by {sender}")
    signature = r_s + bytes([27 + recovery_id])
    signed = Message("transaction", strings={"raw_data": [data], "signature": [signature]})
    return encode(signed, SIGNED), txid(data)


def http_json(signed: bytes) -> dict[str, object]:
    """The body of `POST /wallet/broadcasttransaction`: addresses in hexadecimal (`visible` false).

    Raises QuorateError malformed_transaction for bytes that `attach` does not make.
    """
    m = read(signed, SIGNED, "transaction")
    data = m.octets("raw_data")
    transaction = read_tx(data)
    if transaction.contract_type not in _BUILT:
        raise malformed("only transfers of TRX and TRC-20 are built here")
    return {
        "visible": False,
        "txID": transaction.txid.hex(),
        "raw_data": _raw_data(transaction, data),
        "raw_data_hex": data.hex(),
        "signature": [signature.hex() for signature in m.many("signature")],
    }


def _raw_data(transaction: TronTransaction, data: bytes) -> dict[str, object]:
    raw = read(data, RAW_DATA, "raw_data")
    document: dict[str, object] = {"contract": [_contract(transaction)]}
    for name in ("ref_block_bytes", "ref_block_hash", "data"):
        document |= {name: raw.octets(name).hex()} if name in raw else {}
    return document | raw.integers


def _contract(transaction: TronTransaction) -> dict[str, object]:
    entry = CONTRACTS[transaction.contract_type]
    value = read(transaction.value, entry.schema, entry.name)
    fields = {name: value.octets(name).hex() for name in value.strings} | value.integers
    contract: dict[str, object] = {
        "parameter": {"value": fields, "type_url": TYPE_URL + entry.name},
        "type": entry.name,
    }
    permission = transaction.permission_id
    return contract | ({"Permission_id": permission} if permission else {})


def _check_scalars(r_s: bytes) -> None:
    if len(r_s) != 64:
        raise _bad(f"r || s has 64 bytes, this {len(r_s)}")
    r, s = int.from_bytes(r_s[:32], "big"), int.from_bytes(r_s[32:], "big")
    if not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        raise _bad("r or s is out of range, or s is high")


def _recover(data: bytes, r_s: bytes, recovery_id: int) -> str:
    try:
        key = PublicKey.from_signature_and_message(r_s + bytes([recovery_id]), txid(data), hasher=None)
    except ValueError as error:
        raise _bad(f"no key recovers from the signature: {error}") from None
    return address.from_public_key(key.format())


def _bad(message: str) -> QuorateError:
    return QuorateError("signature", message, "peer", "the session that made it is void; sign again")
