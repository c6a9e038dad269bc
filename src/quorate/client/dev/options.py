"""What `quorate dev` was asked for, and where things lie in its folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import files, http
from quorate.core.chains import addresses
from quorate.core.chains.evm.address import checksum
from quorate.core.errors import QuorateError

ADMINISTRATORS: Final = ("admin-1", "admin-2", "admin-3")
QUORUM: Final = 2
APPROVERS: Final = ("approver-1", "approver-2", "approver-3")
"""All of them are in the group `approvers`."""
KEYS: Final = {"main-secp256k1": "secp256k1", "main-ed25519": "ed25519"}


@dataclass(frozen=True, slots=True)
class Token:
    """An ERC-20 or TRC-20 of the charter."""

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

    def url_of(self, chain: str) -> str | None:
        """The source that was given for a chain of the charter."""
        urls = {"evm": self.evm, "tron": self.tron, "bitcoin": self.bitcoin}
        return urls.get(chain.partition(":")[0])


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


def chain_id(evm: str) -> str:
    """The charter's name of the chain behind a node: `evm:31337`.

    Raises QuorateError unreachable, chain.
    """
    answer = http.call(evm, "", {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}, timeout=5)
    try:
        return f"evm:{int(answer['result'], 16)}"
    except (KeyError, TypeError, ValueError):
        raise QuorateError("chain", f"{evm} does not tell its chain id", "transport") from None


def token(text: str) -> Token:
    """ID:CHAIN:CONTRACT:DECIMALS, where CHAIN is an EVM chain id (31337) or a name of the charter
    (evm:31337, tron:nile).
    """
    try:
        id, rest = text.split(":", 1)
        chain, contract, decimals = rest.rsplit(":", 2)
        return Token(id, *_on_chain(chain, contract), int(decimals))
    except ValueError:
        raise QuorateError("token", f"{text} is not ID:CHAIN:CONTRACT:DECIMALS") from None


def whitelisted(text: str) -> tuple[str, str]:
    """CHAIN:ADDRESS."""
    chain, _, address = text.rpartition(":")
    if not chain:
        raise QuorateError("whitelist", f"{text} is not CHAIN:ADDRESS")
    return _on_chain(chain, address)


def _on_chain(chain: str, address: str) -> tuple[str, str]:
    """The charter's name of the chain, and the one text of the address."""
    if chain.partition(":")[0] not in addresses.FORMS or chain.startswith("evm:"):
        return _evm(chain), checksum(address)
    form, network = addresses.form_of(chain)
    if network not in form.networks:
        raise QuorateError("chain", f"{chain} is no chain", "caller", f"one of {', '.join(form.networks)}")
    return chain, form.read(form.tidy(address), network)


def _evm(chain: str) -> str:
    return (
        chain
        if chain.startswith("evm:")
        else f"evm:{int(chain)}"
        if chain.isdecimal()
        else _no_such_chain(chain)
    )


def _no_such_chain(chain: str) -> str:
    raise QuorateError("chain", f"{chain} is no EVM chain id", "caller", "other chains are not supported yet")


def unsupported(urls: Sequence[tuple[str, str | None]]) -> None:
    """Raises QuorateError chain for the first URL of a family that signers cannot judge yet."""
    for family, url in urls:
        if url is not None:
            raise QuorateError(
                "chain", f"{family} is not supported yet", "caller", "start without this option"
            )


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
