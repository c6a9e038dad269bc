"""What signers, approvers and the server make of a request alike."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.evm.address import checksum
from quorate.core.dialects.fireblocks import to_intent
from quorate.core.errors import QuorateError
from quorate.core.evidence import token
from quorate.core.model.intent import EVM_TX, Attempt, Intent
from quorate.core.policy.subject import Subject
from tests.judge.bench import unsigned
from tests.judge.calls import SPENDER, STRANGER, call, data_of, permit, typed
from tests.judge.cluster import SHOP, TOKEN, Cluster, transfer

SAFE = checksum("0x" + "5a" * 20)


class Known(Cluster):
    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        charter = super()._charter(rules)
        return {**charter, "policy": {**charter["policy"], "lists": {"own_safes": [SAFE]}}}


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Known()


def intent_of(cluster: Cluster, body: dict[str, Any]) -> Intent:
    raw = cluster.user.request(body)
    return to_intent(raw.body, token.peek(raw.token), cluster.charter, cluster.keys)


def subject(cluster: Cluster, body: dict[str, Any], data: bytes | None = None) -> Subject:
    intent = intent_of(cluster, body)
    attempt = None if data is None else Attempt(intent.hash, EVM_TX, data)
    return Subject(cluster.charter, intent, cluster.keys[intent.key], attempt)


def one_time(address: str) -> dict[str, Any]:
    return transfer(destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}})


def test_a_destination_is_what_it_is_whatever_the_request_calls_it(cluster: Cluster) -> None:
    kinds = {
        address: subject(cluster, one_time(address)).request().book.kinds(address)
        for address in (SHOP, SAFE, STRANGER, cluster.address("0"), cluster.address("7"))
    }
    assert kinds == {
        SHOP: {"whitelist", "whitelist:shop"},
        SAFE: {"own_account"},
        STRANGER: {"one_time"},
        cluster.address("0"): {"own_account", "own_account:0"},
        cluster.address("7"): {"one_time"},
    }


def test_what_is_on_record_is_added(cluster: Cluster) -> None:
    seven = cluster.address("7")
    asked = subject(cluster, one_time(seven)).request({seven: "7"}, [SPENDER])
    assert asked.book.kinds(seven) == {"own_account", "own_account:7"}
    assert asked.book.resembles(checksum(SPENDER[:8] + "f" * 26 + SPENDER[-8:])) == SPENDER


VALUE = st.integers(0, 10**18)
DATA = st.one_of(
    st.builds(lambda n: data_of("transfer(address,uint256)", SHOP, n), st.integers(0, 2**256 - 1)),
    st.builds(lambda n: data_of("approve(address,uint256)", SPENDER, n), st.integers(0, 2**256 - 1)),
    st.binary(max_size=80),
)


@given(value=VALUE, data=DATA, to=st.sampled_from([TOKEN, SAFE, STRANGER]))
def test_a_call_does_what_it_was_foreseen_to_do(cluster: Cluster, value: int, data: bytes, to: str) -> None:
    """Before there are bytes, and from the bytes: the same but for the fee."""
    foreseen = subject(cluster, call(data or b"\x00", to=to))
    foreseen = replace(foreseen, intent=replace(foreseen.intent, amount=value))
    made = unsigned(foreseen.intent, to=to, value=value, data=foreseen.intent.data)
    decoded = replace(foreseen, attempt=Attempt(foreseen.intent.hash, EVM_TX, made))
    assert foreseen.effects == tuple(effect for effect in decoded.effects if effect["type"] != "fee")
    assert decoded.effects[-1]["payer"] == cluster.address("0")


def test_messages_need_no_bytes(cluster: Cluster) -> None:
    (effect,) = subject(cluster, typed(permit(cluster, SPENDER, 5))).effects
    assert (effect["type"], effect["spender"], effect["amount"]) == ("approval", SPENDER, "5")


def test_without_the_key_nothing_is_said(cluster: Cluster) -> None:
    keyless = replace(subject(cluster, call(b"\x12\x34\x56\x78")), certificate=None)
    for ask in (lambda: keyless.effects, lambda: keyless.own, keyless.request, lambda: keyless.reading):
        with pytest.raises(QuorateError) as caught:
            ask()
        assert caught.value.code in ("no_key", "no_attempt")
