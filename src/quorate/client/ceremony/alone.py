"""What one administrator signs alone: a freeze, a veto."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from quorate.client.ceremony import documents, files, judge, ssh
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.charter.chain import document_json, read_document


def signed(
    name: str, label: str, charter: Charter, key: Path | None, file: Path | None, body: Callable[[str], bytes]
) -> SignedDocument:
    """The document in `file` if there is one; otherwise a new one, signed by `key`, and written to `file`
    where that is named. `body` makes the canonical bytes for an administrator's id.

    Raises QuorateError: key_needed, not_an_administrator, ssh_sign.
    """
    if file is not None and file.exists():
        return read_document(files.read_json(file), str(file), name)
    if key is None:
        raise QuorateError("key_needed", f"a new {name} is signed with --key")
    administrator = ssh.holder_of(key, charter.administrators)
    unsigned = SignedDocument(body(administrator.id), ())
    document, _ = documents.add_signature(unsigned, label, key, [administrator])
    if file is not None:
        files.write_json(file, document_json(document, name))
    return document


def to_signers(name: str, document: SignedDocument, folders: Sequence[Path]) -> list[Mapping[str, Any]]:
    """The answers of the signers in these folders, in order. Raises QuorateError with the first refusal."""
    question = {"do": name, **document_json(document, name)}
    return [judge.ask(folder, question) for folder in folders]
