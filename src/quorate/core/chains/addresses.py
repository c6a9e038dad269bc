"""Address text of every chain family: read strictly, and made from a public key.

A chain is named `family:network`; for EVM the network is the chain id. What differs between networks of one
family is in the text of an address only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from quorate.core.chains import hd
from quorate.core.chains.bitcoin import address as bitcoin
from quorate.core.chains.bitcoin import networks as bitcoin_networks
from quorate.core.chains.evm import address as evm
from quorate.core.chains.solana import address as solana
from quorate.core.chains.solana import clusters
from quorate.core.chains.tron import address as tron
from quorate.core.chains.tron import networks as tron_networks
from quorate.core.errors import QuorateError


@dataclass(frozen=True, slots=True)
class Kind:
    """A further kind of address that an account has, at paths with a `purpose` of its own."""

    name: str
    purpose: int
    of_key: Callable[[bytes, str], str]


@dataclass(frozen=True, slots=True)
class AddressForm:
    """`read(text, network)` returns the one text of an address, or raises QuorateError; `of_key(key,
    network)` is the address that accounts get. `purpose` is the first index of its path, `curve` that of its
    key. `networks` are the names a chain of the family may have; EVM chains have numbers instead. `tidy`
    turns what people write into the text that is read. `coin_types`: SLIP-44 number by network, where the
    family's paths leave no choice. `branches`: the `change` steps below an account at which it holds coins,
    each at index 0. `kind` names the accounts' own kind of address where there are `further` ones: coins at
    those are the account's too. `tokens`: whether a contract can make an asset; `contract` reads the address
    of a token, where it may be another than that of a wallet; `standards` are the names of token standards,
    of which each token's asset then has one. `nameless`: what is signed does not say for which chain of the
    family it is.
    """

    networks: tuple[str, ...]
    curve: str
    purpose: int
    read: Callable[[str, str], str]
    of_key: Callable[[bytes, str], str]
    tidy: Callable[[str], str] = str
    coin_types: Mapping[str, int] = field(default_factory=dict)
    branches: tuple[int, ...] = (0,)
    kind: str = ""
    further: tuple[Kind, ...] = ()
    tokens: bool = True
    contract: Callable[[str, str], str] | None = None
    standards: tuple[str, ...] = ()
    nameless: bool = False

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All kinds of address that an account has, its own first."""
        return (Kind(self.kind, self.purpose, self.of_key), *self.further)


def _bitcoin(kind: str) -> Kind:
    return Kind(
        kind,
        bitcoin_networks.PURPOSES[kind],
        lambda key, network: bitcoin.from_public_key(kind, key, network),
    )


def _tidy_evm(text: str) -> str:
    """An address without a checksum has none that could be wrong."""
    bare = text.startswith("0x") and text == text.lower() and len(text) == 42
    return evm.checksum(text) if bare else text


def _read_evm(text: str, network: str) -> str:
    return evm.eip55(text, "address")


_BITCOIN_OWN, *_BITCOIN_FURTHER = (_bitcoin(kind) for kind in bitcoin_networks.KINDS)
SOLANA: Final = AddressForm(
    networks=(*clusters.GENESIS, clusters.LOCAL),
    curve="ed25519",
    purpose=44,
    read=lambda text, network: solana.wallet(text),
    of_key=lambda key, network: solana.from_public_key(key),
    contract=lambda text, network: solana.account(text),
    standards=("spl", "token2022"),
    nameless=True,
)
FORMS: Final[Mapping[str, AddressForm]] = {
    "evm": AddressForm(
        (), "secp256k1", 44, _read_evm, lambda key, network: evm.from_public_key(key), _tidy_evm
    ),
    "tron": AddressForm(
        networks=tron_networks.CHAINS,
        curve="secp256k1",
        purpose=44,
        read=lambda text, network: tron.read(text),
        of_key=lambda key, network: tron.from_public_key(key),
        coin_types=tron_networks.COIN_TYPES,
        nameless=True,
    ),
    "bitcoin": AddressForm(
        bitcoin_networks.CHAINS,
        "secp256k1",
        _BITCOIN_OWN.purpose,
        bitcoin.read,
        _BITCOIN_OWN.of_key,
        bitcoin.tidy,
        {name: bitcoin_networks.NETWORKS[name].coin_type for name in bitcoin_networks.CHAINS},
        branches=(0, 1),
        kind=_BITCOIN_OWN.name,
        further=tuple(_BITCOIN_FURTHER),
        tokens=False,
        nameless=True,
    ),
    "solana": SOLANA,
}
FAMILIES: Final = tuple(FORMS)


def form_of(chain: str) -> tuple[AddressForm, str]:
    """The form and the network of a chain id. Raises QuorateError chain_family."""
    family, _, network = chain.partition(":")
    form = FORMS.get(family)
    if form is None:
        raise QuorateError("chain_family", f"{family[:32]} is not a family of chains of this version")
    return form, network


def read(chain: str, text: str) -> str:
    """Raises QuorateError unless the text is the one form of an address on that chain."""
    form, network = form_of(chain)
    return form.read(text, network)


def read_contract(chain: str, text: str) -> str:
    """As `read`, for the address of a token."""
    form, network = form_of(chain)
    return (form.contract or form.read)(text, network)


def of_key(chain: str, public_key: bytes) -> str:
    form, network = form_of(chain)
    return form.of_key(public_key, network)


@lru_cache(maxsize=4096)
def of_path(chain: str, curve: str, public_key: bytes, chain_code: bytes, path: tuple[int, ...]) -> str:
    """Of a path below a root key."""
    return of_key(chain, hd.derive(curve, public_key, chain_code, path))
