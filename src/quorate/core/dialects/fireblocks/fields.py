"""Reading of request objects: JSON null means absent, every field is known by name, and every type is
checked.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal

from quorate.core.dialects.fireblocks.refusal import refused, unsupported
from quorate.core.errors import QuorateError, Refused
from quorate.core.model import members


class Fields:
    """One object of the request; `where` is its place in the body. Raises Refused: wrong_type,
    unknown_field, missing_field.
    """

    def __init__(self, value: object, where: str, known: Collection[str]) -> None:
        if not isinstance(value, dict):
            raise refused("wrong_type", f"{where or 'the body'} must be a JSON object")
        self.where = where
        self._given: dict[str, object] = {
            name: member for name, member in value.items() if member is not None
        }
        unknown = sorted(value.keys() - set(known))
        if unknown:
            raise refused("unknown_field", f"{self.at(unknown[0][:64])} is not a field of this request")

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def at(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def raw(self, name: str) -> object:
        """The value, None where absent."""
        return self._given.get(name)

    def need(self, name: str) -> object:
        if name not in self._given:
            raise refused("missing_field", f"{self.at(name)} is needed")
        return self._given[name]

    def text(self, name: str) -> str | None:
        value = self._given.get(name)
        if value is not None and not isinstance(value, str):
            raise refused("wrong_type", f"{self.at(name)} must be text")
        return value

    def need_text(self, name: str) -> str:
        self.need(name)
        return self.text(name) or ""

    def flag(self, name: str) -> bool:
        value = self._given.get(name, False)
        if not isinstance(value, bool):
            raise refused("wrong_type", f"{self.at(name)} must be true or false")
        return value

    def number(self, name: str) -> str | int | Decimal | None:
        """Numeric text or a JSON number, as it was written."""
        value = self._given.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | None):
            raise refused("wrong_type", f"{self.at(name)} must be numeric text or a number")
        return value

    def integer(self, name: str, low: int, high: int) -> int | None:
        value = self._given.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise refused("wrong_type", f"{self.at(name)} must be an integer from {low} to {high}")
        return value

    def refuse_given(self, names: Collection[str], why: str) -> None:
        """These would change what happens."""
        for name in sorted(names):
            if name in self._given:
                raise unsupported(self.at(name), why)

    def refuse_true(self, names: Collection[str], why: str) -> None:
        """Flags that ask for nothing when false."""
        for name in sorted(names):
            if self.flag(name):
                raise unsupported(self.at(name), why)


@contextmanager
def as_refusal() -> Iterator[None]:
    """Turns the errors of the model's readers into refusals of the request; other owners' errors pass."""
    try:
        yield
    except Refused:
        raise
    except QuorateError as error:
        if error.whose != "caller":
            raise
        raise refused(error.code, error.message, hint=error.hint) from None


def account(fields: Fields, name: str) -> str:
    return members.account(fields.need(name), fields.at(name))
