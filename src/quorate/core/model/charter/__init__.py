"""The charter: the signed, versioned document that alone says who may do what (docs/spec/charter.md)."""

from quorate.core.model.charter.chain import check_signatures, dump_chain, load_chain, verify_chain
from quorate.core.model.charter.parse import parse
from quorate.core.model.charter.types import (
    Administrator,
    Asset,
    Chain,
    Charter,
    KeySpec,
    Policy,
    RawKeys,
    Rule,
    SignedDocument,
    Signer,
    User,
    WhitelistEntry,
    Window,
)

__all__ = [
    "Administrator",
    "Asset",
    "Chain",
    "Charter",
    "KeySpec",
    "Policy",
    "RawKeys",
    "Rule",
    "SignedDocument",
    "Signer",
    "User",
    "WhitelistEntry",
    "Window",
    "check_signatures",
    "dump_chain",
    "load_chain",
    "parse",
    "verify_chain",
]
