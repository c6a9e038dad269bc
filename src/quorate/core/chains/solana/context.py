"""What a vector's context tells a decoder: the lookup tables to trust, and the cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from quorate.core.chains.solana import address
from quorate.core.errors import QuorateError


@dataclass(frozen=True, slots=True)
class Context:
    """`tables` maps a trusted lookup table to the addresses in it; `cluster` is a name like mainnet-beta."""

    tables: Mapping[str, tuple[str, ...]]
    cluster: str | None


def from_json(context: Mapping[str, object], item: Mapping[str, object]) -> Context:
    """Reads `trusted_lookup_tables` (addresses), `lookup_tables` (their content; in the item or the context)
    and `chain.cluster`. A table that is not named as trusted is not used.

    Raises QuorateError: wrong_type, address.
    """
    trusted = {_address(table) for table in _array(context, "trusted_lookup_tables")}
    given = [*_array(context, "lookup_tables"), *_array(item, "lookup_tables")]
    tables = dict(_table(entry) for entry in given)
    return Context({name: tables[name] for name in tables if name in trusted}, _cluster(context))


def _table(entry: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(entry, Mapping):
        raise _bad("lookup_tables")
    addresses = tuple(_address(entry_address) for entry_address in _array(entry, "addresses"))
    return _address(entry.get("account")), addresses


def _cluster(context: Mapping[str, object]) -> str | None:
    chain = context.get("chain", {})
    cluster = chain.get("cluster") if isinstance(chain, Mapping) else None
    if not isinstance(cluster, str | None):
        raise _bad("chain.cluster")
    return cluster


def _array(members: Mapping[str, object], name: str) -> list[object]:
    value = members.get(name, [])
    if not isinstance(value, list):
        raise _bad(name)
    return value


def _address(value: object) -> str:
    if not isinstance(value, str):
        raise _bad("address")
    address.parse(value)
    return value


def _bad(where: str) -> QuorateError:
    return QuorateError("wrong_type", f"{where} of the context is not as in docs/spec", "caller")
