"""A wallet from the JSON of a context file (`quorate tx decode --context`, and the vectors)."""

import re
from typing import Final

from quorate.core.chains import base58, hd
from quorate.core.chains.bitcoin.networks import PURPOSES
from quorate.core.chains.bitcoin.networks import network as _network
from quorate.core.chains.bitcoin.script import MAX_COSIGNERS
from quorate.core.chains.bitcoin.wallet import GAP_LIMIT, Account, Policy, Wallet
from quorate.core.errors import QuorateError

_CURVE: Final = "secp256k1"
_PATH: Final = re.compile(r"m(?:/[0-9]{1,10}[h']?){0,8}")
_POLICY: Final = re.compile(r"wsh\((sortedmulti|multi)\(([1-9][0-9]?),\.\.\.\)\)")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{8}")


def from_json(context: object, network: str) -> Wallet | None:
    """The wallet that a context describes; None where it describes none.

    Members: `wallet` {fingerprint, accounts: {kind: {path, xpub}}}, `wallet_policy` {type, keys:
    [{fingerprint, path, xpub}]}, `gap_limit`.

    Other members of the context are somebody else's. Raises QuorateError wallet (form), network.
    """
    context = _object(context, "the context")
    wallet, policy = context.get("wallet"), context.get("wallet_policy")
    limit = context.get("gap_limit", GAP_LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= hd.HARDENED:
        raise _bad("gap_limit is a number of indexes")
    if wallet is None and policy is None:
        return None
    fingerprint, accounts = (None, {}) if wallet is None else _read_wallet(wallet, network)
    return Wallet(fingerprint, accounts, None if policy is None else _read_policy(policy, network), limit)


def _read_wallet(value: object, network: str) -> tuple[bytes, dict[str, Account]]:
    wallet = _object(value, "wallet")
    fingerprint = _fingerprint(wallet.get("fingerprint"))
    accounts = _object(wallet.get("accounts", {}), "wallet.accounts")
    unknown = accounts.keys() - PURPOSES.keys()
    if unknown:
        raise _bad(f"{min(unknown)[:32]} is not one of {', '.join(PURPOSES)}")
    return fingerprint, {k: _read_account(fingerprint, a, network) for k, a in accounts.items()}


def _read_policy(value: object, network: str) -> Policy:
    policy = _object(value, "wallet_policy")
    type, keys = policy.get("type"), policy.get("keys")
    match = _POLICY.fullmatch(type) if isinstance(type, str) else None
    if match is None or not isinstance(keys, list) or not int(match[2]) <= len(keys) <= MAX_COSIGNERS:
        raise _bad("wallet_policy is wsh(sortedmulti(m,...)) or wsh(multi(m,...)) of m to 16 keys")
    cosigners = tuple(
        _read_account(_fingerprint(_object(key, "key").get("fingerprint")), key, network) for key in keys
    )
    if len({cosigner.public_key for cosigner in cosigners}) != len(cosigners):
        raise _bad("a key occurs twice in wallet_policy")
    return Policy(int(match[2]), match[1] == "sortedmulti", cosigners)


def _read_account(fingerprint: bytes, value: object, network: str) -> Account:
    account = _object(value, "an account")
    path, xpub = _read_path(account.get("path")), account.get("xpub")
    try:
        data = base58.decode_check(xpub if isinstance(xpub, str) else "")
    except QuorateError as error:
        raise _bad(f"an xpub does not read: {error.message}") from None
    # BIP32: version, depth, parent's fingerprint, child number, chain code, key
    place = bytes([len(path)]), (path[-1] if path else 0).to_bytes(4, "big")
    if len(data) != 78 or data[:4] != _network(network).xpub or (data[4:5], data[9:13]) != place:
        raise _bad(f"an xpub is not of {network}, or not of the path that is given with it")
    hd.check_public_key(_CURVE, data[45:])
    return Account(fingerprint, path, data[45:], data[13:45])


def _read_path(value: object) -> tuple[int, ...]:
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        raise _bad("a path looks like m/84h/0h/0h")
    return tuple(_index(step) for step in value.split("/")[1:])


def _index(step: str) -> int:
    number = int(step.rstrip("h'"))
    if number >= hd.HARDENED:
        raise _bad("an index is below 2^31")
    return number if step[-1].isdigit() else number + hd.HARDENED


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _bad(f"{what} is an object")
    return value


def _fingerprint(value: object) -> bytes:
    if not isinstance(value, str) or not _FINGERPRINT.fullmatch(value):
        raise _bad("a fingerprint is 8 hexadecimal digits")
    return bytes.fromhex(value)


def _bad(message: str) -> QuorateError:
    return QuorateError("wallet", message, "caller", "see the wallets of tests/vectors")
