"""Contracts that exchange their code: ERC-1967 and earlier proxies, beacons, ProxyAdmin, diamonds."""

from collections.abc import Iterator
from typing import Final

from quorate.core.chains.evm.call import (
    ZERO,
    Args,
    Call,
    DelegateCall,
    Item,
    Method,
    authority_change,
    method,
)


def _upgrade(call: Call, contract: str, implementation: str, data: bytes = b"") -> Iterator[Item]:
    """The new code, and the call that the proxy makes into it at once."""
    yield call.effect("upgrade", contract=contract, implementation=implementation)
    if data:
        yield DelegateCall(
            call.into(f"upgrade:{contract}", sender=contract, to=implementation, value=0, data=data)
        )


def upgrade_to(call: Call, args: Args) -> Iterator[Item]:
    yield from _upgrade(call, call.to, args[0])


def upgrade_to_and_call(call: Call, args: Args) -> Iterator[Item]:
    yield from _upgrade(call, call.to, args[0], args[1])


def compound_implementation(call: Call, args: Args) -> Iterator[Item]:
    """_setImplementation(address,bool,bytes): the bytes are for the new code."""
    yield from _upgrade(call, call.to, args[0])


def admin_upgrade(call: Call, args: Args) -> Iterator[Item]:
    """ProxyAdmin: the proxy is an argument."""
    yield from _upgrade(call, args[0], args[1])


def admin_upgrade_and_call(call: Call, args: Args) -> Iterator[Item]:
    yield from _upgrade(call, args[0], args[1], args[2])


def change_admin(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, "proxy_admin", args[0])


def change_proxy_admin(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, "proxy_admin", args[1], account=args[0])


def diamond_cut(call: Call, args: Args) -> Iterator[Item]:
    """EIP-2535. Action 2 removes selectors; its facet is the zero address."""
    cuts, initialiser, data = args
    for facet, action, selectors in cuts:
        yield call.effect(
            "upgrade",
            contract=call.to,
            implementation=facet,
            action=str(action),
            selectors=["0x" + selector.hex() for selector in selectors],
        )
    if initialiser != ZERO:
        step = f"upgrade:{call.to}"
        yield DelegateCall(call.into(step, sender=call.to, to=initialiser, value=0, data=data))


def _one_address(*names: str) -> tuple[Method, ...]:
    return tuple(method(f"{name}(address)", upgrade_to) for name in names)


METHODS: Final = (
    *_one_address("upgradeTo", "setImplementation", "changeImplementation", "upgradeImplementation"),
    *_one_address("_setImplementation", "_setPendingImplementation", "changeMasterCopy", "setMasterCopy"),
    *_one_address("setBeacon", "upgradeBeaconTo", "upgradeToImplementation"),
    method("upgradeToAndCall(address,bytes)", upgrade_to_and_call),
    method("_setImplementation(address,bool,bytes)", compound_implementation),
    method("upgrade(address,address)", admin_upgrade),
    method("upgradeAndCall(address,address,bytes)", admin_upgrade_and_call),
    method("changeAdmin(address)", change_admin),
    method("changeProxyAdmin(address,address)", change_proxy_admin),
    method("diamondCut((address,uint8,bytes4[])[],address,bytes)", diamond_cut),
)
