"""Assets of the charter in the members that clients know."""

from quorate.core.model.charter import Charter
from quorate.core.model.charter.types import Asset

TOKENS = {"evm": "ERC20", "tron": "TRON_TRC20", "solana": "SOL_ASSET"}
"""Family -> the type of its tokens."""


def asset_type(asset: Asset) -> str:
    family = asset.chain.partition(":")[0]
    return "BASE_ASSET" if asset.contract is None else TOKENS[family]


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
