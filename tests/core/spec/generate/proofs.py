"""Whole key certificates (the proof form of address answers), under the charter of these examples."""

from typing import Any

from tests.core.spec.generate import world
from tests.core.spec.generate.encode import canonical, sign
from tests.core.spec.generate.structures import CERTIFICATE, CERTIFICATE_ED25519
from tests.core.spec.generate.world import changed, without


def build() -> dict[str, Any]:
    label, body = "quorate/key/v1", canonical(CERTIFICATE)
    full = {s: sign(f"{s}/vote", label, body).hex() for s in world.SIGNERS}

    def proof(value: Any, by: dict[str, str] | None = None) -> dict[str, Any]:
        data = canonical(value)
        signatures = (
            by if by is not None else {s: sign(f"{s}/vote", label, data).hex() for s in world.SIGNERS}
        )
        return {"text": data.decode(), "signatures": signatures}

    return {
        "about": "verified against a chain of the one charter that section charter calls 'example'",
        "valid": [
            {"name": "secp256k1", **proof(CERTIFICATE)},
            {"name": "ed25519", **proof(CERTIFICATE_ED25519)},
        ],
        "invalid": [
            {
                "name": "a signature is missing",
                **proof(CERTIFICATE, without(full, "signer-3")),
                "code": "certificate_signers",
            },
            {
                "name": "signed by a stranger as well",
                **proof(CERTIFICATE, full | {"mallory": sign("mallory/vote", label, body).hex()}),
                "code": "certificate_signers",
            },
            {
                "name": "one signature by another key",
                **proof(CERTIFICATE, full | {"signer-2": sign("mallory/vote", label, body).hex()}),
                "code": "signature",
            },
            {
                "name": "signed under another label",
                **proof(
                    CERTIFICATE,
                    full | {"signer-2": sign("signer-2/vote", "quorate/admission/v1", body).hex()},
                ),
                "code": "signature",
            },
            {
                "name": "of a charter not in the chain",
                **proof(changed(CERTIFICATE, "charter", "00" * 32)),
                "code": "certificate_charter",
            },
            {
                "name": "threshold of 3",
                **proof(changed(CERTIFICATE, "threshold", 3)),
                "code": "certificate_mismatch",
            },
            {
                "name": "of another cluster",
                **proof(changed(CERTIFICATE, "cluster", "00" * 16)),
                "code": "certificate_mismatch",
            },
            {
                "name": "of a key the charter does not name",
                **proof(changed(CERTIFICATE, "key", "other")),
                "code": "certificate_mismatch",
            },
            {
                "name": "signers in another order",
                **proof(changed(CERTIFICATE, "signers", ["signer-2", "signer-1", "signer-3"])),
                "code": "certificate_mismatch",
            },
        ],
    }
