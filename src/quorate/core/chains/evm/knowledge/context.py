"""The `context` of a test vector or of `tx decode --context` -> Knowledge.

A context may be for any chain family and hold members for policies; the ones read here are `own_addresses`,
`safe`, `trusted_delegatecall`, `abi_annotations` and `chain`.
"""

import re
from collections.abc import Mapping
from typing import Final

from quorate.core.chains.evm import address
from quorate.core.chains.evm.abi.elementary import ADDRESS, UINT
from quorate.core.chains.evm.abi.types import Signature, signature
from quorate.core.chains.evm.knowledge.annotations import EFFECTS, Annotation, Annotations, bad
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.model.members import Members, array, integer, text

MAX_ADDRESSES: Final = 100_000
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_CHAIN_ID: Final = re.compile(r"[1-9][0-9]{0,77}")
_ARGUMENT: Final = "_arg"
_ANNOTATION_MEMBERS: Final = ("effect", "intent", "max_ratio_to_deposit")
"""`max_ratio_to_deposit` is for policies."""
_NUMBERS: Final = ("amount", "token_id")
_ADDRESSES: Final = ("asset", "to", "from", "spender", "owner", "new_owner", "contract", "implementation")


def from_json(context: Mapping[str, object], *, sender: str | None = None) -> Knowledge:
    """`sender` is the item's `from` or `signer`, EIP-55 text.

    Raises QuorateError: wrong_type, unknown_member, missing_member; address; signature_form; annotations.
    """
    return Knowledge(
        sender=sender,
        chain_id=_chain_id(context.get("chain")),
        own_addresses=_addresses(context, "own_addresses"),
        safes=_safes(context.get("safe")),
        trusted_delegatecall=_addresses(context, "trusted_delegatecall"),
        annotations=Annotations(
            array(context.get("abi_annotations", []), "context.abi_annotations", _annotation)
        ),
    )


def _chain_id(chain: object) -> int | None:
    """None where no chain is named, or one of another family."""
    if not isinstance(chain, dict) or chain.get("family") != "evm" or "chain_id" not in chain:
        return None
    number = str(chain["chain_id"])
    if not _CHAIN_ID.fullmatch(number):
        raise bad(f"{number[:80]} is no chain id")
    return int(number)


def _addresses(context: Mapping[str, object], name: str) -> frozenset[str]:
    """EVM addresses of a list; those of other families are not for this decoder."""
    found = array(context.get(name, []), f"context.{name}", text, longest=MAX_ADDRESSES)
    return frozenset(address.eip55(one, f"context.{name}") for one in found if _ADDRESS.fullmatch(one))


def _safes(safe: object) -> frozenset[str]:
    if safe is None:
        return frozenset()
    if not isinstance(safe, dict):
        raise bad("context.safe is an object")
    return frozenset({address.eip55(safe.get("address"), "context.safe.address")})


def _annotation(value: object, where: str) -> Annotation:
    """{to, signature, effect, and members of the effect: fixed, or NAME_arg with the index of an argument}.

    `to` is the contract, so that an effect's own `to` comes from an argument.
    """
    names = tuple(value) if isinstance(value, dict) else ()
    effect_name = value.get("effect") if isinstance(value, dict) else None
    members = Members(value, where, ("to", "signature"), (*_ANNOTATION_MEMBERS, *_allowed(effect_name)))
    found = signature(members.text("signature", longest=4096))
    fixed = {
        name: str(members.amount(name)) if name in _NUMBERS else members.text(name)
        for name in _effect_members(effect_name)
        if name in names and name != "to"
    }
    arguments = {
        name.removesuffix(_ARGUMENT): _index(members, name, found)
        for name in names
        if name.endswith(_ARGUMENT)
    }
    return Annotation(
        to=address.eip55(members.raw("to"), members.at("to")),
        chain_id=None,
        signature=found,
        source="context",
        effect=effect_name if isinstance(effect_name, str) else None,
        fixed=fixed,
        arguments=_with_default(where, effect_name, found, fixed, arguments),
        intent=members.text("intent") if "intent" in members else None,
    )


def _index(members: Members, name: str, found: Signature) -> int:
    """The index of an argument of a type that the member can have."""
    index = integer(members.raw(name), members.at(name), 0, len(found.types) - 1)
    leaf = found.types[index].leaf
    kind = None if leaf is None else leaf.kind
    member = name.removesuffix(_ARGUMENT)
    if (member in _NUMBERS and kind != UINT) or (member in _ADDRESSES and kind != ADDRESS):
        raise bad(f"{members.at(name)} is an argument of type {found.types[index].text}")
    return index


def _effect_members(effect: object) -> tuple[str, ...]:
    if effect is None:
        return ()
    if not isinstance(effect, str) or effect not in EFFECTS:
        raise bad(f"an annotation names one of the effects {', '.join(EFFECTS)}")
    required, optional = EFFECTS[effect]
    return (*required, *optional)


def _allowed(effect: object) -> tuple[str, ...]:
    names = _effect_members(effect)
    return (*names, *(name + _ARGUMENT for name in names))


def _with_default(
    where: str, effect: object, found: Signature, fixed: Mapping[str, str], arguments: Mapping[str, int]
) -> Mapping[str, int]:
    """Required members are given once; one that is left out is the only argument, where there is only one."""
    missing = [
        name
        for name in (EFFECTS[effect][0] if isinstance(effect, str) else ())
        if name not in fixed and name not in arguments
    ]
    if fixed.keys() & arguments.keys():
        raise bad(f"{where} gives a member both as a value and as an argument")
    if not missing:
        return arguments
    if len(missing) == 1 and len(found.types) == 1:
        default = Members({missing[0] + _ARGUMENT: 0}, where, (missing[0] + _ARGUMENT,))
        return {**arguments, missing[0]: _index(default, missing[0] + _ARGUMENT, found)}
    raise bad(f"{where} does not say where {missing[0]} is")
