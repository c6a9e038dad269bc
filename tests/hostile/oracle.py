"""The one thing that must hold whatever the server does: a signature exists only over what a requester signed
for and
the policy covers.

Bytes, amounts and signatures are read here with other libraries than the signers use (rlp, coincurve,
cryptography);
of the product only the key derivation is taken, from certificates that all signers signed.
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import rlp  # type: ignore[import-untyped]
from coincurve import PublicKey
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from eth_utils.crypto import keccak

from quorate.core.chains import hd
from quorate.core.model.intent import Attempt
from quorate.core.model.records import KeyCertificate
from quorate.core.proto import link_pb2 as pb
from tests.bitcoin_bends import KIOSK
from tests.hostile import solana_oracle, tron_bytes
from tests.hostile.bitcoin_oracle import check_payment, coins_of, read_payment
from tests.hostile.bodies import Meaning, meaning
from tests.hostile.ceremony import (
    CHAIN_ID,
    EDDSA,
    FEE_CAP,
    LIFETIME,
    SECP,
    SHOP,
    SKEW,
    SOL_SHOP,
    STALL,
    TILL,
    TRON_FEE_CAP,
    TUSD,
    USDC,
    WINDOW_ETHER,
)
from tests.hostile.forgery import Forgery

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DESTINATIONS = {"shop": SHOP, "till": TILL, "kiosk": KIOSK, "stall": STALL, "sol-shop": SOL_SHOP}

FORMATS = {
    **dict.fromkeys(("ETH", "USDC"), "evm-tx"),
    **dict.fromkeys(("TRX", "TUSD"), "tron-tx"),
    **dict.fromkeys(solana_oracle.ASSETS, "solana-message"),
    "BTC": "bitcoin-psbt",
}


@dataclass(frozen=True)
class Genuine:
    """A body that a requester signed a token for, at `issued` (Unix seconds)."""

    raw: bytes
    nonce: str
    issued: int
    covered: bool

    @property
    def meaning(self) -> Meaning:
        return meaning(self.raw, DESTINATIONS)


@dataclass
class Oracle:
    """Knows every genuine request by the hash of its intent; judges every signature that a signer reports."""

    certificates: dict[str, KeyCertificate]
    genuine: dict[bytes, Genuine] = field(default_factory=dict)
    forgeries: list[str] = field(default_factory=list)
    signed: dict[bytes, pb.Result] = field(default_factory=dict)
    label: Callable[[bytes], str] = lambda intent: intent.hex()[:12]

    def saw(self, signer: str, done: pb.SessionDone) -> None:
        """Never raises: a forgery is kept, with the mutation's name."""
        try:
            self._check(done.result)
        except Exception as error:  # whatever cannot be understood is not over a genuine request
            who = self.label(done.result.intent_hash)
            self.forgeries.append(f"{who}: {signer}: {type(error).__name__}: {error}")
        self.signed.setdefault(done.result.intent_hash, done.result)

    def _check(self, result: pb.Result) -> None:
        request = self.genuine.get(result.intent_hash)
        if request is None:
            raise Forgery("no requester signed for this intent")
        if self._takes_back(request.meaning, result):
            self._check_once(request, request.meaning, result)
            return
        if not request.covered:
            raise Forgery("the policy does not cover this request")
        if time.time() > request.issued + LIFETIME:
            raise Forgery("the request had expired")
        wanted = request.meaning
        if wanted.operation == "RAW":
            self._check_raw(wanted, result)
        else:
            self._read(wanted, result.bytes)
            self._check_signatures(wanted, result)
            self._check_window(wanted, result)
        self._check_once(request, wanted, result)

    def harm(self, attempt: Attempt) -> str:
        """What these bytes would do that the genuine request does not cover, or that they cannot be read;
        empty for neither. By reading alone: what was signed before is not looked at.
        """
        try:
            wanted = self.genuine[attempt.intent].meaning
            if wanted.operation == "RAW" or attempt.format != FORMATS[wanted.asset or ""]:
                raise Forgery("not the format of its chain")
            self._read(wanted, attempt.data)
        except Exception as error:  # whatever cannot be understood is not what was asked for
            return f"{type(error).__name__}: {error}"
        return ""

    # ---- bytes

    def _read(self, wanted: Meaning, data: bytes) -> None:
        """Raises what the reader of the chain raises; Forgery when the bytes do not do what the body says."""
        if wanted.asset == "BTC":
            read_payment(wanted, data, self._child)
        elif wanted.asset in ("TRX", "TUSD"):
            self._read_tron(wanted, data)
        elif wanted.asset in solana_oracle.ASSETS:
            problem = solana_oracle.problem(data, wanted, self._child(*_source(wanted)))
            if problem:
                raise Forgery(problem)
        else:
            self._read_evm(wanted, data)

    def _read_evm(self, wanted: Meaning, raw: bytes) -> None:
        if raw[:1] != b"\x02":
            raise Forgery("not one EIP-1559 transaction")
        chain, _, _, max_fee, gas, to, value, data, accesses = rlp.decode(raw[1:], strict=True)
        numbers = [int.from_bytes(field, "big") for field in (chain, max_fee, gas, value)]
        if numbers[0] != CHAIN_ID or accesses or numbers[1] * numbers[2] > FEE_CAP:
            raise Forgery("another chain, an access list, or a fee above its ceiling")
        payee = bytes.fromhex((wanted.to or "")[2:])
        if wanted.asset == "ETH":
            expected = (payee, wanted.amount, b"")
        else:
            call = bytes.fromhex("a9059cbb") + payee.rjust(32, b"\0") + wanted.amount.to_bytes(32, "big")
            expected = (bytes.fromhex(USDC[2:]), 0, call)
        if (to, numbers[3], data) != expected:
            raise Forgery("the bytes do not do what the body says")

    def _read_tron(self, wanted: Meaning, data: bytes) -> None:
        token = TUSD if wanted.asset == "TUSD" else None
        owner = tron_bytes.address_of(self._child(*_source(wanted)))
        expected = tron_bytes.contract_of(owner, wanted.to or "", wanted.amount, token)
        raw = tron_bytes.parse(data)
        if list(raw.contract) != [expected] or (token and raw.fee_limit > TRON_FEE_CAP):
            raise Forgery("the bytes do not do what the body says")
        if not 0 < raw.expiration - 1000 * time.time() < 1000 * (600 + 2 * SKEW):
            raise Forgery("the bytes live too long, or no longer")

    # ---- signatures

    def _check_signatures(self, wanted: Meaning, result: pb.Result) -> None:
        if wanted.asset == "BTC":
            check_payment(wanted, result, self._child)
            return
        if len(result.items) != 1:
            raise Forgery("not one signature")
        (item,), (key, path) = result.items, _source(wanted)
        if key == EDDSA:
            child = Ed25519PublicKey.from_public_bytes(self._child(key, path))
            child.verify(item.signature, result.bytes)
            return
        digest = keccak if path[1] == 60 else lambda data: hashlib.sha256(data).digest()
        self._check_ecdsa(digest(result.bytes), path, item)

    def _takes_back(self, wanted: Meaning, result: pb.Result) -> bool:
        """Whether an EVM account pays nothing to itself, as a signature by its key says."""
        if FORMATS.get(wanted.asset or "") != "evm-tx" or result.bytes[:1] != b"\x02":
            return False
        chain, _, _, max_fee, gas, to, value, data, accesses = rlp.decode(result.bytes[1:], strict=True)
        own = keccak(PublicKey(self._child(*_source(wanted))).format(compressed=False)[1:])[-20:]
        if (to, value, data, accesses) != (own, b"", b"", []):
            return False
        if int.from_bytes(chain, "big") != CHAIN_ID or _product(max_fee, gas) > FEE_CAP:
            raise Forgery("another chain, or a fee above its ceiling")
        self._check_signatures(wanted, result)
        return True

    def _check_raw(self, wanted: Meaning, result: pb.Result) -> None:
        if result.bytes or len(result.items) != len(wanted.messages):
            raise Forgery("not one signature for each message")
        for (content, path), item in zip(wanted.messages, result.items, strict=True):
            if path[1] == 0:
                self._check_ecdsa(content, path, item)
            else:
                key = self._child(EDDSA, path)
                try:
                    Ed25519PublicKey.from_public_bytes(key).verify(item.signature, content)
                except InvalidSignature:
                    raise Forgery("not a signature over the content by the key of its path") from None

    def _check_ecdsa(self, digest: bytes, path: tuple[int, ...], item: pb.ItemSignature) -> None:
        if int.from_bytes(item.signature[32:], "big") > ORDER // 2:
            raise Forgery("s is high")
        recoverable = item.signature + bytes([item.recovery_id])
        key = PublicKey.from_signature_and_message(recoverable, digest, hasher=None)
        if key.format() != self._child(SECP, path):
            raise Forgery("not a signature over these bytes by the key of the source")

    def _child(self, key: str, path: tuple[int, ...]) -> bytes:
        root = self.certificates[key]
        return hd.derive(root.curve, root.public_key, root.chain_code, path)

    def _check_window(self, wanted: Meaning, result: pb.Result) -> None:
        if wanted.asset != "ETH":
            return
        others = [
            self.genuine[h].meaning for h in self.signed if h != result.intent_hash and h in self.genuine
        ]
        same = [o.amount for o in others if (o.asset, o.account) == ("ETH", wanted.account)]
        if sum(same) + wanted.amount > WINDOW_ETHER:
            raise Forgery("more than the window allows")

    def _check_once(self, request: Genuine, wanted: Meaning, result: pb.Result) -> None:
        """Of the bytes of one intent one set can take effect; one token, external id or EVM nonce has one
        intent.
        """
        before = self.signed.get(result.intent_hash)
        if before is not None and before.bytes != result.bytes and not _exclude(wanted, before, result):
            raise Forgery("two sets of bytes for one request")
        for intent, signed in self.signed.items():
            other = self.genuine.get(intent)
            if intent == result.intent_hash or other is None:
                continue
            if other.nonce == request.nonce:
                raise Forgery("two intents from one token nonce")
            if wanted.external_id and other.meaning.external_id == wanted.external_id:
                raise Forgery("two intents with one external id")
            assets = {wanted.asset, other.meaning.asset}
            if assets == {"BTC"} and coins_of(signed.bytes) & coins_of(result.bytes):
                raise Forgery("two transactions that spend one coin")
            same_source = wanted.account is not None and other.meaning.account == wanted.account
            on_evm = assets <= {"ETH", "USDC"}
            if same_source and on_evm and _evm_nonce(signed.bytes) == _evm_nonce(result.bytes):
                raise Forgery("two transactions with one nonce")


def _source(wanted: Meaning) -> tuple[str, tuple[int, ...]]:
    """Key and path of the account that pays."""
    account = int(wanted.account or "")
    if wanted.asset in solana_oracle.ASSETS:
        return EDDSA, (44, 501, account, 0, 0)
    return SECP, (44, 1 if wanted.asset in ("TRX", "TUSD") else 60, account, 0, 0)


def _exclude(wanted: Meaning, one: pb.Result, other: pb.Result) -> bool:
    """Whether at most one of two versions can take effect: one nonce, or a coin that both spend."""
    if wanted.asset in ("ETH", "USDC"):
        return _evm_nonce(one.bytes) == _evm_nonce(other.bytes)
    return wanted.asset == "BTC" and bool(coins_of(one.bytes) & coins_of(other.bytes))


def _product(*numbers: bytes) -> int:
    return math.prod(int.from_bytes(number, "big") for number in numbers)


def _evm_nonce(data: bytes) -> bytes:
    return bytes(rlp.decode(data[1:])[1])
