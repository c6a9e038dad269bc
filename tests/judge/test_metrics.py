"""What a judge tells of itself in figures: that it is right, bounded, and gives nothing away; and the door to
it.
"""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from quorate.core.checks import CHECKS
from quorate.core.errors import QuorateError, Refused
from quorate.core.proto import link_pb2 as pb
from quorate.judge.config import read_config
from quorate.judge.metrics import door
from quorate.judge.metrics.door import MetricsDoor, Place, place_of
from quorate.judge.metrics.exposition import Exposition
from quorate.judge.metrics.measures import KEEPER, UNDECORATED, Measures
from quorate.judge.metrics.text import Counter, Histogram
from tests.judge.bench import Bench
from tests.judge.calls import STRANGER
from tests.judge.cluster import CAPPED, SHOP, Cluster, chain_json, raw_eddsa, transfer
from tests.judge.real_cluster import RealCluster

ROOT = Path(__file__).resolve().parents[2]


def parsed(text: bytes) -> dict[tuple[str, ...], float]:
    """(name, label values...) -> value, as Prometheus' own reader understands it."""
    families = list(text_string_to_metric_families(text.decode()))
    assert len({family.name for family in families}) == len(families)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def figures(bench: Bench) -> dict[tuple[str, ...], float]:
    return parsed(Exposition(bench.judge, lambda: False).text())


async def ask(bench: Bench, **request: Any) -> pb.Answer:
    """As the server asks."""
    before = len(bench.sent)
    await bench.judge.server_side.handle(pb.ToSigner(request=pb.Request(id=1, **request)))
    return next(m.answer for m in bench.sent[before:] if m.HasField("answer"))


async def test_a_signer_at_rest(bench: Bench) -> None:
    found = figures(bench)
    wanted = {
        "ready": 1, "connected": 0, "charter_version": 1, "charter_pending": 0, "freezes": 0, "keys": 2,
        "start_refused": 0, "log_problem": 0, "repeated_r": 0, "clock_behind_seconds": 0, "tally_own": 0,
        "tally_known": 0, "bugs_total": 0,
    }  # fmt: skip
    assert {name: found[f"quorate_judge_{name}",] for name in wanted} == wanted
    assert found["quorate_judge_log_size",] == bench.judge.log.size > 0
    assert found["quorate_judge_database_bytes",] > 4096
    assert found["quorate_judge_commit_seconds_count",] > 0
    assert found["quorate_judge_log_entries_total", "vote"] == 0, "what has not happened yet is told as 0"


async def test_requests_votes_and_refusals_are_counted(bench: Bench) -> None:
    raw = bench.cluster.user.request(transfer())
    assert (await ask(bench, admit=pb.Admit(request=raw))).HasField("admitted")
    case = await bench.admit(transfer())
    assert (await ask(bench, open=bench.request(case))).HasField("opened")
    lie = await bench.admit(transfer())
    assert (await ask(bench, open=bench.request(lie, to=STRANGER))).refusal.check == "effects_match"
    assert (await ask(bench, open=bench.request(lie, session=1, members=["signer-1"]))).refusal
    assert (await ask(bench, release=pb.Release(session_id=bytes(32)))).refusal
    found = figures(bench)
    assert found["quorate_judge_request_seconds_count", "open"] == 3
    assert found["quorate_judge_request_seconds_count", "admit"] == 1
    refusals = {key[1:]: v for key, v in found.items() if key[0] == "quorate_judge_refusals_total"}
    assert refusals == {
        ("open", "effects_match"): 1,
        ("open", "members"): 1,
        ("release", "session_known"): 1,
    }
    events = {key[1]: v for key, v in found.items() if key[0] == "quorate_judge_log_entries_total"}
    assert {name: events[name] for name in ("admission", "vote", "decision", "refusal", "release")} == {
        "admission": 3, "vote": 1, "decision": 1, "refusal": 3, "release": 0,
    }  # fmt: skip
    assert found["quorate_judge_keeper_seconds_count", "vote"] == 1
    assert (found["quorate_judge_tally_own",], found["quorate_judge_tally_known",]) == (1, 1)


async def test_nothing_of_a_request_is_told(bench: Bench) -> None:
    case = await bench.admit(transfer("7.654321", externalTxId="payout-9"))
    opened = await bench.open(case)
    text = Exposition(bench.judge, lambda: True).text().decode().lower()
    cluster = bench.cluster
    for secret in (
        SHOP, cluster.address("0"), cluster.user.id, cluster.charter.cluster, "7654321", "payout-9", "eth",
        case.intent.hash.hex(), opened.session_id.hex(), cluster.charter.hash.hex(), "signer-", "shop",
    ):  # fmt: skip
        assert secret.lower() not in text, secret


async def test_what_is_rolled_back_was_not_logged(bench: Bench) -> None:
    before = dict(bench.judge.log.counts)

    def fail() -> None:
        with bench.judge.store.db.unit():
            bench.judge.log.append("refusal", {"check": "none"}, 1)
            assert bench.judge.log.counts["refusal"] == before["refusal"] + 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert bench.judge.log.counts == before


async def test_problems_show(bench: Bench) -> None:
    with bench.judge.store.db.unit():
        bench.judge.store.facts.raise_to("repeated_r", 1)
        bench.judge.store.facts.raise_to("latest_vote_ms", bench.now_ms() + 60_000)
    bench.judge.log._problem = "no space"
    await bench.judge.freezing.freeze(bench.cluster.freeze())
    found = figures(bench)
    assert found["quorate_judge_repeated_r",] == 1
    assert 55 < found["quorate_judge_clock_behind_seconds",] <= 60
    assert (found["quorate_judge_log_problem",], found["quorate_judge_freezes",]) == (1, 1)


async def test_a_version_that_waits_shows_until_it_is_vetoed(tmp_path: Path) -> None:
    cluster = Cluster(CAPPED, timelock=3600)
    async with Bench(cluster, tmp_path).running() as bench:
        document = cluster.next_charter(skew=6)
        await bench.judge.activation.activate(chain_json(cluster.document, document), None)
        found = figures(bench)
        assert (found["quorate_judge_charter_version",], found["quorate_judge_charter_pending",]) == (1, 1)
        bench.judge.proposals.veto(cluster.veto(document))
        assert figures(bench)["quorate_judge_charter_pending",] == 0


# ---- labels


def test_only_names_of_checks_are_labels() -> None:
    measures = Measures()
    for code in ("policy", "session_known", "start_rule", "whatever a keeper says", SHOP):
        measures.refused("open", code)
    lines = [line for line in measures.lines() if line.startswith("quorate_judge_refusals_total{")]
    assert lines == [
        f'quorate_judge_refusals_total{{request="open",check="{name}"}} {count}'
        for name, count in (("other", 2), ("policy", 1), ("session_known", 1), ("start_rule", 1))
    ]


def test_every_check_that_can_refuse_a_request_has_its_name() -> None:
    """Those of docs/checks.md, and those written out where they are raised."""
    import quorate.judge.main  # noqa: F401 - everything that defines checks

    known = {*CHECKS, *UNDECORATED, *KEEPER}
    pages = (ROOT / "docs/checks.md").read_text().split("\n## ")[1:]
    about = {page.partition("\n")[0].partition(" (")[0].partition(",")[0]: page for page in pages}
    documented = set[str]()
    for title in ("Admission", "Open", "Statements of approvers", "Tally entries of other signers", "Vote"):
        rows = re.findall(r"^\| (`.*?) \|", about[title], re.MULTILINE)
        documented |= {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(documented) > 50
    assert documented - known == set()
    sources = [
        p.read_text() for zone in ("judge", "core") for p in (ROOT / "src/quorate" / zone).rglob("*.py")
    ]
    raised = {name for text in sources for name in re.findall(r'Refused\(\s*"(\w+)"', text)}
    assert len(raised) >= 8
    assert raised - known == set()


def test_text_is_escaped_and_buckets_add_up() -> None:
    counter = Counter("c_total", "help", ("what",))
    counter.add('a"b\\c\nd')
    durations = Histogram("h", "help", (0.1, 1))
    for seconds in (0.05, 0.1, 0.5, 7):
        durations.observe(seconds)
    text = "\n".join((*counter.lines(), *durations.lines())) + "\n"
    found = parsed(text.encode())
    assert found["c_total", 'a"b\\c\nd'] == 1
    assert [found["h_bucket", bound] for bound in ("0.1", "1", "+Inf")] == [2, 3, 4]
    assert (found["h_count",], found["h_sum",]) == (4, pytest.approx(7.65))


# ---- the door


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served(
    place: Place, text: Callable[[], bytes] = lambda: b"x 1\n"
) -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
    journal: list[tuple[str, dict[str, Any]]] = []
    open_door = MetricsDoor(place, text, lambda event, /, **fields: journal.append((event, fields)))
    task = asyncio.create_task(open_door.serve())
    try:
        yield journal
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def connect(place: Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(5):
        while True:
            try:
                if place.path is not None:
                    return await asyncio.open_unix_connection(place.path)
                return await asyncio.open_connection(place.host, place.port)
            except OSError:
                await asyncio.sleep(0.01)


async def get(place: Place, sent: bytes = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") -> tuple[int, bytes]:
    """(status, body); 0 where there is no answer."""
    reader, writer = await connect(place)
    writer.write(sent)
    try:
        answer = await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        answer = b""
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, body


@pytest.mark.parametrize("kind", ["port", "socket"])
async def test_it_is_served(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "metrics.sock"
    place = Place("127.0.0.1", free_port()) if kind == "port" else Place(path=path)
    if kind == "socket":
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(path))
        left.close()
    async with served(place) as journal:
        for _ in range(20):
            assert await get(place) == (200, b"x 1\n")
        for sent, status in (
            (b"GET / HTTP/1.1\r\n\r\n", 404),
            (b"GET /metrics?x=1 HTTP/1.0\r\n\r\n", 200),
            (b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
            (b"nonsense\r\n\r\n", 400),
            (b'{"do": "activate"}\n\r\n\r\n', 400),
            (b"GET /metrics HTTP/1.1\r\n" + b"x" * 20_000, 0),
        ):
            assert (await get(place, sent))[0] == status, sent[:40]
        assert journal == []
    assert not path.exists()


async def test_clients_that_say_nothing_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "WITHIN", 0.3)
    place = Place("127.0.0.1", free_port())
    async with served(place):
        silent = [await connect(place) for _ in range(door.MAX_CLIENTS)]
        await asyncio.sleep(0.05)
        assert (await get(place))[0] == 0, "one more than the door takes"
        for reader, writer in silent:
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
        assert (await get(place))[0] == 200


async def test_a_failure_is_told_and_harms_nothing() -> None:
    def broken() -> bytes:
        raise ZeroDivisionError

    place = Place("127.0.0.1", free_port())
    async with served(place, broken) as journal:
        assert (await get(place))[0] == 500
        assert (await get(place))[0] == 500
    assert [event for event, _ in journal] == ["bug", "bug"]


async def test_a_place_that_is_taken_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "AGAIN", 0.1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        place = Place("127.0.0.1", other.getsockname()[1])
        async with served(place) as journal:
            await asyncio.sleep(0.25)
            other.close()
            await asyncio.sleep(0.25)
            assert (await get(place))[0] == 200
    assert {event for event, _ in journal} == {"metrics_unserved"}


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0:9464",
        "10.0.0.1:9464",
        "localhost:9464",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:70000",
        "",
        9464,
    ],
)
def test_it_is_served_at_home_only(text: object, tmp_path: Path) -> None:
    document = {"id": "signer-1", "server": "x:1", "metrics": text}
    (tmp_path / "signer.json").write_text(json.dumps(document))
    with pytest.raises(QuorateError) as caught:
        read_config(tmp_path, None)
    assert (caught.value.code, caught.value.whose) == ("config", "caller")


def test_where_it_may_be_served(tmp_path: Path) -> None:
    assert place_of(None, "") is None
    assert place_of("127.0.0.1:9464", "") == Place("127.0.0.1", 9464)
    assert place_of("[::1]:9464", "") == Place("::1", 9464)
    assert place_of("/run/x.sock", "") == Place(path=Path("/run/x.sock"))
    (tmp_path / "signer.json").write_text(json.dumps({"id": "signer-1", "server": "x:1"}))
    assert read_config(tmp_path, None).metrics is None, "off unless asked for"


# ---- a real one


def _written(folder: Path) -> bool:
    return (folder / "audit" / "checkpoint").exists()


async def test_three_real_signers(tmp_path: Path) -> None:
    """Keepers and judges as processes: figures of signing, of a refusal, and of a restart."""
    cluster = RealCluster(tmp_path / "c", CAPPED)
    places = {id: Place(path=tmp_path / f"{id}.sock") for id in cluster.signers}
    for id, signer in cluster.signers.items():
        document = {"id": id, "server": "by option", "metrics": str(places[id].path)}
        (signer.folder / "signer.json").write_text(json.dumps(document))
    async with cluster.running():
        status, body = await get(places["signer-1"])
        assert status == 200
        assert parsed(body)["quorate_judge_charter_version",] == 0
        await cluster.activate()
        await cluster.create_key("eddsa")
        await cluster.sign(raw_eddsa(b"one"), "signer-1", "signer-2")
        case = await cluster.admit(raw_eddsa(b"two"))
        await cluster.ask_open(case, "signer-2", "signer-1", session=1)
        found = {id: parsed((await get(place))[1]) for id, place in places.items()}
        for id, votes in (("signer-1", 1), ("signer-2", 1), ("signer-3", 0)):
            one = found[id]
            for name, value in (("ready", 1), ("connected", 1), ("keys", 1), ("tally_own", votes)):
                assert one[f"quorate_judge_{name}",] == value, (id, name)
            for event in ("vote", "release", "result"):
                assert one["quorate_judge_log_entries_total", event] == votes, (id, event)
            assert one["quorate_judge_log_entries_total", "admission"] == 2
            assert one.get(("quorate_judge_refusals_total", "open", "members"), 0) == votes
            assert one.get(("quorate_judge_sessions_total", "signed"), 0) == votes
            assert one["quorate_judge_keeper_seconds_count", "sign_admission"] == 2
            await cluster.hub.until(lambda id=id: _written(cluster.signers[id].folder))
            assert parsed((await get(places[id]))[1])["quorate_judge_keeper_seconds_count", "checkpoint"] > 0
        third = cluster.signers["signer-3"]
        third.stop()
        third.start(cluster.address)
        await cluster.hub.ready(third.id)
        again = parsed((await get(places[third.id]))[1])
        assert again["quorate_judge_log_entries_total", "admission"] == 0, "counted since the start"
        assert again["quorate_judge_log_size",] >= found[third.id]["quorate_judge_log_size",]


def test_refusals_of_the_policy_are_named() -> None:
    from quorate.judge import refusals

    assert refusals.name(Refused("policy", "", reason_class="x", code="y")) == "policy"
    assert refusals.name(QuorateError("keeper_gone", "")) == "keeper_gone"
