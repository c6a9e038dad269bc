"""Members that a charter may leave out (docs/spec/charter.md): who approves, how long a loosening waits, what
contracts are annotated, which sources each chain is asked of.

Raises QuorateError: the codes of `members`.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from quorate.core.evidence import keys as public_keys
from quorate.core.model import members
from quorate.core.model.address import eip55
from quorate.core.model.charter.types import Annotation, Approver, Group, RpcSources
from quorate.core.model.members import Members, bad

T = TypeVar("T")

MAX_TIMELOCK: Final = 30 * 86_400
_MAX_MEMBERS: Final = 4096
_MAX_SOURCES: Final = 32


def approver(value: object, where: str) -> Approver:
    m = Members(value, where, ("id", "name", "ssh_key"))
    return Approver(
        m.identifier("id"), m.text("name"), public_keys.ssh_line(m.raw("ssh_key"), m.at("ssh_key"))
    )


def group(value: object, where: str) -> Group:
    """Users are named by printable text, approvers by an identifier, which is printable text too."""
    m = Members(value, where, ("id", "members"))
    listed = _distinct(m.raw("members"), m.at("members"), members.printable, longest=_MAX_MEMBERS)
    return Group(m.identifier("id"), listed)


def annotation(value: object, where: str) -> Annotation:
    m = Members(value, where, ("chain", "contract", "hash"))
    return Annotation(m.text("chain"), eip55(m.raw("contract"), m.at("contract")), m.hex("hash", 32))


def rpc_sources(value: object, where: str) -> tuple[RpcSources, ...]:
    if not isinstance(value, dict):
        raise bad(where, "an object of chain ids is expected")
    return tuple(
        RpcSources(chain, _distinct(labels, f"{where}.{chain}", members.identifier, longest=_MAX_SOURCES))
        for chain, labels in value.items()
    )


def _distinct(value: object, where: str, read: Callable[[object, str], T], *, longest: int) -> tuple[T, ...]:
    """At least one, none twice."""
    values = members.array(value, where, read, shortest=1, longest=longest)
    if len(set(values)) != len(values):
        raise bad(where, "an entry occurs twice")
    return values
