"""The subset of YAML that policy sources use.

Mappings, sequences and scalars, every scalar taken as the text that stands there. YAML's own typing is left
out on purpose: `no` is no boolean, `1_000` no integer and `1.10` no float, and an amount is never rounded.

Values are made from the parser's events, which it gives one by one and without recursion: depth is bounded
before anything recurses.
"""

from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from quorate.core.errors import QuorateError

LIMIT: Final = 1 << 20
"""Longest source, characters."""
_MAX_DEPTH: Final = 12
_PLAIN_TAGS: Final = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "timestamp", "value", "map", "seq")
}
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, which PyYAML's wheels carry; its own parser, a tenth as fast, where it was built without."""
_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL", "<<"})
"""Plain scalars that are no text: null, and the merge key (yaml.org/type)."""


def read(text: str) -> object:
    """Mappings as dict, sequences as list, scalars as str.

    Raises QuorateError bad_policy: not YAML, several documents, a member twice, an empty value, an alias, a
    merge key or a tag.
    """
    if len(text) > LIMIT:
        raise bad(f"a policy source has at most {LIMIT} characters")
    try:
        return _Source(text).document()
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise bad(f"not YAML: {' '.join(str(error).split())}") from None


def bad(message: str) -> QuorateError:
    return QuorateError("bad_policy", message, "caller", "see docs/spec/policy.md for what a policy holds")


class _Source:
    """One source on the way, event by event. Raises what `read` raises, and YAMLError."""

    def __init__(self, text: str) -> None:
        self._loader = _LOADER(text)

    def document(self) -> object:
        self._loader.get_event()  # the stream begins
        if self._loader.check_event(StreamEndEvent):
            raise bad("the source is empty")
        self._loader.get_event()  # the document begins
        value = self._value(1)
        self._loader.get_event()  # and ends
        if not self._loader.check_event(StreamEndEvent):
            raise bad("a source is one document")
        return value

    def _value(self, depth: int) -> object:
        event = self._loader.get_event()
        where = f"line {event.start_mark.line + 1}"
        if isinstance(event, AliasEvent):
            raise bad(f"{where}: aliases are not used in policies")
        if depth > _MAX_DEPTH:
            raise bad(f"{where}: nested too deeply")
        if not _is_text(event):
            raise bad(f"{where}: an empty value, a merge key or a tag")
        if isinstance(event, SequenceStartEvent):
            return self._sequence(depth)
        if isinstance(event, MappingStartEvent):
            return self._mapping(depth)
        return str(event.value)

    def _sequence(self, depth: int) -> list[object]:
        result = []
        while not self._loader.check_event(SequenceEndEvent):
            result.append(self._value(depth + 1))
        self._loader.get_event()
        return result

    def _mapping(self, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        while not self._loader.check_event(MappingEndEvent):
            line = self._loader.peek_event().start_mark.line + 1
            key = self._value(depth + 1)
            if not isinstance(key, str) or key in result:
                raise bad(f"line {line}: a member name is no text or occurs twice")
            result[key] = self._value(depth + 1)
        self._loader.get_event()
        return result


def _is_text(event: Any) -> bool:
    """Whether a collection is plain, and a scalar stands for the text it is. `!` says that it does."""
    if event.tag not in (None, "!"):
        return event.tag in _PLAIN_TAGS
    return not (isinstance(event, ScalarEvent) and event.implicit[0] and event.value in _EMPTY)
