"""The judge's checks on the t votes of a session, before its second yes. The keeper makes its own, again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from quorate.core.checks import Failed, check
from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter
from quorate.core.model.records import Signed, Vote, verify_signed
from quorate.judge.store.tally import Tally


@dataclass(frozen=True)
class Ballot:
    """Votes of one session in the order they came, and this signer's own as it was recorded."""

    charter: Charter
    own: Vote
    own_body: bytes
    signed: Sequence[Signed]

    @cached_property
    def votes(self) -> tuple[Vote, ...]:
        """Raises QuorateError: not_canonical, bad_member, vote_form."""
        return tuple(Vote.from_bytes(signed.body) for signed in self.signed)

    @property
    def others(self) -> list[tuple[Signed, Vote]]:
        return [(s, v) for s, v in zip(self.signed, self.votes, strict=True) if v.voter != self.own.voter]


@check("vote_form", "missing_evidence")
def vote_form(ballot: Ballot) -> None:
    try:
        _ = ballot.votes
    except QuorateError as error:
        raise Failed(error.message) from None


@check("vote_members", "missing_evidence")
def vote_members(ballot: Ballot) -> None:
    """One vote of each member and nobody else's; ours is the one we recorded."""
    voters = [vote.voter for vote in ballot.votes]
    if sorted(voters) != sorted(ballot.own.members):
        raise Failed("the votes must be one of each member of the session")
    own = next(
        signed
        for signed, vote in zip(ballot.signed, ballot.votes, strict=True)
        if vote.voter == ballot.own.voter
    )
    if own.body != ballot.own_body:
        raise Failed("the vote under our name is not the one we gave")


@check("vote_shared", "missing_evidence")
def vote_shared(ballot: Ballot) -> None:
    """All voted for exactly the same: items, members, session, charter."""
    for _, vote in ballot.others:
        if vote.shared_bytes != ballot.own.shared_bytes:
            raise Failed(f"{vote.voter} voted for something else")


@check("vote_signature", "missing_evidence")
def vote_signature(ballot: Ballot) -> None:
    for signed, vote in ballot.others:
        voter = ballot.charter.signer(vote.voter)
        if voter is None:
            raise Failed(f"{vote.voter} is not a signer of the charter")
        try:
            verify_signed(labels.VOTE, signed, voter.vote_key)
        except QuorateError:
            raise Failed(f"the vote is not signed by {vote.voter}") from None


@check("vote_time", "expired")
def vote_time(ballot: Ballot) -> None:
    """Windows are measured by clocks; two that differ more than the charter's skew do not sign together."""
    for _, vote in ballot.others:
        apart = abs(vote.time_ms - ballot.own.time_ms)
        if apart > 1000 * ballot.charter.skew:
            raise Failed(f"the vote of {vote.voter} is dated {apart} ms apart from ours")


@check("tally_missing", "missing_evidence")
def tally_complete(ballot: Ballot, tally: Tally) -> None:
    """This signer knows every entry that any voter knows, and each member's entry for this intent."""
    for vote in ballot.votes:
        for head in vote.heads:
            if tally.head_at(head.signer, head.count) is None:
                raise Failed(f"{vote.voter} knows {head.count} entries of {head.signer}, this signer fewer")
    for member in ballot.own.members:
        if not tally.has_entry(member, ballot.own.intent_hash):
            raise Failed(f"{member} has no tally entry for this request")


@check("attempt_agreed", "replay")
def attempt_agreed(ballot: Ballot, tally: Tally, known: Collection[bytes]) -> None:
    """No signer let bytes of this request through that are not `known` here: else two sets, with one
    dishonest judge in both, could each carry it out. Those that are known were compared with these.
    """
    if not tally.attempts_of(ballot.own.intent_hash) <= {ballot.own.attempt_hash, *known}:
        raise Failed("a signer let other bytes of this request through")


@check("tally_fork", "missing_evidence")
def tally_heads_agree(ballot: Ballot, tally: Tally) -> None:
    """One history per signer: a head that differs at a length we know was made for other eyes."""
    for vote in ballot.votes:
        for head in vote.heads:
            ours = tally.head_at(head.signer, head.count)
            if ours is not None and ours != head.head:
                raise Failed(f"{vote.voter} and this signer were shown different histories of {head.signer}")
