"""Asking the cluster, and what its signers wrote into their own logs."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping

from quorate.core.audit.events import Event
from tests.museum.conftest import Museum
from tests.museum.rebind.asking import Request

AT_ONCE = 12
"""Fewer than the nonces that signers allow ahead."""
QUORUM = 2
DONE = "COMPLETED: no explanation"


def ask(museum: Museum, requests: Mapping[str, Request]) -> dict[str, str]:
    """Sends some at once, by name, which is their externalTxId too; how each ended."""
    names, ends = list(requests), {}
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        ids = {name: museum.requester.submit({**requests[name], "externalTxId": name}) for name in some}
        ends |= {name: str(museum.requester.finish(id, 90)) for name, id in ids.items()}
    return ends


def written(museum: Museum, external_ids: Iterable[str], kind: str) -> Mapping[str, list[Event]]:
    """What the signers wrote about these requests, once two have an entry of that kind about each: a
    quorum.
    """
    wanted, until = set(external_ids), time.monotonic() + 20
    while True:
        events = museum.logs.all()
        of = {e.data["intent"]: str(e.data["external_id"]) for e in events if e.event == "admission"}
        found: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if of.get(str(event.data.get("intent"))) in wanted:
                found[of[str(event.data["intent"])]].append(event)
        told = {id for id, entries in found.items() if len(signers_of(entries, kind)) >= QUORUM}
        if told >= wanted or time.monotonic() > until:
            return found
        time.sleep(0.2)


def signers_of(entries: Iterable[Event], kind: str) -> set[str]:
    return {entry.signer for entry in entries if entry.event == kind}


def votes(entries: Iterable[Event]) -> list[Event]:
    return [entry for entry in entries if entry.event in ("vote", "release")]


def reasons(entries: Iterable[Event]) -> set[str]:
    return {str(entry.data["reason_class"]) for entry in entries if entry.event == "refusal"}
