"""SPL Token, the same in Token-2022, and associated token accounts."""

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana.cases import (
    RENT,
    Case,
    Effect,
    associated,
    authority,
    known_call,
    permission,
    pk,
    some,
    u,
)
from tests.core.chains.solana.runtime import call, text

PROGRAMS = {"spl": ids.TOKEN, "token2022": ids.TOKEN_2022}
MAX = (1 << 64) - 1


def mint_of(standard: str) -> str:
    return f"mint-{standard}"


def account_of(owner: str, standard: str, mint: str | None = None) -> str:
    return associated(owner, mint or mint_of(standard), PROGRAMS[standard])


def moved(standard: str, asset: str, source: str, to: str, amount: int, **more: object) -> dict[str, object]:
    return {
        "type": "token_transfer",
        "standard": standard,
        "asset": asset,
        "from": source,
        "to": to,
        "amount": str(amount),
        "owner": text("alice"),
        **more,
    }


def approved(standard: str, asset: str, spender: str, amount: int, **more: object) -> dict[str, object]:
    return {
        "type": "approval",
        "standard": standard,
        "asset": asset,
        "spender": spender,
        "amount": str(amount),
        "unlimited": amount == MAX,
        "account": account_of("alice", standard),
        "owner": text("alice"),
        **more,
    }


def mint_unknown(account: str) -> dict[str, object]:
    return {"type": "blind", "reason": "token_mint_not_in_bytes", "account": account}


def made(account: str, owner: str, mint: str) -> tuple[Effect, ...]:
    base = {"type": "account_create", "account": text(account), "owner": text(owner)}
    return ({**base, "asset": text(mint), "funder": "none"},)


def by_multisig(standard: str, transfer: dict[str, object]) -> tuple[Effect, ...]:
    """Token-2022 gives accounts behind the authority to a mint's hook as well."""
    signers, owner = [text("carol"), text("dave")], {"owner": text(f"multisig-{standard}")}
    if standard == "spl":
        return ({**transfer, **owner, "multisig_signers": signers},)
    return ({**transfer, **owner}, hooked(signers))


def hooked(accounts: list[str]) -> dict[str, object]:
    made = {"type": "blind", "reason": "transfer_hook", "program": ids.TOKEN_2022, "position": 0}
    return {**made, "accounts": accounts}


def base_cases(standard: str) -> dict[str, Case]:
    """What both programs have, with their own accounts."""
    program, mint = PROGRAMS[standard], mint_of(standard)
    alice, bob, asset = account_of("alice", standard), account_of("bob", standard), text(mint)
    plain, multisig = f"plain-{standard}", f"multisig-{standard}"
    minted = {"type": "mint", "asset": asset, "to": alice, "authority": text("issuer")}
    frozen = {"asset": asset, "authority": text("issuer")}
    mint_made = (
        authority(mint, "mint", "issuer", standard),
        authority(mint, "freeze", "issuer", standard),
    )

    def token(accounts: str, data: bytes, *effects: Effect, **more: bool) -> Case:
        return Case(call(program, accounts, data), effects, **more)

    return {
        "initialize_mint": token(f"{mint}+ {RENT}", b"\x00\x06" + pk("issuer") + some("issuer"), *mint_made),
        "initialize_mint2": token(f"{mint}+", b"\x14\x06" + pk("issuer") + some("issuer"), *mint_made),
        "initialize_mint2_without_freeze": token(
            f"{mint}+", b"\x14\x06" + pk("issuer") + b"\0", mint_made[0]
        ),
        "initialize_account": token(f"{plain}+ {mint} alice {RENT}", b"\x01", *made(plain, "alice", mint)),
        "initialize_account2": token(
            f"{plain}+ {mint} {RENT}", b"\x10" + pk("alice"), *made(plain, "alice", mint)
        ),
        "initialize_account3": token(f"{plain}+ {mint}", b"\x12" + pk("alice"), *made(plain, "alice", mint)),
        "initialize_multisig": token(
            f"{multisig}+ {RENT} carol dave",
            b"\x02\x02",
            permission(multisig, "multisig", threshold=2, signers=[text("carol"), text("dave")]),
            open_accounts=True,
        ),
        "initialize_multisig2": token(
            f"{multisig}+ carol dave",
            b"\x13\x02",
            permission(multisig, "multisig", threshold=2, signers=[text("carol"), text("dave")]),
            open_accounts=True,
        ),
        "mint_to": token(f"{mint}+ {alice}+ issuer*", b"\x07" + u(8, 1000), minted | {"amount": "1000"}),
        "mint_to_checked": token(
            f"{mint}+ {alice}+ issuer*",
            b"\x0e" + u(8, 1000) + b"\x06",
            minted | {"amount": "1000", "decimals": 6},
        ),
        "transfer": token(
            f"{alice}+ {bob}+ alice*",
            b"\x03" + u(8, 10),
            moved(standard, "unknown", alice, bob, 10),
            mint_unknown(alice),
        ),
        "transfer_checked": token(
            f"{alice}+ {mint} {bob}+ alice*",
            b"\x0c" + u(8, 10) + b"\x06",
            moved(standard, asset, alice, bob, 10, decimals=6),
        ),
        "transfer_checked_multisig": token(
            f"{plain}+ {mint} {bob}+ {multisig} carol* dave*",
            b"\x0c" + u(8, 10) + b"\x06",
            *by_multisig(standard, moved(standard, asset, text(plain), bob, 10, decimals=6)),
        ),
        "approve": token(
            f"{alice}+ carol alice*",
            b"\x04" + u(8, 10),
            approved(standard, "unknown", text("carol"), 10),
            mint_unknown(alice),
        ),
        "approve_checked": token(
            f"{alice}+ {mint} carol alice*",
            b"\x0d" + u(8, MAX) + b"\x06",
            approved(standard, asset, text("carol"), MAX, decimals=6),
        ),
        "revoke": token(f"{alice}+ alice*", b"\x05", approved(standard, "unknown", "none", 0)),
        "burn": token(
            f"{alice}+ {mint}+ alice*", b"\x08" + u(8, 1), moved(standard, asset, alice, "burned", 1)
        ),
        "burn_checked": token(
            f"{alice}+ {mint}+ alice*",
            b"\x0f" + u(8, 1) + b"\x06",
            moved(standard, asset, alice, "burned", 1, decimals=6),
        ),
        "freeze": token(f"{alice}+ {mint} issuer*", b"\x0a", permission(alice, "frozen", **frozen)),
        "thaw": token(f"{alice}+ {mint} issuer*", b"\x0b", permission(alice, "thawed", **frozen)),
        "set_mint_authority": token(
            f"{mint}+ issuer*",
            b"\x06\x00" + some("bob"),
            authority(mint, "mint", "bob", standard, "issuer"),
        ),
        "drop_freeze_authority": token(
            f"{mint}+ issuer*", b"\x06\x01\x00", authority(mint, "freeze", "none", standard, "issuer")
        ),
        "set_account_owner": token(
            f"{plain}+ alice*",
            b"\x06\x02" + some(multisig),
            authority(plain, "account_owner", multisig, standard, "alice"),
        ),
        "set_close_authority": token(
            f"{alice}+ alice*",
            b"\x06\x03" + some("alice"),
            authority(alice, "close_account", "alice", standard, "alice"),
        ),
        "close": token(
            f"{alice}+ bob+ alice*",
            b"\x09",
            {
                "type": "account_close",
                "account": alice,
                "to": text("bob"),
                "authority": text("alice"),
                "program": standard,
            },
        ),
        "sync_native": token(
            f"{plain}+", b"\x11", known_call(program, "0x11", "syncNative", account=text(plain))
        ),
        "account_data_size": token(
            mint, b"\x15", known_call(program, "0x15", "getAccountDataSize"), open_data=True
        ),
        "immutable_owner": token(
            f"{plain}+", b"\x16", known_call(program, "0x16", "initializeImmutableOwner", account=text(plain))
        ),
        "amount_to_ui_amount": token(
            mint, b"\x17" + u(8, 5), known_call(program, "0x17", "amountToUiAmount")
        ),
        "ui_amount_to_amount": token(
            mint, b"\x181.5", known_call(program, "0x18", "uiAmountToAmount"), open_data=True
        ),
    }


def associated_cases(standard: str, mint: str | None = None) -> dict[str, Case]:
    program, minted = PROGRAMS[standard], mint or mint_of(standard)

    def create(owner: str, data: bytes, idempotent: bool) -> Case:
        account = account_of(owner, standard, minted)
        accounts = f"payer*+ {account}+ {owner} {minted} {ids.SYSTEM} {program}"
        made = {
            "type": "account_create", "account": account, "owner": text(owner), "asset": text(minted),
            "funder": text("payer"), "idempotent": idempotent, "token_program": program,
        }  # fmt: skip
        return Case(call(ids.ASSOCIATED_TOKEN, accounts, data), (made,), open_data=not data)

    return {
        "create": create("alice", b"\x00", False),
        "create_without_tag": create("carol", b"", False),
        "create_idempotent": create("bob", b"\x01", True),
    }


CASES = {
    **{f"{s}.{name}": case for s in PROGRAMS for name, case in base_cases(s).items()},
    **{f"{s}.ata_{name}": case for s in PROGRAMS for name, case in associated_cases(s).items()},
}
