"""Assets of the charter in the members that clients know."""

from quorate.core.model.charter import Charter
from quorate.core.model.charter.types import Asset

TYPES = {True: "BASE_ASSET", False: "ERC20"}


def asset_type(asset: Asset) -> str:
    return TYPES[asset.contract is None]


def asset(asset: Asset, charter: Charter) -> dict[str, object]:
    """AssetTypeResponse."""
    chain = charter.chain(asset.chain)
    return {
        "id": asset.id,
        "name": asset.name,
        "type": asset_type(asset),
        "contractAddress": asset.contract or "",
        "nativeAsset": asset.id if chain is None else chain.native_asset,
        "decimals": asset.decimals,
    }
