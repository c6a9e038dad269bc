"""SSHSIG by itself: ssh-ed25519 and FIDO keys, one reason each why a signature is refused."""

import base64
from typing import Any

from tests.core.spec.generate.encode import armor, lp, ssh_blob, ssh_line, sshsig

NAMESPACE = "quorate/order/v1"
BODY = b'{"an":"example"}'


def build() -> dict[str, Any]:
    good, fido = sshsig("alice/ssh", NAMESPACE, BODY), sshsig("carol/fido", NAMESPACE, BODY, fido=True)
    alice, carol = ssh_line("alice/ssh"), ssh_line("carol/fido", fido=True)
    blob = base64.b64decode("".join(good.split("\n")[1:-2]))
    invalid = {
        "another body": (sshsig("alice/ssh", NAMESPACE, BODY + b" "), alice),
        "another namespace": (sshsig("alice/ssh", "quorate/charter/v1", BODY), alice),
        "another key": (sshsig("mallory/ssh", NAMESPACE, BODY), alice),
        "another key's name on it": (
            armor(blob.replace(ssh_blob("alice/ssh"), ssh_blob("bob/ssh"))),
            ssh_line("bob/ssh"),
        ),
        "hash algorithm sha256": (sshsig("alice/ssh", NAMESPACE, BODY, hash_name="sha256"), alice),
        "something reserved": (sshsig("alice/ssh", NAMESPACE, BODY, reserved=b"x"), alice),
        "version 2": (armor(blob.replace(b"SSHSIG\x00\x00\x00\x01", b"SSHSIG\x00\x00\x00\x02", 1)), alice),
        "another magic": (armor(b"SSHSIH" + blob[6:]), alice),
        "truncated": (armor(blob[:-1]), alice),
        "trailing bytes": (armor(blob + b"\x00"), alice),
        "a signature of 63 bytes": (
            armor(blob[: -(4 + 4 + 11 + 4 + 64)] + lp(lp("ssh-ed25519") + lp(blob[-64:-1]))),
            alice,
        ),
        "without armor": (base64.b64encode(blob).decode(), alice),
        "armor of something else": (good.replace("SSH SIGNATURE", "PGP SIGNATURE"), alice),
        "FIDO without user presence": (sshsig("carol/fido", NAMESPACE, BODY, fido=True, flags=0), carol),
        "FIDO signature for a plain key": (fido, alice),
        "plain signature for a FIDO key": (sshsig("carol/fido", NAMESPACE, BODY), carol),
    }
    return {
        "namespace": NAMESPACE,
        "body": BODY.hex(),
        "valid": [
            {"name": "ssh-ed25519", "armor": good, "ssh_key": alice},
            {"name": "sk-ssh-ed25519", "armor": fido, "ssh_key": carol},
            {
                "name": "FIDO with user verification",
                "armor": sshsig("carol/fido", NAMESPACE, BODY, fido=True, flags=5),
                "ssh_key": carol,
            },
        ],
        "invalid": [{"name": n, "armor": a, "ssh_key": k, "code": "sshsig"} for n, (a, k) in invalid.items()],
    }
