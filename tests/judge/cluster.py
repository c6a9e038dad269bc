"""A whole cluster on paper: three signers' keys, a user, a charter signed by its administrator, certified
root keys.
"""

import json
import secrets
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from quorate.core.dialects.fireblocks import account_address, account_path
from quorate.core.model import canonical, labels
from quorate.core.model.charter import Charter, SignedDocument, parse
from quorate.core.model.freeze import Freeze
from quorate.core.model.records import KeyCertificate, Order, Signed, SignedCertificate
from quorate.core.model.statement import SignedStatement, Statement
from quorate.core.model.veto import Veto
from tests.bitcoin_bends import KIOSK
from tests.core.spec.generate.encode import ssh_line, sshsig
from tests.judge.requester import Requester

SHOP = "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD"
TOKEN = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
ETHER = 10**18
SIGNERS = ("signer-1", "signer-2", "signer-3")


@dataclass(frozen=True)
class Member:
    """The keys of one signer, all in one place as only tests have them."""

    id: str
    vote: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    log: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    envelope: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def vote_key(self) -> bytes:
        return self.vote.public_key().public_bytes_raw()

    @property
    def log_key(self) -> bytes:
        return self.log.public_key().public_bytes_raw()

    def sign(self, label: str, body: bytes) -> Signed:
        return Signed(body, self.vote.sign(canonical.labelled(label, body)))


@cache
def link_identity(name: str) -> tuple[bytes, bytes]:
    """(key, certificate) in PEM, self-signed, P-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime(2026, 1, 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, certificate.public_bytes(Encoding.PEM)


ALLOW_ALL = ({"name": "all", "operations": ["TRANSFER", "RAW"], "verdict": "allow"},)
CAPPED = (
    {
        "name": "capped",
        "operations": ["TRANSFER"],
        "assets": ["ETH"],
        "destinations": ["whitelist", "own_account"],
        "window": {"seconds": 3600, "max": str(10 * ETHER), "per": ["requester"]},
        "verdict": "allow",
    },
    {"name": "raw", "operations": ["RAW"], "verdict": "allow"},
)
PEOPLE = ("dana", "erin", "frank")
TWO_OF_THREE = {"threshold": 2, "group": "people"}
ASKED = (
    {"name": "own", "operations": ["TRANSFER"], "destinations": ["own_account"], "verdict": "allow"},
    {
        "name": "two",
        "operations": ["TRANSFER"],
        "destinations": ["whitelist"],
        "approvals": TWO_OF_THREE,
        "verdict": "approvals",
    },
    {"name": "raw", "operations": ["RAW"], "approvals": TWO_OF_THREE, "verdict": "approvals"},
)
"""Transfers to the whitelist and RAW want two of three people."""


class Cluster:
    """Built once per policy; the charter's clock is the real one. `people` are its approvers, all of them in
    the group `people`, the first two also in `treasury`.
    """

    def __init__(
        self, rules: tuple[dict[str, Any], ...] = CAPPED, people: tuple[str, ...] = (), **members: Any
    ) -> None:
        self.people = people
        self.members = {id: Member(id) for id in SIGNERS}
        self.user = Requester()
        self.viewer = Requester()
        self.ecdsa = PrivateKey()
        self.eddsa = Ed25519PrivateKey.generate()
        self.chain_code = secrets.token_bytes(32)
        self.administrator = Administrator()
        self.charter = parse(canonical.encode({**self._charter(rules), **members}))
        self.certificates = {
            "ecdsa": self._certificate(
                "ecdsa", "secp256k1", "dkls23-core-0.6.2", self.ecdsa.public_key.format()
            ),
            "eddsa": self._certificate(
                "eddsa", "ed25519", "frost-ed25519-3", self.eddsa.public_key().public_bytes_raw()
            ),
        }

    @property
    def keys(self) -> dict[str, KeyCertificate]:
        return {
            id: KeyCertificate.from_bytes(certificate.body) for id, certificate in self.certificates.items()
        }

    @property
    def document(self) -> SignedDocument:
        return SignedDocument(
            self.charter.body, (("alice", self.administrator.sign(labels.CHARTER, self.charter.body)),)
        )

    def next_charter(self, after: SignedDocument | None = None, **changes: Any) -> SignedDocument:
        """The version after `after`, after version 1 where none is named, signed."""
        before = parse(after.body) if after else self.charter
        value = dict(canonical.decode(before.body))  # type: ignore[call-overload]
        value.update(version=before.version + 1, previous=before.hash.hex(), **changes)
        return self.signed(canonical.encode(value), labels.CHARTER)

    def signed(self, body: bytes, label: str) -> SignedDocument:
        """By alice, the administrator."""
        return SignedDocument(body, (("alice", self.administrator.sign(label, body)),))

    def freeze(
        self, number: int = 1, scope: str = "workspace", subject: str | None = None, **members: Any
    ) -> SignedDocument:
        freeze = Freeze(self.charter.cluster, f"{number:032x}", scope, subject, "alice", 1)
        return self.signed(replace(freeze, **members).to_bytes(), labels.FREEZE)

    def unfreeze(self, *numbers: int) -> SignedDocument:
        now = int(time.time())
        order = Order(
            self.charter.cluster, self.charter.hash, secrets.token_hex(16), "unfreeze", None, None, None,
            now, now + 3600, tuple(f"{number:032x}" for number in numbers),
        )  # fmt: skip
        return self.signed(order.to_bytes(), labels.ORDER)

    def veto(self, document: SignedDocument, **members: Any) -> SignedDocument:
        veto = Veto(self.charter.cluster, parse(document.body).hash, "alice", 1)
        return self.signed(replace(veto, **members).to_bytes(), labels.VETO)

    def address(self, account: str, asset: str = "ETH") -> str:
        return account_address(self.charter, self.keys, asset, account)

    def path(self, account: str) -> tuple[int, ...]:
        return account_path(self.charter.chains[0], account)

    def _certificate(self, id: str, curve: str, engine: str, public_key: bytes) -> SignedCertificate:
        key = KeyCertificate(
            self.charter.cluster, self.charter.hash, bytes(32), id, curve, engine, 1, self.charter.threshold,
            SIGNERS, public_key, self.chain_code,
        )  # fmt: skip
        body = key.to_bytes()
        return SignedCertificate(
            body, {id: m.sign(labels.KEY, body).signature for id, m in self.members.items()}
        )

    def _approvers(self) -> dict[str, Any]:
        """The optional members; none for a cluster without people."""
        if not self.people:
            return {}
        return {
            "approvers": [
                {"id": id, "name": id.capitalize(), "ssh_key": ssh_line(f"{id}/ssh")} for id in self.people
            ],
            "groups": [
                {"id": "people", "members": list(self.people)},
                {"id": "treasury", "members": list(self.people[:2])},
            ],
        }

    def say(self, approver: str, about: bytes, verdict: str = "approve", **changes: Any) -> SignedStatement:
        """A statement by that approver's key, some members replaced; `key` signs in its place."""
        key, now = changes.pop("key", approver), int(time.time())
        honest = Statement(
            self.charter.cluster, self.charter.hash, about, verdict, approver, 1, now, now + 3000
        )
        body = replace(honest, **changes).to_bytes()
        return SignedStatement(body, sshsig(f"{key}/ssh", labels.STATEMENT, body))

    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        return {
            **self._approvers(),
            "cluster": secrets.token_hex(16),
            "version": 1,
            "previous": None,
            "mode": "dev",
            "created_at": 1_790_000_000,
            "threshold": 2,
            "signers": [
                {
                    "id": id,
                    "index": index,
                    "vote_key": member.vote_key.hex(),
                    "log_key": member.log_key.hex(),
                    "envelope_key": member.envelope.hex(),
                    "link_certificate": link_identity(id)[1].decode(),
                }
                for index, (id, member) in enumerate(self.members.items(), start=1)
            ],
            "server": {"link_certificate": link_identity("server")[1].decode()},
            "administrators": {
                "quorum": 1,
                "members": [{"id": "alice", "ssh_key": self.administrator.public_key}],
            },
            "users": [
                {"id": who.id, "name": role, "role": role, "rsa_public_key": who.public_pem}
                for who, role in ((self.user, "requester"), (self.viewer, "viewer"))
            ],
            "keys": [
                {"id": "ecdsa", "curve": "secp256k1", "engine": "dkls23-core-0.6.2"},
                {"id": "eddsa", "curve": "ed25519", "engine": "frost-ed25519-3"},
            ],
            "chains": [
                {
                    "id": "evm:31337",
                    "family": "evm",
                    "chain_id": 31337,
                    "key": "ecdsa",
                    "coin_type": 60,
                    "native_asset": "ETH",
                    "fee_cap": str(10**16),
                    "nonce_window": 16,
                },
                {
                    "id": "bitcoin:regtest",
                    "family": "bitcoin",
                    "key": "ecdsa",
                    "coin_type": 1,
                    "native_asset": "BTC",
                    "fee_cap": "100000",
                },
            ],
            "assets": [
                {"id": "ETH", "name": "Ether", "chain": "evm:31337", "contract": None, "decimals": 18},
                {"id": "USDC", "name": "USD Coin", "chain": "evm:31337", "contract": TOKEN, "decimals": 6},
                {"id": "BTC", "name": "Bitcoin", "chain": "bitcoin:regtest", "contract": None, "decimals": 8},
            ],
            "whitelist": [
                {"id": "shop", "name": "Shop", "chain": "evm:31337", "address": SHOP},
                {"id": "kiosk", "name": "Kiosk", "chain": "bitcoin:regtest", "address": KIOSK},
            ],
            "raw_keys": {"ecdsa-secp256k1": "ecdsa", "ed25519": "eddsa"},
            "policy": {"rules": list(rules)},
            "request_lifetime": 3600,
            "skew": 5,
        }  # fmt: skip


class Administrator:
    """Signs as people do: with ssh-keygen."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="quorate-admin-"))
        self._key = self._folder / "id"
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(self._key)], check=True
        )
        self.public_key = " ".join(self._key.with_suffix(".pub").read_text().split()[:2])

    def sign(self, namespace: str, body: bytes) -> str:
        command = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(self._key), "-n", namespace]
        return subprocess.run(command, input=body, check=True, capture_output=True).stdout.decode()


def transfer(amount: str = "1", **fields: Any) -> dict[str, Any]:
    """A TRANSFER as an SDK sends it: whole units of ETH from account 0 to the whitelisted shop."""
    return {
        "operation": "TRANSFER",
        "assetId": "ETH",
        "source": {"type": "VAULT_ACCOUNT", "id": "0"},
        "destination": {"type": "EXTERNAL_WALLET", "id": "shop"},
        "amount": amount,
        **fields,
    }


def payment(amount: str = "0.001", **fields: Any) -> dict[str, Any]:
    """The same in bitcoin, to the whitelisted kiosk."""
    kiosk = {"type": "EXTERNAL_WALLET", "id": "kiosk"}
    return transfer(amount, **{"assetId": "BTC", "destination": kiosk, **fields})


def raw_eddsa(content: bytes = b"hello") -> dict[str, Any]:
    message = {"content": content.hex(), "derivationPath": [1729, 1, 0]}
    return {
        "operation": "RAW",
        "extraParameters": {"rawMessageData": {"messages": [message], "algorithm": "MPC_EDDSA_ED25519"}},
    }


def chain_json(*documents: SignedDocument) -> list[dict[str, Any]]:
    return [
        {
            "charter": json.loads(document.body),
            "signatures": [{"administrator": id, "signature": armor} for id, armor in document.signatures],
        }
        for document in documents
    ]


__all__ = [
    "ALLOW_ALL",
    "CAPPED",
    "KIOSK",
    "SHOP",
    "SIGNERS",
    "TOKEN",
    "Charter",
    "Cluster",
    "Member",
    "chain_json",
    "payment",
    "transfer",
]
