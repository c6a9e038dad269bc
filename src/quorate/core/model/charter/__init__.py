"""The charter: the signed, versioned document that alone says who may do what (docs/spec/charter.md)."""

from quorate.core.model.charter.chain import (
    check_signatures,
    dump_chain,
    load_chain,
    load_documents,
    verify_chain,
    verify_next,
)
from quorate.core.model.charter.parse import parse
from quorate.core.model.charter.policy_types import Policy, Rule, Window
from quorate.core.model.charter.types import (
    DEV,
    ENGINES,
    PRODUCTION,
    REQUESTER,
    VIEWER,
    Administrator,
    Asset,
    Chain,
    Charter,
    KeySpec,
    RawKeys,
    SignedDocument,
    Signer,
    User,
    WhitelistEntry,
)

__all__ = [
    "DEV",
    "ENGINES",
    "PRODUCTION",
    "REQUESTER",
    "VIEWER",
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
    "load_documents",
    "parse",
    "verify_chain",
    "verify_next",
]
