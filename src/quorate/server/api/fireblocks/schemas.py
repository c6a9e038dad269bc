"""Bodies of the vault routes: strict types, no unknown members. POST /transactions is read by
`quorate.core.dialects`."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from quorate.server.api.fireblocks.door import json_object
from quorate.server.api.fireblocks.errors import bad_request

Text = Annotated[str, Field(max_length=255)]
M = TypeVar("M", bound="Body")


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CreateVaultAccount(Body):
    name: Text | None = None
    hiddenOnUI: bool | None = None
    customerRefId: Text | None = None
    autoFuel: bool | None = None
    vaultType: Text | None = None
    autoAssign: bool | None = None


class UpdateVaultAccount(Body):
    name: Annotated[str, Field(min_length=1, max_length=255)]


class SetCustomerRefId(Body):
    customerRefId: Text | None = None


class SetAutoFuel(Body):
    autoFuel: bool


class CreateWallet(Body):
    eosAccountName: Text | None = None


class CreateAddress(Body):
    description: Text | None = None
    customerRefId: Text | None = None


class Drop(Body):
    """`feeLevel` and `gasPrice` are wishes: the chain's own prices answer, within the request's ceiling."""

    txId: Text | None = None
    feeLevel: Text | None = None
    gasPrice: Text | None = None


class Nothing(Body):
    """No members."""


def read(model: type[M], body: bytes) -> M:
    """Raises QuorateError bad_request, naming the member and never repeating its value."""
    try:
        return model.model_validate(json_object(body))
    except ValidationError as failure:
        first = failure.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part)[:64] for part in first["loc"]) or "the body"
        raise bad_request(f"{where}: {first['msg']}") from None


def documented(model: type[Body]) -> dict[str, Any]:
    """The request body for /openapi.json; the handlers read the raw bytes themselves."""
    return {"requestBody": {"content": {"application/json": {"schema": model.model_json_schema()}}}}
