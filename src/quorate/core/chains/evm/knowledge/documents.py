"""The documents that a charter pins by hash: each says how the calls of one contract on one chain are read
(docs/spec/document.md).

A document is the JSON ABI of the contract, or an ERC-7730 descriptor. It may come from anybody: its hash is
compared with the pin at every use. It speaks for the chain and the contract of the pin and for nothing else,
whatever it says itself. One that is missing or cannot be read leaves these calls blind.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from quorate.core.chains.effects import Effect
from quorate.core.chains.evm.knowledge import abi_json, erc7730
from quorate.core.chains.evm.knowledge.annotations import Annotations
from quorate.core.errors import QuorateError
from quorate.core.model import canonical
from quorate.core.model.charter import Annotation as Pin
from quorate.core.model.charter import Chain, Charter

LIMIT: Final = 256 << 10
"""Longest document, bytes."""
MISSING: Final = "missing"
OTHER_HASH: Final = "document_hash"


def digest(document: bytes) -> bytes:
    """SHA-256 of exactly these bytes: what a charter pins."""
    return hashlib.sha256(document).digest()


def read(document: bytes, chain: Chain | None, contract: str) -> Annotations:
    """What the document says of calls of `contract` on `chain`, at least one.

    Raises QuorateError: too_large; not_canonical (no JSON as docs/spec/README.md restricts it);
    document_chain (not of an EVM chain); document_empty; document_deployment (a descriptor of other
    contracts); annotations, descriptor, signature_form, wrong_type, unknown_member, missing_member.
    """
    if chain is None or chain.family != "evm":
        raise _bad("document_chain", "documents describe calls on EVM chains only")
    if len(document) > LIMIT:
        raise _bad("too_large", f"a document has at most {LIMIT} bytes, this one {len(document)}")
    if _is_descriptor(canonical.decode_lenient(document)):
        found = erc7730.parse(document, only=(chain.chain_id, contract))
        if not found:
            raise _bad("document_deployment", f"the descriptor names no deployment {chain.id} {contract}")
    else:
        found = abi_json.parse(document, chain_id=chain.chain_id, address=contract)
    if not found:
        raise _bad("document_empty", "the document describes no call")
    return found


def _is_descriptor(value: object) -> bool:
    return isinstance(value, dict) and "context" in value


@dataclass(frozen=True, slots=True)
class Document:
    """What one pin amounts to here: `calls` that can be read by it. `problem` is empty, `missing`, or the
    code for which the document cannot be used.
    """

    pin: Pin
    calls: Annotations = field(default_factory=Annotations)
    problem: str = ""

    @property
    def words(self) -> str:
        """The pin and its state, for people."""
        state = {"": f"{len(self.calls)} calls", MISSING: "MISSING"}.get(self.problem, self.problem)
        return f"{self.pin.chain} {self.pin.contract}, sha256 {self.pin.hash.hex()}: {state}"

    def to_json(self) -> dict[str, object]:
        return {
            "chain": self.pin.chain,
            "contract": self.pin.contract,
            "hash": self.pin.hash.hex(),
            "calls": len(self.calls),
            "problem": self.problem or None,
        }


class Documents:
    """Those that one charter version pins, in its order."""

    def __init__(self, found: Sequence[Document] = ()) -> None:
        self.all = tuple(found)
        self._on: dict[str, Annotations] = {
            chain: Annotations.joined(d.calls for d in found if d.pin.chain == chain)
            for chain in dict.fromkeys(d.pin.chain for d in found)
        }

    def on(self, chain: str) -> Annotations:
        """All calls that can be read on this chain."""
        return self._on.get(chain) or Annotations()

    def lacking(self, chain: str, effects: Iterable[Effect]) -> tuple[str, ...]:
        """For each contract whose calls are blind among these effects though a document is pinned: why."""
        blind = {str(effect["to"]) for effect in effects if effect.get("blind") is True and "to" in effect}
        return tuple(
            f"the document pinned for {d.pin.contract}, sha256 {d.pin.hash.hex()}, is {_state(d.problem)}"
            for d in self.all
            if d.problem and d.pin.chain == chain and d.pin.contract in blind
        )


def of_charter(charter: Charter, find: Callable[[bytes], bytes | None]) -> Documents:
    """`find` looks a document up by its hash. Never raises for what it finds."""
    return Documents([_document(charter, pin, find(pin.hash)) for pin in charter.annotations])


def pinned(charters: Iterable[Charter], document: bytes) -> Iterator[tuple[Charter, Pin]]:
    """The places where these versions pin exactly these bytes."""
    hash = digest(document)
    for charter in charters:
        yield from ((charter, pin) for pin in charter.annotations if pin.hash == hash)


def accepted(charters: Iterable[Charter], document: bytes) -> tuple[Pin, ...]:
    """The pins that the document can be used for, at least one, each once.

    Raises QuorateError: document_unpinned; what `read` raises for the first pin, where it can be used for
    none.
    """
    found: dict[Pin, None] = {}
    failure: QuorateError | None = None
    for charter, pin in pinned(charters, document):
        try:
            _read_once(document, charter.chain(pin.chain), pin.contract)
            found[pin] = None
        except QuorateError as error:
            failure = failure or error
    if found:
        return tuple(found)
    raise failure or QuorateError(
        "document_unpinned",
        f"no charter version here pins a document with sha256 {digest(document).hex()}",
        "caller",
        "give it byte for byte as it was when its hash was made, after the charter version that pins it",
    )


def _document(charter: Charter, pin: Pin, content: bytes | None) -> Document:
    if content is None:
        return Document(pin, problem=MISSING)
    if digest(content) != pin.hash:
        return Document(pin, problem=OTHER_HASH)
    try:
        return Document(pin, _read_once(content, charter.chain(pin.chain), pin.contract))
    except QuorateError as error:
        return Document(pin, problem=error.code)


_read_once: Final = lru_cache(maxsize=256)(read)
"""A document of thousands of calls takes a while to read, and stays the same from version to version."""


def _state(problem: str) -> str:
    return "not here" if problem == MISSING else f"not usable ({problem})"


def _bad(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "caller", "see docs/spec/document.md")


def to_json(found: Documents) -> list[Mapping[str, object]]:
    return [document.to_json() for document in found.all]
