"""TRON's messages in Google's protobuf: an encoder that shares nothing with ours."""

import importlib.resources
import tempfile
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

HERE = Path(__file__).parent
OWNER = b"\x41" + bytes(range(20))
TO = b"\x41" + bytes(range(100, 120))
TOKEN = bytes.fromhex("41a614f803b6fd780986a42c78ec9c7f77e6ded13c")
NUMBERS = {
    "AccountCreateContract": 0,
    "TransferContract": 1,
    "TransferAssetContract": 2,
    "VoteWitnessContract": 4,
    "WithdrawBalanceContract": 13,
    "TriggerSmartContract": 31,
    "AccountPermissionUpdateContract": 46,
    "FreezeBalanceV2Contract": 54,
    "UnfreezeBalanceV2Contract": 55,
    "WithdrawExpireUnfreezeContract": 56,
    "DelegateResourceContract": 57,
    "UnDelegateResourceContract": 58,
}


def _load() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "tron.bin"
        include = importlib.resources.files("grpc_tools") / "_proto"
        arguments = [
            f"-I{HERE}",
            f"-I{include}",
            "--include_imports",
            f"--descriptor_set_out={made}",
            "tron.proto",
        ]
        assert protoc.main(["protoc", *arguments]) == 0
        files = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


_POOL = _load()


def message(name: str, **members: Any) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"protocol.{name}"))(**members)


def contract(name: str, number: int | None = None, **members: Any) -> Any:
    """One contract as it stands in raw_data. `number` and `type_url` can be other than they should be."""
    url = members.pop("type_url", f"type.googleapis.com/protocol.{name}")
    permission = members.pop("permission", 0)
    value = message(name, **members).SerializeToString(deterministic=True)
    made = message("Contract", type=NUMBERS[name] if number is None else number, Permission_id=permission)
    made.parameter.type_url, made.parameter.value = url, value
    return made


def raw(*contracts: Any, **members: Any) -> bytes:
    fields = {
        "ref_block_bytes": b"\xa1\xb2",
        "ref_block_hash": bytes.fromhex("6a5cd181ce912ebb"),
        "expiration": 1_764_000_060_000,
        "timestamp": 1_764_000_000_000,
    }
    made = message("Raw", contract=contracts, **{**fields, **members})
    return bytes(made.SerializeToString(deterministic=True))


def of(name: str, **members: Any) -> bytes:
    """raw_data with one contract, by OWNER."""
    return raw(contract(name, owner_address=OWNER, **members))


def call(data: bytes, **members: Any) -> bytes:
    """raw_data of a call of TOKEN."""
    given = {"contract_address": TOKEN, "data": data, **members}
    return raw(contract("TriggerSmartContract", owner_address=OWNER, **given), fee_limit=30_000_000)


def words(selector: str, *values: int) -> bytes:
    return bytes.fromhex(selector) + b"".join(value.to_bytes(32, "big") for value in values)


def number(address: bytes) -> int:
    """As an argument of a call."""
    return int.from_bytes(address[1:], "big")
