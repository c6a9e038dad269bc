"""The charter of the museum: the exchange's policy over four chains."""

from typing import Any, Final

import yaml

from tests.core.vectors import ROOT
from tests.museum import cases
from tests.museum.rebind import bitcoin, evm, solana, tron
from tests.small_cluster import EDDSA, SECP

CHAINS: Final = [
    {"id": evm.CHAIN, "key": SECP, "native_asset": "ETH", "fee_cap": "0.05 ETH"},
    {"id": bitcoin.CHAIN, "key": SECP, "native_asset": "BTC", "coin_type": "1", "fee_cap": "0.001 BTC"},
    {"id": solana.CHAIN, "key": EDDSA, "native_asset": "SOL", "fee_cap": "0.01 SOL"},
    {"id": tron.CHAIN, "key": SECP, "native_asset": "TRX", "fee_cap": "150 TRX"},
]
_MODULES: Final = (evm, bitcoin, solana, tron)
_LISTS: Final = ("known_spenders", "trusted_delegatecall", "allowed_messages")


def draft() -> str:
    document = {
        "mode": "dev",
        "threshold": 2,
        "administrators": {"quorum": 1, "members": {"alice": "alice.pub"}},
        "users": [{"id": "payments", "name": "Payments", "role": "requester", "key": "requester.pub"}],
        "keys": {SECP: "secp256k1", EDDSA: "ed25519"},
        "raw_keys": {"ecdsa-secp256k1": SECP, "ed25519": EDDSA},
        "chains": CHAINS,
        "assets": [asset for module in _MODULES for asset in module.ASSETS],
        "whitelist": [entry for module in _MODULES for entry in module.BOOK.entries()],
        "policy": _policy(),
    }
    dumper = type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False))


def _policy() -> dict[str, Any]:
    """examples/policies/exchange.yaml with the lists that the cases speak of, limits, and one named call. The
    delay of new destinations is left out: it would refuse first, and hide whether anything else does.
    """
    found: dict[str, Any] = yaml.load((ROOT / "examples/policies/exchange.yaml").read_text(), yaml.BaseLoader)
    del found["new_destination_delay"]
    lists = {**found["lists"], **{name: cases.named("evm", name) for name in _LISTS}}
    found["lists"] = {**lists, "own_safes": evm.own_contracts()}
    contract, method = evm.NAMED_CALL
    lift = {"prohibition": "blind", "subjects": [f"{contract} {method}"]}
    rule = {"name": "named-call", "operations": ["CONTRACT_CALL"], "contracts": [contract]}
    found["rules"].append({**rule, "methods": [method], "lifts": [lift], "verdict": "allow"})
    found["limits"] = [evm.LIMITS, solana.LIMITS]
    return found
