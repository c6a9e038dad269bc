"""Address text: script -> text and text -> script. A script has at most one text, and only that is read."""

from typing import Final

from quorate.core.chains import base58
from quorate.core.chains.bitcoin import bech32, script
from quorate.core.chains.bitcoin.networks import NETWORKS
from quorate.core.chains.bitcoin.networks import network as _network
from quorate.core.chains.hd import check_public_key
from quorate.core.errors import QuorateError

_HINT: Final = "copy the address again, whole, and check the network"
_UPPER: Final = tuple({each.hrp.upper() + "1" for each in NETWORKS.values()})
_KINDS: Final = (script.is_p2pkh, script.is_p2sh, script.is_p2wpkh, script.is_p2wsh, script.is_p2tr)


def from_script(script_pubkey: bytes, network: str) -> str | None:
    """The address of an output script; None where it has none (OP_RETURN, bare keys and multisig, others)."""
    names = _network(network)
    if script.is_p2pkh(script_pubkey):
        return base58.encode_check(bytes([names.p2pkh]) + script_pubkey[3:23])
    if script.is_p2sh(script_pubkey):
        return base58.encode_check(bytes([names.p2sh]) + script_pubkey[2:22])
    program = script.read_witness(script_pubkey)
    if program is None or (program[0] == 0 and len(program[1]) not in (20, 32)):
        return None
    return bech32.encode(names.hrp, *program)


def to_script(address: str, network: str) -> bytes:
    """The output script that pays to an address.

    Raises QuorateError address: of another network, damaged, or in upper case (one address, one text: what
    was approved and what is shown are compared as text).
    """
    names = _network(network)
    try:
        if address.startswith(names.hrp + "1"):
            return script.witness(*bech32.decode(names.hrp, address))
        payload = base58.decode_check(address)
    except QuorateError as error:
        raise QuorateError(
            "address", f"{address[:100]} is no {network} address: {error.message}", "caller", _HINT
        ) from None
    made = {names.p2pkh: script.p2pkh, names.p2sh: script.p2sh}.get(payload[0])
    if made is None or len(payload) != 21:
        raise QuorateError("address", f"{address[:100]} is no address of {network}", "caller", _HINT)
    return made(payload[1:])


def read(address: str, network: str) -> str:
    """The one text of a destination. Raises QuorateError address: beside what `to_script` refuses, scripts of
    witness versions without rules, which anyone could spend.
    """
    output = to_script(address, network)
    if not any(is_kind(output) for is_kind in _KINDS):
        raise QuorateError(
            "address",
            f"{address} is of a witness version without rules: anyone could spend it",
            "caller",
            _HINT,
        )
    return address


def tidy(text: str) -> str:
    """BIP173 allows upper case, which is shorter in QR codes; mixed case stays as it is and is refused."""
    return text.lower() if text.isupper() and text.startswith(_UPPER) else text


def from_public_key(kind: str, public_key: bytes, network: str) -> str:
    """Address of a compressed key; `kind` is one of `networks.PURPOSES`. Raises QuorateError public_key."""
    check_public_key("secp256k1", public_key)
    text = from_script(script.for_key(kind, public_key), network)
    if text is None:
        raise QuorateError("address", f"outputs of kind {kind} have no address", "bug")
    return text
