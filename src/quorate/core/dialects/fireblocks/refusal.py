"""How this dialect refuses: always at check `intent`, with a code that says what to correct."""

from quorate.core.errors import Refused

MALFORMED = "malformed_request"
UNSUPPORTED = "unsupported_request"
UNKNOWN_DESTINATION = "unknown_destination"


def refused(code: str, message: str, *, reason_class: str = MALFORMED, hint: str = "") -> Refused:
    return Refused("intent", message, reason_class=reason_class, code=code, hint=hint)


def unsupported(where: str, why: str, hint: str = "") -> Refused:
    """For a field that means something this system would not carry out: ignoring it would change the
    request.
    """
    return refused(
        "unsupported_field", f"{where}: {why}", reason_class=UNSUPPORTED, hint=hint or f"leave {where} out"
    )
