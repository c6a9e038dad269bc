"""A three-signer site set up by the documented commands, as people would: `server init`, `signer init`,
`charter new`, `charter sign`, `charter activate`.
"""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from quorate.core.model.charter import Charter, load_chain, verify_chain
from tests.bitcoin_bends import KIOSK
from tests.core.spec.generate.encode import ssh_line
from tests.hostile.launcher import ROOT, Build, Signer, environment, keeper_program
from tests.hostile.requester import Requester

SIGNERS = ("signer-1", "signer-2", "signer-3")
ADMINISTRATORS = ("ada", "ben", "cy")
QUORUM = 2
SECP, EDDSA = "main-secp256k1", "main-ed25519"
SPARE, UNBORN = "spare-ed25519", "unborn-ed25519"
"""In the charter, and not created at set-up: the first by a test, the second never."""
MALLORY = "mallory"
"""Has an SSH key, and is nobody."""
PEOPLE, APART = ("dana", "erin", "frank"), "gina"
"""Approvers; the last is in no group."""
CHAIN_ID = 31337
CHAIN = f"evm:{CHAIN_ID}"
SHOP = "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD"
TILL = "0x52908400098527886E0F7030069857D2E4169EE7"
USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
TRON = "tron:localnet"
STALL = "TBjVnRoLcoCyhkXLCcmtsqsADjxiRY5Dke"
TUSD = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
BITCOIN = "bitcoin:regtest"
BTC_CAP = 50_000
"""The charter's cap on a Bitcoin fee, in satoshis."""
ETHER = 10**18
MAX_ETHER, WINDOW_ETHER, FEE_CAP = 5 * ETHER, 10 * ETHER, ETHER // 100
"""The policy's limits for one transfer and for one source in a day, and the charter's cap on a fee, in wei.
"""
MAX_USDC = 1000 * 10**6
MAX_TRON, TRON_FEE_CAP = 1000 * 10**6, 50 * 10**6
"""For one transfer, in the smallest unit of TRX and of its token; the charter's cap on a fee, in sun."""
SOLANA = "solana:devnet"
SOL_SHOP = "586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5"
MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
OTHER_MINT = "11111111111111111111111111111112"
SOL_FEE_CAP = 10_000_000
"""Lamports."""
LIFETIME, SKEW, NONCE_WINDOW = 600, 3, 16

_ONE_AT_A_TIME = threading.Lock()


@dataclass
class Site:
    """The folders, and the people: `alice` is allowed what the policy allows, `bob` nothing, `carol` what two
    of `PEOPLE` approve, `viewer` only reads.
    """

    folder: Path
    alice: Requester = field(default_factory=Requester)
    bob: Requester = field(default_factory=Requester)
    carol: Requester = field(default_factory=Requester)
    viewer: Requester = field(default_factory=Requester)

    @property
    def server(self) -> Path:
        return self.folder / "server"

    @property
    def charter_file(self) -> Path:
        return self.folder / "charter.json"

    @property
    def charter(self) -> Charter:
        return verify_chain(load_chain(self.charter_file.read_bytes()))[-1]

    def administrator(self, name: str) -> Path:
        return self.folder / "admins" / name

    def signers(self) -> dict[str, Signer]:
        return {id: Signer(self.folder / id, id) for id in SIGNERS}

    # ---- the ceremony

    def prepare(self) -> None:
        """Everything up to a charter that all administrators signed."""
        (self.folder / "admins").mkdir(parents=True)
        for name in (*ADMINISTRATORS, MALLORY):
            make_ssh_key(self.administrator(name))
        link = ("--link", "127.0.0.1:0")
        commands: list[tuple[str | Path, ...]] = [("server", "init", "--dir", self.server, *link)]
        for id in SIGNERS:
            place = ("--dir", self.folder / id, "--id", id, "--server", "127.0.0.1:0")
            commands.append(("signer", "init", *place, "--seal", "key-file"))
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda command: quorate(*command), commands))
        draft = self.folder / "draft.yaml"
        draft.write_text(yaml.safe_dump(self._draft(), sort_keys=False))
        enrolled = [word for id in SIGNERS for word in ("--signer", self.folder / id / "enrolment.json")]
        server = ("--server", self.server / "enrolment.json")
        quorate("charter", "new", "--draft", draft, *server, *enrolled, "--out", self.charter_file)
        for name in ADMINISTRATORS:
            quorate("charter", "sign", self.charter_file, "--key", self.administrator(name))

    def next_charter(self) -> Path:
        """Version 2, signed by a quorum: its RAW key for Ed25519 is one that does not exist."""
        path = self.folder / "charter-2.json"
        with _ONE_AT_A_TIME:
            if not path.exists():
                self._make_next(path)
        return path

    def _make_next(self, path: Path) -> None:
        draft = self.folder / "draft-2.yaml"
        changed = {**self._draft(), "raw_keys": {"ecdsa-secp256k1": SECP, "ed25519": UNBORN}}
        draft.write_text(yaml.safe_dump(changed, sort_keys=False))
        unsigned = self.folder / "charter-2.unsigned.json"
        quorate("charter", "new", "--draft", draft, "--previous", self.charter_file, "--out", unsigned)
        for name in ADMINISTRATORS[:QUORUM]:
            quorate("charter", "sign", unsigned, "--key", self.administrator(name))
        unsigned.rename(path)

    def activate(self, build: Build, server: str) -> dict[str, Signer]:
        """Starts the signers and gives each the charter, with the hash that its operator enters."""
        signers = self.signers()
        entered = ("--hash", self.charter.hash.hex())
        for signer in signers.values():
            signer.start(build, server)
        for signer in signers.values():
            _wait_for(signer.folder / "judge.sock")
        with ThreadPoolExecutor() as pool:
            folders = [signer.folder for signer in signers.values()]
            list(
                pool.map(
                    lambda f: quorate("charter", "activate", self.charter_file, "--dir", f, *entered), folders
                )
            )
        return signers

    def order(self, name: str, *new: str) -> dict[str, Any]:
        """An order in its file form, made and signed by a quorum with `quorate order sign`."""
        path = self.folder / f"{name}-{secrets.token_hex(4)}.order.json"
        for number, administrator in enumerate(ADMINISTRATORS[:QUORUM]):
            key = ("--charter", self.charter_file, "--key", self.administrator(administrator))
            quorate("order", "sign", path, *key, *(new if number == 0 else ()))
        document: dict[str, Any] = json.loads(path.read_text())
        return document

    def _draft(self) -> dict[str, Any]:
        users = {"alice": self.alice, "bob": self.bob, "carol": self.carol, "viewer": self.viewer}
        role = {"viewer": "viewer"}
        common = {"requesters": [self.alice.id], "operations": ["TRANSFER"], "verdict": "allow"}
        listed = {"destinations": ["whitelist", "own_account"], **common}
        window = {"seconds": "86400", "max": str(WINDOW_ETHER), "per": ["source"]}
        rules = [
            {"name": "eth", "assets": ["ETH"], "max_amount": str(MAX_ETHER), "window": window, **listed},
            {"name": "usdc", "assets": ["USDC"], "max_amount": str(MAX_USDC), **listed},
            {"name": "trx", "assets": ["TRX"], "max_amount": str(MAX_TRON), **listed},
            {"name": "tusd", "assets": ["TUSD"], "max_amount": str(MAX_TRON), **listed},
            {"name": "sol", "assets": ["SOL"], "max_amount": "5 SOL", **listed},
            {"name": "spl", "assets": ["SPL"], "max_amount": str(MAX_USDC), **listed},
            {"name": "btc", "assets": ["BTC"], "max_amount": str(10**8), **listed},
            {"name": "raw", **common, "operations": ["RAW"]},
            {
                "name": "asked",
                **listed,
                "requesters": [self.carol.id],
                "assets": ["ETH"],
                "max_amount": str(MAX_ETHER),
                "approvals": {"threshold": 2, "group": "people"},
                "verdict": "approvals",
            },
        ]
        draft: dict[str, Any] = _texts(
            {
                "mode": "dev",
                "threshold": 2,
                "administrators": {
                    "quorum": QUORUM,
                    "members": {name: f"admins/{name}.pub" for name in ADMINISTRATORS},
                },
                "users": [
                    {"id": user.id, "name": name, "role": role.get(name, "requester"), "key": user.public_pem}
                    for name, user in users.items()
                ],
                "approvers": [{"id": id, "key": ssh_line(f"{id}/ssh")} for id in (*PEOPLE, APART)],
                "groups": {"people": list(PEOPLE)},
                "keys": {SECP: "secp256k1", EDDSA: "ed25519", SPARE: "ed25519", UNBORN: "ed25519"},
                "chains": [
                    {
                        "id": CHAIN,
                        "key": SECP,
                        "native_asset": "ETH",
                        "fee_cap": FEE_CAP,
                        "nonce_window": NONCE_WINDOW,
                    },
                    {"id": TRON, "key": SECP, "native_asset": "TRX", "fee_cap": TRON_FEE_CAP},
                    {"id": SOLANA, "key": EDDSA, "native_asset": "SOL", "fee_cap": SOL_FEE_CAP},
                    {"id": BITCOIN, "key": SECP, "native_asset": "BTC", "coin_type": 1, "fee_cap": BTC_CAP},
                ],
                "assets": [
                    {"id": "ETH", "chain": CHAIN, "decimals": 18},
                    {"id": "USDC", "chain": CHAIN, "contract": USDC, "decimals": 6},
                    {"id": "USDT", "chain": CHAIN, "contract": USDT, "decimals": 6},
                    {"id": "TRX", "chain": TRON, "decimals": 6},
                    {"id": "TUSD", "chain": TRON, "contract": TUSD, "decimals": 6},
                    {"id": "SOL", "chain": SOLANA, "decimals": 9},
                    {"id": "SPL", "chain": SOLANA, "contract": MINT, "decimals": 6, "standard": "spl"},
                    {"id": "SPL2", "chain": SOLANA, "contract": OTHER_MINT, "decimals": 6, "standard": "spl"},
                    {"id": "BTC", "chain": BITCOIN, "decimals": 8},
                ],
                "whitelist": [
                    {"id": "shop", "chain": CHAIN, "address": SHOP},
                    {"id": "till", "chain": CHAIN, "address": TILL},
                    {"id": "stall", "chain": TRON, "address": STALL},
                    {"id": "sol-shop", "chain": SOLANA, "address": SOL_SHOP},
                    {"id": "kiosk", "chain": BITCOIN, "address": KIOSK},
                ],
                "raw_keys": {"ecdsa-secp256k1": SECP, "ed25519": EDDSA},
                "policy": {"rules": rules},
                "request_lifetime": LIFETIME,
                "skew": SKEW,
            }
        )
        return draft


def quorate(*arguments: str | Path) -> None:
    """Runs one command of the CLI. Raises RuntimeError with what it printed."""
    path = f"{keeper_program().parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "quorate.client.cli.main", *map(str, arguments), "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(PATH=path), check=False, capture_output=True)
    if done.returncode:
        output = (done.stdout + done.stderr).decode(errors="replace")
        raise RuntimeError(f"quorate {' '.join(map(str, arguments[:2]))}: {output}")


def make_ssh_key(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _texts(value: Any) -> Any:
    """Scalars of a draft are text."""
    if isinstance(value, dict):
        return {name: _texts(member) for name, member in value.items()}
    return [_texts(member) for member in value] if isinstance(value, list) else str(value)


def _wait_for(path: Path, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > until:
            raise TimeoutError(f"{path} did not appear")
        time.sleep(0.02)
