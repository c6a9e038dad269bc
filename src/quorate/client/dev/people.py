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
from quorate.client.dev import nodes
from quorate.client.dev.nodes import Node
from quorate.client.dev.options import ADMINISTRATORS, KEYS, QUORUM, Layout, Options, Token


@dataclass(frozen=True, slots=True)
class Native:
    """The coin of a family's chains; `fee_cap` in whole coins, `key` signs."""

    id: str
    name: str
    decimals: int
    fee_cap: str
    key: str


NATIVE: Final = {
    "evm": Native("ETH", "Ether", 18, "0.05", "main-secp256k1"),
    "solana": Native("SOL", "Solana", 9, "0.01", "main-ed25519"),
}
REQUESTER: Final = "requester"
VIEWER: Final = "viewer"


def make_keys(layout: Layout) -> None:
    """An SSH key for each administrator, an RSA key for each API user."""
    files.make_folder(layout.folder / "admins")
    files.make_folder(layout.folder / "users")
    for id in ADMINISTRATORS:
        command = [
            "ssh-keygen",
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            id,
            "-f",
            str(layout.administrator(id)),
        ]
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


def draft(options: Options, found: Sequence[Node], users: dict[str, str]) -> str:
    """The draft of charter version 1. `users` maps requester and viewer to their API user ids."""
    document = {
        "mode": "dev",
        "threshold": options.threshold,
        "administrators": {"quorum": QUORUM, "members": {id: f"admins/{id}.pub" for id in ADMINISTRATORS}},
        "users": [
            {"id": users[name], "name": name, "role": name, "key": f"users/{name}.pub"}
            for name in (REQUESTER, VIEWER)
        ],
        "keys": dict(KEYS),
        "chains": [_chain(node.chain) for node in found],
        "assets": _assets(options, [node.chain for node in found]) if found else [],
        "whitelist": [
            {"id": f"whitelist-{number}", "chain": chain, "address": address}
            for number, (chain, address) in enumerate(options.whitelist, start=1)
        ],
        "raw_keys": {"ecdsa-secp256k1": "main-secp256k1", "ed25519": "main-ed25519"},
        "policy": "policy.yaml",
    }
    return _yaml("Charter version 1 of a dev cluster; see docs/charter-draft.md.", document)


def _chain(chain: str) -> dict[str, object]:
    native = NATIVE[chain.partition(":")[0]]
    return {
        "id": chain,
        "key": native.key,
        "native_asset": native.id,
        "fee_cap": f"{native.fee_cap} {native.id}",
    }


def _assets(options: Options, chains: Sequence[str]) -> list[dict[str, object]]:
    coins = [(chain, NATIVE[chain.partition(":")[0]]) for chain in chains]
    natives: list[dict[str, object]] = [
        {"id": coin.id, "name": coin.name, "chain": chain, "decimals": coin.decimals} for chain, coin in coins
    ]
    return [*natives, *(_token(options, token) for token in options.tokens)]


def _token(options: Options, token: Token) -> dict[str, object]:
    asset = {"id": token.id, "chain": token.chain, "contract": token.contract, "decimals": token.decimals}
    standard = nodes.standard(options.urls, token.chain, token.contract)
    return asset if standard is None else {**asset, "standard": standard}


def policy(options: Options, requester: str, found: Sequence[Node]) -> str:
    """Up to 10 native coins or 10,000 tokens a transaction, between own accounts and to the whitelist; RAW
    below its own branch.
    """
    limits = {NATIVE[node.chain.partition(":")[0]].id: "10" for node in found}
    if found:
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
