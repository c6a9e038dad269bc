"""Query parameters, read strictly: known names, once each, in range."""

from collections.abc import Collection

from starlette.requests import Request

from quorate.server.api.fireblocks.errors import bad_request

TRUE_FALSE = {"true": True, "false": False}


class Query:
    """Raises QuorateError bad_request."""

    def __init__(self, request: Request, known: Collection[str]) -> None:
        pairs = request.query_params.multi_items()
        self._values = dict(pairs)
        unknown = sorted(set(self._values) - set(known))
        if unknown:
            raise bad_request(f"{unknown[0][:64]} is not a parameter of this route")
        if len(pairs) != len(self._values):
            raise bad_request("a parameter is given twice")

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is not None and not 1 <= len(value) <= 4096:
            raise bad_request(f"{name} is empty or too long")
        return value

    def integer(self, name: str, low: int, high: int) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if len(value) > 16 or not (value.isascii() and value.isdigit()) or not low <= int(value) <= high:
            raise bad_request(f"{name} is an integer from {low} to {high}")
        return int(value)

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise bad_request(f"{name} is one of {', '.join(sorted(allowed))}")
        return value

    def unsupported(self, *names: str) -> None:
        """Known to clients, not served: to ignore them would give another answer than the one asked for."""
        for name in names:
            if name in self._values:
                raise bad_request(f"{name} is not served")


def account_number(text: str) -> int | None:
    """A vault account id of a path; None for what cannot be one."""
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or (len(text) > 1 and text[0] == "0"):
        return None
    return int(text) if int(text) < 1 << 31 else None
