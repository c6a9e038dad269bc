"""Signed notes against the vectors that two Go libraries agreed on, and what may not pass as a checkpoint."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.audit import checkpoint
from quorate.core.audit.checkpoint import Checkpoint, Verifier
from quorate.core.errors import QuorateError
from tests.core.audit.logs import note
from tests.core.vectors import own

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ORIGIN = "quorate/" + "0" * 32 + "/signer-1"
LOG = Verifier(ORIGIN, KEY.public_key().public_bytes_raw())
HEAD = Checkpoint(ORIGIN, 5, bytes(range(32)))


def code(call: Callable[[], Any]) -> str:
    try:
        call()
    except QuorateError as error:
        return error.code
    return ""


def test_signed_notes() -> None:
    document = own("audit/signed-notes.json")
    log = Verifier.from_text(document["log_vkey"])
    witnesses = [Verifier.from_text(text) for text in document["witness_vkeys"]]
    valid = cosigned = 0
    for case in document["cases"]:
        text = case["note"].encode()
        refused = code(lambda: checkpoint.verify(text, log))  # noqa: B023
        assert bool(refused) is case["wantErr"], case["desc"]
        if case["wantErr"]:
            continue
        times = checkpoint.cosigners(text, witnesses)
        assert len(times) == case["cosigners_valid"], case["desc"]
        if "cosign_time" in case:
            assert set(times.values()) == {case["cosign_time"]}
        head = checkpoint.verify(text, log)
        assert head.to_text() == checkpoint.parse(text).text
        valid, cosigned = valid + 1, cosigned + len(times)
    assert (
        (len(document["cases"]), valid, cosigned)
        == (document["count"], document["count_valid"], 8)
        == (36, 12, 8)
    )


def test_the_published_example_of_the_note_format() -> None:
    example = own("audit/signed-notes.json")["published_example"]
    verifier = Verifier.from_text(example["vkey"])
    parsed = checkpoint.parse(example["note"].encode())
    assert [(s.name, s.key_id) for s in parsed.signatures] == [(verifier.name, verifier.key_id)]
    assert checkpoint._valid(verifier, parsed.signatures[0].content, parsed.text.encode())


def test_round_trip() -> None:
    assert checkpoint.verify(note(HEAD, KEY), LOG) == HEAD
    assert Checkpoint.from_text(HEAD.to_text()) == HEAD
    assert Verifier.from_text(LOG.to_text()) == LOG
    assert checkpoint.origin("0" * 32, "signer-1") == ORIGIN


def test_another_key_name_or_origin_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    assert code(lambda: checkpoint.verify(note(HEAD, other), LOG)) == "checkpoint_signature"
    renamed = Verifier(ORIGIN + "2", LOG.key)
    assert code(lambda: checkpoint.verify(note(HEAD, KEY), renamed)) == "checkpoint_signature"
    foreign = Checkpoint(ORIGIN + "2", 5, HEAD.root)
    assert code(lambda: checkpoint.verify(note(foreign, KEY, name=ORIGIN), LOG)) == "checkpoint_origin"


def test_a_second_wrong_signature_by_the_same_key_is_refused() -> None:
    good = note(HEAD, KEY)
    last = good.decode().splitlines()[-1]
    name, _, content = last.removeprefix("— ").partition(" ")
    wrong = bytearray(base64.b64decode(content))
    wrong[-1] ^= 1
    double = good + f"— {name} {base64.b64encode(wrong).decode()}\n".encode()
    assert code(lambda: checkpoint.verify(double, LOG)) == "checkpoint_signature"


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n١\n{ROOT}\n",
        f"o\n{'9' * 20}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-4]}\n",
        f"o\n1\n{ROOT[:-2]}B=\n",
        f"o\n1\n{ROOT} \n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\nextension\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    assert code(lambda: Checkpoint.from_text(text)) == "checkpoint_form"


LINE = "— n " + base64.b64encode(bytes(68)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        f"text\n{LINE}\n",
        f"text\n\n{LINE}",
        "text\n\n",
        f"text\n\n{LINE}\n\n",
        "text\n\n— n\n",
        "text\n\n— n AAAA\n",
        "text\n\n—  AAAAAAAA\n",
        "text\n\n— a+b AAAAAAAA\n",
        "text\n\n— n AAAAAAAA AAAA\n",
        "text\n\n— n AAAAAAA\n",
        f"text\n\n{LINE}\r\n",
        f"te\txt\n\n{LINE}\n",
        "text\n\n" + (LINE + "\n") * 101,
        "t" * (1 << 16) + f"\n\n{LINE}\n",
    ],
)
def test_what_is_no_note(text: str) -> None:
    assert code(lambda: checkpoint.parse(text.encode())) == "checkpoint_form"


def test_a_note_is_utf8() -> None:
    assert code(lambda: checkpoint.parse(b"\xff\n\n" + LINE.encode() + b"\n")) == "checkpoint_form"


@pytest.mark.parametrize(
    "text", ["", "n", "n+00000000+", "n+00000000+" + ROOT, LOG.to_text().replace("+", "+0", 1)]
)
def test_what_is_no_verifier_key(text: str) -> None:
    assert code(lambda: Verifier.from_text(text)) == "checkpoint_form"


@given(st.data())
def test_every_changed_byte_is_refused(data: st.DataObject) -> None:
    text = bytearray(note(HEAD, KEY))
    text[data.draw(st.integers(0, len(text) - 1))] ^= data.draw(st.integers(1, 255))
    assert code(lambda: checkpoint.verify(bytes(text), LOG)) in ("checkpoint_form", "checkpoint_signature")
