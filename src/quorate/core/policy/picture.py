"""What exact bytes and messages do, in the words of the decoders, and whom the charter knows: one code for
signers, approvers and the server. Nothing in it is the server's word.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from quorate.core.chains.effects import Effect, blind
from quorate.core.chains.effects import effect as made
from quorate.core.chains.evm.call import Call
from quorate.core.chains.evm.calls import dispatch
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.knowledge.of_charter import OWN_SAFES, listed
from quorate.core.chains.evm.message import FORMATS
from quorate.core.chains.reading import Reading
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Intent, RawMessage
from quorate.core.policy.addresses import AddressBook
from quorate.core.policy.request import in_words

_ADDRESS: Final = re.compile(r"[A-Za-z0-9]{25,90}")


def message_effects(message: RawMessage, known: Knowledge) -> Sequence[Effect]:
    """Raises QuorateError: too_large; malformed_typed_data."""
    return decode_item(FORMATS[message.type or ""], message.content, known).effects


def call_effects(intent: Intent, known: Knowledge) -> tuple[Effect, ...]:
    """What the call that an intent asks for would do, before there are bytes of a transaction; without its
    fee.
    """
    to, value, data = intent.destination, intent.amount or 0, intent.data or b""
    if to is None:
        return ()
    return tuple(dispatch.effects([Call(known.sender, to.address, value, data, known, known.chain_id)]))


def payments(reading: Reading, sender: str) -> tuple[Effect, ...]:
    """What bytes of Bitcoin, TRON and Solana do: payments and a fee, as the reader of the chain found them.
    Its readers put everything else among what no transfer has, for which `effects_match` refuses; and on
    Solana name the wallet that is paid, which the bytes alone do not.
    """
    unread = (blind(reading.blind),) if reading.blind else ()
    fee = made("fee", asset="native", max_amount=str(reading.fee), payer=sender)
    return (*in_words(reading.effects), *unread, fee)


def address_book(
    charter: Charter,
    intent: Intent,
    own: Mapping[str, str],
    recorded: Mapping[str, str],
    familiar: Iterable[str],
) -> AddressBook:
    """The whole whitelist of the chain and the Safes of the policy; `own` are the intent's own accounts.
    `recorded` are further own accounts and `familiar` further addresses that the caller has on record.
    """
    if intent.chain is None:
        return AddressBook()
    safes = dict.fromkeys(listed(charter.policy, OWN_SAFES))
    return AddressBook(
        own={**safes, **recorded, **own},
        whitelist={entry.address: entry.id for entry in charter.whitelist if entry.chain == intent.chain},
        familiar=familiar,
    )


def named(effects: Sequence[Effect]) -> Iterator[str]:
    """Whatever among the members of effects could be an address; an amount is none."""
    for effect in effects:
        for value in effect.values():
            if isinstance(value, str) and _ADDRESS.fullmatch(value) and not value.isdigit():
                yield value


def asset_names(charter: Charter, chain: str | None) -> Mapping[str, str]:
    """What effects call an asset -> what the charter calls it."""
    return {asset.contract or "native": asset.id for asset in charter.assets if asset.chain == chain}


def decimals(charter: Charter, chain: str | None) -> Mapping[str, int]:
    return {asset.contract or "native": asset.decimals for asset in charter.assets if asset.chain == chain}
