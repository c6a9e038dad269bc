"""Who owns and rules a contract: Ownable, AccessControl, DS-Auth, timelocks, token roles."""

from collections.abc import Iterator, Mapping
from typing import Final

from eth_hash.auto import keccak

from quorate.core.chains.evm.call import ZERO, Args, Call, Item, Method, Reader, authority_change, method

_ROLE_NAMES: Final = (
    "MINTER_ROLE", "BURNER_ROLE", "PAUSER_ROLE", "UPGRADER_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE",
    "CANCELLER_ROLE", "TIMELOCK_ADMIN_ROLE", "OPERATOR_ROLE", "ADMIN_ROLE", "GOVERNOR_ROLE", "GUARDIAN_ROLE",
    "BLACKLISTER_ROLE", "RESCUER_ROLE", "WITHDRAWER_ROLE", "MANAGER_ROLE", "DEPOSITOR_ROLE", "PREDICATE_ROLE",
)  # fmt: skip
_ROLES: Final[Mapping[bytes, str]] = {keccak(name.encode()): name for name in _ROLE_NAMES} | {
    bytes(32): "DEFAULT_ADMIN_ROLE"
}


def owner_change(name: str) -> Reader:
    """The first argument is the new owner."""

    def read(call: Call, args: Args) -> Iterator[Item]:
        yield call.effect("ownership_change", contract=call.to, new_owner=args[0], method=name)

    return read


def owner_renounced(call: Call, args: Args) -> Iterator[Item]:
    yield call.effect("ownership_change", contract=call.to, new_owner=ZERO, method="renounceOwnership()")


def owner_accepted(call: Call, args: Args) -> Iterator[Item]:
    """The caller becomes the owner."""
    yield call.effect(
        "ownership_change",
        contract=call.to,
        new_owner=call.sender or "msg.sender",
        method="acceptOwnership()",
    )


def authority(kind: str) -> Reader:
    """The first argument gets this authority; the zero address means nobody."""

    def read(call: Call, args: Args) -> Iterator[Item]:
        yield authority_change(call, kind, None if args[0] == ZERO else args[0])

    return read


def authority_lost(kind: str) -> Reader:
    """The first argument loses this authority."""

    def read(call: Call, args: Args) -> Iterator[Item]:
        yield authority_change(call, kind, None, current_authority=args[0])

    return read


def admin_accepted(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, "admin", call.sender or "msg.sender")


def role_granted(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, role_name(args[0]), args[1])


def role_revoked(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, role_name(args[0]), None, current_authority=args[1])


def minter_configured(call: Call, args: Args) -> Iterator[Item]:
    """FiatToken: a minter and how much it may mint."""
    yield authority_change(call, "minter", args[0], amount=str(args[1]))


def role_name(role: bytes) -> str:
    """The usual name of a role of AccessControl, or its hash."""
    return _ROLES.get(role, "0x" + role.hex())


def _owners(*names: str) -> tuple[Method, ...]:
    return tuple(method(text, owner_change(text)) for text in (f"{name}(address)" for name in names))


def _authorities(kind: str, *names: str) -> tuple[Method, ...]:
    return tuple(method(f"{name}(address)", authority(kind)) for name in names)


METHODS: Final = (
    *_owners("transferOwnership", "setOwner", "changeOwner", "nominateNewOwner", "setPendingOwner"),
    *_owners("addOwner", "safeTransferOwnership", "proposeOwner", "transferProxyOwnership"),
    method("renounceOwnership()", owner_renounced),
    method("acceptOwnership()", owner_accepted),
    method("grantRole(bytes32,address)", role_granted),
    method("revokeRole(bytes32,address)", role_revoked),
    method("renounceRole(bytes32,address)", role_revoked),
    *_authorities("admin", "setAdmin", "setPendingAdmin", "_setPendingAdmin", "beginDefaultAdminTransfer"),
    *_authorities("admin", "transferAdmin", "addAdmin", "grantAdmin"),
    method("acceptAdmin()", admin_accepted),
    method("_acceptAdmin()", admin_accepted),
    *_authorities("authority", "setAuthority", "rely"),
    method("deny(address)", authority_lost("authority")),
    *_authorities("governance", "setGovernance", "setGovernor", "setGov", "setTimelock"),
    *_authorities("operator", "setOperator", "addOperator"),
    *_authorities("keeper", "setKeeper"),
    *_authorities("pauser", "updatePauser", "addPauser", "setPauser"),
    method("removePauser(address)", authority_lost("pauser")),
    *_authorities("blacklister", "updateBlacklister"),
    *_authorities("master_minter", "updateMasterMinter"),
    *_authorities("minter", "addMinter", "setMinter", "grantMinter"),
    method("removeMinter(address)", authority_lost("minter")),
    method("configureMinter(address,uint256)", minter_configured),
)
