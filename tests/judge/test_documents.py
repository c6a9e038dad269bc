"""Documents that the charter pins, at a signer: taken from anybody by their hash, kept, and used for exactly
the contract that is pinned.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.evm.knowledge.documents import digest
from quorate.core.errors import QuorateError, Refused
from quorate.core.proto import link_pb2 as pb
from tests.judge.bench import Bench
from tests.judge.calls import call, data_of
from tests.judge.cluster import TOKEN, Cluster
from tests.judge.test_calls import opened, refused
from tests.judge.test_local_socket import Client
from tests.judge.test_proposals import HOUR, give
from tests.judge.test_server_side import ask

FUND = "0x" + "22" * 20
OTHER = "0x" + "33" * 20
STAKE, LEAVE = data_of("stake(uint256)", 7), data_of("leave(uint256)", 7)
ABI = json.dumps(
    [
        {"type": "function", "name": name, "inputs": [{"name": "amount", "type": "uint256"}]}
        for name in ("stake", "leave")
    ]
).encode()
NAMED: Mapping[str, Any] = {
    "name": "stake", "operations": ["CONTRACT_CALL"], "contracts": [FUND],
    "methods": [f"0x{STAKE[:4].hex()}"], "verdict": "allow",
}  # fmt: skip
BLIND: Mapping[str, Any] = {
    "name": "blind", "operations": ["CONTRACT_CALL"], "verdict": "allow",
    "lifts": [{"prohibition": "blind", "subjects": [f"{FUND} 0x{STAKE[:4].hex()}"]}],
}  # fmt: skip


def pin(content: bytes = ABI, contract: str = FUND, chain: str = "evm:31337") -> dict[str, str]:
    return {"chain": chain, "contract": contract, "hash": digest(content).hex()}


def pinning(*pins: dict[str, str], rules: tuple[Mapping[str, Any], ...] = (NAMED,)) -> Cluster:
    return Cluster(tuple(dict(rule) for rule in rules), annotations=list(pins or (pin(),)))


async def hand(bench: Bench, content: bytes) -> pb.Answer:
    """As the server does."""
    return await ask(bench, document=pb.Document(content=content))


async def test_a_call_is_blind_without_its_document_and_judged_with_it(tmp_path: Path) -> None:
    async with Bench(pinning(), tmp_path).running() as bench:
        early = await refused(bench, call(STAKE, FUND))
        assert (early.check, early.reason_class) == ("policy", "blind")
        assert f"the document pinned for {FUND}, sha256 {digest(ABI).hex()}, is not here" in early.message
        answer = await hand(bench, ABI)
        assert list(answer.documents.held) == [digest(ABI)]
        assert bench.leaves()[-1] == "document"
        await opened(bench, call(STAKE, FUND))
        other_method = await refused(bench, call(LEAVE, FUND), nonce=1)
        assert (other_method.check, other_method.reason_class) == ("policy", "unknown_contract_call")
        assert other_method.trace[0].first_mismatch == "methods"
        unknown = await refused(bench, call(data_of("drain()"), FUND), nonce=1)
        assert unknown.reason_class == "blind"
        assert "document" not in unknown.message, "it is here, and does not know this method"


@pytest.mark.parametrize("left_out", ["contracts", "methods"])
async def test_only_a_rule_that_names_contract_and_method_allows_it(tmp_path: Path, left_out: str) -> None:
    wide = {name: value for name, value in NAMED.items() if name != left_out}
    async with Bench(pinning(rules=(wide,)), tmp_path).running() as bench:
        await hand(bench, ABI)
        refusal = await refused(bench, call(STAKE, FUND))
        assert (refusal.reason_class, refusal.trace[0].first_mismatch) == ("unknown_contract_call", left_out)


@pytest.mark.parametrize(
    "changed",
    [ABI + b"\n", ABI.replace(b"stake", b"leave"), ABI[:-1], b"", b"[]"],
    ids=["a byte more", "another method", "a byte less", "nothing", "an empty ABI"],
)
async def test_other_bytes_are_never_taken(tmp_path: Path, changed: bytes) -> None:
    async with Bench(pinning(), tmp_path).running() as bench:
        answer = await hand(bench, changed)
        assert (answer.refusal.check, answer.refusal.whose) == ("document_unpinned", "caller")
        assert bench.judge.store.documents.hashes() == ()
        assert (await refused(bench, call(STAKE, FUND))).reason_class == "blind"


@pytest.mark.parametrize(
    ("place", "data"),
    [
        (pin(contract=OTHER), STAKE),
        (pin(), data_of("leave(uint256)", 7)),
    ],
    ids=["pinned for another contract", "of another contract"],
)
async def test_a_document_speaks_for_its_contract_alone(
    tmp_path: Path, place: dict[str, str], data: bytes
) -> None:
    target = FUND if place["contract"] == OTHER else OTHER
    async with Bench(pinning(place), tmp_path).running() as bench:
        await hand(bench, ABI)
        assert (await refused(bench, call(data, target))).reason_class == "blind"


async def test_a_document_for_another_chain_has_no_effect(tmp_path: Path) -> None:
    """The charter names a second EVM chain, and pins it there."""
    cluster = Cluster((dict(NAMED),))
    first = cluster._charter((dict(NAMED),))
    chains = [*first["chains"], {**first["chains"][0], "id": "evm:5", "chain_id": 5, "native_asset": "GOR"}]
    goerli = {"id": "GOR", "name": "Goerli", "chain": "evm:5", "contract": None, "decimals": 18}
    assets = [*first["assets"], goerli]
    there = Cluster((dict(NAMED),), chains=chains, assets=assets, annotations=[pin(chain="evm:5")])
    async with Bench(there, tmp_path).running() as bench:
        await hand(bench, ABI)
        assert bench.judge.state.documents.all[0].problem == ""
        assert (await refused(bench, call(STAKE, FUND))).reason_class == "blind"


async def test_it_never_changes_what_the_table_knows(tmp_path: Path) -> None:
    names = ("approve", "transferOwnership")
    types = (("address", "uint256"), ("address",))
    abi = [
        {"type": "function", "name": name, "inputs": [{"type": kind} for kind in kinds]}
        for name, kinds in zip(names, types, strict=True)
    ]
    content = json.dumps(abi).encode()
    approve = data_of("approve(address,uint256)", OTHER, 2**256 - 1)
    owner = data_of("transferOwnership(address)", OTHER)
    methods = [f"0x{data[:4].hex()}" for data in (approve, owner)]
    rule = {**NAMED, "contracts": [TOKEN], "methods": methods, "operations": ["CONTRACT_CALL", "APPROVE"]}
    async with Bench(pinning(pin(content, TOKEN), rules=(rule,)), tmp_path).running() as bench:
        await hand(bench, content)
        assert (await refused(bench, call(approve))).reason_class == "unlimited_approval"
        assert (await refused(bench, call(owner))).reason_class == "ownership_change"


async def test_a_restart_keeps_it(tmp_path: Path) -> None:
    bench = Bench(pinning(), tmp_path)
    async with bench.running():
        await hand(bench, ABI)
    async with bench.running():
        assert list(bench.judge.server_side.hello().documents.held) == [digest(ABI)]
        await opened(bench, call(STAKE, FUND))
        await hand(bench, ABI)
        assert bench.leaves().count("document") == 1


async def test_a_directory_of_the_release_before_is_opened(tmp_path: Path) -> None:
    bench = Bench(pinning(), tmp_path)
    async with bench.running():
        pass
    import sqlite3

    with sqlite3.connect(tmp_path / "judge.sqlite") as file:
        version = file.execute("PRAGMA user_version").fetchone()[0]
        file.execute("DROP TABLE documents")
        file.execute(f"PRAGMA user_version = {version - 1}")
    file.close()
    async with bench.running():
        assert (await refused(bench, call(STAKE, FUND))).reason_class == "blind"
        await hand(bench, ABI)
        await opened(bench, call(STAKE, FUND))


async def test_bytes_that_were_changed_on_the_disk_are_not_used(tmp_path: Path) -> None:
    bench = Bench(pinning(), tmp_path)
    async with bench.running():
        await hand(bench, ABI)
        with bench.judge.store.db.unit():
            bench.judge.store.db.write("UPDATE documents SET content = ?", (ABI + b" ",))
    async with bench.running():
        late = await refused(bench, call(STAKE, FUND))
        assert (late.reason_class, "document_hash" in late.message) == ("blind", True)


async def test_without_its_document_no_rule_lifts_blind(tmp_path: Path) -> None:
    """A server that withholds a document would otherwise choose between two rules of the policy."""
    people = {**NAMED, "approvals": {"threshold": 1}, "verdict": "approvals"}
    async with Bench(pinning(rules=(people, BLIND)), tmp_path / "pinned").running() as bench:
        withheld = await refused(bench, call(STAKE, FUND))
        assert (withheld.check, withheld.reason_class) == ("policy", "blind")
        await hand(bench, ABI)
        assert (await refused(bench, call(STAKE, FUND))).check == "approvals"
    async with Bench(Cluster((dict(people), dict(BLIND))), tmp_path / "unpinned").running() as bench:
        await opened(bench, call(STAKE, FUND))


async def test_a_version_that_waits_pins_too_and_counts_once_in_force(tmp_path: Path) -> None:
    cluster = Cluster((dict(NAMED),), timelock=HOUR)
    async with Bench(cluster, tmp_path).running() as bench:
        assert (await hand(bench, ABI)).refusal.check == "document_unpinned"
        second = cluster.next_charter(annotations=[pin()])
        assert await give(bench, second) == 1, "to pin a document loosens"
        assert (await hand(bench, ABI)).HasField("documents")
        assert (await refused(bench, call(STAKE, FUND))).reason_class == "blind"
        bench.offset_ms = 1000 * (HOUR + 1)
        await bench.judge.activation.take_due()
        assert bench.judge.state.require_charter().version == 2
        bench.offset_ms = 0
        await opened(bench, call(STAKE, FUND))
        third = cluster.next_charter(second, annotations=[])
        assert await give(bench, second, third) == 3, "to take it back tightens"
        assert (await refused(bench, call(STAKE, FUND), nonce=1)).reason_class == "blind"


async def test_the_operator_hands_it_in_and_sees_what_is_missing(tmp_path: Path) -> None:
    async with Bench(pinning(pin(), pin(b"[]", OTHER)), tmp_path).running() as bench, Client(bench) as client:
        first, second = (await client.ask(do="status"))["documents"]
        assert (first["contract"], first["problem"], second["problem"]) == (FUND, "missing", "missing")
        answer = await client.ask(do="annotate", document=ABI.hex())
        place = {"chain": "evm:31337", "contract": FUND}
        assert answer == {"ok": True, "hash": digest(ABI).hex(), "contracts": [place]}
        assert [m.document.content for m in bench.sent if m.HasField("document")] == [ABI]
        first, second = (await client.ask(do="status"))["documents"]
        assert (first["problem"], first["calls"], second["problem"]) == (None, 2, "missing")
        for document, code in (
            ((ABI + b" ").hex(), "document_unpinned"),
            (b"[]".hex(), "document_empty"),
            ("zz", "wrong_type"),
            (None, "wrong_type"),
        ):
            assert (await client.ask(do="annotate", document=document))["error"]["code"] == code
        await opened(bench, call(STAKE, FUND))


async def test_pinned_and_unreadable_is_refused_by_its_own_code(tmp_path: Path) -> None:
    broken = b'[{"type": "function", "name": "stake", "inputs": [{"type": "uint"}]}]'
    async with Bench(pinning(pin(broken)), tmp_path).running() as bench:
        assert (await hand(bench, broken)).refusal.check == "signature_form"
        assert (await refused(bench, call(STAKE, FUND))).reason_class == "blind"


async def test_nothing_is_taken_before_there_is_a_charter(tmp_path: Path) -> None:
    async with Bench(pinning(), tmp_path).running(activate=False) as bench:
        with pytest.raises(QuorateError, match="no_charter"):
            bench.judge.annotating.take(ABI)


async def test_a_charter_without_documents_is_as_before(bench: Bench) -> None:
    assert bench.judge.server_side.hello().HasField("documents")
    assert bench.judge.state.documents.all == ()
    assert (await hand(bench, ABI)).refusal.check == "document_unpinned"
    with pytest.raises(Refused):
        await opened(bench, call(STAKE, FUND))
