"""Safe accounts (versions 1.0.0 to 1.5.0): transactions, also by typed data, and the settings of a Safe."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.effects import blind, effect
from quorate.core.chains.evm.call import (
    ZERO,
    Args,
    Call,
    DelegateCall,
    Item,
    authority_change,
    method,
)

HASH_APPROVED: Final = "safe_transaction_hash"
CALL, DELEGATECALL = 0, 1


@dataclass(frozen=True, slots=True)
class SafeTx:
    """What owners sign. `gas_price` above 0 makes the Safe pay whoever sends the transaction."""

    to: str
    value: int
    data: bytes
    operation: int
    safe_tx_gas: int
    base_gas: int
    gas_price: int
    gas_token: str
    refund_receiver: str


def run(outer: Call, safe: str, transaction: SafeTx) -> Iterator[Item]:
    """What the Safe does with a transaction, whoever delivers it."""
    step = f"safe:{safe}"
    call = outer.into(step, sender=safe, to=transaction.to, value=transaction.value, data=transaction.data)
    if transaction.operation == CALL:
        yield call
    elif transaction.operation == DELEGATECALL:
        yield DelegateCall(call)
    else:
        yield effect("inconsistent", reason="safe_operation")
    if transaction.gas_price:
        yield _refund(call, transaction)


def _refund(call: Call, transaction: SafeTx) -> dict[str, object]:
    """The Safe pays (gas used + baseGas) x gasPrice of the token; for native coin at most the real price."""
    native = transaction.gas_token == ZERO
    to = transaction.refund_receiver
    return call.effect(
        "safe_refund",
        from_=call.sender,
        to="tx.origin" if to == ZERO else to,
        asset="native" if native else transaction.gas_token,
        gas_price=str(transaction.gas_price),
        base_gas=str(transaction.base_gas),
        safe_tx_gas=str(transaction.safe_tx_gas),
    )


def exec_transaction(call: Call, args: Args) -> Iterator[Item]:
    to, value, data, operation, safe_tx_gas, base_gas, gas_price, gas_token, receiver, _ = args
    yield from run(
        call,
        call.to,
        SafeTx(to, value, data, operation, safe_tx_gas, base_gas, gas_price, gas_token, receiver),
    )


def exec_from_module(call: Call, args: Args) -> Iterator[Item]:
    """A module acts as the Safe, without its owners."""
    to, value, data, operation = args
    yield from run(call, call.to, SafeTx(to, value, data, operation, 0, 0, 0, ZERO, ZERO))


def approve_hash(call: Call, args: Args) -> Iterator[Item]:
    """The owner's consent to a transaction of which only the hash is in the bytes."""
    yield blind(HASH_APPROVED, safe=call.to, hash="0x" + args[0].hex())


def setup(call: Call, args: Args) -> Iterator[Item]:
    owners, threshold, to, data, handler, token, payment, receiver = args
    for owner in owners:
        yield _owner(call, "setup", owner, threshold)
    if to != ZERO:
        yield DelegateCall(call.into("setup", sender=call.to, to=to, value=0, data=data))
    if handler != ZERO:
        yield authority_change(call, "safe_fallback_handler", handler)
    if payment:
        asset = "native" if token == ZERO else token
        to = "tx.origin" if receiver == ZERO else receiver
        yield call.effect("safe_refund", from_=call.to, to=to, asset=asset, amount=str(payment))


def add_owner(call: Call, args: Args) -> Iterator[Item]:
    owner, threshold = args
    yield _owner(call, "addOwnerWithThreshold(address,uint256)", owner, threshold)


def swap_owner(call: Call, args: Args) -> Iterator[Item]:
    _, old, new = args
    yield call.effect(
        "ownership_change",
        contract=call.to,
        new_owner=new,
        old_owner=old,
        method="swapOwner(address,address,address)",
    )


def remove_owner(call: Call, args: Args) -> Iterator[Item]:
    _, old, threshold = args
    yield authority_change(call, "safe_owner", None, current_authority=old, threshold=str(threshold))


def change_threshold(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, "safe_threshold", None, threshold=str(args[0]))


def enable_module(call: Call, args: Args) -> Iterator[Item]:
    """A module can do everything that the Safe can, without its owners."""
    yield authority_change(call, "safe_module", args[0])


def disable_module(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, "safe_module", None, current_authority=args[1])


def set_guard(call: Call, args: Args) -> Iterator[Item]:
    yield _setting(call, "safe_guard", args[0])


def set_module_guard(call: Call, args: Args) -> Iterator[Item]:
    yield _setting(call, "safe_module_guard", args[0])


def set_fallback_handler(call: Call, args: Args) -> Iterator[Item]:
    yield _setting(call, "safe_fallback_handler", args[0])


def _setting(call: Call, kind: str, new: str) -> dict[str, object]:
    return authority_change(call, kind, None if new == ZERO else new)


def _owner(call: Call, name: str, owner: str, threshold: int) -> dict[str, object]:
    return call.effect(
        "ownership_change", contract=call.to, new_owner=owner, method=name, threshold=str(threshold)
    )


_TRANSACTION: Final = "address,uint256,bytes,uint8"
_EXEC: Final = f"execTransaction({_TRANSACTION},uint256,uint256,uint256,address,address,bytes)"
METHODS: Final = (
    method(_EXEC, exec_transaction, wraps=True),
    method(f"execTransactionFromModule({_TRANSACTION})", exec_from_module, wraps=True),
    method(f"execTransactionFromModuleReturnData({_TRANSACTION})", exec_from_module, wraps=True),
    method("approveHash(bytes32)", approve_hash, opaque=True),
    method("setup(address[],uint256,address,bytes,address,address,uint256,address)", setup),
    method("addOwnerWithThreshold(address,uint256)", add_owner),
    method("swapOwner(address,address,address)", swap_owner),
    method("removeOwner(address,address,uint256)", remove_owner),
    method("changeThreshold(uint256)", change_threshold),
    method("enableModule(address)", enable_module),
    method("disableModule(address,address)", disable_module),
    method("setGuard(address)", set_guard),
    method("setModuleGuard(address)", set_module_guard),
    method("setFallbackHandler(address)", set_fallback_handler),
)
