"""What every known method does, with arguments that eth-abi encoded; what is not known is blind."""

from typing import Any

import pytest
import rlp
from eth_hash.auto import keccak

from quorate.core.chains.evm.call import Method
from quorate.core.chains.evm.calls.erc20 import is_unlimited
from quorate.core.chains.evm.calls.table import METHODS
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from tests.core.chains.evm.samples import (
    OURS,
    PERMIT2,
    SENDER,
    TO,
    TOKEN,
    ZERO,
    account,
    call_data,
    effects,
    fields,
    raw,
)

A, B = account(0xA), account(0xB)
MAX = 2**256 - 1
ROLE = keccak(b"MINTER_ROLE")
TRANSFER = "transfer(address,uint256)"


def transferred(**members: Any) -> dict[str, Any]:
    return {"type": "token_transfer", "standard": "erc20", "asset": TOKEN} | members


def approved(**members: Any) -> dict[str, Any]:
    return {"type": "approval", "standard": "erc20", "asset": TOKEN} | members


def owner(method: str, new: str, **members: Any) -> dict[str, Any]:
    return {"type": "ownership_change", "contract": TOKEN, "new_owner": new, "method": method} | members


def authority(kind: str, new: str | None, **members: Any) -> dict[str, Any]:
    return {
        "type": "authority_change",
        "account": TOKEN,
        "authority_type": kind,
        "new_authority": new,
    } | members


SIGNED = (27, bytes(32), bytes(32))
VRS = "uint8,bytes32,bytes32"
AUTHORIZATION = "address,address,uint256,uint256,uint256,bytes32"
P2 = "((address,uint256),uint256,uint256),(address,uint256),address"
P2_MANY = "((address,uint256)[],uint256,uint256),(address,uint256)[],address"
DETAILS = "(address,uint160,uint48,uint48)"

CASES: list[tuple[str, tuple[Any, ...], list[dict[str, Any]]]] = [
    (TRANSFER, (A, 5), [transferred(to=A, amount="5", **{"from": SENDER})]),
    ("transferFrom(address,address,uint256)", (A, B, 5),
     [transferred(to=B, amount="5", via="transferFrom", **{"from": A})]),
    ("approve(address,uint256)", (A, 5),
     [approved(owner=SENDER, spender=A, amount="5", unlimited=False, via="approve")]),
    ("approve(address,uint256)", (A, 0),
     [approved(owner=SENDER, spender=A, amount="0", unlimited=False, via="approve", revokes=True)]),
    ("increaseAllowance(address,uint256)", (A, MAX),
     [approved(owner=SENDER, spender=A, amount=str(MAX), unlimited=True, via="increaseAllowance",
      increase=True)]),
    ("decreaseAllowance(address,uint256)", (A, 7),
     [approved(owner=SENDER, spender=A, amount="0", unlimited=False, via="decreaseAllowance", revokes=True,
               decrease="7")]),
    (f"permit(address,address,uint256,uint256,{VRS})", (A, B, 5, 9, *SIGNED),
     [approved(owner=A, spender=B, amount="5", unlimited=False, via="permit", deadline="9")]),
    ("permit(address,address,uint256,uint256,bytes)", (A, B, 5, 9, b"s"),
     [approved(owner=A, spender=B, amount="5", unlimited=False, via="permit", deadline="9")]),
    (f"permit(address,address,uint256,uint256,bool,{VRS})", (A, B, 5, 0, True, *SIGNED),
     [approved(owner=A, spender=B, amount=str(MAX), unlimited=True, via="permit", deadline=str(MAX))]),
    (f"permit(address,address,uint256,uint256,bool,{VRS})", (A, B, 5, 9, False, *SIGNED),
     [approved(owner=A, spender=B, amount="0", unlimited=False, via="permit", deadline="9", revokes=True)]),
    (f"transferWithAuthorization({AUTHORIZATION},{VRS})", (A, B, 5, 0, 9, bytes(32), *SIGNED),
     [transferred(to=B, amount="5", deadline="9", via="transferWithAuthorization", **{"from": A})]),
    (f"receiveWithAuthorization({AUTHORIZATION},bytes)", (A, B, 5, 0, 9, bytes(32), b""),
     [transferred(to=B, amount="5", deadline="9", via="transferWithAuthorization", **{"from": A})]),
    ("mint(address,uint256)", (A, 5), [{"type": "mint", "asset": TOKEN, "to": A, "amount": "5"}]),
    ("safeTransferFrom(address,address,uint256)", (A, B, 5),
     [transferred(standard="erc721", to=B, token_id="5", **{"from": A})]),
    ("safeTransferFrom(address,address,uint256,bytes)", (A, B, 5, b"x"),
     [transferred(standard="erc721", to=B, token_id="5", **{"from": A})]),
    ("safeTransferFrom(address,address,uint256,uint256,bytes)", (A, B, 5, 6, b""),
     [transferred(standard="erc1155", to=B, token_id="5", amount="6", **{"from": A})]),
    ("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", (A, B, [1, 2], [3, 4], b""),
     [transferred(standard="erc1155", to=B, token_id="1", amount="3", **{"from": A}),
      transferred(standard="erc1155", to=B, token_id="2", amount="4", **{"from": A})]),
    ("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", (A, B, [1, 2], [3], b""),
     [{"type": "inconsistent", "reason": "array_lengths_differ"},
      transferred(standard="erc1155", to=B, token_id="1", amount="3", **{"from": A})]),
    ("setApprovalForAll(address,bool)", (A, True),
     [approved(standard="erc721", owner=SENDER, spender=A, amount="all", unlimited=True, all_tokens=True,
               via="setApprovalForAll")]),
    ("setApprovalForAll(address,bool)", (A, False),
     [approved(standard="erc721", owner=SENDER, spender=A, amount="0", unlimited=False, all_tokens=True,
               via="setApprovalForAll", revokes=True)]),
    ("upgradeTo(address)", (A,), [{"type": "upgrade", "contract": TOKEN, "implementation": A}]),
    ("setImplementation(address)", (A,), [{"type": "upgrade", "contract": TOKEN, "implementation": A}]),
    ("upgradeToAndCall(address,bytes)", (A, b""), [{"type": "upgrade", "contract": TOKEN,
     "implementation": A}]),
    ("upgradeToAndCall(address,bytes)", (A, call_data(TRANSFER, B, 1)),
     [{"type": "upgrade", "contract": TOKEN, "implementation": A},
      {"type": "delegatecall", "from": TOKEN, "to": A, "selector": "0xa9059cbb", "value": "0",
       "looks_like": TRANSFER, "args": [B, "1"], "via": [f"upgrade:{TOKEN}"]}]),
    ("upgrade(address,address)", (A, B), [{"type": "upgrade", "contract": A, "implementation": B}]),
    ("upgradeAndCall(address,address,bytes)", (A, B, b"\x01"),
     [{"type": "upgrade", "contract": A, "implementation": B},
      {"type": "delegatecall", "from": A, "to": B, "selector": "0x01", "value": "0",
       "via": [f"upgrade:{A}"]}]),
    ("_setImplementation(address,bool,bytes)", (A, True, b"\x01"),
     [{"type": "upgrade", "contract": TOKEN, "implementation": A}]),
    ("changeAdmin(address)", (A,), [authority("proxy_admin", A)]),
    ("changeProxyAdmin(address,address)", (A, B), [authority("proxy_admin", B, account=A)]),
    ("diamondCut((address,uint8,bytes4[])[],address,bytes)", ([(A, 0, [b"\x01\x02\x03\x04"])], B, b"\x05"),
     [{"type": "upgrade", "contract": TOKEN, "implementation": A, "action": "0", "selectors": ["0x01020304"]},
      {"type": "delegatecall", "from": TOKEN, "to": B, "selector": "0x05", "value": "0",
       "via": [f"upgrade:{TOKEN}"]}]),
    ("transferOwnership(address)", (A,), [owner("transferOwnership(address)", A)]),
    ("renounceOwnership()", (), [owner("renounceOwnership()", ZERO)]),
    ("acceptOwnership()", (), [owner("acceptOwnership()", SENDER)]),
    ("grantRole(bytes32,address)", (ROLE, A), [authority("MINTER_ROLE", A)]),
    ("grantRole(bytes32,address)", (bytes(32), A), [authority("DEFAULT_ADMIN_ROLE", A)]),
    ("grantRole(bytes32,address)", (b"\x01" * 32, A), [authority("0x" + "01" * 32, A)]),
    ("revokeRole(bytes32,address)", (ROLE, A), [authority("MINTER_ROLE", None, current_authority=A)]),
    ("setAdmin(address)", (ZERO,), [authority("admin", None)]),
    ("acceptAdmin()", (), [authority("admin", SENDER)]),
    ("deny(address)", (A,), [authority("authority", None, current_authority=A)]),
    ("configureMinter(address,uint256)", (A, 5), [authority("minter", A, amount="5")]),
    ("updatePauser(address)", (A,), [authority("pauser", A)]),
    ("addOwnerWithThreshold(address,uint256)", (A, 2),
     [owner("addOwnerWithThreshold(address,uint256)", A, threshold="2")]),
    ("swapOwner(address,address,address)", (ZERO, A, B),
     [owner("swapOwner(address,address,address)", B, old_owner=A)]),
    ("removeOwner(address,address,uint256)", (ZERO, A, 1),
     [authority("safe_owner", None, current_authority=A, threshold="1")]),
    ("changeThreshold(uint256)", (1,), [authority("safe_threshold", None, threshold="1")]),
    ("enableModule(address)", (A,), [authority("safe_module", A)]),
    ("disableModule(address,address)", (A, B), [authority("safe_module", None, current_authority=B)]),
    ("setGuard(address)", (ZERO,), [authority("safe_guard", None)]),
    ("setModuleGuard(address)", (A,), [authority("safe_module_guard", A)]),
    ("setFallbackHandler(address)", (A,), [authority("safe_fallback_handler", A)]),
    ("setup(address[],uint256,address,bytes,address,address,uint256,address)",
     ([A, B], 2, TO, b"\x01", B, ZERO, 5, ZERO),
     [owner("setup", A, threshold="2"), owner("setup", B, threshold="2"),
      {"type": "delegatecall", "from": TOKEN, "to": TO, "selector": "0x01", "value": "0", "via": ["setup"]},
      authority("safe_fallback_handler", B),
      {"type": "safe_refund", "from": TOKEN, "to": "tx.origin", "asset": "native", "amount": "5"}]),
]  # fmt: skip


@pytest.mark.parametrize(("signature", "args", "expected"), CASES)
def test_effects(signature: str, args: tuple[Any, ...], expected: list[dict[str, Any]]) -> None:
    assert effects(TOKEN, call_data(signature, *args)) == expected


PERMIT2_CASES: list[tuple[str, tuple[Any, ...], list[dict[str, Any]]]] = [
    ("approve(address,address,uint160,uint48)", (TOKEN, A, 2**160 - 1, 9),
     [approved(owner=SENDER, spender=A, amount=str(2**160 - 1), unlimited=True, via="permit2.approve",
               expiration="9")]),
    (f"permit(address,({DETAILS},address,uint256),bytes)", (A, ((TOKEN, 5, 9, 0), B, 1), b""),
     [approved(owner=A, spender=B, amount="5", unlimited=False, via="permit2", expiration="9")]),
    (f"permit(address,({DETAILS}[],address,uint256),bytes)", (A, ([(TOKEN, 5, 9, 0), (TO, 6, 9, 0)], B, 1),
     b""),
     [approved(owner=A, spender=B, amount="5", unlimited=False, via="permit2", expiration="9"),
      approved(asset=TO, owner=A, spender=B, amount="6", unlimited=False, via="permit2", expiration="9")]),
    ("transferFrom(address,address,uint160,address)", (A, B, 5, TOKEN),
     [transferred(to=B, amount="5", via="permit2.transferFrom", **{"from": A})]),
    ("transferFrom((address,address,uint160,address)[])", ([(A, B, 5, TOKEN)],),
     [transferred(to=B, amount="5", via="permit2.transferFrom", **{"from": A})]),
    (f"permitTransferFrom({P2},bytes)", (((TOKEN, 9), 0, 1), (B, 5), A, b""),
     [transferred(to=B, amount="5", via="permit2.permitTransferFrom", **{"from": A})]),
    (f"permitWitnessTransferFrom({P2},bytes32,string,bytes)", (((TOKEN, 9), 0, 1), (B, 5), A, bytes(32), "w",
     b""),
     [transferred(to=B, amount="5", via="permit2.permitTransferFrom", **{"from": A})]),
    (f"permitTransferFrom({P2_MANY},bytes)", (([(TOKEN, 9)], 0, 1), [(B, 5)], A, b""),
     [transferred(to=B, amount="5", via="permit2.permitTransferFrom", **{"from": A})]),
    (f"permitWitnessTransferFrom({P2_MANY},bytes32,string,bytes)",
     (([(TOKEN, 9), (TO, 9)], 0, 1), [(B, 5)], A, bytes(32), "w", b""),
     [{"type": "inconsistent", "reason": "array_lengths_differ"},
      transferred(to=B, amount="5", via="permit2.permitTransferFrom", **{"from": A})]),
    ("lockdown((address,address)[])", ([(TOKEN, A)],),
     [approved(owner=SENDER, spender=A, amount="0", unlimited=False, revokes=True, via="permit2.lockdown")]),
]  # fmt: skip


@pytest.mark.parametrize(("signature", "args", "expected"), PERMIT2_CASES)
def test_permit2(signature: str, args: tuple[Any, ...], expected: list[dict[str, Any]]) -> None:
    """Only at Permit2 itself: the token is an argument, and another contract may do what it likes."""
    data = call_data(signature, *args)
    assert effects(PERMIT2, data) == expected
    (elsewhere,) = effects(TO, data)
    assert fields(elsewhere, "type", "blind", "looks_like") == ("contract_call", True, signature)


SHOWN: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    (
        "initMultiowned(address[],uint256)",
        ([A], 1),
        owner("initMultiowned(address[],uint256)", A, threshold="1"),
    ),
    ("changeOwner(address,address)", (A, B), owner("changeOwner(address,address)", B, old_owner=A)),
    ("replaceOwner(address,address)", (A, B), owner("replaceOwner(address,address)", B, old_owner=A)),
    ("removeOwner(address)", (A,), authority("owner", None, current_authority=A)),
    ("changeRequirement(uint256)", (1,), authority("threshold", None, threshold="1")),
    ("kill(address)", (A,), {"type": "self_destruct", "contract": TOKEN, "beneficiary": A}),
]


@pytest.mark.parametrize(("signature", "args", "expected"), SHOWN)
def test_applications_show_their_call(
    signature: str, args: tuple[Any, ...], expected: dict[str, Any]
) -> None:
    call, effect = effects(TOKEN, call_data(signature, *args))
    assert fields(call, "type", "to", "signature", "blind") == ("contract_call", TOKEN, signature, False)
    assert effect == expected


OPAQUE: list[tuple[str, tuple[Any, ...], str]] = [
    ("castVote(uint256,bool)", (1, True), "proposal_code_not_in_bytes"),
    ("castVote(uint256,uint8)", (1, 1), "proposal_code_not_in_bytes"),
    ("execute(uint256)", (1,), "proposal_code_not_in_bytes"),
    ("confirmTransaction(uint256)", (1,), "proposal_code_not_in_bytes"),
    ("approveHash(bytes32)", (bytes(32),), "safe_transaction_hash"),
]


@pytest.mark.parametrize(("signature", "args", "reason"), OPAQUE)
def test_opaque_calls_are_blind_with_a_reason(signature: str, args: tuple[Any, ...], reason: str) -> None:
    call, blind = effects(TOKEN, call_data(signature, *args))
    assert fields(call, "type", "signature", "blind") == ("contract_call", signature, True)
    assert fields(blind, "type", "reason") == ("blind", reason)


def changed_at(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


ENCODED = call_data(TRANSFER, A, 5)
DYNAMIC = call_data("upgradeToAndCall(address,bytes)", A, b"\x01")
NOT_ABI = [
    (ENCODED + b"\x00", "trailing_bytes"),
    (ENCODED[:-1], "abi_malformed"),
    (ENCODED[:4], "abi_malformed"),
    (changed_at(ENCODED, 4), "abi_reencoding_differs"),
    (changed_at(DYNAMIC, 67), "abi_reencoding_differs"),  # the offset
    (changed_at(DYNAMIC, len(DYNAMIC) - 1), "abi_reencoding_differs"),  # the padding
    (call_data("setApprovalForAll(address,bool)", A, True)[:-1] + b"\x02", "abi_reencoding_differs"),
]


@pytest.mark.parametrize(("data", "reason"), NOT_ABI)
def test_arguments_that_are_no_encoding(data: bytes, reason: str) -> None:
    call, blind = effects(TOKEN, data)
    assert fields(call, "type", "blind") == ("contract_call", True)
    assert call["looks_like"]
    assert blind == {"type": "blind", "reason": reason}


@pytest.mark.parametrize("data", [b"\x01", b"\x01\x02\x03", b"\x01\x02\x03\x04", b"\xff" * 100])
def test_unknown_calls(data: bytes) -> None:
    assert effects(TO, data) == [
        {"type": "contract_call", "from": SENDER, "to": TO, "selector": "0x" + data[:4].hex(), "value": "0",
         "blind": True}
    ]  # fmt: skip


def test_value_goes_to_the_contract_whatever_the_call_is() -> None:
    for data in (b"\x01\x02\x03\x04", ENCODED):
        value, call = effects(TOKEN, data, 9)
        assert fields(value, "type", "to", "amount", "from") == ("native_transfer", TOKEN, "9", SENDER)
        assert call["type"] in ("contract_call", "token_transfer")


def test_an_access_list_changes_nothing() -> None:
    plain = [1, 7, 1, 30, 21_000, raw(TOKEN), 0, ENCODED]
    with_list = decode_item("evm-tx", b"\x02" + rlp.encode([*plain, [[raw(TO), [bytes(32)]]]]), OURS)
    assert with_list.effects == decode_item("evm-tx", b"\x02" + rlp.encode([*plain, []]), OURS).effects


def test_without_a_known_sender() -> None:
    (transfer,) = effects(TOKEN, ENCODED, knowledge=Knowledge())
    assert "from" not in transfer
    (accepted,) = effects(TOKEN, call_data("acceptOwnership()"), knowledge=Knowledge())
    assert accepted["new_owner"] == "msg.sender"


def test_unlimited() -> None:
    limits = (2**128 - 1, 2**128, 2**96 - 1, 2**96, 2**160 - 1, 2**256 - 1)
    assert [is_unlimited(amount) for amount in limits] == [False, True, True, False, True, True]


def test_every_method_of_the_table_is_tested() -> None:
    """By its own case here, by a vector, or in another file of this folder."""
    elsewhere = {
        "execTransaction", "execTransactionFromModule", "execTransactionFromModuleReturnData", "multiSend",
        "submitTransaction", "initWallet", "withdrawERC20For",
    }  # fmt: skip
    same_reader = {*CASES_BY_READER, *(reader_of(s) for s, *_ in [*SHOWN, *OPAQUE, *PERMIT2_CASES])}
    untested = [
        method.signature.text
        for method in METHODS.values()
        if method.read.__code__ not in same_reader and method.signature.name not in elsewhere
    ]
    assert untested == []
    assert len(METHODS) == 124


def reader_of(signature: str) -> Any:
    method: Method = METHODS[keccak(signature.encode())[:4]]
    return method.read.__code__  # type: ignore[attr-defined]


CASES_BY_READER = {reader_of(signature) for signature, *_ in CASES}
