//! Running sessions: one protocol run for each item, driven by what the peers send.

use std::collections::BTreeMap;
use std::time::Instant;

use quorate_threshold::{Abort, Outgoing, Protocol, SignBip340, SignEcdsa, SignEd25519, Step};
use quorate_wire::hash::Hash;
use quorate_wire::{Refusal, Whose};

use super::out::{Out, bug};
use super::sentinel::Kind;
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;
use crate::proto::keeper::event::Event;
use crate::proto::peer::{self, Round};

/// A round message for the party of that index.
pub(super) type Addressed = (u8, Round);

/// The run of one item.
pub(super) enum ItemRun {
    Ecdsa(Box<SignEcdsa>),
    Ed25519(Box<SignEd25519>),
    Bip340(Box<SignBip340>),
    Done(pb::ItemSignature),
}

/// Numbers the messages of one session: from 0, for each peer, without gaps.
#[derive(Default)]
pub(super) struct Counters {
    sent: BTreeMap<u8, u64>,
    heard: BTreeMap<u8, u64>,
}

impl Counters {
    fn next_out(&mut self, to: u8) -> u64 {
        next(self.sent.entry(to).or_default())
    }

    /// Takes a message's counter.
    ///
    /// # Errors
    /// `peer_counter`, blamed on the peer by the caller.
    pub fn hear(&mut self, from: u8, counter: u64) -> Result<(), Abort> {
        let expected = next(self.heard.entry(from).or_default());
        if counter == expected {
            Ok(())
        } else {
            Err(Abort::Blame { culprits: vec![from], check: "peer_counter", ban: false })
        }
    }

    /// Addresses what a protocol step sends to each of the other parties.
    pub fn address(
        &mut self,
        others: &[u8],
        sent: Vec<Outgoing>,
        (kind, session, item): (peer::Kind, &Hash, u32),
    ) -> Vec<Addressed> {
        let mut rounds = Vec::with_capacity(sent.len());
        for Outgoing { to, payload } in sent {
            let receivers: Vec<u8> = to.map_or_else(|| others.to_vec(), |to| vec![to]);
            for to in receivers {
                let round = Round {
                    kind: kind.into(),
                    session: session.to_vec(),
                    item,
                    counter: self.next_out(to),
                    payload: payload.clone(),
                };
                rounds.push((to, round));
            }
        }
        rounds
    }
}

fn next(counter: &mut u64) -> u64 {
    let now = *counter;
    *counter += 1;
    now
}

pub(super) struct Running {
    pub key: String,
    /// Index and id of each member, in order of index.
    pub members: Vec<(u8, String)>,
    pub since: Instant,
    items: Vec<ItemRun>,
    counters: Counters,
}

/// What the protocols want sent, with the item it belongs to.
pub(super) type Sent = Vec<(u32, Vec<Outgoing>)>;

impl Running {
    pub fn new(key: String, members: Vec<(u8, String)>, items: Vec<ItemRun>) -> Self {
        Self { key, members, since: Instant::now(), items, counters: Counters::default() }
    }

    /// Starts every item.
    pub fn start(&mut self) -> Result<Sent, Abort> {
        let mut sent = Vec::new();
        for (k, item) in self.items.iter_mut().enumerate() {
            sent.push((u32::try_from(k).unwrap_or(u32::MAX), item.step(ItemRun::start)?));
        }
        Ok(sent)
    }

    /// Hands a peer's message to the item it is for.
    pub fn receive(&mut self, from: u8, round: &Round) -> Result<Sent, Abort> {
        if !self.members.iter().any(|(index, _)| *index == from) {
            return Ok(Vec::new()); // any signer can know the session's id; only its members take part
        }
        self.counters.hear(from, round.counter)?;
        let item = usize::try_from(round.item).ok().and_then(|k| self.items.get_mut(k));
        let blame = Abort::Blame { culprits: vec![from], check: "peer_item", ban: false };
        let sent = item.ok_or(blame)?.step(|item| item.receive(from, &round.payload))?;
        Ok(vec![(round.item, sent)])
    }

    fn finished(&self) -> Option<Vec<pb::ItemSignature>> {
        let signature = |item: &ItemRun| match item {
            ItemRun::Done(signature) => Some(signature.clone()),
            _ => None,
        };
        self.items.iter().map(signature).collect()
    }

    fn address(&mut self, me: &str, session: &Hash, sent: Sent) -> Vec<Addressed> {
        let others: Vec<u8> =
            self.members.iter().filter(|(_, id)| id != me).map(|(index, _)| *index).collect();
        let counters = &mut self.counters;
        let address = |(item, sent)| counters.address(&others, sent, (peer::Kind::Sign, session, item));
        sent.into_iter().flat_map(address).collect()
    }
}

impl ItemRun {
    /// One step; a finished run becomes its verified signature and ignores what comes later.
    fn step(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<Stepped, Abort>,
    ) -> Result<Vec<Outgoing>, Abort> {
        let (sent, done) = step(self)?;
        if let Some(done) = done {
            *self = done;
        }
        Ok(sent)
    }

    fn start(&mut self) -> Result<Stepped, Abort> {
        match self {
            Self::Ecdsa(run) => Ok(ecdsa(run.start()?)),
            Self::Ed25519(run) => Ok(ed25519(run.start()?)),
            Self::Bip340(run) => Ok(bip340(run.start()?)),
            Self::Done(_) => Ok((Vec::new(), None)),
        }
    }

    fn receive(&mut self, from: u8, payload: &[u8]) -> Result<Stepped, Abort> {
        match self {
            Self::Ecdsa(run) => Ok(ecdsa(run.receive(from, payload)?)),
            Self::Ed25519(run) => Ok(ed25519(run.receive(from, payload)?)),
            Self::Bip340(run) => Ok(bip340(run.receive(from, payload)?)),
            Self::Done(_) => Ok((Vec::new(), None)),
        }
    }
}

/// What a step sends, and the finished run if it is one.
type Stepped = (Vec<Outgoing>, Option<ItemRun>);

fn ecdsa(step: Step<quorate_threshold::EcdsaSignature>) -> Stepped {
    stepped(step, |made| pb::ItemSignature {
        signature: made.r_s.to_vec(),
        recovery_id: Some(u32::from(made.recovery_id)),
        public_key: made.public_key.to_vec(),
    })
}

fn ed25519(step: Step<quorate_threshold::Ed25519Signature>) -> Stepped {
    stepped(step, |made| pb::ItemSignature {
        signature: made.signature.to_vec(),
        recovery_id: None,
        public_key: made.public_key.to_vec(),
    })
}

fn bip340(step: Step<quorate_threshold::Bip340Signature>) -> Stepped {
    stepped(step, |made| pb::ItemSignature {
        signature: made.signature.to_vec(),
        recovery_id: None,
        public_key: made.public_key.to_vec(),
    })
}

fn stepped<T>(step: Step<T>, item: impl FnOnce(T) -> pb::ItemSignature) -> Stepped {
    match step {
        Step::Send(sent) => (sent, None),
        Step::Done(sent, made) => (sent, Some(ItemRun::Done(item(made)))),
    }
}

impl Unsealed {
    /// Sends what a step of a session yielded; ends the session if it is complete or broken.
    pub fn go_on(
        &mut self,
        id: Hash,
        mut running: Running,
        sent: Result<Sent, Abort>,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        let sent = match sent {
            Ok(sent) => sent,
            Err(abort) => {
                self.abort_session(&id, &running, &abort, out);
                return Ok(());
            }
        };
        let finished = running.finished();
        if let Some(items) = &finished {
            self.watch(&running.key, items)?;
        }
        let rounds = running.address(&self.me, &id, sent);
        self.post(rounds, out)?;
        match finished {
            Some(items) => out.event(Event::Signature(pb::Signature { session_id: id.to_vec(), items })),
            None => self.sessions.run(id, running),
        }
        Ok(())
    }

    /// The sentinel looks at every final R before a signature leaves.
    fn watch(&mut self, key: &str, items: &[pb::ItemSignature]) -> Result<(), Refusal> {
        for item in items {
            let r = item.signature.get(..32).ok_or_else(|| bug("signature"))?;
            if !self.sentinel.is_new(key, Kind::FinalR, r) {
                self.seal_itself("sentinel");
                return Err(bug("an R was used twice"));
            }
        }
        Ok(())
    }

    /// A broken session is dead for good. A peer that a consistency check convicts is banned, durably: the ban is in the
    /// `persist` of this very reply, which sends nothing to anybody.
    fn abort_session(&mut self, id: &Hash, running: &Running, abort: &Abort, out: &mut Out) {
        let refusal = self.refusal(abort);
        out.session_dead(id, &refusal);
        if let Abort::Blame { ban: true, .. } = abort {
            for culprit in &refusal.culprits {
                self.ban(&running.key, culprit, out);
            }
        }
    }

    /// Refuses a peer for one key until a new set-up.
    pub fn ban(&mut self, key: &str, peer: &str, out: &mut Out) {
        self.state.banned.entry(key.to_owned()).or_default().insert(peer.to_owned());
        let reason = Refusal::new("peer_banned", format_args!("{peer} is banned for {key}")).blame(peer);
        self.sessions.kill_with(key, peer, &reason, out);
    }

    /// A protocol's abort as a refusal, with parties as signer ids.
    pub fn refusal(&self, abort: &Abort) -> Refusal {
        let mut refusal = Refusal::new(abort.check(), abort).whose(Whose::Peer);
        if let Abort::Blame { culprits, .. } = abort {
            refusal.culprits = self.ids(culprits);
        }
        refusal
    }
}
