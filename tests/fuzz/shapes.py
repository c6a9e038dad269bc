"""A megabyte of the worst that each format can be made of: what is nested, counted, repeated or compared."""

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from quorate.core.audit import checkpoint
from quorate.core.audit.folder import entries
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.decode import decode, decode_bytes
from quorate.core.chains.evm.knowledge import abi_json, erc7730
from quorate.core.dialects import fireblocks
from quorate.core.model import canonical, charter
from quorate.core.policy import cases
from quorate.core.policy.parse import policy_from_yaml
from tests.core.chains.bitcoin.support import NETWORK, coin, transaction, wallet
from tests.core.chains.bitcoin.support import _size as size
from tests.core.chains.evm.samples import TOKEN, account
from tests.core.chains.tron import published
from tests.core.chains.tron.test_reading import CALLED, PLAIN
from tests.core.dialects import test_calls as calls
from tests.core.dialects.requests import CERTIFICATES, CHARTER, CLAIMS, RAW
from tests.core.examples import body, example
from tests.core.policy.builders import NOW
from tests.core.spec.test_vectors import READ
from tests.fuzz import seeds

MEGABYTE: Final = 1 << 20
Read = Callable[[bytes], object]
Shape = tuple[Read, Callable[[], bytes]]
_WIDEST: Final = json.loads(body(example("charter", "approvers, groups, timelock, annotations and sources")))


def dump(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# ---- Bitcoin


def psbt(
    inputs: int, outputs: int, of_input: bytes = b"\x00", of_output: bytes = b"\x00", script: bytes = b""
) -> bytes:
    """`of_input` and `of_output` are whole maps."""
    spent = b"".join(n.to_bytes(32, "big") + bytes(4) + b"\x00" + b"\xff" * 4 for n in range(inputs))
    paid = (bytes(8) + size(len(script)) + script) * outputs
    return _psbt(size(inputs) + spent + size(outputs) + paid, of_input * inputs, of_output * outputs)


def _psbt(body: bytes, inputs: bytes, outputs: bytes) -> bytes:
    unsigned = b"\x02\x00\x00\x00" + body + bytes(4)
    return b"psbt\xff\x01\x00" + size(len(unsigned)) + unsigned + b"\x00" + inputs + outputs


def records(*made: tuple[bytes, bytes]) -> bytes:
    """One map."""
    return b"".join(size(len(k)) + k + size(len(v)) + v for k, v in made) + b"\x00"


def own_coins(count: int) -> bytes:
    """Legacy inputs of our own: every digest hashes the whole transaction again."""
    held = coin("p2pkh", 10_000).holding
    key = held.keys[0]
    origin = key.fingerprint + b"".join(index.to_bytes(4, "little") for index in key.path)
    spent, maps = b"", b""
    for number in range(count):
        previous = transaction([(10_000, held.script)], b"%d" % number, witness=False)
        txid = hashlib.sha256(hashlib.sha256(previous).digest()).digest()
        spent += txid + bytes(4) + b"\x00" + b"\xff" * 4
        maps += records((b"\x00", previous), (b"\x06" + key.public_key, origin))
    paid = bytes(8) + size(len(held.script)) + held.script
    return _psbt(size(count) + spent + b"\x01" + paid, maps, b"\x00")


def many_outputs_before() -> bytes:
    count = MEGABYTE // 9 - 100
    spent = b"\x01" + bytes(36) + b"\x00" + b"\xff" * 4
    previous = b"\x02\x00\x00\x00" + spent + size(count) + bytes(9) * count + bytes(4)
    return psbt(1, 1, records((b"\x00", previous)))


def unknown_fields() -> bytes:
    return psbt(1, 1, records(*((b"\xf2" + n.to_bytes(3, "big"), b"") for n in range(170_000))))


def derivations() -> bytes:
    each = records(*((b"\x02\x02" + n.to_bytes(32, "big"), bytes(4)) for n in range(1, 9)))
    return psbt(1, 2900, of_output=each, script=b"\x00\x14" + bytes(20))


# ---- charters, policies, requests


def changed(**members: object) -> bytes:
    return dump({**_WIDEST, **members})


def whitelist() -> bytes:
    chain = _WIDEST["chains"][0]["id"]
    entries_ = [{"address": account(n), "chain": chain, "id": f"w{n}", "name": "x"} for n in range(1, 9500)]
    return changed(whitelist=entries_)


def assets() -> bytes:
    token = next(asset for asset in _WIDEST["assets"] if asset["contract"])
    more = [{**token, "id": f"A{n}", "contract": account(n)} for n in range(1, 6500)]
    return changed(assets=[*_WIDEST["assets"], *more])


def groups() -> bytes:
    member = _WIDEST["users"][0]["id"]
    return changed(groups=[{"id": f"g{n}", "members": [member]} for n in range(15_000)])


def policy(**members: object) -> bytes:
    return changed(policy={**copy.deepcopy(_WIDEST["policy"]), **members})


def source() -> bytes:
    """As many rules as a policy has."""
    rule = "  - name: r{}\n    operations: [TRANSFER]\n    assets: [A]\n    max_amount: '10'\n"
    window = "    verdict: allow\n    window: {seconds: 60, max: '5', per: []}\n"
    return ("rules:\n" + "".join(rule.format(n) + window for n in range(4096))).encode()


def request(**context: object) -> bytes:
    """A request file of `policy explain`."""
    document = json.loads(seeds.policy_requests()[0])
    return dump({**document, "context": {**document["context"], **context}})


def items() -> bytes:
    document = json.loads(seeds.policy_requests()[0])
    return dump({**document, "items": document["items"] * 3000})


def raw_messages() -> bytes:
    data = RAW["extraParameters"]["rawMessageData"]
    many = {**data, "messages": data["messages"] * 18_000}
    return dump({**RAW, "extraParameters": {"rawMessageData": many}})


def many_messages() -> bytes:
    return dump({**json.loads(body(example("intent", "RAW Ed25519"))), "messages": [{}] * 300_000})


def functions(count: int, inputs: int) -> list[dict[str, Any]]:
    one = {"type": "function", "inputs": [{"type": "uint256"}] * inputs}
    return [{**one, "name": f"f{n}"} for n in range(count)]


def described() -> bytes:
    places = [{"chainId": n, "address": TOKEN} for n in range(1, 201)]
    contract = {"abi": functions(2000, 20), "deployments": places}
    return dump(
        {"context": {"contract": contract}, "display": {"formats": {f"f{n}()": {} for n in range(50)}}}
    )


# ---- what reads them


def _bitcoin(data: bytes) -> object:
    return decode_psbt(data, wallet(), NETWORK)


def _tron(data: bytes) -> object:
    return decode_bytes("tron-tx", data, {}, {})


def _body(data: bytes) -> object:
    return fireblocks.to_intent(data, CLAIMS, CHARTER, CERTIFICATES)


def _explain(data: bytes) -> object:
    return cases.explain(seeds.policies()[0], json.loads(data), decode, NOW)


def _abi(data: bytes) -> object:
    return abi_json.parse(data, chain_id=1, address=TOKEN)


def _chain(data: bytes) -> object:
    return charter.verify_chain(charter.load_chain(data), root_hash=seeds.root_hash())


def _votes() -> bytes:
    return published.of(
        "VoteWitnessContract", votes=[{"vote_address": published.TO, "vote_count": 1}] * 18_000
    )


SHAPES: Final[Mapping[str, Shape]] = {
    "PSBT: inputs": (_bitcoin, lambda: psbt(1000, 1)),
    "PSBT: too many inputs": (_bitcoin, lambda: psbt(24_000, 1)),
    "PSBT: own legacy coins": (_bitcoin, lambda: own_coins(1000)),
    "PSBT: outputs": (_bitcoin, lambda: psbt(1, 3000, script=b"\x00\x14" + bytes(20))),
    "PSBT: key origins": (_bitcoin, derivations),
    "PSBT: unknown fields": (_bitcoin, unknown_fields),
    "PSBT: a previous transaction of many outputs": (_bitcoin, many_outputs_before),
    "TRON: a memo": (
        _tron,
        lambda: published.raw(published.contract("TransferContract", **PLAIN), data=b"a" * 500_000),
    ),
    "TRON: a call": (
        _tron,
        lambda: published.raw(
            published.contract("TriggerSmartContract", **{**CALLED, "data": bytes(500_000)})
        ),
    ),
    "TRON: votes": (_tron, _votes),
    "canonical JSON: numbers": (canonical.decode, lambda: b"[" + b"0," * (MEGABYTE // 2 - 2) + b"0]"),
    "canonical JSON: objects": (canonical.decode, lambda: b"[" + b"{}," * (MEGABYTE // 3 - 2) + b"{}]"),
    "canonical JSON: members": (canonical.decode, lambda: dump({f"{n:06d}": 0 for n in range(95_000)})),
    "canonical JSON: text": (canonical.decode, lambda: dump(["é"] * 200_000)),
    "charter: whitelist": (charter.parse, whitelist),
    "charter: assets": (charter.parse, assets),
    "charter: groups": (charter.parse, groups),
    "charter: rules": (
        charter.parse,
        lambda: policy(rules=[{"name": f"r{n}", "verdict": "allow"} for n in range(4096)]),
    ),
    "charter: lists": (charter.parse, lambda: policy(lists={"a": [f"x{n}" for n in range(90_000)]})),
    "charter: requirements": (
        charter.parse,
        lambda: policy(approvals={"all_of": [{"threshold": 1}] * 50_000}),
    ),
    "charter chain: versions": (_chain, lambda: dump(json.loads(seeds.chains()[0])[:1] * 400)),
    "intent: messages": (READ["intent"], many_messages),
    "policy source": (lambda data: policy_from_yaml(data.decode(), None), source),
    "policy request: items": (_explain, items),
    "policy request: whitelist": (_explain, lambda: request(whitelist=[account(n) for n in range(20_000)])),
    "policy request: history": (
        _explain,
        lambda: request(history=[{"to": "x", "asset": "USDC", "amount": "1", "at": 1}] * 20_000),
    ),
    "request body: messages": (_body, raw_messages),
    "request body: typed messages": (_body, lambda: dump(calls.typed(*[calls.mail()] * 2700))),
    "request body: call data": (
        _body,
        lambda: dump(calls.call(extraParameters={"contractCallData": "0x" + "00" * 520_000})),
    ),
    "ABI: functions": (_abi, lambda: dump(functions(2000, 24))),
    "ERC-7730": (erc7730.parse, described),
    "log bundle": (lambda data: list(entries(lambda path: data, 256)), lambda: b"\x0f\xff" + bytes(MEGABYTE)),
    "checkpoint": (checkpoint.parse, lambda: b"a\n" * (MEGABYTE // 2)),
}
"""By name: what reads it, and what makes it. EVM's own are in tests/core/chains/evm/test_bounds.py; a Solana
message has at most 1,232 bytes.
"""
