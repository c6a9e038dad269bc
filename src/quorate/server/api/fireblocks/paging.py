"""Cursors of the dialect's paged lists."""

from collections.abc import Sequence
from typing import Final, TypeVar

from starlette.requests import Request

from quorate.server.api.fireblocks.errors import bad_request
from quorate.server.api.fireblocks.query import Query

R = TypeVar("R")
HIGHEST: Final = 1 << 31


def position_of(query: Query) -> tuple[int | None, bool]:
    """Style (b): the number in `before` or `after`, and whether to go backwards from it. Raises
    bad_request."""
    before, after = query.integer("before", 0, HIGHEST), query.integer("after", 0, HIGHEST)
    if before is not None and after is not None:
        raise bad_request("before and after exclude each other")
    return (before, True) if before is not None else (after, False)


def cut(rows: list[R], limit: int, backwards: bool) -> tuple[list[R], bool]:
    """The page, and whether there was a row beyond its end in the direction of reading."""
    if len(rows) <= limit:
        return rows, False
    return (rows[1:] if backwards else rows[:-1]), True


def cursors(ids: Sequence[int], turned: bool, more: bool, backwards: bool) -> dict[str, str]:
    """`before` leads to the page before this one, `after` to the next; absent where there is none.
    `turned`: this is not the first page that was asked for."""
    paging: dict[str, str] = {}
    if ids and (more if backwards else turned):
        paging["before"] = str(ids[0])
    if ids and (turned if backwards else more):
        paging["after"] = str(ids[-1])
    return paging


def page_urls(request: Request, paging: dict[str, str]) -> dict[str, str]:
    """previousUrl and nextUrl: this request with another cursor."""
    urls = {}
    for name, cursor in (("previousUrl", "before"), ("nextUrl", "after")):
        if cursor in paging:
            url = request.url.remove_query_params(["before", "after"])
            urls[name] = str(url.include_query_params(**{cursor: paging[cursor]}))
    return urls
