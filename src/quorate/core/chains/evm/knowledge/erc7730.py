"""ERC-7730 descriptors ("clear signing") of contract calls -> annotations.

A descriptor binds functions to deployments of a contract; its display formats say in words what a call is for
(`intent`). It states no typed effect, and nothing outside the document is read: descriptors that include
others are refused.
"""

from typing import Final

from quorate.core.chains.evm import address
from quorate.core.chains.evm.abi.types import Signature, signature
from quorate.core.chains.evm.knowledge.abi_json import functions
from quorate.core.chains.evm.knowledge.annotations import Annotation, Annotations
from quorate.core.errors import QuorateError
from quorate.core.model import canonical
from quorate.core.model.members import Members, array, integer

SOURCE: Final = "erc7730"
MAX_DEPLOYMENTS: Final = 200
MAX_FORMATS: Final = 500
_INTENT: Final = 255


def parse(document: bytes, *, only: tuple[int, str] | None = None) -> Annotations:
    """`only`: the one deployment (chain id, EIP-55 address) that is asked about; perhaps none is it.

    Raises QuorateError: not_canonical (no JSON), too_large; descriptor; wrong_type, unknown_member,
    missing_member; signature_form; annotations.
    """
    root = Members(
        canonical.decode_lenient(document),
        "descriptor",
        ("context", "display"),
        ("$schema", "$comment", "includes", "metadata"),
    )
    if "includes" in root:
        raise _bad("a descriptor that includes others is incomplete: give the merged one")
    contract = _contract(root.raw("context"))
    places = array(
        contract.get("deployments"), "deployments", _deployment, shortest=1, longest=MAX_DEPLOYMENTS
    )
    formats = _formats(root.raw("display"), contract.get("abi"))
    return Annotations(
        Annotation(to, chain_id, found, SOURCE, intent=intent)
        for chain_id, to in dict.fromkeys(places)
        if only in (None, (chain_id, to))
        for found, intent in formats
    )


def _contract(context: object) -> dict[str, object]:
    contract = context.get("contract") if isinstance(context, dict) else None
    if not isinstance(contract, dict):
        raise _bad("only descriptors of contract calls are read")
    if "factory" in contract:
        raise _bad("the contracts of a factory are not known from the document")
    return contract


def _deployment(value: object, where: str) -> tuple[int, str]:
    members = Members(value, where, ("chainId", "address"))
    chain_id = integer(members.raw("chainId"), members.at("chainId"), 1)
    return chain_id, address.checksum(members.text("address"))


def _formats(display: object, abi: object) -> list[tuple[Signature, str | None]]:
    formats = display.get("formats") if isinstance(display, dict) else None
    if not isinstance(formats, dict) or not 1 <= len(formats) <= MAX_FORMATS:
        raise _bad(f"display.formats is an object with 1 to {MAX_FORMATS} members")
    by_selector = _by_selector(abi)
    return [(_signature(key, by_selector), _intent(value)) for key, value in formats.items()]


def _by_selector(abi: object) -> dict[str, Signature]:
    """An inline ABI names the functions that formats refer to by selector; the URL of one is not read."""
    if not isinstance(abi, list):
        return {}
    return {"0x" + found.selector.hex(): found for found in functions(abi)}


def _signature(key: str, by_selector: dict[str, Signature]) -> Signature:
    if not key.startswith("0x"):
        return signature(key)
    found = by_selector.get(key.lower())
    if found is None:
        raise _bad(f"no inline ABI has the function {key[:16]}")
    return found


def _intent(format: object) -> str | None:
    """Text, or an object of label and text, of which there is no one reading."""
    intent = format.get("intent") if isinstance(format, dict) else None
    return intent[:_INTENT] if isinstance(intent, str) and intent else None


def _bad(message: str) -> QuorateError:
    return QuorateError("descriptor", message, "caller", "see ERC-7730")
