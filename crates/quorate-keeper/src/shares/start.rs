//! The start rule (docs/spec/peer-state.md): after every start a keeper votes only when enough others have confirmed, under
//! its fresh nonce, that it has not been set back; or when an order readmitted it.

use std::collections::BTreeMap;

use quorate_wire::charter::Charter;
use quorate_wire::hash::Hash;
use quorate_wire::peer_state::{Known, PeerState};
use quorate_wire::signature::{Signed, verify};
use quorate_wire::{Refusal, Whose, ensure, labels};

use super::out::{hash, missing};
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;
use crate::state::{Asked, StartRefusal};

/// What this incarnation has heard.
pub(super) struct Start {
    pub nonce: Hash,
    /// The start rule had been met in an earlier incarnation: every peer must know us.
    met_before: bool,
    readmitted: bool,
    met: bool,
    /// One answer of each peer, the first.
    answers: BTreeMap<String, PeerState>,
}

/// What one answer says of us.
enum Verdict {
    Confirmed,
    /// The peer has a charter that we must accept first.
    CharterBehind,
    /// The peer knows freezes that we must learn first.
    FreezeBehind,
    Refused(StartRefusal),
}

impl Start {
    pub fn new(nonce: Hash, met_before: bool) -> Self {
        Self { nonce, met_before, readmitted: false, met: false, answers: BTreeMap::new() }
    }
}

impl Start {
    /// True if an order has readmitted this very start.
    pub fn is_readmitted(&self) -> bool {
        self.readmitted
    }
}

impl Unsealed {
    /// Answers a peer's question about itself. The same question gets the same answer; a new incarnation is remembered.
    pub fn answer_peer(&mut self, request: &pb::AnswerPeer) -> Result<pb::Signed, Refusal> {
        let about = self.peer("peer", &request.about)?.id.clone();
        let (nonce, incarnation) = (hash(&request.nonce, "nonce")?, request.incarnation);
        ensure("request", incarnation > 0, "an incarnation is counted from 1")?;
        let charter = self.charter()?;
        let (cluster, version, charter_hash) = (charter.cluster.clone(), charter.version, charter.hash);
        let freezes = self.state.freezes.state();
        let memory = self.state.peers.entry(about.clone()).or_default();
        let repeated = memory.asked.filter(|asked| asked.incarnation == incarnation && asked.nonce == nonce);
        let known = repeated.map_or(memory.known, |asked| asked.answered);
        if repeated.is_none() {
            memory.asked = Some(Asked { incarnation, nonce, answered: known });
            memory.saw_incarnation(incarnation);
        }
        let state = PeerState {
            cluster,
            from: self.me.clone(),
            about,
            nonce,
            version,
            charter: charter_hash,
            freezes,
            time_ms: request.time_ms,
            known,
        };
        Ok(self.sign(labels::PEER_STATE, state.to_bytes())?.into())
    }

    /// Hears a peer's answer about us.
    pub fn hear_peer(&mut self, request: pb::HearPeer) -> Result<pb::StartState, Refusal> {
        let signed: Signed = request.state.ok_or_else(|| missing("state"))?.into();
        let state = PeerState::from_bytes(&signed.body)?;
        let from = self.peer("peer", &state.from)?;
        verify("peer_signature", labels::PEER_STATE, &signed, &from.vote_key)?;
        ensure("peer_cluster", state.cluster == self.charter()?.cluster, "another cluster")?;
        ensure("peer_about", state.about == self.me, "the answer is about another signer")?;
        ensure(
            "peer_nonce",
            state.nonce == self.start.nonce,
            "the answer is not under the nonce of this incarnation",
        )?;
        self.start.answers.entry(state.from.clone()).or_insert(state);
        self.judge_answers();
        Ok(self.start_state())
    }

    /// Counts the answers. A refusal is durable; being behind in charters or freezes ends by accepting them.
    pub fn judge_answers(&mut self) {
        let answers: Vec<&PeerState> = self.start.answers.values().collect();
        let verdicts: Vec<Verdict> = answers.into_iter().map(|answer| self.verdict(answer)).collect();
        for verdict in &verdicts {
            if let Verdict::Refused(refusal) = verdict
                && !self.start.readmitted
            {
                self.state.refused = Some(self.state.refused.unwrap_or(*refusal));
            }
        }
        let confirmed = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Confirmed)).count();
        if !self.start.met && self.state.refused.is_none() && self.needed() > 0 && confirmed >= self.needed()
        {
            self.start.met = true;
            self.state.met = self.state.incarnation;
        }
    }

    fn verdict(&self, answer: &PeerState) -> Verdict {
        let Some(charter) = self.chain.last() else { return Verdict::CharterBehind };
        let newer = answer.version > charter.version;
        let fork = answer.version == charter.version && answer.charter != charter.hash;
        match answer.known {
            None if self.start.met_before => Verdict::Refused(StartRefusal::PeerForgot),
            Some(known) if !self.start.met && !self.is_behind_us(&known) => {
                Verdict::Refused(StartRefusal::RolledBack)
            }
            _ if newer || fork => Verdict::CharterBehind,
            _ if self.is_behind_in_freezes(answer) => Verdict::FreezeBehind,
            _ => Verdict::Confirmed,
        }
    }

    /// True if nothing that the peer remembers is ahead of us.
    fn is_behind_us(&self, known: &Known) -> bool {
        let (count, head) = self.state.tally;
        let tally = known.tally_count < count || (known.tally_count == count && known.tally_head == head);
        known.incarnation < self.state.incarnation && tally && known.log_size <= self.state.log.0
    }

    fn is_behind_in_freezes(&self, answer: &PeerState) -> bool {
        answer.freezes.knows_more_than(&self.state.freezes.state())
    }

    /// A readmission does not undo a freeze: what a peer knows of freezes has to be learnt, unless as many as the start rule
    /// asks for know nothing of it.
    fn must_learn_freezes(&self) -> bool {
        let behind = self.start.answers.values().filter(|answer| self.is_behind_in_freezes(answer)).count();
        behind > 0 && self.start.answers.len() - behind < self.needed()
    }

    /// A charter that gives a signer another vote key ends what its old one said.
    pub fn forget_answers_of_other_keys(&mut self) {
        let [.., before, now] = self.chain.as_slice() else { return };
        let key = |charter: &Charter, id: &str| charter.signer(id).map(|signer| signer.vote_key);
        self.start.answers.retain(|id, _| key(before, id) == key(now, id));
    }

    /// n - t + 1 other signers must answer.
    fn needed(&self) -> usize {
        self.chain.last().map_or(0, |charter| charter.n() + 1 - usize::from(charter.threshold))
    }

    fn may_vote(&self) -> bool {
        self.state.refused.is_none()
            && (self.start.met || (self.start.readmitted && !self.must_learn_freezes()))
    }

    pub fn start_state(&self) -> pb::StartState {
        let (may_vote, answers) = (self.may_vote(), &self.start.answers);
        let charter_behind = |answer: &PeerState| matches!(self.verdict(answer), Verdict::CharterBehind);
        let freeze_behind = |answer: &PeerState| self.is_behind_in_freezes(answer);
        let heard = answers.values().filter(|answer| !charter_behind(answer) && !freeze_behind(answer));
        let refusal = match self.state.refused {
            Some(refused) => refused.check(),
            None if self.chain.is_empty() => "charter_none",
            None if may_vote => "",
            None if answers.values().any(charter_behind) => "charter_behind",
            None if answers.values().any(freeze_behind) => "freeze_behind",
            None => "",
        };
        pb::StartState {
            may_vote,
            heard: heard.map(|answer| answer.from.clone()).collect(),
            needed: u32::try_from(self.needed()).unwrap_or(u32::MAX),
            refusal: refusal.to_owned(),
            readmitted: self.start.readmitted,
        }
    }

    /// # Errors
    /// `start_rule`.
    pub fn ensure_started(&self) -> Result<(), Refusal> {
        let state = self.start_state();
        let message =
            format!("heard {} of {} other signers {}", state.heard.len(), state.needed, state.refusal);
        ensure("start_rule", state.may_vote, message)
            .map_err(|refusal| refusal.whose(Whose::State).hint("wait for the peers, or readmit by order"))
    }

    /// An order readmits a signer: us, or a peer whose memory then starts again from the incarnation it runs now.
    pub fn readmit(&mut self, signer: &str, incarnation: u32) -> Result<(), Refusal> {
        if signer != self.me {
            let peer = self.peer("peer", signer)?.id.clone();
            let memory = self.state.peers.entry(peer).or_default();
            memory.known = Some(Known { incarnation, ..Known::default() });
            memory.asked = None;
            return Ok(());
        }
        ensure(
            "order_incarnation",
            incarnation == self.state.incarnation,
            format_args!("the order is for incarnation {incarnation}, this is {}", self.state.incarnation),
        )?;
        self.start.readmitted = true;
        self.state.refused = None;
        self.state.met = self.state.incarnation;
        Ok(())
    }
}
