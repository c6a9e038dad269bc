"""Every status with every event, against the table written down a second time."""

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.lifecycle import (
    BEFORE_RELEASE,
    FINISHED,
    TRANSITIONS,
    Event,
    Status,
    after,
)

LISTED = """
SUBMITTED          admitted         QUEUED
SUBMITTED          opened           PENDING_SIGNATURE
SUBMITTED          refused          BLOCKED
SUBMITTED          vetoed           REJECTED
SUBMITTED          cancelled        CANCELLED
SUBMITTED          failed           FAILED
PENDING_AUTHORIZATION  approved     QUEUED
PENDING_AUTHORIZATION  refused      BLOCKED
PENDING_AUTHORIZATION  vetoed       REJECTED
PENDING_AUTHORIZATION  cancelled    CANCELLED
PENDING_AUTHORIZATION  failed       FAILED
QUEUED             asked            PENDING_AUTHORIZATION
QUEUED             opened           PENDING_SIGNATURE
QUEUED             refused          BLOCKED
QUEUED             vetoed           REJECTED
QUEUED             cancelled        CANCELLED
QUEUED             failed           FAILED
PENDING_SIGNATURE  asked            PENDING_AUTHORIZATION
PENDING_SIGNATURE  requeued         QUEUED
PENDING_SIGNATURE  signed           BROADCASTING
PENDING_SIGNATURE  messages_signed  COMPLETED
PENDING_SIGNATURE  refused          BLOCKED
PENDING_SIGNATURE  vetoed           REJECTED
PENDING_SIGNATURE  dead             FAILED
BROADCASTING       broadcast        CONFIRMING
BROADCASTING       confirmed        COMPLETED
BROADCASTING       replaced         BROADCASTING
BROADCASTING       dead             FAILED
CONFIRMING         replaced         BROADCASTING
CONFIRMING         confirmed        COMPLETED
CONFIRMING         dead             FAILED
"""
TABLE = {(s, e): f for s, e, f in (line.split() for line in LISTED.strip().splitlines())}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_status_and_event(status: Status, event: Event) -> None:
    expected = TABLE.get((status, event))
    if expected is None:
        with pytest.raises(QuorateError, match="transition"):
            after(status, event)
    else:
        assert after(status, event) == expected


def test_once_a_share_may_be_out_only_a_signature_or_dead_bytes_end_it() -> None:
    ends = {event: after(Status.PENDING_SIGNATURE, event) for event in TRANSITIONS[Status.PENDING_SIGNATURE]}
    for event, following in ends.items():
        if event in BEFORE_RELEASE:
            with pytest.raises(QuorateError, match="share may be out"):
                after(Status.PENDING_SIGNATURE, event, released=True)
        else:
            assert after(Status.PENDING_SIGNATURE, event, released=True) == following
    assert set(ends) - BEFORE_RELEASE == {Event.SIGNED, Event.MESSAGES_SIGNED, Event.DEAD}


def test_table_is_whole() -> None:
    assert set(TRANSITIONS) == set(Status)
    assert len(TABLE) == sum(map(len, TRANSITIONS.values())) == 31
    assert {"COMPLETED", "CANCELLED", "BLOCKED", "REJECTED", "FAILED"} == FINISHED
