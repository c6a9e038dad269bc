"""The protocols without a service: `quorate-threshold`'s own bench program, which prints JSON."""

import json
import subprocess
from typing import Any, Final

from bench.machine import ROOT
from bench.tables import Cell, table

COMMAND: Final = (
    "cargo",
    "run",
    "--quiet",
    "--release",
    "--locked",
    "-p",
    "quorate-threshold",
    "--example",
    "bench",
)


def measure() -> dict[str, Any]:
    """Medians over parties and runs: microseconds of CPU, bytes of payload."""
    done = subprocess.run(COMMAND, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def show(found: dict[str, Any]) -> str:
    """2-of-3, one party; beside it the library that does the same work without us."""
    ours, bare = found["quorate"], found["bare"]
    local = bare["libsecp256k1"]["sign_cpu_us"]
    rows = [
        _row("key generation secp256k1", ours["keygen_secp256k1_2_of_3"], None, local),
        _row("key generation Ed25519", ours["keygen_ed25519_2_of_3"], None, local),
        _row("ECDSA signature", ours["ecdsa_sign_2_of_3"], bare["dkls23_core_sign_2_of_3"], local),
        _row("Ed25519 signature", ours["frost_sign_2_of_3"], bare["frost_ed25519_sign_2_of_3"], local),
        _row("BIP340 signature", ours["bip340_sign_2_of_3"], bare["frost_secp256k1_tr_sign_2_of_3"], local),
    ]
    heads = ("2-of-3, one party", "CPU ms", "bytes a pair", "bare crate ms", "x bare", "x libsecp256k1 sign")
    foot = (
        f"libsecp256k1, one key in one place: sign {local / 1e3:.4f} ms, "
        f"verify {bare['libsecp256k1']['verify_cpu_us'] / 1e3:.4f} ms. "
        f"A stored secp256k1 share loads in {ours['load_share_secp256k1']['cpu_us'] / 1e3:.3f} ms."
    )
    return table("Protocols, without a service", heads, rows, foot)


def _row(name: str, ours: dict[str, float], bare: dict[str, float] | None, local: float) -> list[Cell]:
    cpu = ours["cpu_us"]
    beside = None if bare is None else bare["cpu_us"]
    ratio = None if beside is None else cpu / beside
    return [name, cpu / 1e3, int(ours["bytes"]), None if beside is None else beside / 1e3, ratio, cpu / local]
