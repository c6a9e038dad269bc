"""The stage of a mutation: a running cluster, the people, and the oracle that is told of every request."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError
from quorate.core.evidence import token
from quorate.core.model.intent import Attempt, Intent
from quorate.core.model.records import KeyCertificate
from quorate.core.proto import link_pb2 as pb
from tests.hostile import bodies
from tests.hostile.ceremony import Site
from tests.hostile.flow import World
from tests.hostile.launcher import Build, Signer
from tests.hostile.oracle import Genuine, Oracle
from tests.hostile.requester import Requester

T = TypeVar("T")
CURRENT: ContextVar[str] = ContextVar("CURRENT", default="a control")
"""The mutation under way, for the oracle's words."""


@dataclass
class Stage(World):
    """`requester` is alice, whom the policy allows what it allows."""

    site: Site
    certificates: Mapping[str, KeyCertificate]
    oracle: Oracle
    signers: dict[str, Signer]
    build: Build
    server: str
    accounts: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    names_of: dict[bytes, str] = field(default_factory=dict)
    harm: dict[str, str] = field(default_factory=dict)
    """Mutation -> what the oracle reads in the bytes that it shows."""
    _once: dict[object, "asyncio.Task[Any]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.oracle.label = lambda intent: self.names_of.get(intent, intent.hex()[:12])

    def account(self) -> int:
        """A vault account that nothing was done with."""
        return next(self.accounts)

    def request(
        self,
        body: bodies.Body | bytes,
        *,
        by: Requester | None = None,
        covered: bool = True,
        **claims: Any,
    ) -> pb.RawRequest:
        """A request that its requester signed. `covered`: the policy allows it. The oracle is told."""
        raw = (by or self.requester).request(body, **claims)
        self.remember(raw, covered)
        return raw

    def genuine(self, kind: str, **changes: Any) -> pb.RawRequest:
        """A covered request of that kind, from an account of its own."""
        return self.request(bodies.body(kind, self.account(), **changes))

    def remember(self, raw: pb.RawRequest, covered: bool) -> None:
        claims = token.peek(raw.token)
        try:
            intent = self.intent(raw)
        except QuorateError:
            return  # no body of the dialect: nothing may ever be signed for it
        genuine = Genuine(raw.body, claims.nonce, claims.iat, covered)
        self.oracle.genuine.setdefault(intent.hash, genuine)
        self.names_of.setdefault(intent.hash, CURRENT.get())

    def shown(self, attempt: Attempt) -> None:
        self.harm[CURRENT.get()] = self.oracle.harm(attempt)

    def intent(self, raw: pb.RawRequest) -> Intent:
        """What every signer derives from the request, shown to it or not. Raises QuorateError."""
        return fireblocks.to_intent(raw.body, token.peek(raw.token), self.charter, self.certificates)

    def sender(self, intent: Intent | None) -> str:
        """The address of the account that pays."""
        assert intent is not None
        account, asset = intent.source.vault_account or "", intent.asset or ""
        return fireblocks.account_address(self.charter, self.certificates, asset, account)

    async def once(self, key: object, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `make` made on this stage when it was first asked for by that key."""
        if key not in self._once:
            self._once[key] = asyncio.create_task(make())
        made: T = await asyncio.shield(self._once[key])
        return made

    async def restart(self, *names: str) -> None:
        """Ends these signers' processes and starts them again; returns when they are attached."""
        for name in names:
            await asyncio.to_thread(self.signers[name].stop)
        await self.hub.gone(names)
        for name in names:
            self.signers[name].start(self.build, self.server)
        await self.hub.attached(names)

    async def ready(self, timeout: float = 60.0) -> None:
        """Waits until all signers are attached and may vote. Raises TimeoutError."""
        await self.hub.all_ready(self.names, timeout)
