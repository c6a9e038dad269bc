"""The contracts of a transaction -> effects: one schema and one reader each; the others are blind.

Numbers and fields are those of core/Tron.proto (ContractType) and core/contract/*.proto.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.effects import Effect, blind, effect
from quorate.core.chains.tron.calls import call_effects
from quorate.core.chains.tron.fields import address_of
from quorate.core.chains.tron.permissions import UPDATE, permission_updates
from quorate.core.chains.tron.wire import Field, Message, Schema, malformed, read

TRX: Final = "TRX"
TRC10: Final = "trc10"
RESOURCES: Final = ("BANDWIDTH", "ENERGY", "TRON_POWER")
MAX_VOTES: Final = 30
"""MAX_VOTE_NUMBER of java-tron."""
CREATE_SMART_CONTRACT, TRIGGER_SMART_CONTRACT = 30, 31
RUNS_CODE: Final = frozenset({CREATE_SMART_CONTRACT, TRIGGER_SMART_CONTRACT})
"""Contract types whose fee `fee_limit` bounds."""

AMOUNT_NOT_IN_BYTES: Final = "amount_not_in_bytes"
ACCOUNT_TYPE: Final = "account_type"
ASSET_NAME: Final = "trc10_name"
UNKNOWN_CONTRACT: Final = "unknown_contract_type"
_ASSET_ID: Final = re.compile(rb"[1-9][0-9]{6,18}")
"""TRC-10 tokens are named by their number, from 1000001 on."""


@dataclass(frozen=True, slots=True)
class Contract:
    """`name` is the protobuf message in package `protocol`; `effects(owner, message)` raises
    malformed_transaction."""

    name: str
    schema: Schema
    effects: Callable[[str, Message], list[Effect]]


def contract_effects(number: int, name: str, value: bytes) -> tuple[str | None, list[Effect]]:
    """Owner and effects. `name` is the message that the bytes say they are; the number must agree.

    The owner is None for the types that are not read. Raises QuorateError malformed_transaction.
    """
    contract = CONTRACTS.get(number)
    if contract is None:
        return None, [blind(UNKNOWN_CONTRACT, contract_type=str(number), via=name)]
    if name != contract.name:
        raise malformed(f"contract type {number} is {contract.name}, the parameter says {name}")
    m = read(value, contract.schema, name)
    owner = address_of(m, "owner_address")
    return owner, contract.effects(owner, m)


def _transfer(owner: str, m: Message) -> list[Effect]:
    return [_coins(owner, address_of(m, "to_address"), m.positive("amount"))]


def _transfer_asset(owner: str, m: Message) -> list[Effect]:
    asset, to, amount = m.octets("asset_name"), address_of(m, "to_address"), m.positive("amount")
    if not _ASSET_ID.fullmatch(asset):
        return [blind(ASSET_NAME, asset="0x" + asset.hex(), to=to, amount=str(amount))]
    return [_tokens(asset.decode(), owner, to, amount)]


def _account_create(owner: str, m: Message) -> list[Effect]:
    account, kind = address_of(m, "account_address"), m.integer("type")
    made = effect("account_create", account=account, owner=account, asset=TRX, funder=owner)
    return [made, blind(ACCOUNT_TYPE, account_type=str(kind))] if kind else [made]


def _trigger(owner: str, m: Message) -> list[Effect]:
    """The coins and tokens that go along, and what the call does. A call that is reverted does neither."""
    contract = address_of(m, "contract_address")
    value, tokens, token = m.integer("call_value"), m.integer("call_token_value"), m.integer("token_id")
    if bool(tokens) != bool(token):
        raise malformed(f"{m.where}: call_token_value and token_id belong together")
    sent = [_coins(owner, contract, value)] if value else []
    sent += [_tokens(str(token), owner, contract, tokens)] if tokens else []
    return [*sent, *call_effects(owner, contract, m.octets("data"), pays=bool(sent))]


def _delegate(owner: str, m: Message) -> list[Effect]:
    lock = bool(m.integer("lock"))
    return [
        effect(
            "resource_delegation",
            resource=_resource(m, 2),
            from_=owner,
            to=address_of(m, "receiver_address"),
            amount=str(m.positive("balance")),
            lock=True if lock else None,
            lock_period=str(m.integer("lock_period")) if lock else None,
        )
    ]


def _undelegate(owner: str, m: Message) -> list[Effect]:
    """The resource comes back: it flows from the receiver to the owner."""
    return [
        effect(
            "resource_delegation",
            resource=_resource(m, 2),
            from_=address_of(m, "receiver_address"),
            to=owner,
            amount=str(m.positive("balance")),
            via=m.where,
        )
    ]


def _freeze(owner: str, m: Message) -> list[Effect]:
    """The owner's coins are locked and give the owner the resource."""
    amount = str(m.positive("frozen_balance"))
    resource = _resource(m, 3)
    return [
        effect("resource_delegation", resource=resource, from_=owner, to=owner, amount=amount, via=m.where)
    ]


def _unfreeze(owner: str, m: Message) -> list[Effect]:
    return [
        effect(
            "stake_deactivate",
            account=owner,
            authority=owner,
            amount=str(m.positive("unfreeze_balance")),
            resource=_resource(m, 3),
            via=m.where,
        )
    ]


def _withdraw(owner: str, m: Message) -> list[Effect]:
    """Pays the owner what is due to it; how much, only the chain knows."""
    return [blind(AMOUNT_NOT_IN_BYTES, via=m.where, account=owner, to=owner, asset=TRX)]


def _vote(owner: str, m: Message) -> list[Effect]:
    """One effect a vote; together they replace all earlier votes of the owner."""
    votes = [read(data, _VOTE, f"{m.where} vote") for data in m.many("votes")]
    if not 1 <= len(votes) <= MAX_VOTES:
        raise malformed(f"{m.where} has not 1 to {MAX_VOTES} votes")
    return [
        effect(
            "stake_delegate",
            account=owner,
            vote=address_of(vote, "vote_address"),
            authority=owner,
            votes=str(vote.positive("vote_count")),
        )
        for vote in votes
    ]


def _coins(owner: str, to: str, amount: int) -> Effect:
    return effect("native_transfer", asset=TRX, from_=owner, to=to, amount=str(amount))


def _tokens(token: str, owner: str, to: str, amount: int) -> Effect:
    return effect("token_transfer", standard=TRC10, asset=token, from_=owner, to=to, amount=str(amount))


def _resource(m: Message, kinds: int) -> str:
    """One of the first `kinds` names: TRON power can be staked for, but not delegated."""
    number = m.integer("resource")
    if number >= kinds:
        raise malformed(f"{m.where} has resource {number}")
    return RESOURCES[number]


_OWNER: Final[Schema] = {1: Field("owner_address")}
_VOTE: Final[Schema] = {1: Field("vote_address"), 2: Field("vote_count", 63)}
_UNDELEGATE: Final[Schema] = {
    **_OWNER, 2: Field("resource", 31), 3: Field("balance", 63), 4: Field("receiver_address"),
}  # fmt: skip
_DELEGATE: Final[Schema] = {**_UNDELEGATE, 5: Field("lock", 1), 6: Field("lock_period", 63)}
_CREATE: Final[Schema] = {**_OWNER, 2: Field("account_address"), 3: Field("type", 31)}
_TRANSFER: Final[Schema] = {**_OWNER, 2: Field("to_address"), 3: Field("amount", 63)}
_ASSET: Final[Schema] = {
    1: Field("asset_name"), 2: Field("owner_address"), 3: Field("to_address"), 4: Field("amount", 63),
}  # fmt: skip
_VOTES: Final[Schema] = {**_OWNER, 2: Field("votes", repeated=True, message=True), 3: Field("support", 1)}
_TRIGGER: Final[Schema] = {
    **_OWNER, 2: Field("contract_address"), 3: Field("call_value", 63), 4: Field("data"),
    5: Field("call_token_value", 63), 6: Field("token_id", 63),
}  # fmt: skip
_FREEZE: Final[Schema] = {**_OWNER, 2: Field("frozen_balance", 63), 3: Field("resource", 31)}
_UNFREEZE: Final[Schema] = {**_OWNER, 2: Field("unfreeze_balance", 63), 3: Field("resource", 31)}

CONTRACTS: Final[Mapping[int, Contract]] = {
    0: Contract("AccountCreateContract", _CREATE, _account_create),
    1: Contract("TransferContract", _TRANSFER, _transfer),
    2: Contract("TransferAssetContract", _ASSET, _transfer_asset),
    4: Contract("VoteWitnessContract", _VOTES, _vote),
    13: Contract("WithdrawBalanceContract", _OWNER, _withdraw),
    TRIGGER_SMART_CONTRACT: Contract("TriggerSmartContract", _TRIGGER, _trigger),
    46: Contract("AccountPermissionUpdateContract", UPDATE, permission_updates),
    54: Contract("FreezeBalanceV2Contract", _FREEZE, _freeze),
    55: Contract("UnfreezeBalanceV2Contract", _UNFREEZE, _unfreeze),
    56: Contract("WithdrawExpireUnfreezeContract", _OWNER, _withdraw),
    57: Contract("DelegateResourceContract", _DELEGATE, _delegate),
    58: Contract("UnDelegateResourceContract", _UNDELEGATE, _undelegate),
}
"""ContractType -> how it is read."""
