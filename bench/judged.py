"""The request that `bench.judging` judges, and what is on record about it: a token transfer of docs/spec."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bench.machine import ROOT
from quorate.client.dev import people
from quorate.client.dev.options import Options, Token
from quorate.core.chains.evm.build import build
from quorate.core.model import charter
from quorate.core.model.charter import Charter
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.charter.policy_types import Policy, Rule, Window
from quorate.core.model.intent import EVM_TX, Attempt, Intent
from quorate.core.model.records import KeyCertificate
from quorate.core.policy import Decision, Evidence, TallyLine, TallyView, decide
from quorate.core.policy.parse import policy_from_yaml
from quorate.core.policy.subject import Subject

_SPEC: Final[dict[str, Any]] = json.loads((ROOT / "docs/spec/vectors.json").read_bytes())
RULES, LINES = 100, 1000


def _example(structure: str, name: str) -> bytes:
    entry = next(entry for entry in _SPEC[structure]["valid"] if entry["name"] == name)
    return str(entry["text"]).encode()


CHARTER: Final = charter.parse(_example("charter", "example"))
INTENT: Final = Intent.from_bytes(_example("intent", "token transfer"))
KEY: Final = KeyCertificate.from_bytes(_example("key-certificate", "secp256k1"))
NOW_MS: Final = 1000 * INTENT.created_at
EVIDENCE: Final = Evidence(INTENT.user)
_CHAIN = next(chain for chain in CHARTER.chains if chain.id == INTENT.chain)
TOKEN: Final = next(asset for asset in CHARTER.assets if asset.id == INTENT.asset)
DATA: Final = build(
    INTENT, _CHAIN, CHARTER.assets, nonce=3, max_fee=2 * 10**9, max_priority=10**9, gas=65_000
)


def exchange() -> Policy:
    return _policy((ROOT / "examples/policies/exchange.yaml").read_text())


def dev() -> Policy:
    token = Token(TOKEN.id, TOKEN.chain, TOKEN.contract or "", TOKEN.decimals)
    options = Options(Path(), None, 3, 2, evm="http://127.0.0.1", tokens=(token,), whitelist=())
    return _policy(people.policy(options, INTENT.user, [_CHAIN.id]))


def _policy(text: str) -> Policy:
    native = replace(TOKEN, id="ETH", contract=None, decimals=18)
    return read_policy(policy_from_yaml(text, [TOKEN, native] if " ETH" in text else None), "policy")


def rules(windows: bool = False) -> Policy:
    """Each rule about an asset of its own, the last about ours: it alone matches. Each may have a window."""
    window = Window(86_400, 10**15, ("requester", "destination")) if windows else None
    assets = [*(f"A{n}" for n in range(RULES - 1)), TOKEN.id]
    made = [
        Rule(
            f"r{number}",
            "allow",
            requesters=(INTENT.user,),
            operations=("TRANSFER",),
            destinations=("own_account", "whitelist"),
            assets=(asset,),
            max_amount=10**15,
            window=window,
        )
        for number, asset in enumerate(assets)
    ]
    return Policy(tuple(made))


def tally() -> TallyView:
    """Of our asset, requester and destination, all within the window, so that every line counts."""
    to = INTENT.effects[0].to
    return TallyView(
        [
            TallyLine(n.to_bytes(32, "big"), INTENT.user, "0", to, TOKEN.id, 1, NOW_MS - n)
            for n in range(1, LINES + 1)
        ]
    )


@dataclass(frozen=True)
class Judge:
    """What a signer does between the attempt and its verdict, as far as it is pure. Nothing is kept between
    calls but what a signer keeps: the compiled policy, and addresses that it derived before.
    """

    charter: Charter

    @classmethod
    def under(cls, policy: Policy) -> "Judge":
        return cls(replace(CHARTER, policy=policy))

    def __call__(self) -> Decision:
        subject = Subject(self.charter, INTENT, KEY, Attempt(INTENT.hash, EVM_TX, DATA))
        asked, policy = subject.request(), self.charter.policy
        decision = decide(policy, asked, subject.effects, EVIDENCE, TallyView(), NOW_MS)
        if not decision.allowed or subject.reading.effects != INTENT.effects:
            raise RuntimeError(f"the request of the benchmark is refused: {decision}")
        return decision
