"""Extensions of Token-2022, on the mint `mint-fee`."""

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana.cases import (
    Case,
    Effect,
    authority,
    blind_call,
    known_call,
    permission,
    pk,
    some,
    u,
)
from tests.core.chains.solana.cases_token import account_of, associated_cases, moved
from tests.core.chains.solana.runtime import call, text


def extension_cases() -> dict[str, Case]:
    program, mint = ids.TOKEN_2022, "mint-fee"
    alice, bob = account_of("alice", "token2022", mint), account_of("bob", "token2022", mint)
    by = {"authority": text("issuer")}

    def token(accounts: str, data: bytes, *effects: Effect, **more: bool) -> Case:
        return Case(call(program, accounts, data), effects, **more)

    def fee(points: int, most: int, **more: object) -> dict[str, object]:
        return permission(mint, "transfer_fee", basis_points=points, maximum=str(most), **more)

    def role(kind: str, new: str = "issuer", current: str | None = None) -> dict[str, object]:
        return authority(mint, kind, new, "token2022", current)

    return {
        "close_mint_authority": token(f"{mint}+", b"\x19" + some("issuer"), role("close_mint")),
        "fee_initialize": token(
            f"{mint}+",
            b"\x1a\x00" + some("issuer") + some("issuer") + u(2, 100) + u(8, 500),
            role("transfer_fee_config"),
            role("withheld_withdraw"),
            fee(100, 500),
        ),
        "default_state_initialize": token(
            f"{mint}+", b"\x1c\x00\x01", permission(mint, "default_account_state", state="initialized")
        ),
        "permanent_delegate": token(f"{mint}+", b"\x23" + pk("issuer"), role("permanent_delegate")),
        "hook_initialize": token(
            f"{mint}+",
            b"\x24\x00" + pk("issuer") + bytes(32),
            role("transfer_hook_program"),
            permission(mint, "transfer_hook"),
        ),
        "fee_transfer": token(
            f"{alice}+ {mint} {bob}+ alice*",
            b"\x1a\x01" + u(8, 200) + b"\x06" + u(8, 2),
            moved("token2022", text(mint), alice, bob, 200, decimals=6, fee="2"),
        ),
        "fee_harvest": token(
            f"{mint}+ {bob}+",
            b"\x1a\x04",
            known_call(program, "0x1a04", "harvestWithheldTokensToMint", mint=text(mint)),
            open_accounts=True,
        ),
        "fee_withdraw": token(
            f"{mint}+ {alice}+ issuer*",
            b"\x1a\x02",
            blind_call(program, "0x1a02", "amount_not_in_bytes", ("issuer",), "withdrawWithheldTokens"),
            open_data=True,
            open_accounts=True,
        ),
        "fee_withdraw_from_accounts": token(
            f"{mint}+ {alice}+ issuer* {bob}+",
            b"\x1a\x03\x01",
            blind_call(program, "0x1a03", "amount_not_in_bytes", ("issuer",), "withdrawWithheldTokens"),
            open_data=True,
            open_accounts=True,
        ),
        "fee_change": token(f"{mint}+ issuer*", b"\x1a\x05" + u(2, 50) + u(8, 9), fee(50, 9, **by)),
        "default_state_update": token(
            f"{mint}+ issuer*",
            b"\x1c\x01\x02",
            permission(mint, "default_account_state", state="frozen", **by),
        ),
        "hook_update": token(
            f"{mint}+ issuer*",
            b"\x24\x01" + pk("program"),
            permission(mint, "transfer_hook", program=text("program"), **by),
        ),
        "memo_required": token(
            f"{alice}+ alice*", b"\x1e\x00", permission(alice, "memo_required", authority=text("alice"))
        ),
        "memo_not_required": token(
            f"{alice}+ alice*", b"\x1e\x01", permission(alice, "memo_not_required", authority=text("alice"))
        ),
        "cpi_guard": token(
            f"{alice}+ alice*", b"\x22\x00", permission(alice, "cpi_guarded", authority=text("alice"))
        ),
        "cpi_guard_off": token(
            f"{alice}+ alice*", b"\x22\x01", permission(alice, "cpi_not_guarded", authority=text("alice"))
        ),
        "non_transferable": token(f"{mint}+", b"\x20", permission(mint, "non_transferable")),
        "set_fee_authority": token(
            f"{mint}+ issuer*",
            b"\x06\x04" + some("bob"),
            authority(mint, "transfer_fee_config", "bob", "token2022", "issuer"),
        ),
        "unknown_extension": token(
            f"{mint}+ issuer*",
            b"\x1b\x00",
            blind_call(program, "0x1b", "unknown_instruction", ("issuer",)),
            open_data=True,
            open_accounts=True,
        ),
        "unknown_fee_instruction": token(
            f"{mint}+ issuer*",
            b"\x1a\x06",
            blind_call(program, "0x1a06", "unknown_instruction", ("issuer",)),
            open_data=True,
            open_accounts=True,
        ),
    }


CASES = {
    **{f"ata_{name}": case for name, case in associated_cases("token2022", "mint-fee").items()},
    **extension_cases(),
}
