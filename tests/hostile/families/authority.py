"""What only administrators or other signers may say: orders, key certificates, and peers' answers after a
start.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.client.ceremony import ssh
from quorate.core.model import canonical, labels
from quorate.core.model.records import SignedCertificate
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import EDDSA, ETH
from tests.hostile.ceremony import ADMINISTRATORS, MALLORY, SECP, SPARE, UNBORN
from tests.hostile.cluster import create_key, order_message
from tests.hostile.flow import refusals
from tests.hostile.hub import answer_as_it_is
from tests.hostile.mutation import Family, Mutation, Outcome, Run, flip, harmful, neutral, signs
from tests.hostile.world import Stage

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
Document = dict[str, Any]


def families() -> list[Family]:
    return [
        Family("orders", _creates_a_key, list(_orders()), at_once=4),
        Family("certificates", signs(EDDSA), list(_certificates()), at_once=1),
        Family("peers' answers", signs(ETH, [S1, S3]), list(_answers()), at_once=1),
    ]


# ---- orders


async def _creates_a_key(stage: Stage) -> Outcome:
    """A genuine order makes the spare key; later controls find it there."""
    await stage.once(SPARE, lambda: create_key(stage.site, stage.hub, SPARE))
    return Outcome(signed=True)


def _order(stage: Stage, **changes: Any) -> Document:
    now = int(time.time())
    order: Document = {
        "cluster": stage.charter.cluster,
        "charter": stage.charter.hash.hex(),
        "id": secrets.token_hex(16),
        "kind": "key-create",
        "key": UNBORN,
        "signer": None,
        "incarnation": None,
        "created_at": now,
        "expires_at": now + 600,
    }
    return {**order, **changes}


Signatures = Callable[[Stage, bytes], Iterable[tuple[str, str]]]
"""(administrator, armor) over the body."""


def _quorum(stage: Stage, body: bytes) -> Iterable[tuple[str, str]]:
    return [
        (name, ssh.sign(labels.ORDER, body, stage.site.administrator(name))) for name in ADMINISTRATORS[:2]
    ]


def _orders() -> Iterable[Mutation]:
    yield from _order_contents()
    yield from _order_signatures()
    for name, change in _order_changes().items():
        expected = {
            "cluster": "keeper:order_cluster",
            "charter": "keeper:order_charter",
        }.get(name, "keeper:order_signature")
        yield harmful(f"{name} changed after signing", expected, _altered_order(name, change))
    yield harmful("the same again", "keeper:order_replayed", _again)


def _order_contents() -> Iterable[Mutation]:
    """Signed by a quorum, and not to be run."""
    past = int(time.time()) - 5000
    contents: dict[str, tuple[str, Document]] = {
        "a key that exists": ("keeper:key_exists", {"key": SECP}),
        "a key that the charter does not name": ("keeper:order_key", {"key": "other"}),
        "another cluster": ("keeper:order_cluster", {"cluster": "0" * 32}),
        "another charter": ("keeper:order_charter", {"charter": "0" * 64}),
        "expired": ("keeper:order_expired", {"created_at": past, "expires_at": past + 600}),
        "a lifetime of two days": ("keeper:order_lifetime", {"expires_at": int(time.time()) + 172_800}),
        "expires before it begins": ("keeper:order_lifetime", {"expires_at": 5}),
        "no key": ("keeper:order_shape", {"key": None}),
        "a key and a signer": ("keeper:order_shape", {"signer": S1, "incarnation": 1}),
        "readmits nobody": ("keeper:order_shape", {"kind": "readmit", "key": None}),
        "an unknown kind": ("keeper:wrong_type", {"kind": "export"}),
        "an unknown member": ("keeper:unknown_member", {"also": 1}),
    }
    for name, (expected, changes) in contents.items():
        yield harmful(f"signed: {name}", expected, _ordered(changes, _quorum))


def _order_signatures() -> Iterable[Mutation]:
    def one(stage: Stage, body: bytes) -> Iterable[tuple[str, str]]:
        return list(_quorum(stage, body))[:1]

    def one_twice(stage: Stage, body: bytes) -> Iterable[tuple[str, str]]:
        return [*one(stage, body)] * 2

    def one_under_two_names(stage: Stage, body: bytes) -> Iterable[tuple[str, str]]:
        ((_, armor),) = one(stage, body)
        return [(ADMINISTRATORS[0], armor), (ADMINISTRATORS[1], armor)]

    def named(*names: str) -> Signatures:
        return lambda stage, body: [(name, _by_attacker(stage, labels.ORDER, body)) for name in names]

    def of_another_namespace(stage: Stage, body: bytes) -> Iterable[tuple[str, str]]:
        return [(n, ssh.sign(labels.CHARTER, body, stage.site.administrator(n))) for n in ADMINISTRATORS[:2]]

    def good_and_bad(stage: Stage, body: bytes) -> Iterable[tuple[str, str]]:
        return [*_quorum(stage, body), (ADMINISTRATORS[2], _by_attacker(stage, labels.ORDER, body))]

    sets: dict[str, Signatures] = {
        "none": lambda stage, body: [],
        "one of two": one,
        "one twice": one_twice,
        "one under two names": one_under_two_names,
        "attacker's under two names": named(*ADMINISTRATORS[:2]),
        "strangers'": named("eve", "mallory"),
        "of the charter's namespace": of_another_namespace,
        "a bad one beside a quorum": good_and_bad,
        "no armor": lambda stage, body: [(name, "x") for name in ADMINISTRATORS[:2]],
        "a hundred": lambda stage, body: [*_quorum(stage, body)] * 50,
    }
    for name, signatures in sets.items():
        expected = "keeper:order_quorum" if name in ("none", "one of two") else "keeper:order_signature"
        yield harmful(f"signatures: {name}", expected, _ordered({}, signatures))


def _order_changes() -> Mapping[str, Callable[[Document], Any]]:
    return {
        "cluster": lambda o: "0" * 32,
        "charter": lambda o: "0" * 64,
        "id": lambda o: secrets.token_hex(16),
        "key": lambda o: SPARE,
        "created_at": lambda o: o["created_at"] - 1,
        "expires_at": lambda o: o["expires_at"] + 60,
    }


def _ordered(changes: Document, signatures: Signatures) -> Run:
    async def run(stage: Stage) -> Outcome:
        body = canonical.encode(_order(stage, **changes))
        entries = await asyncio.to_thread(lambda: list(signatures(stage, body)))
        return await _sent(stage, body, entries)

    return run


def _altered_order(name: str, change: Callable[[Document], Any]) -> Run:
    async def run(stage: Stage) -> Outcome:
        order = _order(stage)
        entries = await asyncio.to_thread(lambda: list(_quorum(stage, canonical.encode(order))))
        return await _sent(stage, canonical.encode({**order, name: change(order)}), entries)

    return run


async def _again(stage: Stage) -> Outcome:
    """The order that created the spare key."""
    _, document = await stage.once(SPARE, lambda: create_key(stage.site, stage.hub, SPARE))
    order = order_message(document)
    return await _sent(stage, order.body, [(s.administrator, s.armor) for s in order.signatures])


async def _sent(stage: Stage, body: bytes, entries: Iterable[tuple[str, str]]) -> Outcome:
    """To signer-1 and signer-2. An order that is taken counts as signed."""
    signatures = [pb.SshSignature(administrator=name, armor=armor) for name, armor in entries]
    request = pb.Request(order=pb.Order(body=body, signatures=signatures))
    answers = {name: await stage.hub.ask(name, request) for name in (S1, S2)}
    taken = any(answer.HasField("done") for answer in answers.values())
    return Outcome(frozenset(refusals(answers).values()), taken)


def _by_attacker(stage: Stage, namespace: str, body: bytes) -> str:
    return ssh.sign(namespace, body, stage.site.administrator(MALLORY))


# ---- certificates


def _certificates() -> Iterable[Mutation]:
    """Observed in the journal: a certificate has no answer."""
    fields: dict[str, tuple[str, Callable[[Document], Any]]] = {
        "cluster": ("certificate_mismatch", lambda c: "0" * 32),
        "charter": ("certificate_charter", lambda c: "0" * 64),
        "order": ("signature", lambda c: "0" * 64),
        "key": ("certificate_mismatch", lambda c: "other"),
        "threshold": ("certificate_mismatch", lambda c: 3),
        "signers": ("certificate_mismatch", lambda c: c["signers"][:2]),
        "public_key": ("signature", lambda c: flip(bytes.fromhex(c["public_key"]), 1).hex()),
        "chain_code": ("signature", lambda c: flip(bytes.fromhex(c["chain_code"]), 0).hex()),
    }
    for name, (code, value) in fields.items():
        for seal in ("old signatures", "attacker's keys"):
            yield harmful(f"{name}, {seal}", f"certificate:{code}", _certificate(_field(name, value), seal))
    sets: dict[str, tuple[str, Callable[[dict[str, bytes]], dict[str, bytes]]]] = {
        "none": ("certificate_signers", lambda s: {}),
        "one missing": ("certificate_signers", lambda s: {k: v for k, v in s.items() if k != S3}),
        "one too many": ("certificate_signers", lambda s: {**s, "signer-4": s[S1]}),
        "one signer's for all": ("signature", lambda s: dict.fromkeys(s, s[S1])),
        "two exchanged": ("signature", lambda s: {**s, S1: s[S2], S2: s[S1]}),
        "a bit": ("signature", lambda s: {**s, S2: flip(s[S2], 8)}),
        "empty": ("signature", lambda s: {**s, S3: b""}),
    }
    for name, (code, change) in sets.items():
        yield harmful(
            f"signatures: {name}", f"certificate:{code}", _certificate(lambda c: c, "old signatures", change)
        )


def _field(name: str, value: Callable[[Document], Any]) -> Callable[[Document], Document]:
    return lambda certificate: {**certificate, name: value(certificate)}


def _certificate(
    change: Callable[[Document], Document],
    seal: str,
    signatures: Callable[[dict[str, bytes]], dict[str, bytes]] = dict,
) -> Run:
    async def run(stage: Stage) -> Outcome:
        genuine = _held(stage)
        body = canonical.encode(change(json.loads(genuine.body)))
        given = signatures(dict(genuine.signatures))
        if seal == "attacker's keys":
            given = {
                name: Ed25519PrivateKey.generate().sign(canonical.labelled(labels.KEY, body))
                for name in given
            }
        stage.signers[S1].journal()
        stage.hub.tell(S1, pb.ToSigner(certificate=pb.Certificate(body=body, signatures=given)))
        return Outcome(await _journal_codes(stage, S1, "certificate"))

    return run


def _held(stage: Stage) -> SignedCertificate:
    """A genuine certificate, as signer-1 told it when it attached."""
    certificate = stage.hub.signers[S1].hello.certificates[0]
    return SignedCertificate(certificate.body, dict(certificate.signatures))


async def _journal_codes(stage: Stage, name: str, kind: str, patience: float = 3.0) -> frozenset[str]:
    """The codes of refused messages of that kind; waits for the first."""
    until = asyncio.get_running_loop().time() + patience
    while asyncio.get_running_loop().time() < until:
        entries = [e for e in stage.signers[name].journal() if e.get("event") == "message_refused"]
        found = frozenset(f"{kind}:{entry['code']}" for entry in entries if entry["kind"] == kind)
        if found:
            return found
        await asyncio.sleep(0.02)
    return frozenset()


# ---- the start rule


def _answers() -> Iterable[Mutation]:
    """signer-3 is started again; what the others say of it is changed on the way. Then it must not vote."""
    later = {"version": lambda s: s["version"] + 1, "time_ms": lambda s: 1, "charter": lambda s: "0" * 64}
    fields: dict[str, Callable[[Document], Any]] = {
        "cluster": lambda s: "0" * 32,
        "from": lambda s: S2 if s["from"] == S1 else S1,
        "nonce": lambda s: "0" * 64,
        "known": lambda s: None,
        **later,
    }
    for name, value in fields.items():
        change = _field(name, value)
        yield harmful(
            f"{name}, old signature", "peer_answer:peer_signature", _started(_altered(change, resign=False))
        )
    for name in ("known", "nonce", "time_ms"):
        change = _field(name, fields[name])
        yield harmful(
            f"{name}, attacker's key", "peer_answer:peer_signature", _started(_altered(change, resign=True))
        )
    yield harmful("of the start before", "peer_answer:peer_nonce", _of_the_start_before)
    yield harmful("about another", "peer_answer:peer_about", _about_another)
    yield harmful("withheld", "keeper:start_rule", _started(lambda answer: []))
    yield harmful("one alone", "keeper:start_rule", _started(_only(S1)))
    yield neutral("given twice", _started(lambda answer: [answer, answer], honest=True))


Relay = Callable[[pb.PeerAnswer], list[pb.PeerAnswer]]


def _started(relay: Relay, *, honest: bool = False) -> Run:
    """Ends with everybody ready again."""

    async def run(stage: Stage) -> Outcome:
        stage.hub.relay_answer = lambda answer: relay(answer) if answer.about == S3 else [answer]
        stage.signers[S3].journal()
        try:
            await stage.restart(S3)
            if honest:
                await stage.ready()
            codes = frozenset() if honest else await _journal_codes(stage, S3, "peer_answer", 0.5)
            outcome = await signs(EDDSA, [S2, S3])(stage)
        finally:
            stage.hub.relay_answer = answer_as_it_is
            stage.hub.tell(S3, pb.ToSigner(peer_connected=pb.PeerConnected(signer=S1)))
        await stage.ready()
        refused = codes or outcome.refused
        return Outcome(refused, outcome.signed) if honest or not outcome.signed else outcome

    return run


def _altered(change: Callable[[Document], Document], *, resign: bool) -> Relay:
    def relay(answer: pb.PeerAnswer) -> list[pb.PeerAnswer]:
        body = canonical.encode(change(json.loads(answer.state.body)))
        signature = answer.state.signature
        if resign:
            signature = Ed25519PrivateKey.generate().sign(canonical.labelled(labels.PEER_STATE, body))
        altered = pb.PeerAnswer(about=answer.about, state=pb.Signed(body=body, signature=signature))
        setattr(altered, "from", getattr(answer, "from"))
        return [altered]

    return relay


def _only(name: str) -> Relay:
    return lambda answer: [answer] if getattr(answer, "from") == name else []


async def _of_the_start_before(stage: Stage) -> Outcome:
    kept: list[pb.PeerAnswer] = []

    def keep(answer: pb.PeerAnswer) -> list[pb.PeerAnswer]:
        kept.append(answer)
        return [answer]

    await _started(keep, honest=True)(stage)
    return await _started(lambda answer: kept)(stage)


async def _about_another(stage: Stage) -> Outcome:
    """Genuine answers about signer-2, made to its question, are given to signer-3 as about itself."""
    kept: list[pb.PeerAnswer] = []

    def keep(answer: pb.PeerAnswer) -> list[pb.PeerAnswer]:
        if (getattr(answer, "from"), answer.about) == (S1, S2):
            kept.append(pb.PeerAnswer(about=S3, state=answer.state))
        return [answer]

    stage.hub.relay_answer = keep
    await stage.restart(S2)
    await stage.ready()
    return await _started(lambda answer: kept)(stage)
