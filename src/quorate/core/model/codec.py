"""Records whose dataclass fields are the members of the JSON structure, name by name."""

from quorate.core.model import canonical
from quorate.core.model.members import Members


def names(record: type) -> tuple[str, ...]:
    return tuple(name.rstrip("_") for name in record.__dataclass_fields__)  # type: ignore[attr-defined]


def read(data: bytes, where: str, record: type, *, optional: tuple[str, ...] = ()) -> Members:
    required = tuple(name for name in names(record) if name not in optional)
    return Members(canonical.decode(data), where, required, optional)


def encode(record: object, *, optional: tuple[str, ...] = ()) -> bytes:
    """Of the `optional` members those that are None are left out."""
    value = to_json(record)
    for name in optional:
        if isinstance(value, dict) and value[name] is None:
            del value[name]
    return canonical.encode(value)


def to_json(value: object) -> object:
    """Dataclass fields are the members of the structure; bytes become hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name.rstrip("_"): to_json(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
