"""Charter bytes -> Charter, with every rule of docs/spec/charter.md that one version can break by itself.

Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type, and the charter_* codes of
docs/spec/charter.md.
"""

from typing import Final

from quorate.core.evidence import keys as public_keys
from quorate.core.model import canonical, members
from quorate.core.model.address import eip55
from quorate.core.model.charter import optional, rules
from quorate.core.model.charter.policy import read_policy
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
    Signer,
    User,
    WhitelistEntry,
)
from quorate.core.model.members import Members

MEMBERS: Final = (
    "cluster", "version", "previous", "mode", "created_at", "threshold", "signers", "server",
    "administrators", "users", "keys", "chains", "assets", "whitelist", "raw_keys", "policy",
    "request_lifetime", "skew",
)  # fmt: skip
OPTIONAL: Final = ("approvers", "groups", "timelock", "annotations", "rpc_sources")
MAX_SIGNERS: Final = 255
_MAX_DECIMALS: Final = 77  # 10^77 is the largest power of ten below 2^256


def parse(body: bytes) -> Charter:
    """Reads one version. What its neighbours and its signatures must satisfy is `verify_chain`'s."""
    m = Members(canonical.decode(body), "charter", MEMBERS, OPTIONAL)
    administrators = Members(m.raw("administrators"), m.at("administrators"), ("quorum", "members"))
    server = Members(m.raw("server"), m.at("server"), ("link_certificate",))
    chains = m.array("chains", _chain, longest=256)
    assets = m.array("assets", _asset)
    charter = Charter(
        body=body,
        cluster=m.cluster(),
        version=m.integer("version", 1),
        previous=m.optional("previous", lambda value, where: members.hex_bytes(value, where, 32)),
        mode=m.one_of("mode", (DEV, PRODUCTION)),
        created_at=m.integer("created_at"),
        threshold=m.integer("threshold", 1, MAX_SIGNERS),
        signers=m.array("signers", _signer, shortest=2, longest=MAX_SIGNERS),
        server_link_certificate=public_keys.certificate_pem(
            server.raw("link_certificate"), server.at("link_certificate")
        ),
        administrators=administrators.array("members", _administrator, shortest=1, longest=255),
        administrator_quorum=administrators.integer("quorum", 1, 255),
        users=m.array("users", _user),
        keys=m.array("keys", _key, longest=255),
        chains=chains,
        assets=assets,
        whitelist=m.array("whitelist", _whitelist_entry),
        raw_keys=_raw_keys(m.raw("raw_keys"), m.at("raw_keys")),
        policy=read_policy(m.raw("policy"), m.at("policy")),
        request_lifetime=m.integer("request_lifetime", 60, 86_400),
        skew=m.integer("skew", 1, 60),
        approvers=m.array("approvers", optional.approver) if "approvers" in m else (),
        groups=m.array("groups", optional.group) if "groups" in m else (),
        timelock=m.integer("timelock", 0, optional.MAX_TIMELOCK) if "timelock" in m else 0,
        annotations=m.array("annotations", optional.annotation) if "annotations" in m else (),
        rpc_sources=optional.rpc_sources(m.raw("rpc_sources"), m.at("rpc_sources"))
        if "rpc_sources" in m
        else (),
    )
    rules.check(charter)
    return charter


def _signer(value: object, where: str) -> Signer:
    m = Members(value, where, ("id", "index", "vote_key", "log_key", "envelope_key", "link_certificate"))
    return Signer(
        id=m.identifier("id"),
        index=m.integer("index", 1, MAX_SIGNERS),
        vote_key=m.hex("vote_key", 32),
        log_key=m.hex("log_key", 32),
        envelope_key=m.hex("envelope_key", 32),
        link_certificate=public_keys.certificate_pem(m.raw("link_certificate"), m.at("link_certificate")),
    )


def _administrator(value: object, where: str) -> Administrator:
    m = Members(value, where, ("id", "ssh_key"))
    return Administrator(m.identifier("id"), public_keys.ssh_line(m.raw("ssh_key"), m.at("ssh_key")))


def _user(value: object, where: str) -> User:
    m = Members(value, where, ("id", "name", "role", "rsa_public_key"))
    pem = public_keys.rsa_pem(m.raw("rsa_public_key"), m.at("rsa_public_key"))
    return User(m.printable("id"), m.text("name"), m.one_of("role", (REQUESTER, VIEWER)), pem)


def _key(value: object, where: str) -> KeySpec:
    m = Members(value, where, ("id", "curve", "engine"))
    curve = m.one_of("curve", tuple(ENGINES))
    return KeySpec(m.identifier("id"), curve, m.one_of("engine", (ENGINES[curve],)))


def _chain(value: object, where: str) -> Chain:
    m = Members(
        value,
        where,
        ("id", "family", "chain_id", "key", "coin_type", "native_asset", "fee_cap", "nonce_window"),
    )
    chain = Chain(
        id=m.text("id"),
        family=m.one_of("family", ("evm",)),
        chain_id=m.integer("chain_id", 1),
        key=m.identifier("key"),
        coin_type=m.integer("coin_type", 0, (1 << 31) - 1),
        native_asset=m.name_id("native_asset"),
        fee_cap=m.amount("fee_cap", 1),
        nonce_window=m.integer("nonce_window", 1, 1024),
    )
    if chain.id != f"{chain.family}:{chain.chain_id}":
        raise m.bad("id", f"a chain is named by family and chain id, here {chain.family}:{chain.chain_id}")
    return chain


def _asset(value: object, where: str) -> Asset:
    m = Members(value, where, ("id", "name", "chain", "contract", "decimals"))
    return Asset(
        id=m.name_id("id"),
        name=m.text("name"),
        chain=m.text("chain"),
        contract=m.optional("contract", eip55),
        decimals=m.integer("decimals", 0, _MAX_DECIMALS),
    )


def _whitelist_entry(value: object, where: str) -> WhitelistEntry:
    m = Members(value, where, ("id", "name", "chain", "address"))
    return WhitelistEntry(
        m.name_id("id"), m.text("name"), m.text("chain"), eip55(m.raw("address"), m.at("address"))
    )


def _raw_keys(value: object, where: str) -> RawKeys:
    m = Members(value, where, ("ecdsa-secp256k1", "ed25519"))
    return RawKeys(
        m.optional("ecdsa-secp256k1", members.identifier), m.optional("ed25519", members.identifier)
    )
