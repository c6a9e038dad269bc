"""Admission: once per token and external id, the same answer to the same request, the way through others."""

import asyncio
import json

import pytest

from quorate.core.errors import QuorateError, Refused
from quorate.core.model import labels
from quorate.core.model.intent import Intent
from quorate.core.model.records import Admission, Signed, verify_signed
from quorate.core.proto import link_pb2
from tests.judge.bench import Bench, Case
from tests.judge.cluster import transfer


async def refused(bench: Bench, raw: link_pb2.RawRequest) -> str:
    with pytest.raises(Refused) as caught:
        await bench.judge.admit.fresh(raw)
    return caught.value.check


async def test_a_receipt_is_signed_and_on_file(bench: Bench) -> None:
    case = await bench.admit(transfer(externalTxId="order-1"))
    admission = Admission.from_bytes(case.admission.body)
    verify_signed(
        labels.ADMISSION, Signed(case.admission.body, case.admission.signature), bench.keeper.me.vote_key
    )
    assert (admission.intent, admission.external_id) == (case.intent.hash, "order-1")
    on_file = bench.judge.store.admissions.of_intent(case.intent.hash)
    assert on_file is not None
    assert on_file.intent == case.intent


async def test_the_same_request_gets_the_same_receipt(bench: Bench) -> None:
    case = await bench.admit()
    again = await bench.judge.admit.fresh(case.raw)
    assert again.admission == case.admission
    assert bench.keeper.asked.count("sign_admission") == 1


async def test_the_same_request_twice_at_once_is_on_file_once(bench: Bench) -> None:
    raw = bench.cluster.user.request(transfer())
    first, second = await asyncio.gather(bench.judge.admit.fresh(raw), bench.judge.admit.fresh(raw))
    assert first == second, "the first receipt stands"
    assert bench.leaves().count("admission") == 1


async def test_a_token_is_used_for_one_body(bench: Bench) -> None:
    case = await bench.admit(nonce="once")
    other = bench.cluster.user.request(transfer("2"), nonce="once")
    assert await refused(bench, other) == "request_replayed"
    assert case.intent.amount == 10**18


async def test_an_external_id_is_accepted_once(bench: Bench) -> None:
    await bench.admit(transfer(externalTxId="order-1"))
    again = bench.cluster.user.request(transfer(externalTxId="order-1"))
    assert await refused(bench, again) == "external_id"
    await bench.admit(transfer(externalTxId="order-2"))


async def test_two_requests_at_once_cannot_share_an_external_id(bench: Bench) -> None:
    raws = [bench.cluster.user.request(transfer(str(n), externalTxId="order-1")) for n in (1, 2, 3)]
    results = await asyncio.gather(*(bench.judge.admit.fresh(raw) for raw in raws), return_exceptions=True)
    assert [getattr(result, "check", "admitted") for result in results] == [
        "admitted",
        "external_id",
        "external_id",
    ]


TOKENS = [
    ("token_time", {"exp": 1}),
    ("token_time", {"iat": 2**33, "exp": 2**33 + 10}),
    ("token_uri", {"uri": "/v1/vault"}),
    ("token_body", {"bodyHash": "00" * 32}),
    ("token_user", {"sub": "nobody"}),
]


@pytest.mark.parametrize(("name", "claims"), TOKENS)
async def test_evidence_is_refused_by_its_check(bench: Bench, name: str, claims: dict[str, object]) -> None:
    assert await refused(bench, bench.cluster.user.request(transfer(), **claims)) == name
    assert "sign_admission" not in bench.keeper.asked


async def test_viewers_and_strangers_ask_for_nothing(bench: Bench) -> None:
    assert await refused(bench, bench.cluster.viewer.request(transfer())) == "token_user"
    stranger = bench.cluster.viewer.request(transfer(), sub=bench.cluster.user.id)
    assert await refused(bench, stranger) == "token_signature"


async def test_only_transactions_are_admitted(bench: Bench) -> None:
    raw = bench.cluster.user.request(transfer(), uri="/v1/other")
    raw.uri = "/v1/other"
    assert await refused(bench, raw) == "token_uri"


async def test_a_body_that_maps_to_no_intent(bench: Bench) -> None:
    assert await refused(bench, bench.cluster.user.request({"operation": "MINT"})) == "intent"
    assert await refused(bench, bench.cluster.user.request(b"{")) == "intent"


async def test_without_a_charter_nothing_is_admitted(bench: Bench) -> None:
    raw = bench.cluster.user.request(transfer())
    bench.judge.state.charters = ()
    with pytest.raises(QuorateError, match="no_charter"):
        await bench.judge.admit.fresh(raw)


def receipts(bench: Bench, case: Case, *ids: str, **changes: object) -> list[link_pb2.Signed]:
    nonce = json.loads(_segment(case.raw.token))["nonce"]
    signed = []
    for id in ids:
        fields = {
            "cluster": bench.cluster.charter.cluster,
            "signer": id,
            "incarnation": 1,
            "intent": case.intent.hash,
            "user": case.intent.user,
            "token_nonce": nonce,
            "external_id": case.intent.external_id,
            "time_ms": 1,
            **changes,
        }
        receipt = bench.cluster.members[id].sign(labels.ADMISSION, Admission(**fields).to_bytes())  # type: ignore[arg-type]
        signed.append(link_pb2.Signed(body=receipt.body, signature=receipt.signature))
    return signed


def _segment(token: str) -> bytes:
    import base64

    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def unseen(bench: Bench) -> Case:
    """A request whose token is no longer fresh and that this signer never saw."""
    from quorate.core.dialects import fireblocks
    from quorate.core.evidence import token

    now = bench.now_ms() // 1000
    raw = bench.cluster.user.request(transfer(externalTxId="away"), iat=now - 100, exp=now - 50)
    claims = token.peek(raw.token)
    intent: Intent = fireblocks.to_intent(raw.body, claims, bench.cluster.charter, bench.cluster.keys)
    return Case(raw, intent, link_pb2.Signed())


async def test_a_signer_that_was_away_follows_t_others(bench: Bench) -> None:
    case = unseen(bench)
    assert await refused(bench, case.raw) == "token_time"
    admissions = receipts(bench, case, "signer-2", "signer-3")
    await bench.open(case, request=case.raw, admissions=admissions)
    await bench.open(case, session=2)
    assert bench.judge.store.admissions.of_external_id(case.intent.user, "away") == case.intent.hash


BAD_RECEIPTS = [
    (("signer-2",), {}),
    (("signer-2", "signer-2"), {}),
    ((), {}),
    (("signer-2", "signer-3"), {"intent": bytes(32)}),
    (("signer-2", "signer-3"), {"token_nonce": "other"}),
    (("signer-2", "signer-3"), {"cluster": "00" * 16}),
    (("signer-2", "signer-3"), {"signer": "signer-1"}),
]


@pytest.mark.parametrize(("ids", "changes"), BAD_RECEIPTS)
async def test_too_few_or_other_receipts_are_refused(
    bench: Bench, ids: tuple[str, ...], changes: dict[str, object]
) -> None:
    case = unseen(bench)
    with pytest.raises(Refused) as caught:
        await bench.open(case, request=case.raw, admissions=receipts(bench, case, *ids, **changes))
    assert caught.value.check == "admissions"


async def test_an_altered_body_is_caught_on_the_way_through_others(bench: Bench) -> None:
    case = unseen(bench)
    case.raw.body = json.dumps(transfer("9", externalTxId="away")).encode()
    with pytest.raises(Refused) as caught:
        await bench.open(case, request=case.raw, admissions=receipts(bench, case, "signer-2", "signer-3"))
    assert caught.value.check == "token_body"


async def test_another_requests_evidence_does_not_help(bench: Bench) -> None:
    case, other = unseen(bench), await bench.admit()
    with pytest.raises(Refused) as caught:
        await bench.open(case, request=other.raw, admissions=receipts(bench, case, "signer-2", "signer-3"))
    assert caught.value.check in ("admissions", "admitted")
