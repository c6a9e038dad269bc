"""Every recorded theft of an EVM chain, tried on a running cluster, by a requester and by the server; and the
benign cases beside them, which are signed.

What counts is what the signers wrote into their own logs: a refusal with its reason, and no vote.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from quorate.core.audit.events import Event
from tests.museum import rebind
from tests.museum.conftest import NAMED_CALL, Museum

UNASKED = {"intent_mismatch", "blind", "delegation_7702"}
"""Why bytes are refused that nobody asked for: they are not the request, or no transfer at all."""


def written(museum: Museum, external_ids: Iterable[str], kind: str) -> Mapping[str, list[Event]]:
    """What the signers wrote about these requests, once each has an entry of that kind."""
    wanted, until = set(external_ids), time.monotonic() + 20
    while True:
        events = museum.logs.all()
        of = {e.data["intent"]: str(e.data["external_id"]) for e in events if e.event == "admission"}
        found: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if of.get(str(event.data.get("intent"))) in wanted:
                found[of[str(event.data["intent"])]].append(event)
        told = {id for id, entries in found.items() if kind in {e.event for e in entries}}
        if told >= wanted or time.monotonic() > until:
            return found
        time.sleep(0.2)


def ask(museum: Museum, requests: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Sends all at once, by name, which is their externalTxId too; how each ended."""
    ids = {name: museum.requester.submit({**body, "externalTxId": name}) for name, body in requests.items()}
    return {name: str(museum.requester.finish(id, 90)) for name, id in ids.items()}


def votes(entries: Iterable[Event]) -> list[Event]:
    return [entry for entry in entries if entry.event in ("vote", "release")]


def reasons(entries: Iterable[Event]) -> set[str]:
    return {str(entry.data["reason_class"]) for entry in entries if entry.event == "refusal"}


def test_what_is_asked_for(museum: Museum) -> None:
    thefts = {theft.name: theft for theft in rebind.thefts()}
    assert len(thefts) == 31
    ends = ask(museum, {name: museum.rebinding.request(t.item) for name, t in thefts.items()})
    logs = written(museum, thefts, "refusal")
    for name, theft in thefts.items():
        assert ends[name].startswith("BLOCKED"), (name, ends[name])
        assert not votes(logs[name]), name
        assert reasons(logs[name]), name
        assert reasons(logs[name]) <= theft.reasons, (name, reasons(logs[name]), theft.reasons)
    by_name = {name for name, theft in thefts.items() if reasons(logs[name]) == {theft.main}}
    assert len(by_name) == 14, sorted((name, reasons(logs[name])) for name in thefts.keys() - by_name)


def test_the_benign_twins_are_signed(museum: Museum) -> None:
    twins = dict(rebind.twins())
    assert len(twins) == 17
    requests = {name: museum.rebinding.request(item) for name, item in twins.items()}
    requests["the call that a rule names"] = HONEST["call"]
    ends = ask(museum, requests)
    assert set(ends.values()) == {"COMPLETED: no explanation"}, ends
    logs = written(museum, requests, "release")
    assert all(len({e.signer for e in votes(logs[name])}) == 2 for name in requests)


def test_the_transfer_to_the_true_address_beside_the_poisoned_one(museum: Museum) -> None:
    (case,) = [case for case in rebind.incidents() if case["id"].startswith("address-poisoning")]
    hint = case["context"]["lookalike_of"]
    item = case["items"][0]
    data = item["decoded"]["data"].replace(hint["address"][2:].lower(), hint["resembles"][2:].lower())
    true = {**item, "decoded": {**item["decoded"], "data": data}}
    ends = ask(museum, {"true address": museum.rebinding.request(true)})
    assert ends == {"true address": "COMPLETED: no explanation"}


_SOURCE = {"type": "VAULT_ACCOUNT", "id": "0"}
HONEST: Mapping[str, dict[str, Any]] = {
    "transfer": {
        "operation": "TRANSFER", "assetId": "ETH", "amount": "0.01", "source": _SOURCE,
        "destination": {"type": "EXTERNAL_WALLET", "id": "known-0"},
    },
    "call": {
        "operation": "CONTRACT_CALL", "assetId": "ETH", "source": _SOURCE,
        "destination": {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": NAMED_CALL[0]}},
        "extraParameters": {"contractCallData": NAMED_CALL[1] + f"{7:064x}"},
    },
}  # fmt: skip


@pytest.mark.parametrize("asked", HONEST)
def test_what_the_server_puts_in_place_of_a_request(museum: Museum, asked: str) -> None:
    """The requester asks for something that is allowed; the server builds the theft."""
    thefts = {f"no {asked}, but {t.name}": t for t in rebind.thefts() if t.item["format"] == "evm-tx"}
    assert len(thefts) == 22
    honest = HONEST[asked]
    lie = museum.cluster.server / "lie"
    museum.lying()
    try:
        ends: dict[str, str] = {}
        for name, theft in thefts.items():
            lie.write_text(json.dumps(museum.rebinding.transaction(theft.item)))
            ends |= ask(museum, {name: honest})
        logs = written(museum, thefts, "refusal")
        for name, theft in thefts.items():
            assert ends[name].startswith(("BLOCKED", "FAILED")), (name, ends[name])
            assert not votes(logs[name]), name
            assert reasons(logs[name]), (name, ends[name])
            assert reasons(logs[name]) <= theft.reasons | UNASKED, (name, reasons(logs[name]))
        lie.write_text("")
        again = f"{asked}, honest again"
        assert ask(museum, {again: honest}) == {again: "COMPLETED: no explanation"}
    finally:
        lie.unlink(missing_ok=True)
        museum.replace_server()
