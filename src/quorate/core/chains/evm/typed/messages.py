"""What a signature under typed data allows: permits, Permit2, EIP-3009, Safe transactions.

A message is recognised by the full text of its type (`encodeType`), which its hash binds. One that bears a
known name with other members is blind; all others are `message` effects, which a policy allows by name.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from quorate.core.chains.effects import blind, effect
from quorate.core.chains.evm.abi.decode import to_json
from quorate.core.chains.evm.call import Call, Item
from quorate.core.chains.evm.calls import safe
from quorate.core.chains.evm.calls.erc20 import MAX_UINT256, STANDARD, approval
from quorate.core.chains.evm.calls.permit2 import CONTRACTS, details_approval
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.typed import orders
from quorate.core.chains.evm.typed.document import TypedData

Reader: TypeAlias = Callable[[Call, TypedData], Iterator[Item]]

NOT_STANDARD: Final = "typed_data_not_standard"
NO_CONTRACT: Final = "domain_without_contract"
NOT_PERMIT2: Final = "permit2_other_contract"
SAFE_MESSAGE: Final = "safe_message_content_unknown"


def effects(data: TypedData, knowledge: Knowledge) -> Iterator[Item]:
    """What a signature by `knowledge.sender` allows."""
    reader = READERS.get(data.encoded_type) or _by_shape(data)
    if reader is None:
        yield _message(data)
        if data.primary_type in _NAMES:
            yield blind(NOT_STANDARD, primary_type=data.primary_type)
    elif data.contract is None:
        yield _message(data)
        yield blind(NO_CONTRACT, primary_type=data.primary_type)
    else:
        yield from reader(_origin(data, data.contract, knowledge), data)


def _origin(data: TypedData, contract: str, knowledge: Knowledge) -> Call:
    """The verifying contract as it will be used with the signature, by whomever."""
    chain_id = knowledge.chain_id if data.chain_id is None else data.chain_id
    return Call(knowledge.sender, contract, 0, b"", knowledge, chain_id)


def _message(data: TypedData) -> dict[str, object]:
    return effect(
        "message",
        kind="typed_data",
        primary_type=data.primary_type,
        encoded_type=data.encoded_type,
        domain=to_json(data.domain),
        content=to_json(data.message),
    )


def permit(call: Call, data: TypedData) -> Iterator[Item]:
    """EIP-2612."""
    m = data.message
    yield approval(call, "permit", m["owner"], m["spender"], m["value"], deadline=str(m["deadline"]))
    yield from orders.owner_signs(call, m["owner"])


def dai_permit(call: Call, data: TypedData) -> Iterator[Item]:
    m = data.message
    amount = MAX_UINT256 if m["allowed"] else 0
    deadline = str(m["expiry"] or MAX_UINT256)
    yield approval(call, "permit", m["holder"], m["spender"], amount, deadline=deadline)
    yield from orders.owner_signs(call, m["holder"])


def permit2_single(call: Call, data: TypedData) -> Iterator[Item]:
    m = data.message
    yield details_approval(call, call.sender, m["spender"], _details(m["details"]))
    yield from _only_permit2(call)


def permit2_batch(call: Call, data: TypedData) -> Iterator[Item]:
    m = data.message
    for details in m["details"]:
        yield details_approval(call, call.sender, m["spender"], _details(details))
    yield from _only_permit2(call)


def _only_permit2(call: Call) -> Iterator[Item]:
    """The message names the tokens; what another contract does with it is its own."""
    if call.to not in CONTRACTS:
        yield blind(NOT_PERMIT2, contract=call.to)


def _details(details: Mapping[str, Any]) -> tuple[Any, ...]:
    return details["token"], details["amount"], details["expiration"], details["nonce"]


def permit2_transfer(call: Call, data: TypedData) -> Iterator[Item]:
    """SignatureTransfer: the spender may take up to the amounts, once, to wherever it likes.

    A witness binds the spender's own data to the signature; it does not narrow what Permit2 lets it take.
    """
    m = data.message
    permitted = m["permitted"]
    for one in permitted if isinstance(permitted, list) else [permitted]:
        yield approval(
            call, "permit2.permitTransferFrom", call.sender, m["spender"], one["amount"], asset=one["token"],
            deadline=str(m["deadline"]), witness=_witness(data),
        )  # fmt: skip
    yield from _only_permit2(call)


def _witness(data: TypedData) -> object:
    known = ("permitted", "spender", "nonce", "deadline")
    return to_json({k: v for k, v in data.message.items() if k not in known}) or None


def transfer_authorization(call: Call, data: TypedData) -> Iterator[Item]:
    """EIP-3009: `receive` only restricts who may deliver it."""
    m = data.message
    yield call.effect(
        "token_transfer",
        by="transferWithAuthorization",
        standard=STANDARD,
        asset=call.to,
        from_=m["from"],
        to=m["to"],
        amount=str(m["value"]),
        deadline=str(m["validBefore"]),
    )
    yield from orders.owner_signs(call, m["from"])


def safe_tx(call: Call, data: TypedData) -> Iterator[Item]:
    """Counts as one owner's consent; versions before 1.0.0 say dataGas for baseGas."""
    m = data.message
    base_gas = m["baseGas"] if "baseGas" in m else m["dataGas"]
    transaction = safe.SafeTx(
        m["to"],
        m["value"],
        m["data"],
        m["operation"],
        m["safeTxGas"],
        base_gas,
        m["gasPrice"],
        m["gasToken"],
        m["refundReceiver"],
    )
    yield from safe.run(call, call.to, transaction)


def safe_message(call: Call, data: TypedData) -> Iterator[Item]:
    """EIP-1271: as the Safe's signature it can stand for anything, a permit of the Safe's tokens too."""
    yield call.effect("message", kind="safe_message", safe=call.to, hex=to_json(data.message["message"]))
    yield blind(SAFE_MESSAGE)


def _safe_type(gas: str) -> str:
    return (
        f"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 {gas},"
        "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
    )


_DETAILS: Final = "PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)"
_PERMISSIONS: Final = "TokenPermissions(address token,uint256 amount)"
_3009: Final = "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce"
_TRANSFER: Final = "address spender,uint256 nonce,uint256 deadline"

READERS: Final[Mapping[str, Reader]] = {
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)": permit,
    "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)": dai_permit,
    f"PermitSingle(PermitDetails details,address spender,uint256 sigDeadline){_DETAILS}": permit2_single,
    f"PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline){_DETAILS}": permit2_batch,
    f"PermitTransferFrom(TokenPermissions permitted,{_TRANSFER}){_PERMISSIONS}": permit2_transfer,
    f"PermitBatchTransferFrom(TokenPermissions[] permitted,{_TRANSFER}){_PERMISSIONS}": permit2_transfer,
    f"TransferWithAuthorization({_3009})": transfer_authorization,
    f"ReceiveWithAuthorization({_3009})": transfer_authorization,
    _safe_type("baseGas"): safe_tx,
    _safe_type("dataGas"): safe_tx,
    "SafeMessage(bytes message)": safe_message,
    **orders.READERS,
}
_WITNESSED: Final[Mapping[str, str]] = {
    f"Permit{many}WitnessTransferFrom": f"Permit{many}WitnessTransferFrom({kind} permitted,{_TRANSFER},"
    for many, kind in (("", "TokenPermissions"), ("Batch", "TokenPermissions[]"))
}
_UNREAD: Final = {"BulkOrder", "MetaTransaction", "ForwardRequest", "PermitForAll"}
"""Messages that move or allow something, and are not read here."""
_NAMES: Final = (
    _UNREAD | set(_WITNESSED) | {text[: text.index("(")] for text in READERS if not text.startswith("Order(")}
)
"""Names that no harmless message bears. `Order` is everyone's."""


def _by_shape(data: TypedData) -> Reader | None:
    """A transfer with witness: any one struct behind the members that Permit2 knows."""
    start = _WITNESSED.get(data.primary_type)
    if start is None or not data.encoded_type.startswith(start):
        return None
    own = data.schema.structs
    exact = "TokenPermissions" in own and own["TokenPermissions"].own_text == _PERMISSIONS
    return permit2_transfer if exact and len(own[data.primary_type].members) == 5 else None
