"""Freezes: what each scope stops, and that sets merge in any order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.errors import QuorateError
from quorate.core.model.freeze import Freeze, FreezeSet, FreezeState
from quorate.core.model.intent import Intent, RawMessage, Source
from tests.core.examples import VECTORS, body
from tests.core.spec.generate.freezes import SCOPES
from tests.core.spec.generate.world import CLUSTER, USER

INTENTS = {entry["name"]: Intent.from_bytes(body(entry)) for entry in VECTORS["intent"]["valid"]}
TOKEN, RAW = INTENTS["token transfer"], INTENTS["RAW Ed25519"]


def freeze(id: int, scope: str = "workspace", subject: str | None = None) -> Freeze:
    return Freeze(CLUSTER, f"{id:032x}", scope, subject, "alice", 1)


@pytest.mark.parametrize(
    ("scope", "subject", "stopped", "other"),
    [
        ("account", TOKEN.source.vault_account, TOKEN, RAW),
        ("asset", "USDC", TOKEN, RAW),
        ("key", "main-eddsa", RAW, TOKEN),
        ("user", USER, TOKEN, replace(TOKEN, user="somebody else")),
    ],
)
def test_a_scope_stops_its_subject(scope: str, subject: str, stopped: Intent, other: Intent) -> None:
    assert freeze(1, scope, subject).stops(stopped)
    assert not freeze(1, scope, subject).stops(other)
    assert not freeze(1, scope, "9" if scope == "account" else "another").stops(stopped)


def test_the_workspace_stops_everything() -> None:
    assert all(freeze(1).stops(intent) for intent in INTENTS.values())


def test_an_account_is_stopped_on_its_asset_paths_by_raw_too() -> None:
    def raw(*path: int) -> Intent:
        message = RawMessage(b"\x11" * 32, path, "ecdsa-secp256k1")
        return replace(RAW, source=Source(None), messages=(message,))

    account = freeze(1, "account", "7")
    assert account.stops(raw(44, 60, 7, 0, 0))
    assert account.stops(raw(84, 0, 7, 0, 3))
    assert not account.stops(raw(44, 60, 0, 0, 7))
    assert not account.stops(raw(1729, 0, 7))


def test_words() -> None:
    assert [Freeze.from_bytes(freeze.to_bytes()).words for freeze in (freeze(1), freeze(2, "user", "x"))] == [
        "workspace",
        "user x",
    ]
    assert {scope: value["scope"] for scope, value in SCOPES.items()} == {scope: scope for scope in SCOPES}


def test_what_was_lifted_never_comes_back() -> None:
    known = FreezeSet().add(freeze(1))
    assert known.stopping(TOKEN) == freeze(1)
    lifted = known.lift([freeze(1).id, freeze(2).id])
    assert lifted.stopping(TOKEN) is None
    assert lifted.state == FreezeState(4, FreezeState().hash)
    for id in (1, 2):
        with pytest.raises(QuorateError, match="freeze_lifted"):
            lifted.add(freeze(id))
    with pytest.raises(QuorateError, match="freeze_conflict"):
        known.add(freeze(1, "user", "x"))
    assert known.add(freeze(1)) == known


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=20), st.randoms(use_true_random=False))
def test_sets_merge_and_the_count_only_rises(steps: list[tuple[int, bool]], random: "object") -> None:
    def run(steps: list[tuple[int, bool]]) -> FreezeSet:
        known = FreezeSet()
        for id, lift in steps:
            before = known.state.count
            if lift:
                known = known.lift([freeze(id).id])
            elif freeze(id).id not in known.lifted:
                known = known.add(freeze(id))
            assert known.state.count >= before
        return known

    shuffled = list(steps)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert run(steps).state == run(shuffled).state
    assert run(steps) == run(shuffled)
