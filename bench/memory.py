"""Resident memory before and after the load."""

from collections.abc import Mapping
from typing import Final

from bench.tables import Cell, table

ROLES: Final = (("keeper", "keepers"), ("judge", "judges"), ("server", "server"))


def show(idle: Mapping[str, Mapping[str, float]], after_load: Mapping[str, Mapping[str, float]]) -> str:
    rows: list[list[Cell]] = [
        [
            name,
            idle[role]["resident"],
            after_load[role]["resident"],
            after_load[role]["peak"],
            after_load[role]["locked"],
        ]
        for name, role in ROLES
    ]
    heads = ("largest process, MiB", "idle", "after the load", "most ever", "locked")
    foot = (
        "Resident, shared libraries included. Dev signers are sealed by a key file; a passphrase takes "
        "64 MiB more for Argon2id while the keeper starts."
    )
    return table("Memory", heads, rows, foot)
