"""Charter bytes -> Charter, with every rule of docs/spec/charter.md that one version can break by itself.

Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type, and the charter_* codes of docs/spec/charter.md.
"""

from collections.abc import Iterable
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.evidence import keys as public_keys
from quorate.core.model import canonical, members
from quorate.core.model.address import eip55
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.charter.types import (
    DEV,
    ED25519,
    ENGINES,
    PRODUCTION,
    REQUESTER,
    SECP256K1,
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
    "cluster", "version", "previous", "mode", "created_at", "threshold", "signers", "server", "administrators", "users", "keys",
    "chains", "assets", "whitelist", "raw_keys", "policy", "request_lifetime", "skew",
)  # fmt: skip
MAX_SIGNERS: Final = 255
_MAX_DECIMALS: Final = 77  # 10^77 is the largest power of ten below 2^256


def parse(body: bytes) -> Charter:
    """Reads one version. What its neighbours and its signatures must satisfy is `verify_chain`'s."""
    m = Members(canonical.decode(body), "charter", MEMBERS)
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
    )
    _check_quorums(charter)
    _check_unique(charter)
    _check_references(charter)
    _check_policy(charter)
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


def _check_quorums(charter: Charter) -> None:
    if not 1 < charter.threshold <= charter.n:
        raise refuse(
            "charter_threshold",
            f"threshold {charter.threshold} of {charter.n} signers; 1 < t <= n is required",
        )
    if [signer.index for signer in charter.signers] != list(range(1, charter.n + 1)):
        raise refuse("charter_signer_index", "signers are listed in order of index, and the indexes are 1..n")
    if charter.administrator_quorum > len(charter.administrators):
        raise refuse(
            "charter_administrator_quorum",
            f"a quorum of {charter.administrator_quorum} cannot be reached by {len(charter.administrators)} administrators",
        )
    if (charter.version == 1) != (charter.previous is None):
        raise refuse(
            "charter_previous", "version 1 has no previous version, every other names the hash of its own"
        )


def _check_unique(charter: Charter) -> None:
    for name, ids in (
        ("signers", [s.id for s in charter.signers]),
        ("administrators", [a.id for a in charter.administrators]),
        ("users", [u.id for u in charter.users]),
        ("keys", [k.id for k in charter.keys]),
        ("chains", [c.id for c in charter.chains]),
        ("assets", [a.id for a in charter.assets]),
        ("whitelist", [w.id for w in charter.whitelist]),
        ("policy.rules", [r.name for r in charter.policy.rules]),
    ):
        _once(ids, "charter_duplicate_id", f"in {name}, the id")
    _once(
        [f"{asset.chain} {asset.contract or 'native coin'}" for asset in charter.assets],
        "charter_duplicate_asset",
        "in assets, the chain and contract",
    )
    _once(_all_public_keys(charter), "charter_duplicate_key", "over the whole charter, the public key")


def _all_public_keys(charter: Charter) -> list[str]:
    """Every public key in a form in which equal keys are equal text, whatever they are used for."""
    found = [public_keys.certificate_key(charter.server_link_certificate).hex()]
    for signer in charter.signers:
        found += [signer.vote_key.hex(), signer.log_key.hex(), signer.envelope_key.hex()]
        found.append(public_keys.certificate_key(signer.link_certificate).hex())
    found += [
        public_keys.ssh_ed25519_key(administrator.ssh_key).hex() for administrator in charter.administrators
    ]
    found += [public_keys.rsa_key(user.rsa_public_key).hex() for user in charter.users]
    return found


def _once(values: Iterable[str], code: str, what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise refuse(code, f"{what} {value} occurs twice")
        seen.add(value)


def _check_references(charter: Charter) -> None:
    for chain in charter.chains:
        _key_of_curve(charter, chain.key, SECP256K1, f"chain {chain.id}")
        native = charter.asset(chain.native_asset)
        if native is None or native.chain != chain.id or native.contract is not None:
            raise refuse(
                "charter_native_asset",
                f"chain {chain.id}: {chain.native_asset} is not an asset of it without contract",
            )
    for asset in charter.assets:
        if charter.chain(asset.chain) is None:
            raise refuse(
                "charter_reference",
                f"asset {asset.id} lies on chain {asset.chain}, which is not in the charter",
            )
    for entry in charter.whitelist:
        if charter.chain(entry.chain) is None:
            raise refuse(
                "charter_reference",
                f"whitelist {entry.id} names chain {entry.chain}, which is not in the charter",
            )
    for key, curve in ((charter.raw_keys.ecdsa_secp256k1, SECP256K1), (charter.raw_keys.ed25519, ED25519)):
        if key is not None:
            _key_of_curve(charter, key, curve, "raw_keys")


def _key_of_curve(charter: Charter, id: str, curve: str, who: str) -> None:
    key = charter.key(id)
    if key is None:
        raise refuse("charter_reference", f"{who} names key {id}, which is not in the charter")
    if key.curve != curve:
        raise refuse("charter_key_curve", f"{who} needs a key on {curve}; key {id} is on {key.curve}")


def _check_policy(charter: Charter) -> None:
    for rule in charter.policy.rules:
        for user in rule.requesters or ():
            if charter.user(user) is None:
                raise refuse(
                    "charter_reference", f"rule {rule.name} names requester {user}, which is not in users"
                )
        for asset in rule.assets or ():
            if charter.asset(asset) is None:
                raise refuse(
                    "charter_reference", f"rule {rule.name} names asset {asset}, which is not in the charter"
                )
        for destination in rule.destinations or ():
            kind, _, id = destination.partition(":")
            if kind == "whitelist" and id and charter.whitelist_entry(id) is None:
                raise refuse(
                    "charter_reference",
                    f"rule {rule.name} names whitelist entry {id}, which is not in the charter",
                )


def refuse(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "caller", "correct the charter and have it signed again")
