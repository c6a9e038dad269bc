//! Sessions: voted (waiting for its release) and running (released). A session moves forward by value and never back.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use quorate_threshold::{Bip340Nonces, Ed25519Nonces};
use quorate_wire::canonical::MAX_INTEGER;
use quorate_wire::hash::Hash;
use quorate_wire::vote::Vote;
use quorate_wire::{Refusal, Whose, ensure};

use super::out::Out;
use super::run::Running;
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;
use crate::state::{Memory, REMEMBERED_INTENTS, State};

/// Most sessions of each kind at a time.
const MAX_SESSIONS: usize = 256;
/// Intents whose highest session number is kept in memory. Over a restart the sealed state keeps the latest
/// [`REMEMBERED_INTENTS`]; older ones are in the judge's database. A number used again after that binds fresh randomness to a
/// new vote, so it endangers no key.
const MAX_INTENTS: usize = 16_384;
/// A session that makes no end within this time is dead.
const LIFETIME: Duration = Duration::from_secs(60);

/// What is secret behind the randomness of one item. Signing consumes it.
pub(super) enum Nonces {
    Ecdsa,
    Ed25519(Box<Ed25519Nonces>),
    Bip340(Box<Bip340Nonces>),
}

/// A session that this keeper has voted for. Release consumes it.
pub(super) struct Voted {
    pub vote: Vote,
    /// The body as it was signed.
    pub body: Vec<u8>,
    /// For each item.
    pub nonces: Vec<Nonces>,
    /// What was remembered of the peers at the time of this vote. Their votes are measured by it and not by what later sessions
    /// have taught, for concurrent sessions are released in any order.
    pub remembered: BTreeMap<String, Memory>,
    pub since: Instant,
}

#[derive(Default)]
pub(super) struct Sessions {
    voted: BTreeMap<Hash, Voted>,
    running: BTreeMap<Hash, Running>,
    numbers: BTreeMap<Hash, u64>,
    order: VecDeque<Hash>,
}

impl Sessions {
    pub fn new(remembered: &VecDeque<(Hash, u64)>) -> Self {
        Self {
            numbers: remembered.iter().copied().collect(),
            order: remembered.iter().map(|(intent, _)| *intent).collect(),
            ..Self::default()
        }
    }

    /// Session numbers are 1..=2^53 - 1, as every reader can hold; one vote for a session id; session numbers of an intent only rise; a bounded number at a time.
    ///
    /// # Errors
    /// `session_replayed`, `session_number`, `sessions_full`.
    pub fn ensure_new(&self, id: &Hash, intent: &Hash, number: u64) -> Result<(), Refusal> {
        ensure(
            "session_replayed",
            !self.voted.contains_key(id) && !self.running.contains_key(id),
            "this session was voted for before",
        )?;
        ensure(
            "session_number",
            (1..=MAX_INTEGER).contains(&number)
                && self.numbers.get(intent).is_none_or(|&highest| number > highest),
            "a session number must be higher than all before it for the same intent, and below 2^53",
        )?;
        ensure(
            "sessions_full",
            self.voted.len() < MAX_SESSIONS && self.running.len() < MAX_SESSIONS,
            "too many sessions at a time",
        )
        .map_err(|refusal| refusal.whose(Whose::State))
    }

    /// Remembers a vote, in memory and in the state.
    pub fn add(&mut self, id: Hash, voted: Voted, state: &mut State) {
        let (intent, number) = (voted.vote.shared.intent, voted.vote.shared.session);
        self.voted.insert(id, voted);
        if self.numbers.insert(intent, number).is_none() {
            self.order.push_back(intent);
        }
        if self.order.len() > MAX_INTENTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.numbers.remove(&oldest);
        }
        state.intents.retain(|(known, _)| *known != intent);
        state.intents.push_back((intent, number));
        if state.intents.len() > REMEMBERED_INTENTS {
            state.intents.pop_front();
        }
    }

    pub fn is_voted(&self, id: &Hash) -> bool {
        self.voted.contains_key(id)
    }

    /// Takes a voted session out: whatever follows, it cannot be released again.
    ///
    /// # Errors
    /// `session_unknown`.
    pub fn take_voted(&mut self, id: &Hash) -> Result<Voted, Refusal> {
        let voted = self.voted.remove(id);
        voted.ok_or_else(|| {
            Refusal::new("session_unknown", "no vote of this incarnation waits for this release")
                .whose(Whose::State)
        })
    }

    pub fn run(&mut self, id: Hash, running: Running) {
        self.running.insert(id, running);
    }

    /// Takes a running session out; the caller puts it back while it lives.
    pub fn take_running(&mut self, id: &Hash) -> Option<Running> {
        self.running.remove(id)
    }

    pub fn len(&self) -> usize {
        self.voted.len() + self.running.len()
    }

    pub fn sweep(&mut self, out: &mut Out) {
        let old = |since: Instant| since.elapsed() > LIFETIME;
        let voted = self.voted.iter().filter(|(_, session)| old(session.since)).map(|(id, _)| *id);
        let running = self.running.iter().filter(|(_, session)| old(session.since)).map(|(id, _)| *id);
        let dead: Vec<Hash> = voted.chain(running).collect();
        let reason = Refusal::new("session_expired", "no end within 60 s").whose(Whose::Peer);
        self.kill(dead, &reason, out);
    }

    pub fn kill_all(&mut self, reason: &Refusal, out: &mut Out) {
        let dead = self.voted.keys().chain(self.running.keys()).copied().collect();
        self.kill(dead, reason, out);
    }

    /// Kills what runs with a peer that was banned for a key.
    pub fn kill_with(&mut self, key: &str, peer: &str, reason: &Refusal, out: &mut Out) {
        let with = |vote: &Vote| vote.shared.key == key && vote.shared.members.iter().any(|m| m == peer);
        let voted = self.voted.iter().filter(|(_, session)| with(&session.vote)).map(|(id, _)| *id);
        let running = self
            .running
            .iter()
            .filter(|(_, session)| session.key == key && session.members.iter().any(|(_, m)| m == peer))
            .map(|(id, _)| *id);
        let dead: Vec<Hash> = voted.chain(running).collect();
        self.kill(dead, reason, out);
    }

    fn kill(&mut self, dead: Vec<Hash>, reason: &Refusal, out: &mut Out) {
        for id in dead {
            self.voted.remove(&id);
            self.running.remove(&id);
            out.session_dead(&id, reason);
        }
    }
}

impl Unsealed {
    /// The judge gives a session up. Its nonces are wiped with it.
    pub fn abandon(&mut self, request: &pb::Abandon) -> Result<(), Refusal> {
        let id = super::out::hash(&request.session_id, "session_id")?;
        let known = self.sessions.voted.remove(&id).is_some() | self.sessions.running.remove(&id).is_some();
        self.early.take(&id);
        ensure("session_unknown", known, "no such session").map_err(|refusal| refusal.whose(Whose::State))
    }
}
