"""extraParameters: what belongs to the operation is used, everything else there is refused."""

from typing import Final

from quorate.core.dialects.fireblocks.fields import Fields

EXTRA: Final = (
    "rawMessageData", "nodeControls", "contractCallData", "programCallData", "inputsSelection",
    "allowBaseAssetAddress", "piiData",
)  # fmt: skip


def only(body: Fields, name: str, operation: str) -> Fields:
    """The extra parameters, of which `name` must be there and no other. Raises Refused."""
    extra = Fields(body.need("extraParameters"), "extraParameters", EXTRA)
    extra.refuse_given(set(EXTRA) - {name}, f"does not belong to {operation}")
    extra.need(name)
    return extra
