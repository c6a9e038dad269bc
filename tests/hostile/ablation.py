"""For each named check: what a hostile server gets when the signers do not make it.

A row drops a check, with the checks that back it up, and says in advance what becomes of one mutation that
the check is
there for: it comes through, or another check, named here, refuses it. So a check that guards nothing would be
noticed,
and a test that cannot fail too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.hostile.bodies import ETH, TRX, USDC_TRANSFER

THROUGH: Final = frozenset({"came through"})


@dataclass(frozen=True)
class Row:
    """`dropped` and what backs it up: names of the judge's checks; those of the keeper begin with `keeper:`.
    `outcome`: THROUGH, or the checks one of which must refuse.
    """

    dropped: str
    backed_by: tuple[str, ...]
    family: str
    mutation: str
    outcome: frozenset[str] = THROUGH

    @property
    def id(self) -> str:
        return "+".join((self.dropped, *self.backed_by))

    def judge(self) -> frozenset[str]:
        return frozenset(name for name in (self.dropped, *self.backed_by) if ":" not in name)

    def keeper(self) -> frozenset[str]:
        names = (self.dropped, *self.backed_by)
        return frozenset(name.removeprefix("keeper:") for name in names if name.startswith("keeper:"))


def _row(dropped: str, family: str, mutation: str, *outcome: str, backed_by: Sequence[str] = ()) -> Row:
    return Row(dropped, tuple(backed_by), family, mutation, frozenset(outcome) or THROUGH)


_VIEWER: Final = ("body fields, eth", "amount '0.6', viewer's own token")
_AGAIN: Final = ("steps again", "eth: the same session again")
_CREATION: Final = ("transaction type", f"{ETH}: contract creation")
_PAYEE: Final = ("transfer bits, ETH", "recipient, bit 7")
_RICHER: Final = ("policy", "amount 6")
_FORGED: Final = ("tally forged", "amount, old signature")
_ALONE: Final = ("vote sets", "eth: theirs alone, to both")
_OTHER: Final = ("votes of another session", "eth: their vote for another eth")
_APART: Final = ("vote time", "eth: votes too far apart")
_FROZEN: Final = ("frozen", "an account, admitted before")
_STRANGER: Final = ("statements forged", "a stranger")
_SPLICED: Final = ("statements forged", "all of another request")
_REJECTED: Final = ("rejections", "beside two approvals")
_EMPTY: Final = ("members", "eth: signer-1,signer-2,signer-3")

ROWS: Final[tuple[Row, ...]] = (
    # the requester's evidence
    _row("token_form", "token header", "eth: extra jku, requester seal"),
    _row("token_user", *_VIEWER, "token_signature"),
    _row("token_user", *_VIEWER, "keeper:token_user", backed_by=["token_signature"]),
    _row("token_user", *_VIEWER, "policy", backed_by=["token_signature", "keeper:token_user"]),
    _row(
        "token_user", *_VIEWER, backed_by=["token_signature", "keeper:token_user", "policy", "policy_window"]
    ),
    _row("token_signature", "body fields, eth", "amount '0.6', new hash, attacker's key"),
    _row("token_time", "token claims", "usdc: expired, requester seal"),
    _row("token_uri", "token claims", "usdc: uri /v1/vault/accounts, requester seal"),
    _row("token_body", "body fields, eth", "amount '0.6', old token"),
    _row("request_replayed", "token nonce again", "eth after eth", "admission_unique"),
    _row("external_id", "external id again", "eth: again, after a lie", "admission_unique"),
    _row("admissions", "admissions", "eth: one"),
    # what administrators have frozen
    _row("frozen", *_FROZEN, "keeper:frozen"),
    _row("frozen", *_FROZEN, backed_by=["keeper:frozen"]),
    # the session
    _row("charter_current", "charter changed", "eth: admitted under the old one"),
    _row("expired", "lifetime", "eth, 60 s after its end"),
    _row("key_certified", "charter changed", "a key without a certificate", "keeper:key_certified"),
    _row("session_number", *_AGAIN, "keeper:session_replayed"),
    _row("session_number", *_AGAIN, "keeper:session_number", backed_by=["keeper:session_replayed"]),
    _row("members", *_EMPTY, "keeper:vote_set"),
    _row("members", *_EMPTY, "vote_members", backed_by=["keeper:vote_set"]),
    # the bytes
    # a transfer without a transaction: what comes after has nothing to read, ends as a bug, and signs nothing
    _row("attempt_form", "format", "eth: 'raw'", "keeper:internal"),
    _row("attempt_form", "format", "raw-eddsa: 32 bytes"),
    _row("decode", "transaction type", f"{ETH}: legacy"),
    _row("blind", *_CREATION, "effects_match"),
    _row("blind", *_CREATION, "policy", backed_by=["effects_match"]),
    _row("blind", *_CREATION, backed_by=["effects_match", "policy", "policy_window"]),
    # the policy is asked about what the bytes do, and not about what was requested
    _row("effects_match", *_PAYEE, "policy"),
    _row("effects_match", *_PAYEE, backed_by=["policy", "policy_window"]),
    _row("effects_match", "transfer bits, ERC-20", "amount, bit 9"),
    _row("chain_match", "chain id", f"{ETH}: chain 1", "policy"),
    _row("chain_match", "chain id", f"{ETH}: chain 1", backed_by=["policy", "policy_window"]),
    _row("fee_ceiling", "fee", f"{ETH}: one wei above"),
    _row("attempt_expiry", "TRON fields", f"{TRX}: an hour ahead"),
    # once: behind the second stands a statement of the database, which refuses by the same name
    _row("attempt_fixed", "other bytes later", f"{ETH}: nonce 1"),
    _row(
        "nonce_conflict",
        "EVM nonce again",
        f"{ETH}: signer-1+signer-2, then signer-1+signer-2",
        "nonce_conflict",
    ),
    _row("nonce_window", "EVM nonce", f"{ETH}: nonce 100"),
    # the policy
    _row("policy", *_RICHER, "policy_window"),
    _row("policy", *_RICHER, backed_by=["policy_window"]),
    _row("policy_window", "policy window", "the last drop, signer-1+signer-2 then signer-1+signer-2"),
    # the approvers' statements
    _row("approvals", "approvals", "none"),
    _row("statement_cluster", "statements forged", "another cluster"),
    _row("statement_charter", "statements forged", "another charter"),
    # at release a signer goes by its own file, where statements lie under their intent while they live
    _row("statement_intent", *_SPLICED, "approvals"),
    _row("statement_intent", *_SPLICED, backed_by=["approvals"]),
    _row("statement_approver", *_STRANGER, "statement_signature"),
    _row("statement_approver", *_STRANGER, "approvals", backed_by=["statement_signature"]),
    _row("statement_approver", *_STRANGER, backed_by=["statement_signature", "approvals"]),
    _row("statement_signature", "statements forged", "attacker's key"),
    _row("statement_time", "statements forged", "expired", "approvals"),
    _row("statement_time", "statements forged", "expired", backed_by=["approvals"]),
    _row("vetoed", *_REJECTED, "policy"),
    _row("vetoed", *_REJECTED, backed_by=["policy", "policy_window"]),
    # the tally
    _row("tally_signature", *_FORGED, "tally_fork"),
    _row("tally_signature", *_FORGED, backed_by=["tally_fork"]),
    _row("tally_missing", "tally withheld", "eth: all of them"),
    _row("tally_fork", "tally forked", "eth: amount of the first entry"),
    # the votes: what a judge lets pass its keeper refuses, and what both let pass, the protocol
    _row("vote_form", "vote sets", "eth: an empty one", "keeper:vote_form"),
    _row("vote_members", *_ALONE, "keeper:vote_members"),
    _row("vote_shared", *_OTHER, "keeper:vote_shared"),
    _row("vote_signature", "vote fields, eth", "their time_ms, attacker's key", "keeper:vote_signature"),
    _row("vote_time", *_APART, "keeper:vote_time"),
    _row("vote_time", *_APART, backed_by=["keeper:vote_time"]),
    _row("keeper:vote_rollback", "vote of a voter set back", f"{USDC_TRANSFER}: a vote that was overtaken"),
    # what the keeper alone judges
    _row("keeper:order_signature", "orders", "signatures: attacker's under two names"),
    _row("keeper:order_quorum", "orders", "signatures: one of two"),
    _row("keeper:order_cluster", "orders", "signed: another cluster"),
    _row("keeper:order_charter", "orders", "signed: another charter"),
    _row("keeper:order_expired", "orders", "signed: expired"),
    _row("keeper:order_replayed", "orders", "the same again", "keeper:key_exists"),
    _row("keeper:order_replayed", "orders", "the same again", backed_by=["keeper:key_exists"]),
    _row("keeper:key_exists", "orders", "signed: a key that exists"),
    _row("keeper:start_rule", "peers' answers", "withheld"),
    _row("keeper:peer_signature", "peers' answers", "time_ms, attacker's key"),
    _row("keeper:peer_nonce", "peers' answers", "of the start before"),
    _row("keeper:channel_counter", "envelope delivery", "raw-ecdsa: twice", "dead:peer_counter"),
    _row(
        "keeper:envelope_to",
        "envelope delivery",
        "raw-ecdsa: addressed to another",
        "envelope:channel_unknown",
    ),
)

UNREACHABLE: Final[dict[str, str]] = {
    "log_unwritable": "a signer's own disk",
    "repeated_r": "a defect of the random numbers",
    "clock_stepped_back": "a signer's own clock",
    "attempt_agreed": "a dishonest judge in both sets, which no server is",
    "sender_path": "key and path come from the intent, which no server makes",
    "raw_transaction": "a requester, and this site names no chain whose messages are signed as they are",
    "counted_once": "a requester: what a call does is in the intent, which no server makes",
}
"""Checks of the judge that stand against something else than the server; tests/judge has each.
"""
