"""Domain separation labels of docs/spec/README.md. A label is never used for two structures."""

from typing import Final

INTENT: Final = "quorate/intent/v1"
ATTEMPT: Final = "quorate/attempt/v1"
REQUEST_ID: Final = "quorate/request-id/v1"
ADMISSION: Final = "quorate/admission/v1"
CHARTER: Final = "quorate/charter/v1"
ACKNOWLEDGEMENT: Final = "quorate/acknowledgement/v1"
ORDER: Final = "quorate/order/v1"
FREEZE: Final = "quorate/freeze/v1"
VETO: Final = "quorate/veto/v1"
VOTE: Final = "quorate/vote/v1"
SESSION: Final = "quorate/session/v1"
ITEM: Final = "quorate/item/v1"
TALLY: Final = "quorate/tally/v1"
KEY: Final = "quorate/key/v1"
PEER_STATE: Final = "quorate/peer-state/v1"
LOG_LEAF: Final = "quorate/log-leaf/v1"
STATEMENT: Final = "quorate/statement/v1"

ALL: Final = (
    INTENT, ATTEMPT, REQUEST_ID, ADMISSION, CHARTER, ACKNOWLEDGEMENT, ORDER,
    FREEZE, VETO, VOTE, SESSION, ITEM, TALLY, KEY, PEER_STATE, LOG_LEAF, STATEMENT,
)  # fmt: skip
