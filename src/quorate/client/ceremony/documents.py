"""Charters and orders in files: reading them, and adding an administrator's signature."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quorate.client.ceremony import files, ssh
from quorate.core.errors import QuorateError
from quorate.core.model import canonical
from quorate.core.model.charter import Administrator, Charter, SignedDocument, load_chain, verify_chain


def read_chain(path: Path) -> tuple[SignedDocument, ...]:
    """The versions in a charter file, not verified."""
    return load_chain(files.read(path))


def read_verified(path: Path) -> tuple[Charter, ...]:
    """The versions in a charter file, verified from version 1 on."""
    return verify_chain(read_chain(path))


def add_signature(
    document: SignedDocument, namespace: str, key: Path, administrators: Sequence[Administrator]
) -> tuple[SignedDocument, str]:
    """`document` with the signature made by `key`, and the id of the administrator whose key it is. Signing
    twice replaces.

    Raises QuorateError not_an_administrator, ssh_sign, file_missing.
    """
    armor = ssh.sign(namespace, document.body, key)
    administrator = ssh.signer_of(namespace, document.body, armor, tuple(administrators)).id
    others = tuple(entry for entry in document.signatures if entry[0] != administrator)
    return SignedDocument(document.body, (*others, (administrator, armor))), administrator


def order_file(document: SignedDocument) -> dict[str, Any]:
    """The file form of docs/spec/order.md, which is also the body of POST /quorate/v1/orders."""
    return {
        "order": json.loads(document.body),
        "signatures": [{"administrator": id, "signature": armor} for id, armor in document.signatures],
    }


def read_order(path: Path) -> SignedDocument:
    """Raises QuorateError for a file that is no order."""
    document = files.read_json(path)
    signatures = files.member(document, "signatures", path)
    try:
        entries = tuple((str(entry["administrator"]), str(entry["signature"])) for entry in signatures)
    except (KeyError, TypeError):
        raise QuorateError("bad_member", f"{path}: signatures") from None
    return SignedDocument(canonical.encode(files.member(document, "order", path)), entries)


def charter_entry(document: SignedDocument) -> dict[str, Any]:
    """One element of the charter file of docs/spec/charter.md."""
    return {
        "charter": json.loads(document.body),
        "signatures": [{"administrator": id, "signature": armor} for id, armor in document.signatures],
    }
