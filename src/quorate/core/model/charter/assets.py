"""Chains, assets and whitelist of a charter (docs/spec/charter.md); addresses in the form of their family."""

from typing import Final

from quorate.core.chains import addresses
from quorate.core.model.chain_address import address_on, contract_on
from quorate.core.model.charter.types import Asset, Chain, WhitelistEntry
from quorate.core.model.members import Members

EVM: Final = "evm"
_COMMON: Final = ("id", "family", "key", "coin_type", "native_asset", "fee_cap")
_OTHERS: Final = tuple(family for family in addresses.FAMILIES if family != EVM)
"""A tuple: what a document calls its family may be anything, also what no set can look up."""
_MAX_DECIMALS: Final = 77  # 10^77 is the largest power of ten below 2^256


def read_chain(value: object, where: str) -> Chain:
    """EVM chains, and those of no known family, have `chain_id` and `nonce_window` too."""
    is_evm = not isinstance(value, dict) or value.get("family") not in _OTHERS
    m = Members(value, where, (*_COMMON, "chain_id", "nonce_window") if is_evm else _COMMON)
    chain = Chain(
        id=m.text("id"),
        family=m.one_of("family", addresses.FAMILIES),
        chain_id=m.integer("chain_id", 1) if is_evm else 0,
        key=m.identifier("key"),
        coin_type=m.integer("coin_type", 0, (1 << 31) - 1),
        native_asset=m.name_id("native_asset"),
        fee_cap=m.amount("fee_cap", 1),
        nonce_window=m.integer("nonce_window", 1, 1024) if is_evm else 0,
    )
    names = (str(chain.chain_id),) if is_evm else addresses.FORMS[chain.family].networks
    if chain.id not in {f"{chain.family}:{name}" for name in names}:
        raise m.bad("id", f"a chain is named by family and network, here {chain.family}:{' or '.join(names)}")
    needed = addresses.FORMS[chain.family].coin_types.get(chain.network, chain.coin_type)
    if chain.coin_type != needed:
        raise m.bad("coin_type", f"the coin type of {chain.id} is {needed}")
    return chain


def read_asset(value: object, where: str) -> Asset:
    """`standard` is there exactly for tokens of families that have several."""
    m = Members(value, where, ("id", "name", "chain", "contract", "decimals"), ("standard",))
    chain = m.text("chain")
    contract = m.optional("contract", lambda contract, at: contract_on(chain, contract, at))
    if contract is not None and not addresses.form_of(chain)[0].tokens:
        raise m.bad("contract", f"{chain} has its native coin and no tokens")
    return Asset(
        id=m.name_id("id"),
        name=m.text("name"),
        chain=chain,
        contract=contract,
        decimals=m.integer("decimals", 0, _MAX_DECIMALS),
        standard=_standard(m, () if contract is None else addresses.form_of(chain)[0].standards),
    )


def _standard(m: Members, known: tuple[str, ...]) -> str | None:
    if ("standard" in m) != bool(known):
        raise m.bad("standard", f"one of {', '.join(known)} is expected" if known else "it has none")
    return m.one_of("standard", known) if known else None


def read_whitelist_entry(value: object, where: str) -> WhitelistEntry:
    m = Members(value, where, ("id", "name", "chain", "address"))
    chain = m.text("chain")
    address = address_on(chain, m.raw("address"), m.at("address"))
    return WhitelistEntry(m.name_id("id"), m.text("name"), chain, address)
