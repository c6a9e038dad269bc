"""The first exchange with the keeper: what it remembers is compared with what the database holds."""

import json

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.core.model.charter import verify_chain
from quorate.core.model.freeze import FreezeState
from quorate.core.model.records import SignedCertificate, verify_certificate
from quorate.core.proto import keeper_pb2 as pb
from quorate.judge import isolation
from quorate.judge.annotating import refresh
from quorate.judge.clock import Clock
from quorate.judge.documents import to_keeper
from quorate.judge.journal import Journal
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.state import SignerState, Start
from quorate.judge.store.store import Store


async def load(
    state: SignerState, store: Store, log: Log, keeper: KeeperClient, clock: Clock, journal: Journal
) -> None:
    """Wakes the keeper and fills `state`.

    Raises QuorateError isolation, and where keeper and database differ.
    """
    _read_store(state, store)
    isolation.require(state.isolation, state.charter)
    loaded = (
        await keeper.ask(_request(state, store), record=lambda _: faults.point("judge.start.loaded"))
    ).loaded
    _fill(state, loaded)
    _compare(state, store, loaded)
    log.attach(keeper, loaded.log_size, loaded.log_root)
    with store.db.unit():
        _forget_unvoted(store)
        store.sessions.end_all_voted()
        log.append(
            "started",
            {"incarnation": loaded.incarnation, "seal": loaded.seal, "isolation": state.isolation},
            clock(),
        )
    await store.db.durable()
    faults.point("judge.start.recorded")
    journal(
        "started",
        incarnation=loaded.incarnation,
        isolation=state.isolation,
        charter_version=len(state.charters),
        keys=len(state.certificates),
        hardening=",".join(loaded.hardening),
        keeper=loaded.program_version,
    )


def _read_store(state: SignerState, store: Store) -> None:
    documents = store.charters.documents()
    state.charters = verify_chain(documents) if documents else ()
    certificates = [SignedCertificate.from_json(json.loads(content)) for content in store.certificates.all()]
    keys = [verify_certificate(certificate, state.charters) for certificate in certificates]
    state.certificates = {key.key: key for key in keys}
    state.freezes = store.freezes.known()
    refresh(state, store)


def _request(state: SignerState, store: Store) -> pb.ToKeeper:
    blobs = store.blobs.all()
    if not blobs:
        raise QuorateError(
            "not_initialised", "the database holds no keeper's blobs", "caller", "run: quorate signer init"
        )
    certificates = [SignedCertificate.from_json(json.loads(content)) for content in store.certificates.all()]
    return pb.ToKeeper(
        load=pb.Load(
            blobs=[pb.Blob(name=name, content=content) for name, content in blobs.items()],
            charters=[to_keeper(document) for document in store.charters.documents()],
            certificates=[pb.Certificate(body=c.body, signatures=c.signatures) for c in certificates],
        )
    )


def _fill(state: SignerState, loaded: pb.Loaded) -> None:
    state.seal = loaded.seal
    state.vote_key = loaded.vote_key
    state.log_key = loaded.log_key
    state.incarnation = loaded.incarnation
    state.start_nonce = loaded.start_nonce
    state.start = Start.of(loaded.start)


def _compare(state: SignerState, store: Store, loaded: pb.Loaded) -> None:
    """Keeper's state and database are written in one transaction; a difference means that a part was
    replaced.
    """
    if loaded.signer != state.id:
        raise _differ("signer_mismatch", f"the keeper is {loaded.signer}, this directory is of {state.id}")
    charter = state.charter
    if (charter.hash if charter else b"") != (loaded.charter_hash if loaded.charter_version else b""):
        raise _differ(
            "charter_mismatch", f"the keeper has version {loaded.charter_version} of the charter in force"
        )
    known = store.tally.head(state.id)
    if loaded.tally_count != known.count or (known.count and loaded.tally_head != known.head):
        raise _differ(
            "tally_mismatch", f"the keeper made {loaded.tally_count} tally entries, {known.count} are on file"
        )
    theirs = FreezeState(loaded.freeze_count, loaded.freeze_hash) if loaded.freeze_hash else FreezeState()
    if theirs != state.freezes.state:
        raise _differ("freeze_mismatch", "the keeper knows other freezes than are on file")


def _forget_unvoted(store: Store) -> None:
    """Votes that were never let out: their bytes, nonces and room in the windows are free."""
    store.attempts.forget_unvoted()
    for intent_hash in store.tally.drop_unvoted():
        store.nonces.give_back(intent_hash)


def _differ(code: str, message: str) -> QuorateError:
    return QuorateError(
        code,
        message,
        "storage",
        "the database was restored from another copy; do not start this signer on it",
    )
