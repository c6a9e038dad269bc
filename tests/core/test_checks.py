"""The registry of checks, and that dropping one drops that one and only in a process that asked for it at
import.
"""

import subprocess
import sys
import textwrap

import pytest

from quorate.core import checks
from quorate.core.checks import CHECKS, Failed, check
from quorate.core.errors import Refused


def test_a_failure_carries_the_name() -> None:
    @check("example_check", "missing_evidence")
    def even(number: int) -> None:
        if number % 2:
            raise Failed("odd", "send an even one", code="example_odd")

    even(2)
    with pytest.raises(Refused) as caught:
        even(3)
    refused = caught.value
    assert (refused.check, refused.code, refused.reason_class) == (
        "example_check",
        "example_odd",
        "missing_evidence",
    )
    assert (refused.message, refused.hint, refused.whose) == ("odd", "send an even one", "caller")
    assert CHECKS.pop("example_check").reason_class == "missing_evidence"


def test_a_name_has_one_reason_class() -> None:
    check("example_check", "missing_evidence")
    with pytest.raises(ValueError, match="already defined"):
        check("example_check", "expired")
    del CHECKS["example_check"]


def test_nothing_is_dropped_in_this_process() -> None:
    assert frozenset() == checks.DROPPED


def run(setup: str, environment: dict[str, str] | None = None) -> str:
    program = textwrap.dedent(f"""
        import quorate.core.checks as checks
        {setup}
        from quorate.core.evidence.token import Claims, token_time, token_uri
        claims = Claims("user", "n", 100, 155, "/v1/x", "")
        for call in (lambda: token_time(claims, 1000, 5), lambda: token_uri(claims, "/v1/y")):
            try:
                call()
                print("passed")
            except Exception as refused:
                print(refused.check)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout


def test_dropping_one_check_drops_that_one() -> None:
    assert run("") == "token_time\ntoken_uri\n"
    assert run('checks.DROPPED = frozenset({"token_time"})') == "passed\ntoken_uri\n"
    assert run('checks.DROPPED = frozenset({"token_time", "token_uri"})') == "passed\npassed\n"


def test_a_process_cannot_lose_a_check_later_or_by_its_environment() -> None:
    late = 'import quorate.core.evidence.token; checks.DROPPED = frozenset({"token_time"})'
    assert run(late) == "token_time\ntoken_uri\n"
    names = ("QUORATE_DROP_CHECKS", "QUORATE_DROPPED", "DROPPED")
    assert run("", dict.fromkeys(names, "token_time")) == "token_time\ntoken_uri\n"
