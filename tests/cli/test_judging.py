"""Commands that judge without a cluster."""

from pathlib import Path

from quorate.core.chains.evm.digest import digest
from tests.cli.conftest import Run

# EIP-1559, chain 1, nonce 0, 1 ether to 0x5f..5f, 21,000 gas at 2 gwei: RLP by hand.
TRANSFER = bytes.fromhex(
    "02ef" "01" "80" "843b9aca00" "8477359400" "825208" "94" + "5f" * 20 + "880de0b6b3a7640000" "80" "c0"
)  # fmt: skip


def test_a_transfer_is_decoded(run: Run) -> None:
    answer = run("tx", "decode", "--format", "evm-tx", "--hex", TRANSFER.hex(), "--json")
    assert answer.code == 0, answer
    document = answer.json
    assert (document["format"], document["blind"]) == ("evm-tx", False)
    native, fee = document["effects"]
    assert (native["type"], native["amount"]) == ("native_transfer", str(10**18))
    assert (fee["type"], fee["max_amount"]) == ("fee", str(21_000 * 2 * 10**9))
    assert document["digests"] == [{"algorithm": "keccak256", "value": "0x" + digest(TRANSFER).hex()}]


def test_malformed_bytes_are_bad_input(run: Run) -> None:
    answer = run("tx", "decode", "--format", "evm-tx", "--hex", TRANSFER.hex() + "00", "--json")
    assert answer.code == 2


def test_a_policy_with_the_assets_of_a_draft(run: Run, ceremony: Path) -> None:
    policy = ceremony / "policy.yaml"
    policy.write_text("rules:\n  - {name: one, assets: [USDC], max_amount: 0.5 USDC, verdict: allow}\n")
    answer = run("policy", "check", policy, "--draft", ceremony / "draft.yaml", "--json")
    assert answer.code == 0, answer
    assert answer.json["policy"]["rules"][0]["max_amount"] == "500000"


def test_an_invalid_policy_is_a_verdict(run: Run, ceremony: Path) -> None:
    policy = ceremony / "policy.yaml"
    policy.write_text("rules:\n  - {name: one, assets: [NOPE], verdict: allow}\n")
    answer = run("policy", "check", policy, "--draft", ceremony / "draft.yaml", "--json")
    assert (answer.code, answer.json["outcome"]) == (1, "invalid")
