"""`quorate approve` on calls and messages: what they do in plain words, what to stop at, and what is never
signed.
"""

from typing import Any

import pytest

from quorate.core.chains.evm.address import checksum
from tests.cli import calls
from tests.cli.calls import CODE, MULTISEND, OTHER_SAFE, SAFE, batch, pay, permit2, safe_call, safe_tx
from tests.cli.shown import Place, Request, bytes_for, shown
from tests.judge.calls import SPENDER, STRANGER, call, data_of, permit, personal, typed
from tests.judge.cluster import SHOP, TOKEN, Cluster

ALL = 2**256 - 1
LIKE_SHOP = checksum(SHOP[:6] + "00" * 16 + SHOP[-4:])
OWNED = f"{SAFE} (list own_safes)"


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return calls.with_safe()


def own(cluster: Cluster) -> str:
    return f"{cluster.address('0')} (vault account 0)"


CALLS: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "a payment": (call(pay()), [f"sends 0.0006 USDC to {SHOP} (whitelist shop)"], []),
    "a payment to a stranger": (
        call(pay(to=STRANGER)), [f"sends 0.0006 USDC to {STRANGER}"], ["new destination"],
    ),
    "a payment to a look-alike": (
        call(pay(to=LIKE_SHOP)), [f"sends 0.0006 USDC to {LIKE_SHOP}"], ["new destination", "look-alike"],
    ),
    "an allowance": (
        call(data_of("approve(address,uint256)", SPENDER, 5_000_000)),
        [f"lets {SPENDER} take 5 USDC of {TOKEN}"],
        ["new spender"],
    ),
    "an allowance without end": (
        call(data_of("approve(address,uint256)", SPENDER, ALL)),
        [f"lets {SPENDER} take everything there is of {TOKEN}"],
        ["unlimited allowance", "new spender"],
    ),
    "an allowance for a look-alike": (
        call(data_of("approve(address,uint256)", LIKE_SHOP, 1)),
        [f"lets {LIKE_SHOP} take 0.000001 USDC of {TOKEN}"],
        ["new spender", "look-alike"],
    ),
    "an allowance taken back": (
        call(data_of("approve(address,uint256)", SHOP, 0)),
        [f"takes back what {SHOP} (whitelist shop) may take of {TOKEN}"],
        [],
    ),
    "another owner": (
        call(data_of("transferOwnership(address)", STRANGER)),
        [f"ownership change: contract {TOKEN}, new_owner {STRANGER}"],
        ["control", "new owner"],
    ),
    "a method nobody knows": (
        call(b"\x12\x34\x56\x78" + bytes(32), to=STRANGER),
        [f"calls 0x12345678 of {STRANGER}, and what that does cannot be established"],
        ["blind", "new destination"],
    ),
    "our Safe pays": (
        safe_call(pay()),
        [f"of {OWNED}", f"sends 0.0006 USDC to {SHOP} (whitelist shop) from {OWNED}"],
        [],
    ),
    "our Safe pays two, through code that is trusted": (
        safe_call(batch((TOKEN, pay(1)), (TOKEN, pay(2, STRANGER))), to=MULTISEND, operation=1),
        [
            f"runs code of {MULTISEND} (list trusted_delegatecall) that can do all that {OWNED} can",
            f"sends 0.000001 USDC to {SHOP} (whitelist shop) from {OWNED}",
            f"sends 0.000002 USDC to {STRANGER} from {OWNED}",
        ],
        ["control", "new destination"],
    ),
    "our Safe runs foreign code": (
        safe_call(pay(), to=CODE, operation=1),
        [f"runs code of {CODE} that can do all that {OWNED} can"],
        ["control", "new destination"],
    ),
    "a Safe that is not ours": (
        safe_call(pay(), safe=OTHER_SAFE),
        [f"sends 0.0006 USDC to {SHOP} (whitelist shop) from {OTHER_SAFE}"],
        ["blind", "new destination"],
    ),
}  # fmt: skip


def kinds(answer: Any) -> list[str]:
    return [line.partition(":")[0] for line in answer.json["warnings"]]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_in_words(place: Place, approve: Any, name: str) -> None:
    body, words, warned = CALLS[name]
    answer = approve(shown(place, body), "--yes")
    assert answer.code == 0, answer
    lines = answer.json["shown"]
    for wanted in words:
        assert any(wanted in line for line in lines), (wanted, lines)
    assert kinds(answer) == warned, answer.json["warnings"]
    assert len(place.posted) == 1


def messages(cluster: Cluster) -> dict[str, tuple[dict[str, Any], list[str], list[str]]]:
    foreign = permit(cluster, SHOP, 5)
    foreign["content"]["message"]["owner"] = STRANGER
    return {
        "a text": (personal(), ["signs the text 'Sign in'"], []),
        "bytes that are no text": (personal(b"\xff\x00"), ["signs the bytes 0xff00"], ["blind"]),
        "a permit": (
            permit(cluster, SPENDER, 5_000_000),
            [f"lets {SPENDER} take 5 USDC of {TOKEN}"],
            ["new spender"],
        ),
        "a permit for everything": (
            permit(cluster, STRANGER, ALL), ["take everything"], ["unlimited allowance", "new spender"],
        ),
        "a permit of somebody else's": (
            foreign, [f"take 0.000005 USDC of {TOKEN} from {STRANGER}"], ["inconsistent"],
        ),
        "Permit2": (
            permit2(LIKE_SHOP, 7), [f"lets {LIKE_SHOP} take 0.000007 USDC of {TOKEN}"],
            ["new spender", "look-alike"],
        ),
        "Permit2 for everything": (
            permit2(SPENDER, 2**160 - 1), ["take everything"], ["unlimited allowance", "new spender"],
        ),
        "our Safe pays": (
            safe_tx(pay()), [f"sends 0.0006 USDC to {SHOP} (whitelist shop) from {OWNED}"], [],
        ),
        "our Safe runs foreign code": (
            safe_tx(pay(), to=CODE, operation=1), [f"runs code of {CODE}"],
            ["control", "new destination"],
        ),
        "a message of no standard": (
            calls.eip712("Vote", {"Vote": [("proposal", "uint256")]}, {"name": "DAO"}, {"proposal": 20}),
            ["signs a message of type Vote (name DAO): {'proposal': '20'}"],
            [],
        ),
    }  # fmt: skip


MESSAGES = (
    "a text", "bytes that are no text", "a permit", "a permit for everything", "a permit of somebody else's",
    "Permit2", "Permit2 for everything", "our Safe pays", "our Safe runs foreign code",
    "a message of no standard",
)  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_in_words(place: Place, approve: Any, name: str) -> None:
    known = messages(place.cluster)
    assert tuple(known) == MESSAGES
    message, words, warned = known[name]
    answer = approve(shown(place, typed(message)), "--yes")
    assert answer.code == 0, answer
    lines = answer.json["shown"]
    for wanted in words:
        assert any(wanted in line for line in lines), (wanted, lines)
    assert kinds(answer) == warned, answer.json["warnings"]
    assert len(place.posted) == 1


def test_an_order_names_who_gets_what_is_paid(place: Place, approve: Any) -> None:
    fields = [
        ("sellToken", "address"), ("buyToken", "address"), ("receiver", "address"),
        ("sellAmount", "uint256"), ("buyAmount", "uint256"), ("validTo", "uint32"), ("appData", "bytes32"),
        ("feeAmount", "uint256"), ("kind", "string"), ("partiallyFillable", "bool"),
        ("sellTokenBalance", "string"), ("buyTokenBalance", "string"),
    ]  # fmt: skip
    message = {
        "sellToken": TOKEN, "buyToken": TOKEN, "receiver": STRANGER, "sellAmount": "1000000",
        "buyAmount": "2", "validTo": 2_000_000_000, "appData": "0x" + "00" * 32, "feeAmount": "0",
        "kind": "sell", "partiallyFillable": False, "sellTokenBalance": "erc20", "buyTokenBalance": "erc20",
    }  # fmt: skip
    domain = {"name": "Gnosis Protocol", "chainId": 31337, "verifyingContract": SHOP}
    order = calls.eip712("Order", {"Order": fields}, domain, message)
    answer = approve(shown(place, typed(order)), "--yes").json
    assert f"  lets anybody at {SHOP} exchange 1 USDC for 0.000002 USDC to {STRANGER}" in answer["shown"]
    assert [line.partition(":")[0] for line in answer["warnings"]] == ["new destination"]


# ---- a server that lies


def _bytes(shown: Request, **changes: Any) -> None:
    shown.document["attempt"]["bytes"] = bytes_for(shown.intent, **changes).hex()


LIES: dict[str, tuple[str, Any]] = {
    "another contract": ("effects_match", lambda r: _bytes(r, to=STRANGER)),
    "another receiver": ("effects_match", lambda r: _bytes(r, data=pay(to=STRANGER))),
    "a higher amount": ("effects_match", lambda r: _bytes(r, data=pay(601))),
    "bytes behind the arguments": ("effects_match", lambda r: _bytes(r, data=pay() + b"\x00")),
    "value with it": ("effects_match", lambda r: _bytes(r, value=1)),
    "no call at all": ("effects_match", lambda r: _bytes(r, data=b"")),
    "something beside the call": (
        "effects_match",
        lambda r: _bytes(r, access_list=[{"address": TOKEN, "storageKeys": []}]),
    ),
    "another chain": ("chain_match", lambda r: _bytes(r, chain_id=1)),
    "a higher fee": ("fee_ceiling", lambda r: _bytes(r, gas=30_000_000)),
    "no transaction": ("decode", lambda r: r.document["attempt"].update(bytes="02c0")),
    "another format": ("attempt_form", lambda r: r.document["attempt"].update(format="raw", bytes="")),
    "another request": ("token_body", lambda r: r.document["request"].update(body=b"{}".hex())),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_about_a_call_is_never_signed(place: Place, approve: Any, name: str) -> None:
    code, lie = LIES[name]
    waiting = shown(place, call(pay()))
    lie(waiting)
    answer = approve(waiting, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (1, code), answer
    assert not place.posted


def _swap(shown: Request, old: str, new: str) -> None:
    body = bytes.fromhex(shown.document["request"]["body"])
    assert old.encode() in body
    shown.document["request"]["body"] = body.replace(old.encode(), new.encode()).hex()


MESSAGE_LIES: dict[str, tuple[str, Any]] = {
    "another spender": ("token_body", lambda r: _swap(r, SPENDER, STRANGER)),
    "bytes beside the message": ("attempt_form", lambda r: r.document["attempt"].update(bytes="00")),
    "a transaction instead": (
        "attempt_form",
        lambda r: r.document["attempt"].update(format="evm-tx", bytes="02c0"),
    ),
}


@pytest.mark.parametrize("name", MESSAGE_LIES)
def test_a_lie_about_a_message_is_never_signed(place: Place, approve: Any, name: str) -> None:
    code, lie = MESSAGE_LIES[name]
    waiting = shown(place, typed(permit(place.cluster, SPENDER, 5)))
    lie(waiting)
    answer = approve(waiting, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (1, code), answer
    assert not place.posted


@pytest.mark.parametrize("make", [lambda c: permit(c, SHOP, 5, 1), lambda c: permit2(SHOP, 5, 1)])
def test_a_message_for_another_chain_is_never_signed(place: Place, approve: Any, make: Any) -> None:
    for messages in ([make(place.cluster)], [personal(), make(place.cluster)]):
        answer = approve(shown(place, typed(*messages)), "--yes")
        assert (answer.code, answer.json["error"]["code"]) == (1, "chain_match"), answer
    assert not place.posted


def test_without_the_key_nothing_can_be_read_and_nothing_is_signed(place: Place, approve: Any) -> None:
    """A server that withholds the certificate of the key."""
    waiting = shown(place, call(pay()))
    place.withheld.add("ecdsa")
    answer = approve(waiting, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (1, "decode"), answer
    assert not place.posted
