"""The JSON ABI of one contract on one chain (Solidity ABI specification, "JSON") -> annotations of its calls.

It names arguments and states no typed effect. Constructors, events and errors are passed over.
"""

from typing import Final

from quorate.core.chains.evm import address as evm_address
from quorate.core.chains.evm.abi.types import MAX_DEPTH, MAX_TEXT, Signature, signature
from quorate.core.chains.evm.knowledge.annotations import Annotation, Annotations, bad
from quorate.core.model import canonical

MAX_ENTRIES: Final = 2000
SOURCE: Final = "abi"
_TUPLE: Final = "tuple"


def parse(document: bytes, *, chain_id: int, address: str) -> Annotations:
    """`address` is EIP-55 text.

    Raises QuorateError: not_canonical (no JSON), too_large, wrong_type, annotations, signature_form.
    """
    to = evm_address.eip55(address, "address")
    entries = canonical.decode_lenient(document)
    if isinstance(entries, dict) and "abi" in entries:  # compilers wrap it
        entries = entries["abi"]
    return Annotations(Annotation(to, chain_id, found, SOURCE) for found in functions(entries))


def functions(entries: object) -> list[Signature]:
    """The functions of a JSON ABI, overloads apart."""
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise bad(f"an ABI is a list of at most {MAX_ENTRIES} entries")
    return [
        _function(entry)
        for entry in entries
        if isinstance(entry, dict) and entry.get("type", "function") == "function"
    ]


def _function(entry: dict[str, object]) -> Signature:
    name, inputs = entry.get("name"), entry.get("inputs")
    if not isinstance(name, str):
        raise bad("a function of an ABI has a name")
    return signature(f"{name}({_inputs(inputs, 0)})")


def _inputs(inputs: object, depth: int) -> str:
    if not isinstance(inputs, list) or depth > MAX_DEPTH:
        raise bad(f"inputs of a function are a list, nested at most {MAX_DEPTH} deep")
    text = ",".join(_input(one, depth) for one in inputs)
    if len(text) > MAX_TEXT:
        raise bad(f"a function of an ABI is longer than {MAX_TEXT} characters")
    return text


def _input(parameter: object, depth: int) -> str:
    """`type name`; a tuple's type is spelt out from its components, keeping its array suffix."""
    kind = parameter.get("type") if isinstance(parameter, dict) else None
    if not isinstance(parameter, dict) or not isinstance(kind, str):
        raise bad("an input of a function has a type")
    if kind == _TUPLE or kind.startswith(_TUPLE + "["):
        kind = f"({_inputs(parameter.get('components'), depth + 1)}){kind.removeprefix(_TUPLE)}"
    name = parameter.get("name", "")
    return f"{kind} {name}" if isinstance(name, str) and name else kind
