"""Loader, lookup tables, memo, Anchor programs, and programs that nobody knows."""

from hashlib import sha256

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana.cases import Case, Effect, authority, blind_call, known_call, permission, pk, u
from tests.core.chains.solana.runtime import call, text

SLOT = 435_888_000
"""The slot whose hash the runtime of the tests knows after it has moved on."""


def loader(accounts: str, data: bytes, *effects: Effect, **more: bool) -> Case:
    return Case(call(ids.LOADER, accounts, data), effects, **more)


def table(accounts: str, data: bytes, *effects: Effect) -> Case:
    return Case(call(ids.LOOKUP_TABLE, accounts, data), effects)


def upgraded(**more: object) -> dict[str, object]:
    made = {"type": "upgrade", "contract": text("program"), "implementation": text("buffer")}
    return {**made, "authority": text("alice"), **more}


def closed(account: str, to: str, program: str, **more: object) -> dict[str, object]:
    return {"type": "account_close", "account": text(account), "to": text(to), "program": program, **more}


ALICE = {"authority": text("alice")}
UPGRADER = "upgrade_authority"

CASES = {
    "buffer": loader("buffer+ alice", u(4, 0), authority("buffer", "buffer_authority", "alice", "loader")),
    "buffer_without_authority": loader(
        "buffer+", u(4, 0), authority("buffer", "buffer_authority", "none", "loader")
    ),
    "write": loader(
        "buffer+ alice*",
        u(4, 1) + u(4, 3) + u(8, 4) + b"\x7fELF",
        known_call(ids.LOADER, "0x01000000", "write", account=text("buffer"), **ALICE, offset=3, length=4),
    ),
    "deploy": loader(
        f"payer*+ data+ program+ buffer+ rent clock {ids.SYSTEM} alice*",
        u(4, 2) + u(8, 1000),
        upgraded(method="deploy", funder=text("payer")),
    ),
    "upgrade": loader(
        "data+ program+ buffer+ bob+ rent clock alice*",
        u(4, 3),
        upgraded(method="upgrade", spill=text("bob")),
    ),
    "loader_authority": loader(
        "buffer+ alice* bob", u(4, 4), authority("buffer", UPGRADER, "bob", "loader", "alice")
    ),
    "loader_authority_dropped": loader(
        "data+ alice*", u(4, 4), authority("data", UPGRADER, "none", "loader", "alice")
    ),
    "loader_authority_checked": loader(
        "buffer+ bob* alice*", u(4, 7), authority("buffer", UPGRADER, "alice", "loader", "bob")
    ),
    "loader_close": loader("buffer+ carol+ alice*", u(4, 5), closed("buffer", "carol", "loader", **ALICE)),
    "loader_close_program": loader(
        "data+ carol+ alice* program+",
        u(4, 5),
        closed("data", "carol", "loader", **ALICE, contract=text("program")),
    ),
    "loader_close_uninitialized": loader("buffer+ carol+", u(4, 5), closed("buffer", "carol", "loader")),
    "extend_program": loader(
        f"data+ program+ {ids.SYSTEM} payer*+",
        u(4, 6) + u(4, 100),
        blind_call(ids.LOADER, "0x06000000", "amount_not_in_bytes", ("payer",), "extendProgram"),
    ),
    "table_create": table(
        f"table+ alice payer*+ {ids.SYSTEM}",
        u(4, 0) + u(8, SLOT) + b"\xff",
        {
            "type": "account_create",
            "account": text("table"),
            "owner": text("alice"),
            "asset": "SOL",
            "funder": text("payer"),
        },
    ),
    "table_freeze": table(
        "table+ alice*", u(4, 1), authority("table", "lookup_table", "none", "lookup_table", "alice")
    ),
    "table_extend": table(
        f"table+ alice* payer*+ {ids.SYSTEM}",
        u(4, 2) + u(8, 2) + pk("bob") + pk("carol"),
        permission(
            "table",
            "lookup_table_extend",
            addresses=[text("bob"), text("carol")],
            **ALICE,
            funder=text("payer"),
        ),
    ),
    "table_deactivate": table(
        "table+ alice*", u(4, 3), permission("table", "lookup_table_deactivate", **ALICE)
    ),
    "table_close": table("table+ alice* bob+", u(4, 4), closed("table", "bob", "lookup_table", **ALICE)),
    "memo": Case(
        call(ids.MEMO, "alice*", "größer".encode()),
        ({"type": "memo", "text": "größer", "signers": [text("alice")]},),
        open_data=True,
        open_accounts=True,
    ),
    "memo_v1": Case(
        call(ids.MEMO_V1, "", b"hello"),
        ({"type": "memo", "text": "hello"},),
        open_data=True,
        open_accounts=True,
    ),
    "update_admin": Case(
        call(ids.DRIFT, "alice* state+", sha256(b"global:update_admin").digest()[:8] + pk("bob")),
        (authority("state", "program_admin", "bob", "drift", "alice") | {"method": "update_admin(Pubkey)"},),
    ),
    "squads_unknown": Case(
        call(ids.SQUADS_V4, "alice*", b"12345678"),
        (blind_call(ids.SQUADS_V4, "0x" + b"12345678".hex(), "stored_instructions", ("alice",)),),
    ),
    "unknown_program": Case(
        call(text("program"), "alice* bob", b"123456789"),
        (blind_call(text("program"), "0x" + b"12345678".hex(), "unknown_program", ("alice",)),),
    ),
    "unknown_program_without_data": Case(
        call(text("program"), "", b""), (blind_call(text("program"), "0x", "unknown_program"),)
    ),
}
