"""GET /transactions: filters, and paging style (a): whole URLs in the headers `next-page` and `prev-page`."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request

from quorate.core.model.lifecycle import Status
from quorate.server import clock
from quorate.server.api.fireblocks.errors import bad_request
from quorate.server.api.fireblocks.query import Query
from quorate.server.store.rows import Transaction
from quorate.server.store.transactions import Filter

DEFAULT_LIMIT: Final = 200
LARGEST_LIMIT: Final = 500
WINDOW_MS: Final = 90 * 24 * 3600 * 1000
ORDERS: Final = {"createdAt": "created_ms", "lastUpdated": "updated_ms"}
TYPES: Final = {
    "VAULT_ACCOUNT": "own_account",
    "EXTERNAL_WALLET": "whitelist",
    "INTERNAL_WALLET": "whitelist",
    "ONE_TIME_ADDRESS": "one_time",
}
PAGING: Final = ("next", "prev", "before", "after", "orderBy", "sort", "limit")
FILTERS: Final = ("status", "sourceType", "sourceId", "destType", "destId", "assets", "txHash")
UNSERVED: Final = ("sourceWalletId", "destWalletId")


@dataclass(frozen=True, slots=True)
class Page:
    """What to read: a filter, and where from. `position` is (value of the ordering column, id)."""

    wanted: Filter
    position: tuple[int, str] | None
    backwards: bool


def read(request: Request) -> Page:
    """Raises QuorateError bad_request. A cursor carries the filter it belongs to."""
    query = Query(request, PAGING + FILTERS + UNSERVED)
    cursor, previous = query.text("next"), query.text("prev")
    if cursor is not None and previous is not None:
        raise bad_request("next and prev exclude each other")
    if cursor is not None or previous is not None:
        wanted, position = _decode(_cursor_of(cursor or previous or ""))
        return Page(wanted, position, previous is not None)
    return Page(_filter(query), None, False)


def _filter(query: Query) -> Filter:
    query.unsupported(*UNSERVED)
    equal: list[tuple[str, str]] = []
    status = query.choice("status", [str(status) for status in Status])
    source, destination = (
        query.choice("sourceType", ("VAULT_ACCOUNT",)),
        query.choice("destType", tuple(TYPES)),
    )
    for column, value in (
        ("status", status),
        ("source_account", query.text("sourceId")),
        ("destination_type", TYPES.get(destination or "")),
        ("destination_id", query.text("destId")),
        ("transaction_hash", query.text("txHash")),
    ):
        if value is not None:
            equal.append((column, value))
    order_by = ORDERS[query.choice("orderBy", tuple(ORDERS)) or "createdAt"]
    after = query.integer("after", 0, 1 << 53)
    return Filter(
        order_by=order_by,
        descending=query.choice("sort", ("ASC", "DESC")) != "ASC",
        limit=query.integer("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT,
        before=query.integer("before", 0, 1 << 53),
        after=clock.milliseconds() - WINDOW_MS if after is None else after,
        equal=tuple(equal),
        assets=tuple((query.text("assets") or "").split(",")) if query.text("assets") else (),
        has_source=source is not None,
    )


def headers(
    request: Request, page: Page, rows: list[Transaction], more: bool, public_url: str | None
) -> dict[str, str]:
    """`next-page` where rows follow, `prev-page` where rows precede."""
    if not rows:
        return {}
    turned = page.position is not None
    found = {}
    if turned if page.backwards else more:
        found["next-page"] = _url(request, public_url, "next", _encode(page.wanted, rows[-1]))
    if more if page.backwards else turned:
        found["prev-page"] = _url(request, public_url, "prev", _encode(page.wanted, rows[0]))
    return found


def _url(request: Request, public_url: str | None, name: str, cursor: str) -> str:
    base = public_url or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base.rstrip('/')}{request.url.path}?{urlencode({name: cursor})}"


def _cursor_of(text: str) -> str:
    """Clients hand back the cursor, or the whole URL that held it."""
    if "?" not in text:
        return text
    found = parse_qs(urlsplit(text).query)
    return (found.get("next") or found.get("prev") or [""])[0]


def _encode(wanted: Filter, row: Transaction) -> str:
    document = {**asdict(wanted), "at": [getattr(row, wanted.order_by), row.id]}
    return (
        base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).rstrip(b"=").decode()
    )


def _decode(cursor: str) -> tuple[Filter, tuple[int, str]]:
    """Raises QuorateError bad_request: a cursor comes back from outside and is read like any input."""
    try:
        document = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value, id = document.pop("at")
        wanted = Filter(
            order_by=_one_of(document.pop("order_by"), tuple(ORDERS.values())),
            descending=bool(document.pop("descending")),
            limit=_bounded(document.pop("limit"), LARGEST_LIMIT),
            before=_optional(document.pop("before")),
            after=_optional(document.pop("after")),
            equal=tuple((_one_of(column, EQUAL), str(text)) for column, text in document.pop("equal")),
            assets=tuple(str(asset) for asset in document.pop("assets")),
            has_source=bool(document.pop("has_source")),
        )
        return wanted, (_bounded(value, 1 << 53), str(id))
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError):
        raise bad_request("next or prev is not a cursor of this server") from None


EQUAL: Final = ("status", "source_account", "destination_type", "destination_id", "transaction_hash")


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(value)
    return str(value)


def _bounded(value: Any, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= high:
        raise ValueError(value)
    return value


def _optional(value: Any) -> int | None:
    return None if value is None else _bounded(value, 1 << 53)
