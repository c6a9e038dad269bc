"""What must hold between the parts of one charter version (docs/spec/charter.md). Raises QuorateError,
charter_* codes.
"""

from collections.abc import Iterable, Iterator

from quorate.core.chains import addresses
from quorate.core.errors import QuorateError
from quorate.core.evidence import keys as public_keys
from quorate.core.model.charter.policy_types import Requirement
from quorate.core.model.charter.types import ED25519, SECP256K1, Charter


def check(charter: Charter) -> None:
    """All of them, in the order of the page."""
    _check_quorums(charter)
    _check_unique(charter)
    _check_references(charter)
    _check_optional(charter)
    _check_policy(charter)


def _check_quorums(charter: Charter) -> None:
    if not 1 < charter.threshold <= charter.n < 2 * charter.threshold:
        raise _refuse(
            "charter_threshold",
            f"threshold {charter.threshold} of {charter.n} signers; 1 < t <= n < 2t is required",
        )
    if [signer.index for signer in charter.signers] != list(range(1, charter.n + 1)):
        raise _refuse(
            "charter_signer_index", "signers are listed in order of index, and the indexes are 1..n"
        )
    if charter.administrator_quorum > len(charter.administrators):
        raise _refuse(
            "charter_administrator_quorum",
            f"a quorum of {charter.administrator_quorum} is more than the administrators there are",
        )
    if (charter.version == 1) != (charter.previous is None):
        raise _refuse(
            "charter_previous", "version 1 has no previous version, every other names the hash of its own"
        )


def _check_unique(charter: Charter) -> None:
    for name, ids in (
        ("signers", [s.id for s in charter.signers]),
        ("administrators", [a.id for a in charter.administrators]),
        ("users and approvers", [*(u.id for u in charter.users), *(a.id for a in charter.approvers)]),
        ("groups", [g.id for g in charter.groups]),
        ("keys", [k.id for k in charter.keys]),
        ("chains", [c.id for c in charter.chains]),
        ("assets", [a.id for a in charter.assets]),
        ("whitelist", [w.id for w in charter.whitelist]),
        ("policy.rules", [r.name for r in charter.policy.rules]),
        ("annotations", [f"{a.chain} {a.contract}" for a in charter.annotations]),
    ):
        _once(ids, "charter_duplicate_id", f"in {name}, the id")
    _once(
        [f"{asset.chain} {asset.contract or 'native coin'}" for asset in charter.assets],
        "charter_duplicate_asset",
        "in assets, the chain and contract",
    )
    _once(
        [
            f"{chain.family} {chain.key} {chain.coin_type}"
            for chain in charter.chains
            if addresses.FORMS[chain.family].nameless
        ],
        "charter_chain_key",
        "in chains that signed bytes do not name, the family, key and coin type",
    )
    _once(_all_public_keys(charter), "charter_duplicate_key", "over the whole charter, the public key")


def _all_public_keys(charter: Charter) -> list[str]:
    """Every public key in a form in which equal keys are equal text, whatever they are used for."""
    found = [public_keys.certificate_key(charter.server_link_certificate).hex()]
    for signer in charter.signers:
        found += [signer.vote_key.hex(), signer.log_key.hex(), signer.envelope_key.hex()]
        found.append(public_keys.certificate_key(signer.link_certificate).hex())
    lines = [person.ssh_key for person in charter.administrators]
    lines += [person.ssh_key for person in charter.approvers]
    found += [public_keys.ssh_ed25519_key(line).hex() for line in lines]
    found += [public_keys.rsa_key(user.rsa_public_key).hex() for user in charter.users]
    return found


def _once(values: Iterable[str], code: str, what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise _refuse(code, f"{what} {value} occurs twice")
        seen.add(value)


def _check_references(charter: Charter) -> None:
    for chain in charter.chains:
        _key_of_curve(charter, chain.key, addresses.FORMS[chain.family].curve, f"chain {chain.id}")
        native = charter.asset(chain.native_asset)
        if native is None or native.chain != chain.id or native.contract is not None:
            raise _refuse(
                "charter_native_asset",
                f"chain {chain.id}: {chain.native_asset} is not an asset of it without contract",
            )
    for asset in charter.assets:
        if charter.chain(asset.chain) is None:
            raise _refuse(
                "charter_reference",
                f"asset {asset.id} lies on chain {asset.chain}, which is not in the charter",
            )
    for entry in charter.whitelist:
        if charter.chain(entry.chain) is None:
            raise _refuse(
                "charter_reference",
                f"whitelist {entry.id} names chain {entry.chain}, which is not in the charter",
            )
    for key, curve in ((charter.raw_keys.ecdsa_secp256k1, SECP256K1), (charter.raw_keys.ed25519, ED25519)):
        if key is not None:
            _key_of_curve(charter, key, curve, "raw_keys")


def _check_optional(charter: Charter) -> None:
    for group in charter.groups:
        for member in group.members:
            if charter.user(member) is None and charter.approver(member) is None:
                raise _refuse(
                    "charter_reference", f"group {group.id} names {member}, who is no user and no approver"
                )
    named = [("annotations", a.chain) for a in charter.annotations]
    named += [("rpc_sources", s.chain) for s in charter.rpc_sources]
    for member, chain in named:
        if charter.chain(chain) is None:
            raise _refuse("charter_reference", f"{member} names chain {chain}, which is not in the charter")


def _key_of_curve(charter: Charter, id: str, curve: str, who: str) -> None:
    key = charter.key(id)
    if key is None:
        raise _refuse("charter_reference", f"{who} names key {id}, which is not in the charter")
    if key.curve != curve:
        raise _refuse("charter_key_curve", f"{who} needs a key on {curve}; key {id} is on {key.curve}")


def _check_policy(charter: Charter) -> None:
    for rule in charter.policy.rules:
        who = f"rule {rule.name}"
        for user in rule.requesters or ():
            _known(charter.user(user), who, f"requester {user}", "users")
        for group in (*(rule.requester_groups or ()), *_groups(rule.approvals)):
            _known(charter.group(group), who, f"group {group}")
        for key in rule.keys or ():
            _known(charter.key(key), who, f"key {key}")
        for asset in rule.assets or ():
            _known(charter.asset(asset), who, f"asset {asset}")
        for destination in rule.destinations or ():
            kind, _, id = destination.partition(":")
            if kind == "whitelist" and id:
                _known(charter.whitelist_entry(id), who, f"whitelist entry {id}")
    for group in _groups(charter.policy.approvals):
        _known(charter.group(group), "the policy", f"group {group}")
    for limit in charter.policy.limits:
        _known(charter.asset(limit.asset), "a limit of the policy", f"asset {limit.asset}")


def _groups(requirement: Requirement | None) -> Iterator[str]:
    """Every group that a requirement names, at any depth."""
    if requirement is None:
        return
    if requirement.group is not None:
        yield requirement.group
    for part in (*requirement.all_of, *requirement.any_of):
        yield from _groups(part)


def _known(found: object, who: str, what: str, where: str = "the charter") -> None:
    if found is None:
        raise _refuse("charter_reference", f"{who} names {what}, which is not in {where}")


def _refuse(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "caller", "correct the charter and have it signed again")
