"""The people of a dev cluster, made automatically; only a charter with `mode: dev` may name them. And the
policy they live under.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from quorate.client.ceremony import files
from quorate.client.dev.options import ADMINISTRATORS, APPROVERS, KEYS, QUORUM, Layout, Options


@dataclass(frozen=True, slots=True)
class Native:
    """The native coin of a family's chains; `fee_cap` in whole units."""

    id: str
    name: str
    decimals: int
    fee_cap: str
    most: str = "10"
    """Of one transaction, in whole units."""


NATIVES: Final = {
    "evm": Native("ETH", "Ether", 18, "0.05"),
    "tron": Native("TRX", "TRON", 6, "100", "10000"),
    "bitcoin": Native("BTC", "Bitcoin", 8, "0.001"),
}
REQUESTER: Final = "requester"
VIEWER: Final = "viewer"


def make_keys(layout: Layout) -> None:
    """An SSH key for each administrator and approver, an RSA key for each API user."""
    for folder in ("admins", "approvers", "users"):
        files.make_folder(layout.folder / folder)
    paths = [*map(layout.administrator, ADMINISTRATORS), *map(layout.approver, APPROVERS)]
    for path in paths:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    for name in (REQUESTER, VIEWER):
        make_user_key(layout.user(name))


def make_user_key(path: Path) -> None:
    """The private half is the API user's own: a client holds it, no part of the cluster ever sees it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    files.write(path, private, mode=0o600, replace=False)
    files.write(path.with_suffix(".pub"), public)


def draft(options: Options, chains: Sequence[str], users: dict[str, str]) -> str:
    """The draft of charter version 1. `users` maps requester and viewer to their API user ids."""
    document = {
        "mode": "dev",
        "threshold": options.threshold,
        "administrators": {"quorum": QUORUM, "members": {id: f"admins/{id}.pub" for id in ADMINISTRATORS}},
        "users": [
            {"id": users[name], "name": name, "role": name, "key": f"users/{name}.pub"}
            for name in (REQUESTER, VIEWER)
        ],
        "approvers": [{"id": id, "key": f"approvers/{id}.pub"} for id in APPROVERS],
        "groups": {"approvers": list(APPROVERS)},
        "keys": dict(KEYS),
        "chains": [_chain(chain) for chain in chains],
        "assets": _assets(options, chains),
        "whitelist": [
            {"id": f"whitelist-{number}", "chain": chain, "address": address}
            for number, (chain, address) in enumerate(options.whitelist, start=1)
        ],
        "raw_keys": {"ecdsa-secp256k1": "main-secp256k1", "ed25519": "main-ed25519"},
        "policy": "policy.yaml",
    }
    return _yaml("Charter version 1 of a dev cluster; see docs/charter-draft.md.", document)


def _chain(chain: str) -> dict[str, object]:
    native = _native(chain)
    return {
        "id": chain,
        "key": "main-secp256k1",
        "native_asset": native.id,
        "fee_cap": f"{native.fee_cap} {native.id}",
    }


def _assets(options: Options, chains: Sequence[str]) -> list[dict[str, object]]:
    coins: list[dict[str, object]] = [
        {"id": native.id, "name": native.name, "chain": chain, "decimals": native.decimals}
        for chain, native in ((chain, _native(chain)) for chain in chains)
    ]
    tokens = [
        {"id": t.id, "chain": t.chain, "contract": t.contract, "decimals": t.decimals} for t in options.tokens
    ]
    return [*coins, *tokens]


def _native(chain: str) -> Native:
    return NATIVES[chain.partition(":")[0]]


def policy(options: Options, requester: str, chains: Sequence[str]) -> str:
    """Up to 10 native coins or 10,000 tokens a transaction, between own accounts and to the whitelist; RAW
    below its own branch. Or the policy that was given.
    """
    if options.policy is not None:
        return files.read(options.policy).decode()
    limits = {native.id: native.most for native in map(_native, chains)}
    limits |= {token.id: "10000" for token in options.tokens}
    transfers = [
        {
            "name": f"up-to-{most}-{asset.lower()}",
            "requesters": [requester],
            "operations": ["TRANSFER"],
            "destinations": ["own_account", "whitelist"],
            "assets": [asset],
            "max_amount": f"{most} {asset}",
            "verdict": "allow",
        }
        for asset, most in limits.items()
    ]
    raw = {"name": "raw", "requesters": [requester], "operations": ["RAW"], "verdict": "allow"}
    return _yaml(
        "The dev policy. The first rule that matches decides; nothing matched is refused.",
        {"rules": [*transfers, raw]},
    )


def _yaml(comment: str, document: object) -> str:
    # Dumper without aliases: the reader of policies and drafts knows none.
    dumper = type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    return f"# {comment}\n" + str(yaml.dump(document, Dumper=dumper, sort_keys=False))
