"""Where a run begins: real bytes of every format. From docs/spec, from the vectors in this tree, from what
the other tests build, and from third-party vectors where their folder is there.
"""

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from quorate.core.chains.decode import DECODERS, to_bytes
from quorate.core.chains.solana.context import from_json as solana_context
from quorate.core.chains.tron import address as tron_address
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.charter.policy_types import Policy
from quorate.core.policy.parse import policy_from_yaml
from tests.core.audit import logs
from tests.core.chains.bitcoin.test_fuzz import SEEDS as PSBTS
from tests.core.chains.evm.test_bounds import HOSTILE as EVM_HOSTILE
from tests.core.chains.evm.test_knowledge import ABI, DESCRIPTOR, TYPED
from tests.core.chains.solana.payments import NATIVE, TOKENS, built, tokens
from tests.core.chains.tron import published
from tests.core.chains.tron.test_reading import CALLED, PLAIN
from tests.core.dialects import test_calls as calls
from tests.core.dialects.requests import RAW, TRANSFER
from tests.core.examples import VECTORS
from tests.core.spec.test_vectors import body, changed
from tests.core.vectors import OWN, ROOT
from tests.fuzz import token_example

Json = Mapping[str, Any]
CHAINS: Final = ("evm:1", "bitcoin:mainnet", "bitcoin:regtest", "solana:mainnet-beta", "tron:mainnet")
_SMALL: Final = 8192
_THIRD_PARTY: Final = ("bip174-psbt-official.json", "bip370-psbt-official.json", "bip371-psbt-official.json")


def cases() -> Iterator[Json]:
    for path in sorted([*OWN.glob("incidents/*.json"), *OWN.glob("good/*.json")]):
        document = json.loads(path.read_bytes())
        yield from document.get("cases", [document])


def transactions(format: str) -> list[bytes]:
    """Every item of this format in the vectors, and what the tests build."""
    found = [
        to_bytes(format, _text(item))
        for case in cases()
        for item in case["items"]
        if item["format"] == format
    ]
    hostile = [make() for name, make in EVM_HOSTILE.values() if name == format]
    return [*found, *_BUILT.get(format, list)(), *(data for data in hostile if len(data) <= _SMALL)]


def _text(item: Json) -> str:
    data = item["bytes"]
    return data if isinstance(data, str) else json.dumps(data)


def _psbts() -> list[bytes]:
    folder = Path(os.environ.get("QUORATE_VECTORS", ROOT.parent / "shared/vectors")) / "good"
    texts = [text for name in _THIRD_PARTY if (folder / name).is_file() for text in _base64(folder / name)]
    return [*PSBTS, *map(base64.b64decode, texts)]


def _base64(path: Path) -> list[str]:
    """Every PSBT that stands anywhere in a file."""
    return re.findall(r'"(cHNidP8[A-Za-z0-9+/]*={0,2})"', path.read_text())


def _solana() -> list[bytes]:
    return [built(NATIVE), *(built(tokens(name, 7), token=token) for name, token in TOKENS.items())]


def _tron() -> list[bytes]:
    call = published.contract("TriggerSmartContract", **CALLED)
    return [
        published.raw(published.contract("TransferContract", **PLAIN)),
        published.raw(call, fee_limit=30_000_000),
        *(published.of(name) for name in published.NUMBERS if name != "TransferContract"),
    ]


def tron_owner() -> str:
    return tron_address.from_bytes(published.OWNER)


_BUILT: Final[Mapping[str, Any]] = {"bitcoin-psbt": _psbts, "solana-message": _solana, "tron-tx": _tron}


@cache
def solana_context_of_all() -> dict[str, Any]:
    """As `tx decode` reads it: every lookup table that a case of the vectors trusts."""
    tables: dict[str, tuple[str, ...]] = {}
    for case in cases():
        if case["chain"].get("family") == "solana":
            for item in case["items"]:
                tables |= solana_context(case["context"], item).tables
    given = [{"account": account, "addresses": list(listed)} for account, listed in tables.items()]
    return {"trusted_lookup_tables": list(tables), "lookup_tables": given}


# ---- structures of docs/spec


def structures(section: str) -> list[bytes]:
    """Valid and invalid examples; of a section without examples of its own, its documents."""
    found = [body(entry) for entry in VECTORS[section]["valid"]]
    for entry in VECTORS[section]["invalid"]:
        found.append(changed(entry) if "changes" in entry else body(entry))
    return [data for data in found if len(data) <= 4 * _SMALL]


def chains() -> list[bytes]:
    pool = VECTORS["charter-chain"]["documents"]
    entries = [*VECTORS["charter-chain"]["valid"], *VECTORS["charter-chain"]["invalid"]]
    return [
        json.dumps(
            [
                {"charter": json.loads(body(pool[n])), "signatures": _signatures(pool[n])}
                for n in entry["chain"]
            ]
        ).encode()
        for entry in entries
    ]


def _signatures(document: Json) -> list[dict[str, str]]:
    return [{"administrator": s["administrator"], "signature": s["armor"]} for s in document["signatures"]]


def root_hash() -> bytes:
    return bytes.fromhex(VECTORS["charter-chain"]["valid"][0]["root_hash"])


def signed() -> list[bytes]:
    statements = [
        {"statement": json.loads(body(entry)), "signature": entry["armor"]}
        for entry in VECTORS["statement-signed"]["valid"]
    ]
    certificates = [
        {"certificate": json.loads(body(entry)), "signatures": entry["signatures"]}
        for entry in VECTORS["certificates"]["valid"]
    ]
    return [json.dumps(value).encode() for value in (*statements, *certificates)]


def armors() -> list[bytes]:
    section = VECTORS["sshsig"]
    return [entry["armor"].encode() for entry in (*section["valid"], *section["invalid"])]


def ssh_keys() -> list[bytes]:
    return [entry["ssh_key"].encode() for entry in VECTORS["sshsig"]["valid"]]


def requests() -> list[bytes]:
    bodies = (TRANSFER, RAW, calls.call(), calls.typed(calls.mail(), calls.text()))
    return [json.dumps(each).encode() for each in bodies]


def tokens_of_sdks() -> list[bytes]:
    return [text.encode() for text in token_example.TOKENS]


def addresses() -> list[bytes]:
    """Every text of the vectors' contexts that could be an address, on every chain."""
    words = sorted({word for case in cases() for word in case["context"].get("whitelist", [])})[:40]
    return [f"{chain} {word}".encode() for word in words for chain in CHAINS]


# ---- policies, requests, contexts


@cache
def sources() -> tuple[str, ...]:
    """The example for an exchange, and the one of docs/spec/policy.md."""
    page = (ROOT / "docs/spec/policy.md").read_text()
    return (
        (ROOT / "examples/policies/exchange.yaml").read_text(),
        *re.findall(r"```yaml\n(.*?)```", page, re.S),
    )


@cache
def policies() -> tuple[Policy, ...]:
    return tuple(read_policy(policy_from_yaml(source, None), "policy") for source in sources())


def yaml_sources() -> list[bytes]:
    return [source.encode() for source in sources()]


def policy_documents() -> list[bytes]:
    return [json.dumps(policy_from_yaml(source, None)).encode() for source in sources()]


def policy_requests() -> list[bytes]:
    page = (ROOT / "docs/spec/policy.md").read_text()
    shown = re.findall(r"```json request\n(.*?)```", page, re.S)
    return [text.encode() for text in shown] + [_without_bytes(case) for case in cases()]


def _without_bytes(case: Json) -> bytes:
    """One item and no explanations: short enough for a mutation to hit what matters."""
    names = ("chain", "context", "requested")
    kept = {name: case[name] for name in names if name in case} | {"items": case["items"][:1]}
    return json.dumps(kept).encode()


def contexts() -> list[bytes]:
    annotated = [{"abi_annotations": [{"to": "0x" + "11" * 20, **made}]} for made, _, _ in TYPED]
    given = [{**case["context"], "chain": case["chain"]} for case in cases()]
    return [json.dumps(value).encode() for value in (*given, *annotated)]


@cache
def sample(format: str) -> bytes:
    """Bytes of a format that decode."""
    return transactions(format)[0] if format != "raw-digest" else bytes(32)


def abis() -> list[bytes]:
    return [json.dumps(value).encode() for value in (ABI, {"abi": ABI})]


def descriptors() -> list[bytes]:
    inline = {**DESCRIPTOR["context"], "contract": {**DESCRIPTOR["context"]["contract"], "abi": ABI}}
    return [json.dumps(value).encode() for value in (DESCRIPTOR, {**DESCRIPTOR, "context": inline})]


# ---- audit


def notes() -> list[bytes]:
    document = json.loads((OWN / "audit/signed-notes.json").read_bytes())
    return [case["note"].encode() for case in document["cases"]]


def verifiers() -> list[bytes]:
    document = json.loads((OWN / "audit/signed-notes.json").read_bytes())
    return [text.encode() for text in (document["log_vkey"], *document["witness_vkeys"])]


def bundles() -> list[bytes]:
    found = []
    for size in (1, 3, 20):
        (content,) = (data for name, data in logs.log(size).items() if name.startswith("tile/entries"))
        found.append(bytes([size - 1]) + content)
    return found


assert set(_BUILT) <= set(DECODERS)
