"""Addresses against another implementation, and one text for one script."""

import hashlib

import pytest
from bip_utils import (
    Bip32Slip10Secp256k1,
    Bip39SeedGenerator,
    P2PKHAddrEncoder,
    P2SHAddrEncoder,
    P2TRAddrEncoder,
    P2WPKHAddrEncoder,
    Secp256k1PublicKey,
)
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import base58, hd
from quorate.core.chains.bitcoin import address, bech32, script
from quorate.core.chains.bitcoin.networks import NETWORKS, PURPOSES
from quorate.core.chains.bitcoin.wallet_json import from_json
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import psbt_items, secret
from tests.core.vectors import third_party

NAMES = tuple(NETWORKS)


def theirs(kind: str, key: bytes, network: str) -> str:
    """The address that bip-utils makes."""
    names, public = NETWORKS[network], Secp256k1PublicKey.FromBytes(key)
    if kind == "p2pkh":
        return str(P2PKHAddrEncoder.EncodeKey(public, net_ver=bytes([names.p2pkh])))
    if kind == "p2sh-p2wpkh":
        return str(P2SHAddrEncoder.EncodeKey(public, net_ver=bytes([names.p2sh])))
    encoder = P2WPKHAddrEncoder if kind == "p2wpkh" else P2TRAddrEncoder
    return str(encoder.EncodeKey(public, hrp=names.hrp))


@pytest.mark.parametrize("kind", PURPOSES)
def test_addresses_of_keys(kind: str) -> None:
    compared = 0
    for number in range(25):
        key = secret((84, 1, number)).public_key.format()
        for network in NAMES:
            text = address.from_public_key(kind, key, network)
            assert text == theirs(kind, key, network)
            assert address.to_script(text, network) == script.for_key(kind, key)
            assert address.from_script(script.for_key(kind, key), network) == text
            compared += 1
    assert compared == 25 * len(NAMES) == 150


MNEMONIC = "abandon " * 11 + "about"
PUBLISHED = [
    # the test vectors of BIP84, 86 and 49; BIP44 has none, this is the address that wallets show for it
    ("p2wpkh", "mainnet", (0, 0), "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"),
    ("p2wpkh", "mainnet", (0, 1), "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"),
    ("p2wpkh", "mainnet", (1, 0), "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"),
    ("p2tr", "mainnet", (0, 0), "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"),
    ("p2tr", "mainnet", (0, 1), "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"),
    ("p2tr", "mainnet", (1, 0), "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"),
    ("p2sh-p2wpkh", "testnet", (0, 0), "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2"),
    ("p2pkh", "mainnet", (0, 0), "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "network", "place", "published"), PUBLISHED)
def test_published_addresses(kind: str, network: str, place: tuple[int, int], published: str) -> None:
    """Their accounts are hardened; below them the derivation and the address are ours."""
    seed = Bip39SeedGenerator(MNEMONIC).Generate()
    account = f"m/{PURPOSES[kind]}'/{NETWORKS[network].coin_type}'/0'"
    above = Bip32Slip10Secp256k1.FromSeed(seed).DerivePath(account).PublicKey()
    root = above.RawCompressed().ToBytes(), above.ChainCode().ToBytes()
    assert address.from_public_key(kind, hd.derive("secp256k1", *root, place), network) == published


def test_bip341_addresses() -> None:
    vectors = third_party("good/bip341-wallet-official.json")["vectors"]["scriptPubKey"]
    for vector in vectors:
        expected = vector["expected"]
        output = bytes.fromhex(expected["scriptPubKey"])
        assert address.from_script(output, "mainnet") == expected["bip350Address"]
        assert address.to_script(expected["bip350Address"], "mainnet") == output
    assert len(vectors) == 7


@given(st.binary(min_size=2, max_size=40), st.integers(0, 16), st.sampled_from(NAMES))
def test_witness_programs_there_and_back(program: bytes, version: int, network: str) -> None:
    output = script.witness(version, program)
    text = address.from_script(output, network)
    if version == 0 and len(program) not in (20, 32):
        assert text is None
    else:
        assert text is not None
        assert address.to_script(text, network) == output


@given(st.binary(max_size=60))
def test_what_has_an_address_comes_back(output: bytes) -> None:
    text = address.from_script(output, "mainnet")
    assert text is None or address.to_script(text, "mainnet") == output


@given(st.binary(max_size=78))
def test_base58_there_and_back(payload: bytes) -> None:
    if payload:
        assert base58.decode_check(base58.encode_check(payload)) == payload


SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
LEGACY = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"


def test_the_addresses_that_are_damaged_below() -> None:
    assert address.to_script(SEGWIT, "mainnet").hex() == "0014751e76e8199196d454941c45d1b3a323f1433bd6"
    assert address.to_script(TAPROOT, "mainnet")[:2].hex() == "5120"
    assert address.to_script(LEGACY, "mainnet")[:3].hex() == "76a914"


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("", "mainnet"),
        ("bc1", "mainnet"),
        (SEGWIT, "testnet"),
        (SEGWIT, "regtest"),
        (LEGACY, "testnet"),
        (SEGWIT.upper(), "mainnet"),
        (SEGWIT[:-1] + "5", "mainnet"),
        (SEGWIT[:10] + SEGWIT[10].upper() + SEGWIT[11:], "mainnet"),
        (" " + SEGWIT, "mainnet"),
        (SEGWIT + "\n", "mainnet"),
        (LEGACY + " ", "mainnet"),
        (LEGACY[:-1] + "3", "mainnet"),
        ("1" + LEGACY, "mainnet"),
        (LEGACY.replace("B", "0", 1), "mainnet"),
        ("1" * 200, "mainnet"),
        ("bc1" + "q" * 200, "mainnet"),
        ("tb1" + SEGWIT[3:], "testnet"),  # the checksum covers the prefix
        # BIP350's invalid addresses
        ("tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", "mainnet"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "mainnet"),
        ("tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "testnet"),
        ("bc1s0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq54well", "mainnet"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "mainnet"),
        ("tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47", "testnet"),
        ("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "mainnet"),
        ("bc130xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqv8lhf0", "mainnet"),
        ("bc1pw5dgrnzv", "mainnet"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", "mainnet"),
        ("bc1qr508d6qejxtdg4y5r3zarvaryv98gj9p", "mainnet"),
        ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", "testnet"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "mainnet"),
        ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "testnet"),
        ("bc1gmk9yu", "mainnet"),
    ],
)
def test_what_is_no_address(text: str, network: str) -> None:
    with pytest.raises(QuorateError) as error:
        address.to_script(text, network)
    assert error.value.code == "address"


@given(st.integers(0, len(SEGWIT) - 1), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_a_mistyped_character_is_noticed(place: int, character: str) -> None:
    for text in (SEGWIT, TAPROOT):
        typed = text[:place] + character + text[place + 1 :]
        if typed != text:
            with pytest.raises(QuorateError):
                address.to_script(typed, "mainnet")


def test_keys_and_networks_are_checked() -> None:
    with pytest.raises(QuorateError) as error:
        address.from_public_key("p2wpkh", b"\x02" + bytes(32), "mainnet")
    assert error.value.code == "public_key"
    with pytest.raises(QuorateError) as error:
        address.from_public_key("p2wpkh", secret((1,)).public_key.format(), "main")
    assert error.value.code == "network"
    with pytest.raises(QuorateError) as error:
        bech32.decode("bc", SEGWIT.replace("q", "b"))
    assert error.value.code == "bech32"


def test_addresses_of_the_vectors_are_keys_of_their_accounts() -> None:
    """Change of the vectors, from the account keys of their contexts by way of the address."""
    found = 0
    for name, context, item in psbt_items():
        wallet = from_json(context, "mainnet")
        for effect in item["expected"]["effects"]:
            if wallet is None or effect["type"] != "change" or name.startswith("p2wsh"):
                continue
            *_, change, index = map(int, effect["path"].replace("h", "").split("/")[1:])
            kind = {44: "p2pkh", 49: "p2sh-p2wpkh", 84: "p2wpkh", 86: "p2tr"}[int(effect["path"][2:4])]
            key = wallet.accounts[kind].key(change, index)
            assert address.from_public_key(kind, key, "mainnet") == effect["to"]
            found += 1
    assert found == 16


def test_sha256_is_the_right_one() -> None:
    assert script.p2wsh(b"\x51") == b"\x00\x20" + hashlib.sha256(b"\x51").digest()


def test_destinations_are_read_in_one_form_only() -> None:
    """Beside what `to_script` refuses, what anyone could spend; upper case is made lower before."""
    key = secret((84, 1, 50)).public_key.format()
    for kind in PURPOSES:
        text = address.from_public_key(kind, key, "regtest")
        assert address.read(text, "regtest") == address.tidy(text) == text
    segwit = address.from_public_key("p2wpkh", key, "regtest")
    assert address.tidy(segwit.upper()) == segwit
    assert address.tidy(segwit.upper()[:-1] + "q") == segwit.upper()[:-1] + "q"
    assert address.tidy("1BOATSLRHTKNNGKDXEEOBR76B53LETTPYT") == "1BOATSLRHTKNNGKDXEEOBR76B53LETTPYT"
    for text, network in ((segwit, "mainnet"), (segwit.upper(), "regtest"), ("bcrt1pfeesnyr2tx", "regtest")):
        with pytest.raises(QuorateError) as error:
            address.read(text, network)
        assert error.value.code == "address"
