"""Which keys are ours: certificates' roots, account keys of a context, and what is not ours."""

from typing import Any

import pytest
from bip_utils import Bip32ChainCode, Bip32KeyData, Bip32Slip10Secp256k1
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import hd
from quorate.core.chains.bitcoin import script, wallet
from quorate.core.chains.bitcoin.holding import below_root
from quorate.core.chains.bitcoin.networks import PURPOSES
from quorate.core.chains.bitcoin.ownership import MAX_KEYS, Owned, Recogniser
from quorate.core.chains.bitcoin.psbt import Derivation
from quorate.core.chains.bitcoin.wallet import Wallet, path_text
from quorate.core.chains.bitcoin.wallet_json import from_json
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import ACCOUNT, CODES, ROOTS, holding, path, psbt_items
from tests.core.chains.bitcoin.support import wallet as own_wallet


def owned(ours: Wallet, output: bytes, code: bytes | None, claims: list[Derivation]) -> Owned | None:
    return Recogniser(ours).owned(output, code, claims)


ROOT, CODE = ROOTS[0].public_key.format(), CODES[0]
KINDS = tuple(PURPOSES)


def claim(kind: str, index: int, change: int = 0, **other: Any) -> Derivation:
    origin = holding(kind, index, change).keys[0]
    key = origin.public_key[1:] if kind == "p2tr" else origin.public_key
    return Derivation(**{"public_key": key, "fingerprint": origin.fingerprint, "path": origin.path, **other})


@pytest.mark.parametrize("kind", KINDS)
def test_accounts_of_a_root_derive_as_bip32(kind: str) -> None:
    """Against bip-utils; and the signer's scheme of each path is the one of the kind."""
    theirs = Bip32Slip10Secp256k1.FromPrivateKey(
        ROOTS[0].secret, Bip32KeyData(chain_code=Bip32ChainCode(CODE))
    )
    ours = wallet.from_root(ROOT, CODE, network="regtest", account=ACCOUNT)
    assert ours.fingerprint == theirs.FingerPrint().ToBytes()
    account = ours.accounts[kind]
    assert account.path == path(kind, 0)[:3]
    for change, index in ((0, 0), (1, 5), (2**31 - 1, 2**31 - 1)):
        full = (*account.path, change, index)
        expected = theirs.DerivePath("/".join(map(str, full))).PublicKey().RawCompressed().ToBytes()
        assert account.key(change, index) == expected == hd.derive("secp256k1", ROOT, CODE, full)
        found = owned(ours, script.for_key(kind, expected), None, [claim_of(kind, expected, full)])
        assert found is not None
        assert found.scheme == hd.scheme("secp256k1", full)


def claim_of(kind: str, key: bytes, full: tuple[int, ...]) -> Derivation:
    fingerprint = wallet.from_root(ROOT, CODE, network="regtest", account=ACCOUNT).fingerprint
    assert fingerprint is not None
    return Derivation(key[1:] if kind == "p2tr" else key, fingerprint, full)


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_of_ours(kind: str) -> None:
    found = owned(own_wallet(), holding(kind, 3, 1).script, None, [claim(kind, 3, 1)])
    key = holding(kind, 3, 1).keys[0]
    assert found == Owned(kind, key.path, key.public_key, unusual=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "other",
    [
        {"fingerprint": b"none"},
        {"path": (84, 1, ACCOUNT + 1, 0, 3)},
        {"path": (84, 1, ACCOUNT, 0, 4)},
        {"path": (84, 1, ACCOUNT, 3)},
        {"path": (84, 1, ACCOUNT, 0, 3, 0)},
        {"path": ()},
        {"path": (84, 1, ACCOUNT, hd.HARDENED, 3)},
        {"path": (84, 1, ACCOUNT, 0, hd.HARDENED + 3)},
        {"path": (84 + hd.HARDENED, 1, ACCOUNT, 0, 3)},
        {"public_key": b"\x02" * 33},
        {"public_key": b"\x02" * 32},
        {"public_key": b""},
    ],
)
def test_claims_that_are_not_true(kind: str, other: dict[str, Any]) -> None:
    if "path" in other and other["path"][:1] == (84,):
        other = {"path": (PURPOSES[kind], *other["path"][1:])}
    assert owned(own_wallet(), holding(kind, 3).script, None, [claim(kind, 3, **other)]) is None


def test_a_key_of_one_purpose_owns_nothing_of_another_kind() -> None:
    """Two schemes never share a child key, and no wallet looks for coins of one kind on another's branch."""
    for kind in KINDS:
        for used_as in set(KINDS) - {kind}:
            key = holding(kind, 3).keys[0]
            made = script.for_key(used_as, key.public_key)
            assert owned(own_wallet(), made, None, [claim_of(used_as, key.public_key, key.path)]) is None


def test_another_vault_account_is_somebody_else() -> None:
    for kind in KINDS:
        other = own_wallet(account=ACCOUNT + 1)
        assert owned(other, holding(kind, 3).script, None, [claim(kind, 3)]) is None


def test_a_claim_among_foreign_ones_is_found() -> None:
    foreign = Derivation(b"\x02" * 33, b"none", (84, 1, 2))
    assert owned(own_wallet(), holding("p2wpkh", 3).script, None, [foreign, claim("p2wpkh", 3), foreign])


@pytest.mark.parametrize(
    ("change", "index", "unusual"),
    [
        (0, 0, False),
        (1, 999, False),
        (1, 1_000, True),
        (2, 0, True),
        (2**31 - 1, 0, True),
        (1, 2**31 - 1, True),
    ],
)
def test_unusual_paths(change: int, index: int, unusual: bool) -> None:
    found = owned(
        own_wallet(), holding("p2wpkh", index, change).script, None, [claim("p2wpkh", index, change)]
    )
    assert found is not None
    assert found.unusual is unusual


def test_the_work_for_false_claims_is_bounded() -> None:
    """A claimed key that does not make the script costs no derivation; others are derived, so many times."""
    ours, own = Recogniser(own_wallet()), holding("p2wpkh", 3)
    false = [
        Derivation(b"\x02" + bytes(32), claim("p2wpkh", 3).fingerprint, path("p2wpkh", n))
        for n in range(5_000)
    ]
    assert ours.owned(own.script, None, false) is None
    swapped = claim("p2wpkh", 3, path=path("p2wpkh", 4))
    for _ in range(MAX_KEYS - 1):
        assert ours.owned(own.script, None, [swapped]) is None
    assert ours.owned(own.script, None, [claim("p2wpkh", 3)]) is not None
    with pytest.raises(QuorateError) as error:
        ours.owned(own.script, None, [swapped])
    assert error.value.code == "too_large"


def multisig_claims(index: int = 3) -> list[Derivation]:
    keys = holding("p2wsh", index).keys
    return [Derivation(key.public_key, key.fingerprint, key.path) for key in keys]


def test_multisig_of_the_policy() -> None:
    own = holding("p2wsh", 3)
    for claims in (multisig_claims(), multisig_claims()[1:2]):
        found = owned(own_wallet(root=1), own.script, own.witness_script, claims)
        assert found == Owned("p2wsh", own.keys[1].path, own.keys[1].public_key, unusual=False)


def test_multisig_that_is_not_the_policy() -> None:
    own, other = holding("p2wsh", 3), holding("p2wsh", 4)
    keys = [key.public_key for key in own.keys]
    stranger = script.multisig(2, sorted([*keys[:2], ROOT]))
    cases = [
        (own.script, None, multisig_claims()),
        (own.script, own.witness_script, []),
        (own.script, own.witness_script, multisig_claims(4)),
        (own.script, own.witness_script, [*multisig_claims()[:1], *multisig_claims(4)[1:]]),
        (other.script, own.witness_script, multisig_claims()),
        (script.p2wsh(stranger), stranger, multisig_claims()),
    ]
    cases += [
        (script.p2wsh(code), code, multisig_claims())
        for code in (
            script.multisig(1, sorted(keys)),
            script.multisig(3, sorted(keys)),
            script.multisig(2, sorted(keys)[::-1]),
            script.multisig(2, sorted(keys)[:2]),
            (own.witness_script or b"") + b"\x75",
        )
    ]
    for output, code, claims in cases:
        assert owned(own_wallet(), output, code, claims) is None
    assert owned(Wallet(b"none", {}), own.script, own.witness_script, multisig_claims()) is None


def test_read_multisig_reads_what_multisig_writes() -> None:
    keys = tuple(sorted(holding("p2wpkh", n).keys[0].public_key for n in range(16)))
    for count in range(1, 17):
        for threshold in range(1, count + 1):
            found = script.read_multisig(script.multisig(threshold, keys[:count]))
            assert found == script.Multisig(threshold, keys[:count])
    wrong = [b"", b"\x51\xae", script.multisig(3, keys[:2]), script.multisig(1, [keys[0], keys[0]])]
    wrong += [script.multisig(1, [b"\x04" + keys[0][1:]]), script.multisig(0, keys[:1]), b"\x51\x21" * 40]
    wrong += [script.multisig(2, keys[:2])[:-1] + b"\xad"]
    assert [script.read_multisig(code) for code in wrong] == [None] * len(wrong)


CONTEXT = psbt_items()[0][1]
MULTISIG = next(context for name, context, _ in psbt_items() if name == "p2wsh-2of3/0")


def edited(context: dict[str, Any], where: str, value: Any) -> dict[str, Any]:
    """A deep copy with one member replaced; `where` is a dotted path."""
    first, _, rest = where.partition(".")
    key: Any = int(first) if first.isdigit() else first
    copy: Any = dict(context) if isinstance(context, dict) else list(context)
    copy[key] = edited(copy[key], rest, value) if rest else value
    return dict(copy) if isinstance(copy, dict) else copy


def test_contexts_without_a_wallet() -> None:
    assert from_json({}, "mainnet") is None
    assert from_json({"whitelist": []}, "mainnet") is None


@pytest.mark.parametrize(
    ("context", "network"),
    [
        ([], "mainnet"),
        ({"wallet": []}, "mainnet"),
        (CONTEXT, "testnet"),
        (edited(CONTEXT, "gap_limit", -1), "mainnet"),
        (edited(CONTEXT, "gap_limit", True), "mainnet"),
        (edited(CONTEXT, "gap_limit", "1000"), "mainnet"),
        (edited(CONTEXT, "wallet.fingerprint", "73C5DA0A"), "mainnet"),
        (edited(CONTEXT, "wallet.fingerprint", None), "mainnet"),
        (edited(CONTEXT, "wallet.accounts", []), "mainnet"),
        (edited(CONTEXT, "wallet.accounts", {"p2wsh": {}}), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh", None), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.path", "m/84h/0h"), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.path", "m/84h/0h/1h"), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.path", "84h/0h/0h"), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.path", "m/84h/0h/2147483648"), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.path", "m/84h/0h/2147483648h"), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.xpub", "xpub"), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.xpub", 5), "mainnet"),
        (edited(CONTEXT, "wallet.accounts.p2wpkh.xpub", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"), "mainnet"),
        (edited(MULTISIG, "wallet_policy.type", "wsh(sortedmulti(4,...))"), "mainnet"),
        (edited(MULTISIG, "wallet_policy.type", "wsh(sortedmulti(0,...))"), "mainnet"),
        (edited(MULTISIG, "wallet_policy.type", "sh(sortedmulti(2,...))"), "mainnet"),
        (edited(MULTISIG, "wallet_policy.keys", {}), "mainnet"),
        (edited(MULTISIG, "wallet_policy.keys.0", None), "mainnet"),
        (edited(MULTISIG, "wallet_policy.keys.0", MULTISIG["wallet_policy"]["keys"][1]), "mainnet"),
    ],
)
def test_contexts_that_are_refused(context: Any, network: str) -> None:
    with pytest.raises(QuorateError) as error:
        from_json(context, network)
    assert error.value.code == "wallet"


def test_paths_as_text() -> None:
    assert path_text((84 + hd.HARDENED, hd.HARDENED, hd.HARDENED, 1, 4)) == "m/84h/0h/0h/1/4"
    assert path_text(()) == "m"


@given(st.lists(st.sampled_from([0, 43, 44, 48, 49, 84, 86, 1729, 2**31 - 1]), max_size=6))
def test_only_the_four_purposes_hold_coins(below: list[int]) -> None:
    if below and below[0] in PURPOSES.values():
        assert PURPOSES[below_root(ROOT, CODE, below).kind] == below[0]
        return
    with pytest.raises(QuorateError) as error:
        below_root(ROOT, CODE, below)
    assert error.value.code == "path_scheme"


def test_roots_are_checked() -> None:
    for key, code, account, wanted in (
        (b"\x02" + bytes(32), CODE, 0, "public_key"),
        (ROOT, CODE[:31], 0, "chain_code"),
        (ROOT, CODE, hd.HARDENED, "hardened_index"),
    ):
        with pytest.raises(QuorateError) as error:
            wallet.from_root(key, code, network="mainnet", account=account)
        assert error.value.code == wanted
