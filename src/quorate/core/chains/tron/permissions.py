"""AccountPermissionUpdateContract: who may sign for an account from now on.

Java-tron takes the three kinds in fixed ids, one to five keys each, and 32 bytes of operations (one bit a
contract type) for active permissions only (AccountPermissionUpdateActuator).
"""

from typing import Final

from quorate.core.chains.effects import Effect, effect
from quorate.core.chains.tron.fields import address_of, text_of
from quorate.core.chains.tron.wire import Field, Message, Schema, malformed, read

OWNER, WITNESS, ACTIVE = 0, 1, 2
NAMES: Final = ("owner", "witness", "active")
MAX_ACTIVES: Final = 8
MAX_KEYS: Final = 5

UPDATE: Final[Schema] = {
    1: Field("owner_address"),
    2: Field("owner", message=True),
    3: Field("witness", message=True),
    4: Field("actives", repeated=True, message=True),
}
_PERMISSION: Final[Schema] = {
    1: Field("type", 31),
    2: Field("id", 31),
    3: Field("permission_name"),
    4: Field("threshold", 63),
    6: Field("operations"),
    7: Field("keys", repeated=True, message=True),
}
_KEY: Final[Schema] = {1: Field("address"), 2: Field("weight", 63)}


def permission_updates(account: str, update: Message) -> list[Effect]:
    """One effect for each permission. The update replaces all the account had."""
    owner, witness, actives = update.many("owner"), update.many("witness"), update.many("actives")
    if not owner or not 1 <= len(actives) <= MAX_ACTIVES:
        raise malformed(f"an owner permission and 1 to {MAX_ACTIVES} active ones are expected")
    listed = [(OWNER, owner), (WITNESS, witness), (ACTIVE, actives)]
    return [_permission(account, kind, data) for kind, permissions in listed for data in permissions]


def _permission(account: str, kind: int, data: bytes) -> Effect:
    where = f"permission {NAMES[kind]}"
    m = read(data, _PERMISSION, where)
    if m.integer("type") != kind:
        raise malformed(f"{where} is of type {m.integer('type')}")
    return effect(
        "permission_update",
        account=account,
        permission=NAMES[kind],
        name=text_of(m, "permission_name"),
        threshold=str(m.positive("threshold")),
        keys=_keys(m),
        operations=_operations(m, kind),
    )


def _operations(m: Message, kind: int) -> str | None:
    """Which contract types an active permission may sign. The other kinds may sign all, and have none."""
    operations = m.octets("operations", 32 if kind == ACTIVE else 0)
    return "0x" + operations.hex() if operations else None


def _keys(m: Message) -> list[dict[str, str]]:
    keys = [_key(data, f"{m.where} key") for data in m.many("keys")]
    if not 1 <= len(keys) <= MAX_KEYS or len({key["address"] for key in keys}) != len(keys):
        raise malformed(f"{m.where} has not 1 to {MAX_KEYS} keys, all different")
    return keys


def _key(data: bytes, where: str) -> dict[str, str]:
    m = read(data, _KEY, where)
    return {"address": address_of(m, "address"), "weight": str(m.positive("weight"))}
