"""Log leaves: one event, one encoding."""

from typing import Any

import pytest

from quorate.core.audit.events import EVENTS, Event
from quorate.core.errors import QuorateError
from tests.core.audit.logs import CLUSTER, SIGNER, leaf

FIELDS: dict[str, Any] = {
    "cluster": CLUSTER, "signer": SIGNER, "index": 3, "time_ms": 1, "event": "started",
    "data": {"incarnation": 2},
}  # fmt: skip


def test_worked_bytes() -> None:
    assert Event(**FIELDS).to_leaf() == (
        b'quorate/log-leaf/v1\n{"cluster":"' + b"ab" * 16 + b'","data":{"incarnation":2},"event":"started",'
        b'"index":3,"signer":"signer-1","time_ms":1}'
    )


def test_every_event_round_trips() -> None:
    assert len(EVENTS) == len(set(EVENTS)) == 19
    for name in EVENTS:
        event = Event(**{**FIELDS, "event": name})
        assert Event.from_leaf(event.to_leaf()) == event


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"event": "unheard-of"}, "log_entry"),
        ({"data": {"text": "x" * 65_536}}, "log_entry"),
        ({"data": {"rate": 0.5}}, "not_canonical"),
    ],
)
def test_what_is_not_written(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(QuorateError) as error:
        Event(**{**FIELDS, **changes}).to_leaf()
    assert error.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data.replace(b"log-leaf", b"log-lead"), "log_entry"),
        (lambda data: data[20:], "log_entry"),
        (lambda data: data + b" ", "not_canonical"),
        (lambda data: data.replace(b'"index":3', b'"index":03'), "not_canonical"),
        (lambda data: data.replace(b'"index":3,', b""), "missing_member"),
        (lambda data: data[:-1] + b',"zone":0}', "unknown_member"),
        (lambda data: data.replace(b'"index":3', b'"index":-3'), "wrong_type"),
        (lambda data: data.replace(b'"decision"', b'"decisiom"'), "wrong_type"),
        (lambda data: data.replace(b'{"n":3}', b"[]"), "wrong_type"),
        (lambda data: data.replace(b"signer-1", b"Signer-1"), "identifier"),
    ],
)
def test_what_is_not_read(change: Any, code: str) -> None:
    with pytest.raises(QuorateError) as error:
        Event.from_leaf(change(leaf(3)))
    assert error.value.code == code
