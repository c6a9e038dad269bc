"""The subset of YAML that policy sources use.

Mappings, sequences and scalars, every scalar taken as the text that stands there. YAML's own typing is left
out on purpose: `no` is no boolean, `1_000` no integer and `1.10` no float, and an amount is never rounded.
"""

from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from quorate.core.errors import QuorateError

LIMIT: Final = 1 << 20
"""Longest source, characters."""
_MAX_DEPTH: Final = 12
_PLAIN_TAGS: Final = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "timestamp", "value", "map", "seq")
}


def read(text: str) -> object:
    """Mappings as dict, sequences as list, scalars as str.

    Raises QuorateError bad_policy: not YAML, several documents, a member twice, an empty value, an alias, a
    merge key or a tag.
    """
    if len(text) > LIMIT:
        raise bad(f"a policy source has at most {LIMIT} characters")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise bad(f"not YAML: {' '.join(str(error).split())}") from None
    if node is None:
        raise bad("the source is empty")
    return _value(node, set(), 1)


def bad(message: str) -> QuorateError:
    return QuorateError("bad_policy", message, "caller", "see docs/spec/policy.md for what a policy holds")


def _value(node: Node, seen: set[int], depth: int) -> object:
    where = f"line {node.start_mark.line + 1}"
    if id(node) in seen:
        raise bad(f"{where}: aliases are not used in policies")
    seen.add(id(node))
    if depth > _MAX_DEPTH:
        raise bad(f"{where}: nested too deeply")
    if node.tag not in _PLAIN_TAGS:
        raise bad(f"{where}: an empty value, a merge key or a tag ({node.tag})")
    if isinstance(node, SequenceNode):
        return [_value(item, seen, depth + 1) for item in node.value]
    if isinstance(node, MappingNode):
        return _mapping(node, seen, depth)
    if not isinstance(node, ScalarNode):
        raise bad(f"{where}: a mapping, a sequence or a scalar is expected")
    return str(node.value)


def _mapping(node: MappingNode, seen: set[int], depth: int) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = _value(key_node, seen, depth + 1)
        if not isinstance(key, str) or key in result:
            raise bad(f"line {key_node.start_mark.line + 1}: a member name is no text or occurs twice")
        result[key] = _value(value_node, seen, depth + 1)
    return result
