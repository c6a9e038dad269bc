"""A Solana message as a signer judges a transfer.

A transfer moves lamports of the sender, or tokens between the associated token accounts of the sender and of
a wallet. Tokens lie in token accounts: which wallet is paid is proven by the idempotent creation that the
message must contain and by the derivation of the account from wallet, mint and token program (the charter
says which program). That creation also fails on the chain when the account was given to somebody else.

All else is one of `others`, a lookup table or an unknown call `blind`. The bytes name no cluster and no time:
the chain is that of the view, and a message dies with its blockhash, about a minute after that was made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from quorate.core.chains import effects as words
from quorate.core.chains.reading import Reading, View
from quorate.core.chains.solana.address import associated_token
from quorate.core.chains.solana.decode import Transaction, decode
from quorate.core.chains.solana.programs.ids import TOKEN, TOKEN_2022
from quorate.core.chains.solana.rent import TOKEN_ACCOUNT
from quorate.core.model.charter import Asset
from quorate.core.model.intent import Effect

PROGRAMS: Final[Mapping[str, str]] = {"spl": TOKEN, "token2022": TOKEN_2022}


@dataclass
class _Found:
    """What was understood so far; `wallets` maps the accounts that the message creates to their owners."""

    effects: list[Effect] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    wallets: dict[str, str] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    rent: int = 0


def read(data: bytes, view: View) -> Reading:
    """Raises QuorateError: trailing_bytes, malformed_transaction."""
    transaction = decode(data, {})
    blind = _blind(transaction)
    found = _Found() if blind else _understood(transaction, view)
    return Reading(
        effects=tuple(found.effects),
        others=tuple(found.others),
        blind=blind,
        chain=view.chain.id,
        fee=transaction.fee + found.rent,
        takes=(),
    )


def _understood(transaction: Transaction, view: View) -> _Found:
    found = _Found()
    if transaction.fee_payer != view.sender:
        found.others.append("fee_payer")
    if transaction.signers != (view.sender,):
        found.others.append("signers")
    effects = transaction.decoded.effects
    for effect in effects:
        if effect["type"] == "account_create":
            _create(effect, view, found)
    for effect in effects:
        if effect["type"] not in ("account_create", "fee"):
            _one(effect, view, found)
    found.others += ["account_create"] * len(found.wallets.keys() - found.paid)
    return found


def _one(effect: words.Effect, view: View, found: _Found) -> None:
    if effect["type"] == "native_transfer" and _is_native(effect, view):
        found.effects.append(Effect("native_transfer", str(effect["to"]), int(str(effect["amount"]))))
    elif effect["type"] == "token_transfer" and _is_payment(effect, view, found):
        to, mint = str(effect["to"]), str(effect["asset"])
        found.paid.add(to)
        found.effects.append(
            Effect("token_transfer", found.wallets[to], int(str(effect["amount"])), token=mint)
        )
    else:
        found.others.append(str(effect["type"]))


def _is_native(effect: words.Effect, view: View) -> bool:
    """Of the sender itself, and not of an account that was derived from it with a seed."""
    return effect.get("from") == view.sender and "authority" not in effect


def _is_payment(effect: words.Effect, view: View, found: _Found) -> bool:
    """From the sender's associated account to one whose wallet is proven, and of the charter's token."""
    token = _token(view, str(effect["asset"]))
    return (
        token is not None
        and (effect["standard"], effect.get("decimals")) == (token.standard, token.decimals)
        and effect.get("from") == _account(view.sender, token)
        and effect.get("owner") == view.sender
        and "multisig_signers" not in effect
        and _account(found.wallets.get(str(effect["to"]), ""), token) == effect["to"]
    )


def _create(effect: words.Effect, view: View, found: _Found) -> None:
    """The idempotent creation of an associated account, paid by the sender. Its rent counts as if the account
    were not there yet: the bytes do not say.
    """
    account, owner = str(effect["account"]), str(effect["owner"])
    token = _token(view, str(effect["asset"]))
    expected = token is not None and (
        effect.get("idempotent") is True
        and effect["funder"] == view.sender
        and effect.get("token_program") == PROGRAMS[token.standard or ""]
        and account == _account(owner, token)
        and account not in found.wallets
    )
    if token is None or not expected:
        found.others.append("account_create")
        return
    found.wallets[account] = owner
    found.rent += TOKEN_ACCOUNT[token.standard or ""]


def _token(view: View, mint: str) -> Asset | None:
    """The charter's asset of a mint. Every token of a Solana chain has a standard."""
    return next((a for a in view.assets if a.chain == view.chain.id and a.contract == mint), None)


def _account(owner: str, token: Asset) -> str:
    """The associated token account; empty for nobody."""
    if not owner:
        return ""
    return associated_token(owner, token.contract or "", PROGRAMS[token.standard or ""])


def _blind(transaction: Transaction) -> str:
    """Why it cannot be judged: the first reason there is."""
    for effect in transaction.decoded.effects:
        if effect["type"] == "blind" or effect.get("blind") is True:
            return str(effect["reason"])
    if transaction.message.lookups:
        return "lookup_table"
    return ""
