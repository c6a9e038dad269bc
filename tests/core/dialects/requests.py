"""Request bodies and claims for the tests of the Fireblocks dialect."""

import json
from typing import Any, Final

from quorate.core.dialects import fireblocks
from quorate.core.errors import Refused
from quorate.core.evidence.token import Claims
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Intent
from quorate.core.model.records import KeyCertificate
from tests.core import examples
from tests.core.spec.generate.world import NOW, USER, WHITELISTED

CHARTER: Final[Charter] = examples.charter()
CERTIFICATES: Final[dict[str, KeyCertificate]] = examples.certificates()
CLAIMS: Final = Claims(USER, "0b9c6a6e-nonce", NOW, NOW + 55, "/v1/transactions", "")
CAP: Final = 50_000_000_000_000_000

TRANSFER: Final[dict[str, Any]] = {
    "operation": "TRANSFER",
    "assetId": "ETH_TEST",
    "source": {"type": "VAULT_ACCOUNT", "id": "0"},
    "destination": {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": WHITELISTED}},
    "amount": "1.5",
}
RAW: Final[dict[str, Any]] = {
    "operation": "RAW",
    "extraParameters": {
        "rawMessageData": {
            "messages": [{"content": "48616c6c6f", "derivationPath": [1729, 1, 5]}],
            "algorithm": "MPC_EDDSA_ED25519",
        }
    },
}


def intent(body: object, **changes: object) -> Intent:
    """The intent of a body given as bytes, as a value, or as TRANSFER with changes."""
    if changes:
        body = {**TRANSFER, **changes}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fireblocks.to_intent(data, CLAIMS, CHARTER, CERTIFICATES)


def refusal(body: object) -> Refused:
    """What the body is refused with; it must be refused at check `intent`."""
    found = examples.refusal(intent, body)
    assert isinstance(found, Refused), "accepted"
    assert (found.check, found.whose) == ("intent", "caller")
    return found


def transfer(**changes: object) -> dict[str, Any]:
    return {**TRANSFER, **changes}


def raw(
    message: dict[str, Any] | None = None, algorithm: str | None = None, **changes: object
) -> dict[str, Any]:
    """RAW with another message, algorithm or field."""
    data = RAW["extraParameters"]["rawMessageData"]
    data = {"messages": [message or data["messages"][0]], "algorithm": algorithm or data["algorithm"]}
    return {**RAW, "extraParameters": {"rawMessageData": data}, **changes}
