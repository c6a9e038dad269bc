"""Admission: a request is seen fresh, once, and put on file before the receipt leaves
(docs/spec/admission.md).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from quorate.core import faults
from quorate.core.chains import addresses
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import token
from quorate.core.model import canonical, labels
from quorate.core.model.charter import Charter
from quorate.core.model.charter.types import REQUESTER
from quorate.core.model.intent import Intent
from quorate.core.model.records import Signed
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.checks import admission as checks
from quorate.judge.checks import frozen
from quorate.judge.clock import Clock
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.state import SignerState
from quorate.judge.store.admissions import Admitted
from quorate.judge.store.store import Store


@dataclass(frozen=True, slots=True)
class _Request:
    """A request whose evidence holds."""

    intent: Intent
    intent_bytes: bytes
    intent_hash: bytes
    nonce: str


class Admit:
    """`fresh` answers the server's Admit; `through_others` is the way of a signer that was away when the
    token was fresh.
    """

    def __init__(
        self, state: SignerState, store: Store, log: Log, keeper: KeeperClient, clock: Clock
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock

    async def fresh(self, raw: link_pb2.RawRequest) -> link_pb2.Admitted:
        """The receipt, durable. Raises Refused by the checks in the order of the spec, QuorateError
        no_charter.
        """
        now = self._clock()
        request = self._check(raw, now, check_time=True)
        on_file = self._store.admissions.of_intent(request.intent_hash)
        if on_file and on_file.receipt:
            return self._answer(request)
        await self._keeper.ask(
            keeper_pb2.ToKeeper(
                sign_admission=keeper_pb2.SignAdmission(
                    intent_hash=request.intent_hash,
                    user=request.intent.user,
                    token_nonce=request.nonce,
                    external_id=request.intent.external_id,
                    time_ms=now,
                )
            ),
            record=lambda reply: self._record_receipt(request, now, reply.admission),
        )
        faults.point("judge.admit.after_commit")
        return self._answer(request)

    def through_others(self, raw: link_pb2.RawRequest, receipts: Sequence[Signed]) -> Admitted:
        """Puts the request on file in the current group. Raises Refused by the same checks without
        `token_time`, then `admissions`.
        """
        charter = self._state.require_charter()
        now = self._clock()
        request = self._check(raw, now, check_time=False)
        checks.admissions(charter, request.intent, request.intent_hash, request.nonce, receipts)
        with self._store.db.unit():
            self._record(request, now, None)
        on_file = self._store.admissions.of_intent(request.intent_hash)
        if on_file is None:
            raise QuorateError("admission_lost", "the admission just made is not on file", "bug")
        return on_file

    def _check(self, raw: link_pb2.RawRequest, now_ms: int, *, check_time: bool) -> _Request:
        charter = self._state.require_charter()
        claims = token.verify(
            raw.token,
            method=raw.method,
            uri=raw.uri,
            body=raw.body,
            user_key_pem_lookup=lambda sub: _requester_key(charter, sub),
            now=now_ms // 1000,
            skew=charter.skew,
            check_time=check_time,
        )
        token.token_target(raw.method, raw.uri)
        intent = fireblocks.to_intent(raw.body, claims, charter, self._state.certificates)
        intent_bytes = intent.to_bytes()
        request = _Request(intent, intent_bytes, canonical.digest(labels.INTENT, intent_bytes), claims.nonce)
        frozen.not_frozen(self._state.freezes, intent)
        self._check_unused(request)
        return request

    def _check_unused(self, request: _Request) -> None:
        intent, admissions = request.intent, self._store.admissions
        checks.request_replayed(request.intent_hash, admissions.of_nonce(intent.user, request.nonce))
        if intent.external_id is not None:
            checks.external_id(
                request.intent_hash, admissions.of_external_id(intent.user, intent.external_id)
            )

    def _record_receipt(self, request: _Request, now_ms: int, receipt: keeper_pb2.Signed) -> None:
        self._record(request, now_ms, Signed(receipt.body, receipt.signature))

    def _record(self, request: _Request, now_ms: int, receipt: Signed | None) -> None:
        """Within a unit: another request may have come in between, so the two checks on own records are made
        again.
        """
        self._check_unused(request)
        on_file = self._store.admissions.of_intent(request.intent_hash)
        if on_file is None:
            self._insert(
                Admitted(
                    request.intent, request.intent_hash, request.intent_bytes, request.nonce, now_ms, receipt
                )
            )
        elif receipt and not on_file.receipt:
            self._store.admissions.add_receipt(request.intent_hash, receipt)
        else:
            return  # the same request came twice at once; the first receipt stands
        self._log.append(
            "admission",
            {
                "intent": request.intent_hash.hex(),
                "user": request.intent.user,
                "token_nonce": request.nonce,
                "external_id": request.intent.external_id,
                "fresh": receipt is not None,
            },
            now_ms,
        )
        faults.point("judge.admit.before_commit")

    def _answer(self, request: _Request) -> link_pb2.Admitted:
        """The receipt that is on file, whichever of two equal requests made it."""
        on_file = self._store.admissions.of_intent(request.intent_hash)
        if on_file is None or on_file.receipt is None:
            raise QuorateError("admission_lost", "the admission just made is not on file", "bug")
        receipt = link_pb2.Signed(body=on_file.receipt.body, signature=on_file.receipt.signature)
        return link_pb2.Admitted(admission=receipt, intent=on_file.intent_bytes)

    def _know(self, intent: Intent) -> None:
        """The addresses of the own accounts that it names, so that what is made to resemble them is seen."""
        chain = self._state.require_charter().chain(intent.chain or "")
        key = self._state.certificates.get(chain.key) if chain else None
        if chain is None or key is None:
            return
        for account in _own_accounts(intent):
            path = fireblocks.account_path(chain, account)
            own = addresses.of_path(chain.id, key.curve, key.public_key, key.chain_code, path)
            self._store.addresses.add_own(chain.id, own, account)

    def _insert(self, admitted: Admitted) -> None:
        try:
            self._store.admissions.add(admitted)
            self._know(admitted.intent)
        except sqlite3.IntegrityError:
            raise Refused(
                "admission_unique",
                "token nonce or external id is on file for another request",
                reason_class="replay",
            ) from None


def _own_accounts(intent: Intent) -> set[str]:
    to = intent.destination
    named = {intent.source.vault_account, to.id if to and to.type == "own_account" else None}
    return {account for account in named if account is not None}


def _requester_key(charter: Charter, sub: str) -> str | None:
    """Viewers read; they never ask for a signature."""
    user = charter.user(sub)
    return user.rsa_public_key if user and user.role == REQUESTER else None
