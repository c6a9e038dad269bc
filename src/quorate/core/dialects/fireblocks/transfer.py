"""operation TRANSFER: one asset from a vault account to one destination."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains import addresses
from quorate.core.dialects.fireblocks.addresses import account_path, chain_address
from quorate.core.dialects.fireblocks.amounts import positive
from quorate.core.dialects.fireblocks.fees import check_tip, fee_ceiling
from quorate.core.dialects.fireblocks.fields import Fields, account
from quorate.core.dialects.fireblocks.refusal import UNKNOWN_DESTINATION, UNSUPPORTED, refused, unsupported
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset, Chain, Charter
from quorate.core.model.intent import Destination, Effect
from quorate.core.model.records import KeyCertificate

_PEER: Final = frozenset({"type", "subType", "id", "name", "walletId", "isCollateral"})
WALLETS: Final = ("EXTERNAL_WALLET", "INTERNAL_WALLET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a body asks of an account by one transaction, in the terms of the charter."""

    account: str
    asset: Asset
    chain: Chain
    destination: Destination
    amount: int
    path: tuple[int, ...]
    fee_ceiling: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Asked):
    effect: Effect


def read_transfer(body: Fields, charter: Charter, certificates: Mapping[str, KeyCertificate]) -> Transfer:
    """Raises Refused; QuorateError key_missing where an own destination's key does not exist yet."""
    asset, chain, native = read_asset(body.need_text("assetId"), charter)
    source = read_source(body.need("source"))
    destination = read_destination(body.need("destination"), charter, chain, certificates)
    number = body.number("amount")
    if number is None:
        raise refused("missing_field", "amount is needed")
    amount = positive(number, asset.decimals, "amount")
    check_tip(body)
    kind = "native_transfer" if asset.contract is None else "token_transfer"
    return Transfer(
        account=source,
        asset=asset,
        chain=chain,
        destination=destination,
        amount=amount,
        path=account_path(chain, source),
        effect=Effect(kind, destination.address, amount, asset.contract),
        fee_ceiling=fee_ceiling(body, chain, native),
    )


def read_asset(id: str, charter: Charter) -> tuple[Asset, Chain, Asset]:
    """The asset, its chain and that chain's native coin. Raises Refused unknown_asset."""
    asset = charter.asset(id)
    chain = charter.chain(asset.chain) if asset else None
    native = charter.asset(chain.native_asset) if chain else None
    if asset is None or chain is None or native is None:
        raise refused("unknown_asset", f"asset {id[:64]} is not in the charter")
    return asset, chain, native


def read_source(value: object) -> str:
    """The vault account id. Raises Refused."""
    source = Fields(value, "source", _PEER)
    if source.need_text("type") != "VAULT_ACCOUNT":
        raise refused("unsupported_source", "source.type must be VAULT_ACCOUNT", reason_class=UNSUPPORTED)
    _check_peer(source)
    return account(source, "id")


def read_destination(
    value: object,
    charter: Charter,
    chain: Chain,
    certificates: Mapping[str, KeyCertificate],
    wallets: Collection[str] = WALLETS,
) -> Destination:
    """`wallets` are the types that mean an entry of the whitelist.

    Raises Refused; QuorateError key_missing.
    """
    peer = Fields(value, "destination", _PEER | {"oneTimeAddress"})
    kind = peer.need_text("type")
    _check_peer(peer)
    if kind == "ONE_TIME_ADDRESS":
        peer.refuse_given(("id",), "a one-time address has no id")
        return Destination("one_time", None, _one_time(peer.need("oneTimeAddress"), chain))
    peer.refuse_given(("oneTimeAddress",), f"belongs to ONE_TIME_ADDRESS, not to {kind[:32]}")
    if kind == "VAULT_ACCOUNT":
        id = account(peer, "id")
        return Destination("own_account", id, chain_address(chain, certificates, id))
    if kind in wallets:
        return _whitelisted(peer.need_text("id"), charter, chain)
    raise refused(
        "unsupported_destination", f"destination.type {kind[:32]} is not served", reason_class=UNSUPPORTED
    )


def _whitelisted(id: str, charter: Charter, chain: Chain) -> Destination:
    entry = charter.whitelist_entry(id)
    if entry is None or entry.chain != chain.id:
        raise refused(
            "unknown_destination",
            f"wallet {id[:64]} is not on the charter's whitelist for {chain.id}",
            reason_class=UNKNOWN_DESTINATION,
            hint="have the administrators add it to the charter",
        )
    return Destination("whitelist", entry.id, entry.address)


def _one_time(value: object, chain: Chain) -> str:
    fields = Fields(value, "destination.oneTimeAddress", ("address", "tag"))
    if fields.text("tag"):
        raise unsupported("destination.oneTimeAddress.tag", "addresses of this chain have no tag")
    text = fields.need_text("address")
    try:
        return addresses.read(chain.id, addresses.FORMS[chain.family].tidy(text))
    except QuorateError as error:
        raise refused("bad_address", error.message, reason_class=UNKNOWN_DESTINATION) from None


def _check_peer(peer: Fields) -> None:
    """`name` is a remark. The others would mean another kind of account."""
    peer.text("name")
    peer.refuse_given(("subType", "walletId"), "vault accounts and listed wallets only")
    peer.refuse_true(("isCollateral",), "collateral accounts are not served")
