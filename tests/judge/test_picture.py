"""The policy is given everything that a signer knows: what the bytes do, fee included, and whom it knows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.raw_content import chain_of
from quorate.core.chains.solana.message import parse
from quorate.core.errors import Refused
from quorate.core.evidence import approval
from quorate.judge.checks.case import Case
from quorate.judge.checks.transaction import raw_is_no_transaction
from tests.core.vectors import OWN
from tests.judge.bench import Bench
from tests.judge.calls import call, data_of
from tests.judge.cluster import SHOP, Cluster, raw_eddsa, transfer


def one_time(address: str, **fields: Any) -> dict[str, Any]:
    return transfer(
        destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}, **fields
    )


def like(address: str) -> str:
    """The first and last characters of another address, as a thief searches for them."""
    from quorate.core.chains.evm.address import checksum

    digits = address[2:].lower()
    return checksum(digits[:6] + "f" * 28 + digits[-6:])


async def refused(bench: Bench, body: dict[str, Any], **fields: Any) -> Refused:
    case = await bench.admit(body)
    with pytest.raises(Refused) as caught:
        await bench.open(case, **fields)
    return caught.value


async def test_lookalikes_of_the_whitelist_are_seen(open_handed: Cluster, tmp_path: Path) -> None:
    async with Bench(open_handed, tmp_path).running() as bench:
        refusal = await refused(bench, one_time(like(SHOP)))
        assert (refusal.check, refusal.reason_class) == ("policy", "lookalike_destination")
        await bench.open(await bench.admit(one_time("0x" + "44" * 20)))


async def test_lookalikes_of_paid_and_own_addresses_are_seen(open_handed: Cluster, tmp_path: Path) -> None:
    friend = "0x" + "4a3b2c1d" * 5
    async with Bench(open_handed, tmp_path / "before").running() as bench:
        await bench.open(await bench.admit(one_time(like(friend))))
    async with Bench(open_handed, tmp_path / "after").running() as bench:
        await bench.open(await bench.admit(one_time(friend)))
        late = await refused(bench, one_time(like(friend)), nonce=1)
        assert late.reason_class == "lookalike_destination"
        own = {"type": "VAULT_ACCOUNT", "id": "7"}
        await bench.open(await bench.admit(transfer(destination=own)), nonce=1)
        late = await refused(bench, one_time(like(open_handed.address("7"))), nonce=2)
        assert late.reason_class == "lookalike_destination"


async def test_an_own_account_is_own_in_a_call_too(tmp_path: Path) -> None:
    rules = ({"name": "own", "destinations": ["own_account"], "verdict": "allow"},)
    cluster = Cluster(rules)
    async with Bench(cluster, tmp_path).running() as bench:
        await bench.open(await bench.admit(transfer(destination={"type": "VAULT_ACCOUNT", "id": "7"})))
        inside = call(data_of("transfer(address,uint256)", cluster.address("7"), 5))
        data = bytes.fromhex(inside["extraParameters"]["contractCallData"][2:])
        case = await bench.admit(inside)
        from tests.judge.bench import unsigned
        from tests.judge.cluster import TOKEN

        made = unsigned(case.intent, to=TOKEN, data=data, nonce=1, gas=90_000)
        await bench.open(case, format="evm-tx", bytes=made)


async def test_fees_count(tmp_path: Path) -> None:
    rules = ({"name": "cheap", "max_fee": str(21_000 * 10**9), "chains": ["evm"], "verdict": "allow"},)
    async with Bench(Cluster(rules), tmp_path).running() as bench:
        refusal = await refused(bench, transfer(), max_fee=10**9 + 1)
        assert (refusal.check, refusal.reason_class) == ("policy", "fee_excess")
        await bench.open(await bench.admit(transfer()))


class Grouped(Cluster):
    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        charter = super()._charter(rules)
        return {**charter, "groups": [{"id": "payers", "members": [self.viewer.id]}]}


async def test_groups_are_the_charters(tmp_path: Path) -> None:
    rules = ({"name": "payers", "requester_groups": ["payers"], "verdict": "allow"},)
    cluster = Grouped(rules)
    async with Bench(cluster, tmp_path).running() as bench:
        refusal = await refused(bench, transfer())
        assert [(line.rule, line.first_mismatch) for line in refusal.trace] == [
            ("payers", "requester_groups")
        ]
    assert approval.for_policy(cluster.charter, cluster.viewer.id, ()).groups == {"payers"}
    assert not approval.for_policy(cluster.charter, cluster.user.id, ()).groups


def solana_message() -> bytes:
    import base64
    import json

    cases = json.loads((OWN / "good/solana.json").read_text())["cases"]
    return base64.b64decode(cases[0]["items"][0]["bytes"])


async def test_raw_content_that_is_a_transaction_is_no_raw(open_handed: Cluster, tmp_path: Path) -> None:
    """Where the charter names a chain that would take it; a chain nobody named is somebody else's."""
    content = solana_message()
    assert parse(content)
    solana = replace(open_handed.charter.chains[0], id="solana:mainnet", family="solana")
    assert chain_of(content, [*open_handed.charter.chains, solana]) == "solana:mainnet"
    assert not chain_of(content, open_handed.charter.chains)
    assert not chain_of(content + b"\x00", [solana])
    async with Bench(open_handed, tmp_path).running() as bench:
        for body, wanted in ((raw_eddsa(content), True), (raw_eddsa(), False)):
            admitted = await bench.admit(body)
            with_solana = replace(open_handed.charter, chains=(*open_handed.charter.chains, solana))
            from quorate.core.model.intent import Attempt

            case = Case(
                bench.judge.state, bench.judge.store, with_solana, admitted.intent, admitted.intent.hash,
                Attempt(admitted.intent.hash, "raw", b""), bench.now_ms(), "",
            )  # fmt: skip
            if not wanted:
                raw_is_no_transaction(case)
                continue
            with pytest.raises(Refused) as caught:
                raw_is_no_transaction(case)
            assert (caught.value.check, caught.value.reason_class) == ("raw_transaction", "raw_digest")
