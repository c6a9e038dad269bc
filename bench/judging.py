"""What a signer decides by, without disk, network or keeper: exact bytes to effects, effects to a verdict.

Beside the decoders and beside the policy stands a library that does the nearest thing to it, in the same run.
"""

import gc
import json
import statistics
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import cedarpy
import rlp  # type: ignore[import-untyped]
from eth_abi.abi import decode as abi_decode
from solders.message import from_bytes_versioned

from bench import judged
from bench.machine import ROOT
from bench.tables import Cell, table
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.decode import decode_bytes
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.policy import TallyView, decide
from quorate.core.policy.subject import Subject
from tests.core.chains.bitcoin.support import NETWORK, holding, wallet
from tests.core.chains.bitcoin.test_signed import built, coins
from tests.core.chains.tron import published
from tests.core.policy.test_cedar import condition

WARM_UP, CALLS = 200, 3000
AIM_TRANSFER_MS, AIM_RULES_MS = 1.0, 0.2
Work = Callable[[], object]


class Row(NamedTuple):
    """`peer` does the nearest thing with the library of that name; `aim` in milliseconds."""

    name: str
    work: Work
    library: str = ""
    peer: Work | None = None
    aim: float | None = None


def measure() -> list[dict[str, Any]]:
    """Milliseconds of CPU time of this thread, over single calls: median, 99th percentile (nearest rank)."""
    return [_measured(row) for row in _rows()]


def show(found: list[dict[str, Any]]) -> str:
    rows = [_shown(row) for row in found]
    heads = ("one call", "p50 ms", "p99 ms", "aim ms", "beside", "its p50 ms", "x")
    foot = f"CPU time, {CALLS} calls after {WARM_UP} of warm-up. The garbage collector runs as in a signer."
    return table("Judging, without disk, network and keeper", heads, rows, foot)


def _shown(row: dict[str, Any]) -> list[Cell]:
    own, peer = row["p50_ms"], row["peer_p50_ms"]
    ratio = None if peer is None else own / peer
    return [row["name"], own, row["p99_ms"], row["aim_ms"], row["library"] or "-", peer, ratio]


def _measured(row: Row) -> dict[str, Any]:
    own = _times(row.work)
    peer = None if row.peer is None else _times(row.peer)
    return {
        "name": row.name,
        "calls": CALLS,
        "p50_ms": statistics.median(own),
        "p99_ms": _p99(own),
        "aim_ms": row.aim,
        "library": row.library,
        "peer_p50_ms": None if peer is None else statistics.median(peer),
    }


def _times(work: Work) -> list[float]:
    for _ in range(WARM_UP):
        work()
    gc.collect()
    times = []
    for _ in range(CALLS):
        begin = time.thread_time_ns()
        work()
        times.append((time.thread_time_ns() - begin) / 1e6)
    return times


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


# ---- what is measured


def _rows() -> list[Row]:
    return [*_decoders(), *_judges(), *_policies()]


def _decoders() -> list[Row]:
    data, known = judged.DATA, Knowledge(chain_id=31337)
    psbt = built(coins("p2wpkh", "p2wpkh"), 60_000, holding("p2wpkh", 5, 1)).psbt
    solana, tron = _vector("solana", "spl-transfer-checked"), _vector("tron", "trc20-transfer")
    own = wallet()
    return [
        Row("decode an ERC-20 transfer", lambda: decode_item("evm-tx", data, known), "rlp, eth-abi", _rlp),
        Row("decode a PSBT of two inputs", lambda: decode_psbt(psbt, own, NETWORK)),
        Row(
            "decode an SPL token transfer",
            lambda: decode_bytes("solana-message", solana, {}, {}),
            "solders",
            lambda: from_bytes_versioned(solana),
        ),
        Row(
            "decode a TRC-20 transfer",
            lambda: decode_bytes("tron-tx", tron, {}, {}),
            "protobuf",
            lambda: _protobuf(tron),
        ),
    ]


def _judges() -> list[Row]:
    exchange, dev = judged.Judge.under(judged.exchange()), judged.Judge.under(judged.dev())
    return [
        Row("decode and judge it, exchange.yaml", exchange, aim=AIM_TRANSFER_MS),
        Row("decode and judge it, policy of quorate dev", dev, aim=AIM_TRANSFER_MS),
    ]


def _policies() -> list[Row]:
    engine = cedarpy.PolicySet.from_str(_cedar())
    entities = cedarpy.Entities.from_json_str("[]")
    request = _cedar_request()
    if not cedarpy.is_authorized(request, engine, entities).allowed:
        raise RuntimeError("Cedar refuses what the policy allows")
    return [
        Row(
            f"{judged.RULES} rules, the last matches",
            _decision(False, TallyView()),
            "cedar",
            lambda: cedarpy.is_authorized(request, engine, entities),
            AIM_RULES_MS,
        ),
        Row(
            f"the same, its window over {judged.LINES} entries",
            _decision(True, judged.tally()),
            aim=AIM_RULES_MS,
        ),
    ]


def _decision(windows: bool, view: TallyView) -> Work:
    """Effects and request are made; each call decides."""
    policy = judged.rules(windows)
    subject = Subject(judged.CHARTER, judged.INTENT, judged.KEY)
    request, effects = subject.request(), subject.effects

    def work() -> object:
        return decide(policy, request, effects, judged.EVIDENCE, view, judged.NOW_MS)

    if not decide(policy, request, effects, judged.EVIDENCE, view, judged.NOW_MS).allowed:
        raise RuntimeError("the last rule does not match")
    return work


def _vector(file: str, case: str) -> bytes:
    """The bytes of one benign case of tests/vectors."""
    document = json.loads((ROOT / f"tests/vectors/good/{file}.json").read_bytes())
    (item,) = next(each for each in document["cases"] if each["id"] == case)["items"]
    text = str(item["bytes"])
    return b64decode(text) if file == "solana" else bytes.fromhex(text.removeprefix("0x"))


# ---- what stands beside


def _rlp() -> object:
    """The fields of the transaction and the arguments of its call: no addresses as text, no effects."""
    fields: Any = rlp.decode(judged.DATA[1:])
    return fields, abi_decode(["address", "uint256"], fields[7][4:])


def _protobuf(data: bytes) -> object:
    """Google's parser, down to the contract: no call data, no effects."""
    raw = _RAW.FromString(data)
    return raw, _CALL.FromString(raw.contract[0].parameter.value)


_RAW: Final = type(published.message("Raw"))
_CALL: Final = type(published.message("TriggerSmartContract"))


def _cedar() -> str:
    """Each rule is about an asset of its own, so their order makes no difference, and Cedar has none."""
    return "\n".join(
        f'permit (principal, action == Action::"allow", resource) when {{ {condition(rule)} }};'
        for rule in judged.rules().rules
    )


def _cedar_request() -> dict[str, Any]:
    context = {
        "requester": judged.INTENT.user,
        "operation": "TRANSFER",
        "asset": judged.TOKEN.id,
        "kinds": ["whitelist", "whitelist:partner-test"],
        "amount": judged.INTENT.amount,
        "has_amount": True,
        "described": False,
    }
    names = {"principal": 'User::"it"', "action": 'Action::"allow"', "resource": 'Act::"it"'}
    return {**names, "context": context}
