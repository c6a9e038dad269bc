"""docs/incidents.md says what the incident files say, and `quorate demo museum` judges all of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quorate.client.demo import museum_chapter
from quorate.client.demo.museum import page, shown
from quorate.client.demo.story import Wrong
from quorate.core.errors import QuorateError
from tests.core.vectors import ROOT


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs/incidents.md").read_text() == page.text(), (
        "python -m quorate.client.demo.museum.page > docs/incidents.md"
    )


def test_every_incident_and_item_is_told() -> None:
    folder = shown.checkout()
    told = [shown.show(case, shown.policy(folder)) for case in shown.incidents(folder)]
    assert (len(told), sum(len(one.items) for one in told)) == (24, 57)
    assert all(one.refused for one in told)
    judged = [item for one in told for item in one.items if item.decision is not None]
    assert len(judged) == 56
    assert all(item.effects and item.stopped_by for item in judged)


def test_the_chapter_needs_no_cluster(tmp_path: Path) -> None:
    """Also from elsewhere, with an installation in place."""
    command = [
        sys.executable,
        "-m",
        "quorate.client.cli.main",
        "demo",
        "museum",
        "--dir",
        str(tmp_path / "d"),
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60, env=dict(os.environ)
    )
    assert done.stdout.count("the approvers saw") == 24
    assert "Every step came out as told" in done.stdout
    assert not (tmp_path / "d").exists()


def test_a_theft_that_is_allowed_ends_the_chapter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Under a policy that lifts what stopped it."""
    permissive = tmp_path / "policy.yaml"
    text = (ROOT / shown.POLICY).read_text()
    spender = "0xD5316c20a3CfD371A894fB61b7e14f266Cacb64F"
    lift = f'{{prohibition: approval_to_unknown_spender, subjects: ["{spender}"]}}'
    text = text.replace(
        "rules:\n", f"rules:\n  - {{name: x, operations: [APPROVE], lifts: [{lift}], verdict: allow}}\n", 1
    )
    permissive.write_text(text)
    monkeypatch.setattr(shown, "POLICY", str(permissive))
    shown.policy.cache_clear()
    try:
        with pytest.raises(Wrong):
            museum_chapter.play(tmp_path)
    finally:
        shown.policy.cache_clear()


def test_outside_a_checkout_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "INCIDENTS", "nowhere")
    with pytest.raises(QuorateError, match="not_a_checkout"):
        shown.checkout()
