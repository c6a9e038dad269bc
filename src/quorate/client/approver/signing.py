"""Making a statement: by which approver's key, in which round, until when."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from quorate.client.ceremony import http, ssh
from quorate.core.errors import QuorateError
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.core.evidence.ssh_key import SshKey
from quorate.core.model import labels
from quorate.core.model.charter import Approver, Charter
from quorate.core.model.statement import MAX_LIFETIME, SignedStatement, Statement, to_json


def approver_of(key: Path, charter: Charter) -> Approver:
    """The approver whose key this is.

    Raises QuorateError: not_an_approver, ssh_key, file_missing.
    """
    public = _public(key)
    for approver in charter.approvers:
        if SshKey.from_line(approver.ssh_key) == public:
            return approver
    raise QuorateError(
        "not_an_approver", f"{key} is no approver's key in charter version {charter.version}", "caller",
        "choose another --key",
    )  # fmt: skip


def _public(key: Path) -> SshKey:
    """The public half: the file itself, the .pub beside it, or what ssh-keygen reads from a private key."""
    if not key.exists():
        raise QuorateError("file_missing", f"{key} does not exist")
    beside = key.with_name(key.name + ".pub")
    for path in (key, beside):
        text = path.read_text(errors="replace").strip() if path.exists() else ""
        if text.startswith(("ssh-", "sk-")):
            return _key(text)
    done = subprocess.run(
        ["ssh-keygen", "-y", "-f", str(key.resolve())], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise QuorateError("ssh_key", done.stderr.strip().replace("\n", "; ") or "ssh-keygen failed")
    return _key(done.stdout.strip())


def _key(line: str) -> SshKey:
    try:
        return SshKey.from_line(ssh.public_line(line))
    except ValueError as error:
        raise QuorateError("ssh_key", str(error)) from None


def next_round(said: Iterable[Approval], approver: str) -> int:
    """After what this approver said before; only statements that verified count."""
    return 1 + max((entry.round for entry in said if entry.approver == approver), default=0)


def sign(
    charter: Charter,
    intent_hash: bytes,
    approver: Approver,
    key: Path,
    verdict: str,
    *,
    round: int,
    now: int,
    until: int,
) -> SignedStatement:
    """A statement that lives until `until` (the end of the request), at most a day; verified before it is
    handed out.

    Raises QuorateError ssh_sign, file_missing; Refused statement_* for what no signer would take.
    """
    expires_at = min(until, now + MAX_LIFETIME)
    statement = Statement(
        charter.cluster, charter.hash, intent_hash, verdict, approver.id, round, now, expires_at
    )
    body = statement.to_bytes()
    signed = SignedStatement(body, ssh.sign(labels.STATEMENT, body, key))
    approval.verify(signed, charter, intent_hash, now)
    return signed


def post(server: str, signed: SignedStatement) -> dict[str, Any]:
    """How the request stands with it. Raises QuorateError with the server's own code."""
    return http.call(server, "/quorate/v1/statements", to_json(signed))
