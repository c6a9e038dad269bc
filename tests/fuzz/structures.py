"""What holds of structures, evidence, policies and descriptions, whatever their bytes."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from quorate.core.audit import checkpoint, tiles
from quorate.core.audit.folder import entries
from quorate.core.chains import addresses
from quorate.core.chains.decode import DECODERS, decode, decode_bytes
from quorate.core.chains.evm.knowledge import abi_json, erc7730
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError
from quorate.core.evidence import sshsig, token
from quorate.core.evidence.ssh_key import SshKey
from quorate.core.model import canonical, charter, records, statement
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.charter.policy_types import Policy
from quorate.core.model.intent import Intent
from quorate.core.policy import TallyView, cases, decide
from quorate.core.policy.parse import policy_from_yaml
from tests.core.chains.evm.samples import TOKEN
from tests.core.dialects.requests import CERTIFICATES, CHARTER, CLAIMS
from tests.core.examples import refusal
from tests.core.policy.builders import EVIDENCE, NOW, REQUEST, fee, pays
from tests.core.spec.test_vectors import READ, VECTORS, WRITE
from tests.fuzz import seeds, token_example

Check = Callable[[bytes], object]


def canonical_json(data: bytes) -> None:
    value = canonical.decode(data)
    assert canonical.encode(value) == data
    assert canonical.decode_lenient(data) == value


def structure(name: str) -> Check:
    """A signed structure: what is read is written the same."""
    write = WRITE.get(name, lambda value: value.to_bytes())

    def check(data: bytes) -> None:
        assert write(READ[name](data)) == data

    return check


def charter_chain(data: bytes) -> None:
    """Documents of administrators, as files and the link carry them, and their signatures."""
    documents = charter.load_chain(data)
    assert charter.load_chain(charter.dump_chain(documents)) == documents
    charter.verify_chain(documents, root_hash=seeds.root_hash())


def signed_json(data: bytes) -> None:
    """Statements and certificates with their signatures."""
    value = canonical.decode_lenient(data)
    errors = [refusal(read, value) for read in (_statement, _certificate)]
    if all(errors):
        raise errors[0] or AssertionError


def _statement(value: object) -> object:
    return statement.Statement.from_bytes(statement.from_json(value).body)


def _certificate(value: object) -> object:
    return records.verify_certificate(records.SignedCertificate.from_json(value), [CHARTER])


def armor(data: bytes) -> None:
    """Only what a key signed is accepted, in whatever lines it is wrapped."""
    section = VECTORS["sshsig"]
    body, text = bytes.fromhex(section["body"]), _text(data)
    keys = sorted({entry["ssh_key"] for entry in section["valid"]})
    errors = [refusal(sshsig.verify, section["namespace"], body, text, key) for key in keys]
    if all(errors):
        raise errors[0] or AssertionError
    assert _bare(text) in {_bare(entry["armor"]) for entry in section["valid"]}


def _bare(text: str) -> str:
    return text.replace("\n", "")


def ssh_key(data: bytes) -> None:
    """`from_line` raises ValueError: its callers name it."""
    try:
        SshKey.from_line(_text(data))
    except ValueError as error:
        raise QuorateError("ssh_key", str(error)) from None


def request_token(data: bytes) -> None:
    """Only tokens that the key signed are accepted: PKCS #1 v1.5 has one signature for a text."""
    text = _text(data)
    assert token.peek(text) == token_example.verify(text)
    assert text in token_example.TOKENS


def request_body(data: bytes) -> None:
    claims = token.Claims(
        CLAIMS.sub, CLAIMS.nonce, CLAIMS.iat, CLAIMS.exp, CLAIMS.uri, hashlib.sha256(data).hexdigest()
    )
    made = fireblocks.to_intent(data, claims, CHARTER, CERTIFICATES)
    assert Intent.from_bytes(made.to_bytes()) == made


def address(data: bytes) -> None:
    """`CHAIN TEXT`: the one text of an address is read as itself."""
    chain, _, text = _text(data).partition(" ")
    if chain not in seeds.CHAINS:
        raise QuorateError("chain", "not a chain")
    found = addresses.read(chain, text)
    assert addresses.read(chain, found) == found


# ---- policies


def policy_yaml(data: bytes) -> None:
    value = policy_from_yaml(_text(data), None)
    _decides(read_policy(canonical.decode(canonical.encode(value)), "policy"))


def policy_json(data: bytes) -> None:
    _decides(read_policy(canonical.decode_lenient(data), "policy"))


def _decides(policy: Policy) -> None:
    for effects in ([pays(), fee(1)], []):
        decide(policy, REQUEST, effects, EVIDENCE, TallyView(), NOW)


def policy_request(data: bytes) -> None:
    """A request file of `policy explain`, its context included."""
    document: Any = _json(data)
    for policy in seeds.policies():
        json.dumps(cases.explain(policy, document, decode, NOW).to_json())


def context(data: bytes) -> None:
    """A context file of `tx decode`, with bytes of every format."""
    value = _json(data)
    if not isinstance(value, dict):
        raise QuorateError("context", "no object")
    for format in DECODERS:
        refusal(decode_bytes, format, seeds.sample(format), value, value)


# ---- descriptions of contracts


def abi(data: bytes) -> None:
    found = abi_json.parse(data, chain_id=1, address=TOKEN)
    assert all(found.find(1, one.to, one.signature.selector) == one for one in found)


def descriptor(data: bytes) -> None:
    found = erc7730.parse(data)
    assert all(found.find(one.chain_id, one.to, one.signature.selector) == one for one in found)


# ---- audit


def note(data: bytes) -> None:
    parsed = checkpoint.parse(data)
    found = checkpoint.Checkpoint.from_text(parsed.text)
    assert found.to_text() == parsed.text


def verifier(data: bytes) -> None:
    found = checkpoint.Verifier.from_text(_text(data))
    assert checkpoint.Verifier.from_text(found.to_text()) == found


def entry_bundle(data: bytes) -> None:
    """The first file of a log's folder; the first byte says how many entries it has, less one."""
    size = data[0] + 1 if data else 1
    leaves = list(entries(lambda path: data[1:], size))
    assert tiles.bundle(leaves) == data[1:]


def _text(data: bytes) -> str:
    """As files and the link bring it: replaced where it is no UTF-8."""
    return data.decode(errors="replace")


def _json(data: bytes) -> object:
    """As the command line reads its files."""
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError):
        raise QuorateError("file", "no JSON") from None
    return value
