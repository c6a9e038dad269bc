"""The chain of charter versions: who signed each, and that each follows from the one before
(docs/spec/charter.md, Acceptance).
"""

import json
from collections.abc import Sequence
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.evidence import sshsig
from quorate.core.model import canonical, labels
from quorate.core.model.charter.parse import parse
from quorate.core.model.charter.types import Charter, SignedDocument
from quorate.core.model.members import Members, bad

MAX_CHAIN_FILE: Final = 64 << 20


def verify_chain(
    documents: Sequence[SignedDocument], *, root_hash: bytes | None = None
) -> tuple[Charter, ...]:
    """All versions, from 1, each accepted by the one before. `root_hash` is what the operator or an earlier
    run pinned for version 1.

    Raises QuorateError: the codes of `parse`, charter_root, charter_version, charter_previous,
    charter_cluster, charter_mode, charter_signature, charter_quorum.
    """
    if not documents:
        raise _refuse("charter_version", "a chain starts with version 1; this one is empty")
    first = parse(documents[0].body)
    if root_hash is not None and first.hash != root_hash:
        raise _refuse(
            "charter_root", f"version 1 has hash {first.hash.hex()}, not the pinned {root_hash.hex()}"
        )
    if first.version != 1:
        raise _refuse(
            "charter_version", f"a chain starts with version 1, this one with version {first.version}"
        )
    check_signatures(documents[0], labels.CHARTER, first, quorum=len(first.administrators))
    charters = [first]
    for document in documents[1:]:
        charters.append(verify_next(charters[-1], document))
    return tuple(charters)


def verify_next(current: Charter, document: SignedDocument) -> Charter:
    """The version after `current`. Raises as verify_chain."""
    charter = parse(document.body)
    if charter.version != current.version + 1:
        raise _refuse(
            "charter_version", f"version {charter.version} does not follow version {current.version}"
        )
    if charter.previous != current.hash:
        raise _refuse(
            "charter_previous",
            f"version {charter.version} does not name version {current.version} as its previous",
        )
    if charter.cluster != current.cluster:
        raise _refuse("charter_cluster", f"version {charter.version} is of another cluster")
    if charter.mode != current.mode:
        raise _refuse("charter_mode", f"the mode is fixed in version 1 as {current.mode}")
    _check_signers(current, charter)
    check_signatures(document, labels.CHARTER, current, quorum=current.administrator_quorum)
    return charter


def _check_signers(current: Charter, charter: Charter) -> None:
    """Shares belong to an index and a threshold, and cannot be moved to others yet."""
    before, after = ((c.threshold, [(s.id, s.index) for s in c.signers]) for c in (current, charter))
    if before != after:
        raise _refuse(
            "charter_signers", "threshold, ids and indexes of the signers are fixed: shares cannot be moved"
        )


def check_signatures(document: SignedDocument, label: str, charter: Charter, *, quorum: int) -> None:
    """At least `quorum` administrators of `charter` signed, and every signature given is one of theirs,
    valid and given once.

    Raises QuorateError charter_signature (which names the administrator) or charter_quorum.
    """
    signed: set[str] = set()
    for id, armor in document.signatures:
        administrator = charter.administrator(id)
        if administrator is None:
            raise _refuse("charter_signature", f"{id} is not an administrator of version {charter.version}")
        if id in signed:
            raise _refuse("charter_signature", f"administrator {id} is listed twice")
        try:
            sshsig.verify(label, document.body, armor, administrator.ssh_key)
        except QuorateError as error:
            raise _refuse("charter_signature", f"administrator {id}: {error.message}") from None
        signed.add(id)
    if len(signed) < quorum:
        raise _refuse("charter_quorum", f"{len(signed)} of the {quorum} administrators needed have signed")


def load_chain(text: bytes) -> tuple[SignedDocument, ...]:
    """The file form; white space is free, the canonical body is made here. Raises not_canonical, *_member;
    verifies nothing.
    """
    return load_documents(text, "charter")


def load_documents(text: bytes, name: str) -> tuple[SignedDocument, ...]:
    value = canonical.decode_lenient(text, limit=MAX_CHAIN_FILE, extra_depth=2)
    if not isinstance(value, list):
        raise bad("file", "an array of signed versions is expected")
    return tuple(read_document(item, f"file[{index}]", name) for index, item in enumerate(value))


def read_document(value: object, where: str, name: str) -> SignedDocument:
    """One `{<name>: object, "signatures": [..]}`."""
    m = Members(value, where, (name, "signatures"))
    return SignedDocument(canonical.encode(m.raw(name)), m.array("signatures", _signature))


def _signature(value: object, where: str) -> tuple[str, str]:
    m = Members(value, where, ("administrator", "signature"))
    return m.identifier("administrator"), m.text("signature", longest=4096)


def dump_chain(documents: Sequence[SignedDocument]) -> bytes:
    """The file form, indented for people and version control."""
    return dump_documents(documents, "charter")


def dump_documents(documents: Sequence[SignedDocument], name: str) -> bytes:
    """As `dump_chain`, for other structures that administrators sign."""
    return _pretty([document_json(document, name) for document in documents])


def document_json(document: SignedDocument, name: str) -> dict[str, object]:
    signatures = [{"administrator": id, "signature": armor} for id, armor in document.signatures]
    return {name: canonical.decode(document.body), "signatures": signatures}


def _pretty(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _refuse(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "caller", "compare with the chain that the administrators signed")
