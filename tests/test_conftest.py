"""The rule about skips must be able to fail."""

import pytest

from tests.conftest import CAPABILITIES, skip_is_listed


def test_every_capability_says_what_it_is_and_where_it_may_be_absent() -> None:
    assert len(CAPABILITIES) >= 5
    for capability in CAPABILITIES.values():
        assert set(capability) == {"what", "ci"}
        assert capability["ci"] in ("present", "may be absent")


@pytest.mark.parametrize(
    "reason", ["", "not today", "Skipped: some-name: absent", "namespaces without a colon"]
)
def test_an_unlisted_skip_is_refused(reason: str) -> None:
    assert not skip_is_listed(reason)


def test_a_listed_skip_is_taken_unless_ci_must_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert skip_is_listed("Skipped: anvil: no binary")
    monkeypatch.setenv("CI", "true")
    assert not skip_is_listed("Skipped: anvil: no binary")
    assert skip_is_listed("Skipped: namespaces: not root")
