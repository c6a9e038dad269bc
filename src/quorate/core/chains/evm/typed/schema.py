"""The types of an EIP-712 message: every name known, none circular, none unused.

`encodeType` of a struct lists its own members first and then the structs it refers to, sorted by name
(EIP-712, "Definition of encodeType").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from eth_hash.auto import keccak

from quorate.core.chains.evm.abi.elementary import Elementary, elementary
from quorate.core.errors import QuorateError

DOMAIN: Final = "EIP712Domain"
DOMAIN_FIELDS: Final[Mapping[str, str]] = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}
"""EIP-712, "Definition of domainSeparator": a subset of these, in this order."""
MAX_STRUCTS: Final = 64
MAX_MEMBERS: Final = 128
MAX_DEPTH: Final = 10
"""Structs and arrays inside one another."""
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}")
_TYPE: Final = re.compile(r"([A-Za-z_$][A-Za-z0-9_$]{0,127})((?:\[(?:[1-9][0-9]{0,4})?\]){0,8})")
_SUFFIX: Final = re.compile(r"\[([0-9]*)\]")


@dataclass(frozen=True, slots=True)
class MemberType:
    """`base` is an elementary type or a struct; `lengths` are its array suffixes, None for `[]`."""

    text: str
    base: str
    lengths: tuple[int | None, ...]
    leaf: Elementary | None


@dataclass(frozen=True, slots=True)
class Struct:
    name: str
    members: Mapping[str, MemberType]

    @property
    def own_text(self) -> str:
        return f"{self.name}({','.join(f'{kind.text} {name}' for name, kind in self.members.items())})"

    @property
    def refers_to(self) -> set[str]:
        return {kind.base for kind in self.members.values() if kind.leaf is None}


@dataclass(frozen=True)
class Schema:
    """All structs, the domain's included, and the one that the message is."""

    structs: Mapping[str, Struct]
    primary: str

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {name: self._encode_type(name) for name in self.structs}

    @cached_property
    def _hashes(self) -> dict[str, bytes]:
        return {name: keccak(text.encode("ascii")) for name, text in self._texts.items()}

    def encode_type(self, name: str) -> str:
        return self._texts[name]

    def type_hash(self, name: str) -> bytes:
        return self._hashes[name]

    def _encode_type(self, name: str) -> str:
        others = sorted(reachable(self.structs, name) - {name})
        return "".join(self.structs[one].own_text for one in (name, *others))


def read_schema(types: object, primary: object) -> Schema:
    """Raises QuorateError malformed_typed_data."""
    if not isinstance(types, dict) or not 2 <= len(types) <= MAX_STRUCTS:
        raise malformed(f"types: 2 to {MAX_STRUCTS} structs, {DOMAIN} among them")
    structs = {name: _struct(name, members) for name, members in types.items()}
    if not isinstance(primary, str) or primary not in structs or primary == DOMAIN:
        raise malformed(f"primaryType is one of the types, and not {DOMAIN}")
    if DOMAIN not in structs:
        raise malformed(f"types has no {DOMAIN}")
    _check_domain(structs[DOMAIN])
    _check_references(structs)
    _check_depth(structs, primary)
    unused = set(structs) - reachable(structs, primary) - {DOMAIN}
    if unused:
        raise malformed(f"type {min(unused)} is not part of the message")
    return Schema(structs, primary)


def reachable(structs: Mapping[str, Struct], name: str) -> set[str]:
    """The struct itself and all that it refers to, however far away."""
    found: set[str] = set()
    pending = [name]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending.extend(structs[one].refers_to)
    return found


def _struct(name: object, members: object) -> Struct:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _is_elementary(name):
        raise malformed("the name of a type is an identifier, and no elementary type")
    least = 0 if name == DOMAIN else 1
    if not isinstance(members, list) or not least <= len(members) <= MAX_MEMBERS:
        raise malformed(f"type {name} is a list of {least} to {MAX_MEMBERS} members")
    found: dict[str, MemberType] = {}
    for member in members:
        if not isinstance(member, dict) or member.keys() != {"name", "type"}:
            raise malformed(f"a member of {name} has exactly name and type")
        label, kind = member["name"], member["type"]
        if not isinstance(label, str) or not _NAME.fullmatch(label) or label in found:
            raise malformed(f"a member name of {name} is not an identifier, or occurs twice")
        found[label] = _member_type(kind)
    return Struct(name, found)


def _is_elementary(name: str) -> bool:
    """Also names such as `uint`, `int7` and `bytes33`, that others may take for elementary types."""
    return elementary(name) is not None or re.fullmatch(r"(uint|int|bytes)[0-9]*", name) is not None


def _member_type(text: object) -> MemberType:
    match = _TYPE.fullmatch(text) if isinstance(text, str) else None
    if match is None or not isinstance(text, str):
        raise malformed(f"{str(text)[:64]!r} is no type")
    lengths = tuple(int(one) if one else None for one in _SUFFIX.findall(match[2]))
    return MemberType(text, match[1], lengths, elementary(match[1]))


def _check_domain(domain: Struct) -> None:
    order = [name for name in DOMAIN_FIELDS if name in domain.members]
    if list(domain.members) != order:
        raise malformed(f"{DOMAIN} has other members than {', '.join(DOMAIN_FIELDS)}, or another order")
    for name, kind in domain.members.items():
        if kind.text != DOMAIN_FIELDS[name]:
            raise malformed(f"{DOMAIN}.{name} is of type {DOMAIN_FIELDS[name]}")


def _check_references(structs: Mapping[str, Struct]) -> None:
    for struct in structs.values():
        unknown = struct.refers_to - structs.keys()
        if unknown or DOMAIN in struct.refers_to:
            raise malformed(f"{struct.name} refers to {min(unknown | {DOMAIN})}")


def _check_depth(structs: Mapping[str, Struct], primary: str) -> None:
    """No struct lies in itself, and none too deep. Level by level, so that shared structs cost nothing."""
    level = {primary}
    for _ in range(MAX_DEPTH):
        level = {name for one in level for name in structs[one].refers_to}
        if not level:
            return
    raise malformed(f"types are circular, or nested more than {MAX_DEPTH} deep")


def malformed(message: str, code: str = "malformed_typed_data") -> QuorateError:
    return QuorateError(code, message, "caller", "give the JSON text of one EIP-712 message")
