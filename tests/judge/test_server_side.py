"""Every request gets one answer; refusals are named and logged; parts of certificates are not lost."""

import json

from quorate.core.proto import keeper_pb2, link_pb2
from tests.judge.bench import Bench
from tests.judge.cluster import transfer


async def ask(bench: Bench, **request: object) -> link_pb2.Answer:
    message = link_pb2.ToSigner(request=link_pb2.Request(id=7, **request))  # type: ignore[arg-type]
    await bench.judge.server_side.handle(message)
    answer = bench.sent[-1].answer
    assert answer.id == 7
    assert not bench.judge.store.db._in_group, "the answer was ahead of the disk"
    return answer


async def test_a_session_over_the_link(bench: Bench) -> None:
    raw = bench.cluster.user.request(transfer())
    admitted = (await ask(bench, admit=link_pb2.Admit(request=raw))).admitted
    from quorate.core.model.intent import Intent
    from tests.judge.bench import Case

    case = Case(raw, Intent.from_bytes(admitted.intent), admitted.admission)
    opened = (await ask(bench, open=bench.request(case))).opened
    assert len(opened.tally) == 1
    again = (await ask(bench, open=bench.request(case, session=2))).opened
    assert len(again.tally) == 0, "only entries that the server lacks are sent"
    await bench.judge.server_side.handle(
        link_pb2.ToSigner(welcome=link_pb2.Welcome(protocol=1, tally_count=0))
    )
    third = (await ask(bench, open=bench.request(case, session=3))).opened
    assert [entry.body for entry in third.tally] == [entry.body for entry in opened.tally]
    assert (await ask(bench, abandon=link_pb2.Abandon(session_id=third.session_id))).HasField("done")


async def test_refusals_carry_the_check_and_are_logged(bench: Bench) -> None:
    case = await bench.admit(transfer("11"))
    refusal = (await ask(bench, open=bench.request(case))).refusal
    assert (refusal.check, refusal.reason_class, refusal.signer) == ("policy", "velocity", "signer-1")
    assert refusal.intent_hash == case.intent.hash
    assert json.loads(refusal.trace)[0] == {"rule": "capped", "first_mismatch": "window"}
    assert bench.leaves()[-1] == "refusal"


async def test_a_keepers_error_is_the_refusal(bench: Bench) -> None:
    bench.keeper.refuse["vote"] = "start_rule"
    refusal = (await ask(bench, open=bench.request(await bench.admit()))).refusal
    assert (refusal.check, refusal.reason_class, refusal.whose) == ("start_rule", "peer_error", "peer")


async def test_garbage_is_answered_and_survived(bench: Bench) -> None:
    assert (await ask(bench)).refusal.check == "request_unknown"
    assert (await ask(bench, order=link_pb2.Order(body=b"{"))).refusal.check == "not_canonical"
    assert (await ask(bench, admit=link_pb2.Admit())).refusal.check == "token_form"
    assert (await ask(bench, open=link_pb2.Open())).refusal.check == "admitted"
    for message in (
        link_pb2.ToSigner(),
        link_pb2.ToSigner(certificate=link_pb2.Certificate(body=b"x")),
        link_pb2.ToSigner(peer_query=link_pb2.PeerQuery()),
    ):
        await bench.judge.server_side.handle(message)


async def test_a_bug_is_an_answer_and_not_the_end(bench: Bench, monkeypatch: object) -> None:
    async def broken(_: object) -> None:
        raise ZeroDivisionError

    bench.judge.server_side._open.open = broken  # type: ignore[method-assign,assignment]
    refusal = (await ask(bench, open=link_pb2.Open(intent_hash=bytes(32)))).refusal
    assert (refusal.check, refusal.whose) == ("internal", "bug")


async def test_a_certificate_part_is_offered_until_it_is_whole(bench: Bench) -> None:
    store, certificate = bench.judge.store, bench.cluster.certificates["ecdsa"]
    part = keeper_pb2.CertificatePart(
        order_id=bytes(16), certificate=keeper_pb2.Signed(body=certificate.body, signature=bytes(64))
    )
    event = keeper_pb2.Event(certificate_part=part)
    events = bench.judge.keeper._events
    with store.db.unit():
        events.record(event)
    events.emit(event)
    assert bench.sent[-1].certificate_part.order_id == "00" * 16
    bench.sent.clear()
    bench.judge.server_side.attached()
    assert bench.sent[0].certificate_part.certificate.body == certificate.body

    store.db._connection.execute("DELETE FROM certificates")
    bench.judge.state.certificates = {}
    message = link_pb2.Certificate(body=certificate.body, signatures=certificate.signatures)
    await bench.judge.server_side.handle(link_pb2.ToSigner(certificate=message))
    assert store.certificates.parts() == ()


async def test_hello_says_what_is_in_force(bench: Bench) -> None:
    hello = bench.judge.server_side.hello()
    charter = bench.cluster.charter
    assert (hello.protocol, hello.signer, hello.charter_hash) == (1, "signer-1", charter.hash)
    assert hello.acknowledgement.body
    assert {certificate.body for certificate in hello.certificates} == {
        certificate.body for certificate in bench.cluster.certificates.values()
    }
    assert (hello.isolation, hello.seal, hello.ready.may_vote) == ("same-user", "key-file", True)
