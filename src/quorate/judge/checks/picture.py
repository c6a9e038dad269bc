"""What the policy is asked about a request: everything that the exact bytes or messages do, in the words of
the decoders, and everybody whom this signer knows. Nothing in it is the server's word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from quorate.core.chains.effects import Effect, blind
from quorate.core.chains.effects import effect as made
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.knowledge.of_charter import OWN_SAFES, listed
from quorate.core.chains.evm.message import FORMATS
from quorate.core.chains.reading import Reading
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Intent, RawMessage
from quorate.core.policy import AddressBook
from quorate.core.policy.request import in_words
from quorate.judge.store.addresses import Addresses

_ADDRESS: Final = re.compile(r"[A-Za-z0-9]{25,90}")


def message_effects(message: RawMessage, known: Knowledge) -> Sequence[Effect]:
    """Raises QuorateError: too_large; malformed_typed_data."""
    return decode_item(FORMATS[message.type or ""], message.content, known).effects


def payments(reading: Reading, sender: str) -> tuple[Effect, ...]:
    """What bytes of Bitcoin, TRON and Solana do: payments and a fee, as the reader of the chain found them.
    Its readers put everything else among what no transfer has, for which `effects_match` refuses; and on
    Solana name the wallet that is paid, which the bytes alone do not.
    """
    unread = (blind(reading.blind),) if reading.blind else ()
    fee = made("fee", asset="native", max_amount=str(reading.fee), payer=sender)
    return (*in_words(reading.effects), *unread, fee)


def address_book(
    charter: Charter, intent: Intent, own: Mapping[str, str], addresses: Addresses, effects: Sequence[Effect]
) -> AddressBook:
    """The whole whitelist of the chain; `own` are the intent's own accounts; further own accounts and paid
    addresses as far as anything among the effects is or resembles one.
    """
    if intent.chain is None:
        return AddressBook()
    named = frozenset(_named(effects))
    safes = dict.fromkeys(listed(charter.policy, OWN_SAFES))
    return AddressBook(
        own={**safes, **addresses.own_like(intent.chain, named), **own},
        whitelist={entry.address: entry.id for entry in charter.whitelist if entry.chain == intent.chain},
        familiar=addresses.paid_like(named),
    )


def _named(effects: Sequence[Effect]) -> Iterator[str]:
    """Whatever could be an address; an amount is none."""
    for effect in effects:
        for value in effect.values():
            if isinstance(value, str) and _ADDRESS.fullmatch(value) and not value.isdigit():
                yield value


def asset_names(charter: Charter, chain: str | None) -> Mapping[str, str]:
    """What effects call an asset -> what the charter calls it."""
    return {asset.contract or "native": asset.id for asset in charter.assets if asset.chain == chain}


def decimals(charter: Charter, chain: str | None) -> Mapping[str, int]:
    return {asset.contract or "native": asset.decimals for asset in charter.assets if asset.chain == chain}
