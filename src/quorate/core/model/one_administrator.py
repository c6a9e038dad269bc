"""What one administrator can do alone: freeze, and veto."""

from quorate.core.errors import QuorateError
from quorate.core.evidence import sshsig
from quorate.core.model.charter import Charter, SignedDocument


def check_signed_by(id: str, document: SignedDocument, label: str, charter: Charter, code: str) -> None:
    """Exactly one signature, by the administrator `id` of `charter`. Raises QuorateError `code`."""
    administrator = charter.administrator(id)
    if administrator is None:
        raise QuorateError(code, f"{id} is not an administrator of version {charter.version}")
    if [name for name, _ in document.signatures] != [id]:
        raise QuorateError(code, f"the one signature must be that of {id}, whom the document names")
    try:
        sshsig.verify(label, document.body, document.signatures[0][1], administrator.ssh_key)
    except QuorateError as error:
        raise QuorateError(code, f"administrator {id}: {error.message}") from None
