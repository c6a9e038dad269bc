"""One small cluster that all examples are about: two of three signers, two administrators, two chains."""

import copy
import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.core.spec.generate import rsa_keys
from tests.core.spec.generate.encode import canonical, digest, private_key, public_key, seed, ssh_line

CLUSTER = "c0ffee00" * 4
SIGNERS = ("signer-1", "signer-2", "signer-3")
ADMINISTRATORS = ("alice", "bob")
NOW = 1_764_000_000
USER = "7f3c2a9e-requester"
TOKEN_CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
WHITELISTED = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OTHER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"

SEED_NAMES = (
    *(f"{s}/{use}" for s in SIGNERS for use in ("vote", "log", "envelope", "link")),
    *(
        "server/link",
        "alice/ssh",
        "bob/ssh",
        "carol/fido",
        "dana/ssh",
        "erin/fido",
        "mallory/ssh",
        "mallory/vote",
    ),
)


def certificate(name: str) -> str:
    """A self-signed Ed25519 certificate with fixed dates: the same bytes each time."""
    key = private_key(f"{name}/link")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seed(f"{name}/serial")[:8], "big") | 1)
        .not_valid_before(datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2045, 1, 1, tzinfo=datetime.UTC))
        .sign(key, None)
    )
    return built.public_bytes(Encoding.PEM).decode()


def _signer(index: int, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "index": index,
        "vote_key": public_key(f"{name}/vote").hex(),
        "log_key": public_key(f"{name}/log").hex(),
        "envelope_key": public_key(f"{name}/envelope").hex(),
        "link_certificate": certificate(name),
    }


RULES: list[dict[str, Any]] = [
    {
        "name": "small-eth", "requesters": [USER], "operations": ["TRANSFER"], "sources": ["0", "1"],
        "destinations": ["own_account", "whitelist"], "assets": ["ETH"], "max_amount": "10000000000000000000",
        "window": {"seconds": 86400, "max": "50000000000000000000", "per": ["requester", "destination"]},
        "verdict": "allow",
    },
    {
        "name": "no-one-time", "destinations": ["one_time", "whitelist:partner", "own_account:7"],
        "verdict": "refuse",
    },
    {
        "name": "raw", "operations": ["RAW"], "requesters": [USER], "raw_on_asset_path": False,
        "verdict": "allow",
    },
]  # fmt: skip

CHARTER: dict[str, Any] = {
    "cluster": CLUSTER,
    "version": 1,
    "previous": None,
    "mode": "production",
    "created_at": NOW - 86_400,
    "threshold": 2,
    "signers": [_signer(i, name) for i, name in enumerate(SIGNERS, 1)],
    "server": {"link_certificate": certificate("server")},
    "administrators": {
        "quorum": 1,
        "members": [{"id": a, "ssh_key": ssh_line(f"{a}/ssh")} for a in ADMINISTRATORS],
    },
    "users": [
        {
            "id": USER, "name": "Zahlungsdienst Köln", "role": "requester",
            "rsa_public_key": rsa_keys.REQUESTER,
        },
        {"id": "viewer", "name": "Auditor", "role": "viewer", "rsa_public_key": rsa_keys.VIEWER},
    ],
    "keys": [
        {"id": "main-ecdsa", "curve": "secp256k1", "engine": "dkls23-core-0.6.2"},
        {"id": "main-eddsa", "curve": "ed25519", "engine": "frost-ed25519-3"},
    ],
    "chains": [
        {
            "id": "evm:1", "family": "evm", "chain_id": 1, "key": "main-ecdsa", "coin_type": 60,
            "native_asset": "ETH", "fee_cap": "50000000000000000", "nonce_window": 16,
        },
        {
            "id": "evm:31337", "family": "evm", "chain_id": 31337, "key": "main-ecdsa", "coin_type": 60,
            "native_asset": "ETH_TEST", "fee_cap": "50000000000000000", "nonce_window": 16,
        },
    ],
    "assets": [
        {"id": "ETH", "name": "Ether", "chain": "evm:1", "contract": None, "decimals": 18},
        {"id": "ETH_TEST", "name": "Test ether", "chain": "evm:31337", "contract": None, "decimals": 18},
        {
            "id": "USDC", "name": "A dollar token", "chain": "evm:31337", "contract": TOKEN_CONTRACT,
            "decimals": 6,
        },
    ],
    "whitelist": [
        {"id": "partner", "name": "Partner", "chain": "evm:1", "address": WHITELISTED},
        {"id": "partner-test", "name": "Partner, test chain", "chain": "evm:31337", "address": WHITELISTED},
    ],
    "raw_keys": {"ecdsa-secp256k1": "main-ecdsa", "ed25519": "main-eddsa"},
    "policy": {"rules": RULES},
    "request_lifetime": 3600,
    "skew": 5,
}  # fmt: skip

CHARTER_HASH = digest("quorate/charter/v1", canonical(CHARTER))


def changed(base: Any, *steps: Any) -> Any:
    """A copy in which the member at `steps[:-1]` is `steps[-1]`."""
    *path, last, value = steps
    result = copy.deepcopy(base)
    target = result
    for step in path:
        target = target[step]
    target[last] = value
    return result


def without(base: Any, *path: Any) -> Any:
    result = copy.deepcopy(base)
    target = result
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return result


def extended(base: Any, *steps: Any) -> Any:
    """A copy in which the array at `steps[:-1]` has one more element."""
    *path, value = steps
    result = copy.deepcopy(base)
    target = result
    for step in path:
        target = target[step]
    target.append(value)
    return result
