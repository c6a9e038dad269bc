"""What `quorate dev` was asked for, and where things lie in its folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import files
from quorate.core.chains import addresses
from quorate.core.errors import QuorateError

ADMINISTRATORS: Final = ("admin-1", "admin-2", "admin-3")
QUORUM: Final = 2
APPROVERS: Final = ("approver-1", "approver-2", "approver-3")
"""All of them are in the group `approvers`."""
KEYS: Final = {"main-secp256k1": "secp256k1", "main-ed25519": "ed25519"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the charter."""

    id: str
    chain: str
    contract: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Options:
    """Read at the first start of a folder; later only port and chain addresses count."""

    folder: Path
    port: int | None
    signers: int
    threshold: int
    evm: str | None
    tokens: tuple[Token, ...]
    whitelist: tuple[tuple[str, str], ...]
    policy: Path | None = None
    """Instead of the dev policy."""
    tron: str | None = None
    bitcoin: str | None = None
    solana: str | None = None

    @property
    def urls(self) -> dict[str, str]:
        """Family -> address of its node, EVM first."""
        given = {"evm": self.evm, "bitcoin": self.bitcoin, "tron": self.tron, "solana": self.solana}
        return {family: url for family, url in given.items() if url is not None}


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of a dev cluster."""

    folder: Path

    @property
    def charter(self) -> Path:
        return self.folder / "charter.json"

    @property
    def server(self) -> Path:
        return self.folder / "server"

    @property
    def dev_json(self) -> Path:
        return self.folder / "dev.json"

    def signer(self, id: str) -> Path:
        return self.folder / id

    def administrator(self, id: str) -> Path:
        return self.folder / "admins" / id

    def approver(self, id: str) -> Path:
        return self.folder / "approvers" / id

    def user(self, name: str) -> Path:
        return self.folder / "users" / f"{name}.key"

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"


def token(text: str) -> Token:
    """ID:CHAIN:CONTRACT:DECIMALS, where CHAIN is its name in the charter (evm:31337, solana:localnet) or an
    EVM chain id (31337).
    """
    try:
        id, rest = text.split(":", 1)
        chain, contract, decimals = rest.rsplit(":", 2)
        return Token(id, *_on_chain(chain, contract, addresses.read_contract), int(decimals))
    except ValueError:
        raise QuorateError("token", f"{text} is not ID:CHAIN:CONTRACT:DECIMALS") from None


def whitelisted(text: str) -> tuple[str, str]:
    """CHAIN:ADDRESS."""
    chain, _, address = text.rpartition(":")
    if not chain:
        raise QuorateError("whitelist", f"{text} is not CHAIN:ADDRESS")
    return _on_chain(chain, address, addresses.read)


def _on_chain(chain: str, address: str, read: Callable[[str, str], str]) -> tuple[str, str]:
    """The charter's name of the chain, and the one text of the address."""
    chain = f"evm:{int(chain)}" if chain.isdecimal() else chain
    form, network = addresses.form_of(chain)
    if form.networks and network not in form.networks:
        raise QuorateError("chain", f"{chain} is no chain", "caller", f"one of {', '.join(form.networks)}")
    return chain, read(chain, form.tidy(address))


def dev_json(layout: Layout) -> dict[str, Any]:
    """What a running cluster wrote.

    Raises QuorateError no_dev_cluster.
    """
    if not layout.dev_json.exists():
        raise QuorateError(
            "no_dev_cluster",
            f"no dev cluster runs in {layout.folder}",
            "state",
            "start it: quorate dev --dir ...",
        )
    return files.read_json(layout.dev_json)
