"""dev.json: what scripts read about a running dev cluster (interfaces.md). A value is null until the part
exists.
"""

import fcntl
from pathlib import Path
from typing import Any

from quorate.client.ceremony import files
from quorate.client.dev import people, signers
from quorate.client.dev.options import ADMINISTRATORS, Layout
from quorate.core.model.charter import Charter


def build(layout: Layout, charter: Charter, ready: dict[str, Any]) -> dict[str, Any]:
    """The document; process ids are those of now."""
    users = {user.role: user.id for user in charter.users}
    base = f"http://{ready['http']}/v1"
    requester, viewer = (
        {"api_key": users[name], "secret_key_file": str(layout.user(name))}
        for name in (people.REQUESTER, people.VIEWER)
    )
    return {
        "mode": charter.mode,
        "api": {"base_path": base, **requester},
        "console": None,
        "charter": str(layout.charter),
        "server": {"pid": ready["pid"]},
        "signers": [_signer(signer.id, layout.signer(signer.id)) for signer in charter.signers],
        "admins": [{"id": id, "key_file": str(layout.administrator(id))} for id in ADMINISTRATORS],
        "approvers": [
            {"id": approver.id, "key_file": str(layout.approver(approver.id))}
            for approver in charter.approvers
        ]
        or None,
        "viewer": viewer,
    }


def _signer(id: str, folder: Path) -> dict[str, Any]:
    pids = {role: process.pid for role, process in signers.recorded(folder).items() if process.alive()}
    return {
        "id": id,
        "pid": pids.get("judge"),
        "keeper_pid": pids.get("keeper"),
        "gate_pid": None,
        "sys": None,
        "audit": str(folder / "audit"),
        "dir": str(folder),
    }


def update(layout: Layout, id: str) -> dict[str, Any]:
    """Refreshes the entry of one signer in the dev.json of a running cluster, and returns it."""
    with (layout.folder / ".dev.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        document = files.read_json(layout.dev_json)
        entry = _signer(id, layout.signer(id))
        document["signers"] = [entry if signer["id"] == id else signer for signer in document["signers"]]
        files.write_json(layout.dev_json, document)
    return entry
