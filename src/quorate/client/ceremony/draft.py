"""From a draft that people write (docs/charter-draft.md) to a charter version.

A draft says in YAML what only people can decide; identities come from the enrolment files that `signer init`
and `server init` wrote. Its scalars are taken as text (an address is no hexadecimal number, an amount no
float); the charter's own rules judge the result.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import yaml

from quorate.client.ceremony import annotations, files, ssh
from quorate.core.chains import addresses
from quorate.core.chains.evm.knowledge.documents import digest
from quorate.core.errors import QuorateError
from quorate.core.model import canonical
from quorate.core.model.charter import ENGINES, Asset, Charter, parse
from quorate.core.model.members import Members
from quorate.core.policy import source
from quorate.core.policy.parse import policy_from_yaml

_REQUIRED: Final = ("threshold", "administrators", "keys", "policy")
_OPTIONAL: Final = (
    "mode", "users", "approvers", "groups", "chains", "assets", "whitelist", "raw_keys", "request_lifetime",
    "skew", "timelock", "annotations",
)  # fmt: skip
_COIN_TYPES: Final = {"evm": 60, "solana": 501}
"""SLIP-44."""
_IDENTITY: Final = ("vote_key", "log_key", "envelope_key", "link_certificate")


def build(draft: Path, signers: Sequence[Path], server: Path | None, previous: Charter | None) -> Charter:
    """The charter version that `draft` describes, parsed by the same rules as every signer's.

    The signers' indexes are their order here. With `previous`, cluster, mode and identities that are not
    given come from it. Raises QuorateError with the member that is wrong.
    """
    if previous is None and (not signers or server is None):
        raise QuorateError("identities", "version 1 needs --signer for each signer, and --server")
    m = _read(draft)
    assets = _entries(m, "assets", _asset)
    document = {
        **_lineage(m, previous),
        "created_at": int(time.time()),
        "threshold": _integer(m.raw("threshold"), "threshold"),
        "signers": [_enrolment(path, index) for index, path in enumerate(signers, start=1)]
        or _same_signers(previous),
        "server": {"link_certificate": _server(server, previous)},
        "administrators": _administrators(m.raw("administrators"), draft.parent),
        "users": _entries(m, "users", lambda user: _user(user, draft.parent)),
        "keys": [_key(id, curve) for id, curve in _mapping(m.raw("keys"), "keys").items()],
        "chains": _entries(m, "chains", lambda chain: _chain(chain, assets)),
        "assets": [_asset_document(asset) for asset in assets],
        "whitelist": _entries(m, "whitelist", lambda entry: {"name": entry.get("id"), **entry}),
        "raw_keys": {
            "ecdsa-secp256k1": None,
            "ed25519": None,
            **_mapping(_or(m, "raw_keys", {}), "raw_keys"),
        },
        "policy": policy_from_yaml(_policy(m.raw("policy"), draft.parent), assets),
        "request_lifetime": _integer(_or(m, "request_lifetime", "3600"), "request_lifetime"),
        "skew": _integer(_or(m, "skew", "5"), "skew"),
        **_people(m, draft.parent),
    }
    if "timelock" in m:
        document["timelock"] = _integer(m.raw("timelock"), "timelock")
    pins = _entries(m, "annotations", lambda entry: _pin(entry, draft.parent))
    if pins:
        document["annotations"] = [pin for pin, _ in pins]
    charter = parse(canonical.encode(document))
    for file in (file for _, file in pins if file is not None):
        annotations.check(file, charter)
    return charter


def draft_assets(draft: Path) -> tuple[Asset, ...]:
    """The assets that a draft names, for judging a policy before there is a charter."""
    return tuple(_entries(_read(draft), "assets", _asset))


def _read(draft: Path) -> Members:
    return Members(source.read(files.read(draft).decode()), str(draft), _REQUIRED, _OPTIONAL)


def _lineage(m: Members, previous: Charter | None) -> dict[str, object]:
    if previous is None:
        return {
            "cluster": secrets.token_hex(16),
            "version": 1,
            "previous": None,
            "mode": _or(m, "mode", "production"),
        }
    mode = _or(m, "mode", previous.mode)
    return {
        "cluster": previous.cluster,
        "version": previous.version + 1,
        "previous": previous.hash.hex(),
        "mode": mode,
    }


def _enrolment(path: Path, index: int) -> dict[str, object]:
    enrolment = files.read_json(path)
    identity = {name: files.member(enrolment, name, path) for name in _IDENTITY}
    return {"id": files.member(enrolment, "id", path), "index": index, **identity}


def _same_signers(previous: Charter | None) -> list[dict[str, object]]:
    return [
        {
            "id": signer.id,
            "index": signer.index,
            "vote_key": signer.vote_key.hex(),
            "log_key": signer.log_key.hex(),
            "envelope_key": signer.envelope_key.hex(),
            "link_certificate": signer.link_certificate,
        }
        for signer in (previous.signers if previous else ())
    ]


def _server(path: Path | None, previous: Charter | None) -> object:
    if path is not None:
        return files.member(files.read_json(path), "link_certificate", path)
    return previous.server_link_certificate if previous else None


def _administrators(value: object, folder: Path) -> dict[str, object]:
    m = Members(value, "administrators", ("quorum", "members"))
    members = _mapping(m.raw("members"), "administrators.members")
    keys = {id: ssh.public_line(_inline(str(key), folder, "ssh-", "sk-")) for id, key in members.items()}
    return {
        "quorum": _integer(m.raw("quorum"), "administrators.quorum"),
        "members": [{"id": id, "ssh_key": key} for id, key in keys.items()],
    }


def _people(m: Members, folder: Path) -> dict[str, object]:
    """Members that a charter may leave out: those that the draft gives."""
    found: dict[str, object] = {}
    if "approvers" in m:
        found["approvers"] = _entries(m, "approvers", lambda approver: _approver(approver, folder))
    if "groups" in m:
        groups = _mapping(m.raw("groups"), "groups")
        found["groups"] = [{"id": id, "members": listed} for id, listed in groups.items()]
    return found


def _approver(entry: Mapping[str, Any], folder: Path) -> dict[str, object]:
    m = Members(dict(entry), "approvers", ("id", "key"), ("name",))
    key = ssh.public_line(_inline(m.text("key", longest=1024), folder, "ssh-", "sk-"))
    return {"id": m.raw("id"), "name": _or(m, "name", m.raw("id")), "ssh_key": key}


def _pin(entry: Mapping[str, Any], folder: Path) -> tuple[dict[str, object], Path | None]:
    """The document's hash: as it is given, or of the file that is named."""
    m = Members(dict(entry), "annotations", ("chain", "contract"), ("file", "hash"))
    if ("file" in m) == ("hash" in m):
        raise m.bad("file", "give either the document's file or its hash")
    file = folder / m.text("file") if "file" in m else None
    hash = m.raw("hash") if file is None else digest(files.read(file)).hex()
    return {"chain": m.raw("chain"), "contract": m.raw("contract"), "hash": hash}, file


def _user(entry: Mapping[str, Any], folder: Path) -> dict[str, object]:
    m = Members(dict(entry), "users", ("id", "name", "role", "key"))
    pem = _inline(m.text("key", longest=8192), folder, "-----BEGIN")
    return {"id": m.raw("id"), "name": m.raw("name"), "role": m.raw("role"), "rsa_public_key": pem}


def _inline(value: str, folder: Path, *prefixes: str) -> str:
    """The key itself, or the content of the file that it names."""
    return value if value.startswith(prefixes) else files.read(folder / value).decode()


def _policy(value: object, folder: Path) -> str:
    """The text of the policy: the file that is named, or the rules that stand in the draft."""
    return files.read(folder / value).decode() if isinstance(value, str) else str(yaml.safe_dump(value))


def _key(id: str, curve: object) -> dict[str, object]:
    if not isinstance(curve, str) or curve not in ENGINES:
        raise QuorateError("bad_member", f"keys.{id}: a curve is one of {', '.join(ENGINES)}")
    return {"id": id, "curve": curve, "engine": ENGINES[curve]}


def _asset(entry: Mapping[str, Any]) -> Asset:
    m = Members(dict(entry), "assets", ("id", "chain", "decimals"), ("name", "contract", "standard"))
    return Asset(
        id=m.text("id"),
        name=str(_or(m, "name", m.text("id"))),
        chain=m.text("chain"),
        contract=m.text("contract") if "contract" in m else None,
        decimals=_integer(m.raw("decimals"), "assets.decimals"),
        standard=m.text("standard") if "standard" in m else None,
    )


def _asset_document(asset: Asset) -> dict[str, object]:
    document = {name: getattr(asset, name) for name in ("id", "name", "chain", "contract", "decimals")}
    return document if asset.standard is None else {**document, "standard": asset.standard}


def _chain(entry: Mapping[str, Any], assets: Sequence[Asset]) -> dict[str, object]:
    m = Members(
        dict(entry), "chains", ("id", "key", "native_asset", "fee_cap"), ("coin_type", "nonce_window")
    )
    family, _, network = m.text("id").partition(":")
    native = next((asset for asset in assets if asset.id == m.raw("native_asset")), None)
    if native is None:
        raise m.bad("native_asset", "names no asset of the draft")
    common = {
        "id": m.raw("id"),
        "family": family,
        "key": m.raw("key"),
        "coin_type": _integer(_or(m, "coin_type", _coin_type(family, network)), "chains.coin_type"),
        "native_asset": native.id,
        "fee_cap": str(smallest_unit(m.text("fee_cap"), native)),
    }
    if family in addresses.FORMS and addresses.FORMS[family].networks:
        if "nonce_window" in m:
            raise m.bad("nonce_window", f"chains of family {family} have none")
        return common
    return {
        **common,
        "chain_id": _integer(network, "chains.id"),
        "nonce_window": _integer(_or(m, "nonce_window", "16"), "chains.nonce_window"),
    }


def _coin_type(family: str, network: str) -> str:
    """Where the family leaves a choice, that of Solana or of Ethereum (SLIP-44)."""
    form = addresses.FORMS.get(family)
    usual = _COIN_TYPES.get(family, 60)
    return str(form.coin_types.get(network, usual) if form else usual)


def smallest_unit(text: str, asset: Asset) -> int:
    """`0.05 ETH`, or a number of smallest units without a name, as smallest units: exactly, or not at all.

    Raises QuorateError amount.
    """
    number, _, name = text.partition(" ")
    try:
        scaled = Decimal(number).scaleb(asset.decimals if name else 0)
    except InvalidOperation:
        raise QuorateError("amount", f"{text!r} is no amount") from None
    if (
        name not in ("", asset.id)
        or not scaled.is_finite()
        or scaled < 0
        or scaled != scaled.to_integral_value()
    ):
        raise QuorateError("amount", f"{text!r} is no amount of {asset.id}")
    return int(scaled)


def _integer(value: object, where: str) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal():
        raise QuorateError("bad_member", f"{where}: a whole number is expected")
    return int(value)


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise QuorateError("bad_member", f"{where}: a mapping is expected")
    return value


def _or(m: Members, name: str, default: object) -> object:
    return m.raw(name) if name in m else default


def _entries(m: Members, name: str, read: Callable[[dict[str, Any]], Any]) -> list[Any]:
    if name not in m:
        return []
    return list(m.array(name, lambda value, where: read(_mapping(value, where))))
