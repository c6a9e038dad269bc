//! Release (docs/spec/vote.md, "One signature" step 3): all t votes are checked before the first protocol message leaves.

use std::collections::BTreeMap;

use quorate_threshold::{sign_bip340, sign_ecdsa, sign_ed25519};
use quorate_wire::charter::Charter;
use quorate_wire::hash::Hash;
use quorate_wire::path::Scheme;
use quorate_wire::peer_state::Known;
use quorate_wire::signature::{Signed, verify};
use quorate_wire::vote::{Randomness, Vote, item_session};
use quorate_wire::{Refusal, ensure, fault_point, labels};

use super::out::{Out, bug, hash};
use super::run::{ItemRun, Running};
use super::session::{Nonces, Voted};
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;
use crate::state::Memory;

/// A vote that passed every check, and the index of its voter.
struct Checked {
    index: u8,
    vote: Vote,
    body: Vec<u8>,
}

impl Unsealed {
    /// The judge's second yes. The voted session is consumed whatever the outcome.
    pub fn release(&mut self, request: pb::Release, out: &mut Out) -> Result<(), Refusal> {
        let id = hash(&request.session_id, "session_id")?;
        let voted = self.sessions.take_voted(&id)?;
        let early = self.early.take(&id);
        self.ensure_started()?;
        let votes = self.checked_votes(&voted, request.votes)?;
        for Checked { vote, .. } in &votes {
            if vote.voter != self.me {
                self.remember(&vote.voter, &own_head(vote), None);
            }
        }
        let mut running = self.prepare(&id, voted, &votes)?;
        fault_point("keeper.before_release");
        let mut rounds = running.start();
        for (from, round) in early {
            rounds = rounds.and_then(|mut sent| {
                sent.extend(running.receive(from, &round)?);
                Ok(sent)
            });
        }
        self.go_on(id, running, rounds, out)
    }

    /// Each check in the order of docs/spec/vote.md; the first failure ends the session.
    fn checked_votes(&self, own: &Voted, votes: Vec<pb::Signed>) -> Result<Vec<Checked>, Refusal> {
        let charter = self.charter()?;
        let shared = own.vote.shared.to_bytes();
        let mut checked = Vec::with_capacity(votes.len());
        ensure(
            "vote_members",
            votes.len() == own.vote.shared.members.len(),
            "exactly one vote for each member",
        )?;
        for signed in votes {
            let signed: Signed = signed.into();
            let vote = Vote::from_bytes(&signed.body)?;
            let voter = charter.signer(&vote.voter);
            ensure("vote_signature", voter.is_some(), "the voter is not a signer of the charter")?;
            let voter = voter.ok_or_else(|| bug("voter"))?;
            let blame = |refusal: Refusal| refusal.blame(&voter.id);
            verify("vote_signature", labels::VOTE, &signed, &voter.vote_key)?;
            ensure("vote_shared", vote.shared.to_bytes() == shared, "the vote is for something else")
                .map_err(blame)?;
            ensure_heads(charter, &vote).map_err(blame)?;
            self.ensure_current(own, &vote, &signed.body).map_err(blame)?;
            checked.push(Checked { index: voter.index, vote, body: signed.body });
        }
        checked.sort_by_key(|checked| checked.index);
        let voters = checked.iter().map(|checked| checked.vote.voter.as_str());
        let members = own.vote.shared.members.iter().map(String::as_str);
        ensure("vote_members", voters.eq(members), "the votes must be by exactly the members, each once")?;
        Ok(checked)
    }

    fn ensure_current(&self, own: &Voted, vote: &Vote, body: &[u8]) -> Result<(), Refusal> {
        if vote.voter == self.me {
            return ensure("vote_own", *body == own.body, "this is not the vote that this keeper made");
        }
        let skew_ms = self.charter()?.skew * 1000;
        ensure(
            "vote_time",
            vote.time_ms.abs_diff(own.vote.time_ms) <= skew_ms,
            "the clocks of the two voters differ by more than the charter allows",
        )?;
        let (memory, head) = (own.remembered.get(&vote.voter).copied().unwrap_or_default(), own_head(vote));
        ensure(
            "vote_rollback",
            Memory::allows(&memory, vote.incarnation, head.tally_count, &head.tally_head),
            "the voter was set back: it had reached a higher incarnation or tally",
        )
    }

    /// Consumes votes and nonces into one protocol run for each item.
    fn prepare(&self, id: &Hash, voted: Voted, votes: &[Checked]) -> Result<Running, Refusal> {
        let shared = voted.vote.shared;
        let held = self.held.get(&shared.key).ok_or_else(|| bug("key"))?;
        let share = self.share(held)?;
        let members: Vec<(u8, String)> = votes.iter().map(|c| (c.index, c.vote.voter.clone())).collect();
        let indexes: Vec<u8> = members.iter().map(|(index, _)| *index).collect();
        let bodies: Vec<Vec<u8>> = votes.iter().map(|checked| checked.body.clone()).collect();
        let mut items = Vec::with_capacity(shared.items.len());
        for ((k, item), nonces) in shared.items.iter().enumerate().zip(voted.nonces) {
            let run = match (item.scheme, nonces) {
                (Scheme::Ecdsa, Nonces::Ecdsa) => {
                    let session = item_session(id, u16::try_from(k).unwrap_or(u16::MAX), &bodies);
                    let digest = hash(&item.message, "digest")?;
                    sign_ecdsa(&share, session, &item.path, digest, &indexes)
                        .map(|run| ItemRun::Ecdsa(Box::new(run)))
                }
                (Scheme::Ed25519, Nonces::Ed25519(nonces)) => {
                    let commitments = commitments(votes, k, |randomness| match randomness {
                        Randomness::Ed25519(points) => Some(*points),
                        _ => None,
                    })?;
                    sign_ed25519(&share, &item.path, &item.message, *nonces, &commitments)
                        .map(|run| ItemRun::Ed25519(Box::new(run)))
                }
                (Scheme::Bip340, Nonces::Bip340(nonces)) => {
                    let commitments = commitments(votes, k, |randomness| match randomness {
                        Randomness::Bip340(points) => Some(*points),
                        _ => None,
                    })?;
                    let digest = hash(&item.message, "digest")?;
                    sign_bip340(&share, &item.path, &digest, *nonces, &commitments)
                        .map(|run| ItemRun::Bip340(Box::new(run)))
                }
                _ => return Err(bug("scheme")),
            };
            items.push(run.map_err(|abort| self.refusal(&abort))?);
        }
        Ok(Running::new(shared.key, members, items))
    }
}

/// The FROST commitments of item `k`, one for each member.
fn commitments<T>(
    votes: &[Checked],
    k: usize,
    read: impl Fn(&Randomness) -> Option<T>,
) -> Result<BTreeMap<u8, T>, Refusal> {
    let commitment = |checked: &Checked| {
        let points = checked.vote.randomness.get(k).and_then(&read);
        points.map(|points| (checked.index, points)).ok_or_else(|| bug("randomness"))
    };
    votes.iter().map(commitment).collect()
}

/// What a vote says of its voter.
fn own_head(vote: &Vote) -> Known {
    let head = vote.heads.iter().find(|head| head.signer == vote.voter);
    Known {
        incarnation: vote.incarnation,
        tally_count: head.map_or(0, |head| head.count),
        tally_head: head.map_or([0; 32], |head| head.head),
        log_size: 0,
    }
}

/// A vote names the head of every signer of the charter, in order of index.
fn ensure_heads(charter: &Charter, vote: &Vote) -> Result<(), Refusal> {
    let heads = vote.heads.iter().map(|head| head.signer.as_str());
    let signers = charter.signers.iter().map(|signer| signer.id.as_str());
    ensure("vote_form", heads.eq(signers), "the heads must be of every signer in order of index")
}
