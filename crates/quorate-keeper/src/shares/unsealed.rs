//! An open keeper: its secrets in the vault, its sealed state, the charters in force and what runs at the moment.

use std::collections::BTreeMap;

use quorate_secret::{Handle, Vault};
use quorate_threshold::{KeyPublic, KeyShare};
use quorate_wire::charter::{Charter, Signer};
use quorate_wire::signature::Signed;
use quorate_wire::{Refusal, Whose};

use super::ceremony::Ceremonies;
use super::channel::Channels;
use super::early::Early;
use super::out::{Out, bug};
use super::sentinel::Sentinel;
use super::session::Sessions;
use super::start::Start;
use crate::blobs::{self, Context};
use crate::identity::{Keys, vault_refused};
use crate::proto::keeper as pb;
use crate::proto::keeper::from_keeper::Reply;
use crate::proto::keeper::to_keeper::Request;
use crate::state::State;

/// A key whose share rests in the vault.
pub(super) struct Held {
    pub public: KeyPublic,
    pub share: Handle,
}

pub(super) struct Unsealed {
    pub me: String,
    pub dev_only: bool,
    pub vault: Vault,
    pub keys: Keys,
    pub state: State,
    /// All charter versions from 1 on; the last is in force.
    pub chain: Vec<Charter>,
    pub start: Start,
    pub channels: Channels,
    pub early: Early,
    pub held: BTreeMap<String, Held>,
    pub sessions: Sessions,
    pub ceremonies: Ceremonies,
    pub sentinel: Sentinel,
    /// Set once: the check that made this keeper seal itself.
    pub shut: Option<&'static str>,
}

impl Unsealed {
    /// Runs one request. If it is refused, the state is as before; if it changed the state, the sealed state goes out with it.
    pub fn handle(&mut self, request: Request, out: &mut Out) -> Result<Reply, Refusal> {
        let before = self.state.clone();
        self.sweep(out);
        let result = self.dispatch(request, out);
        if result.is_err() {
            self.state = before.clone();
        }
        if self.state != before {
            let blob = self.sealed_state()?;
            out.persist(blobs::STATE, blob);
        }
        result
    }

    fn dispatch(&mut self, request: Request, out: &mut Out) -> Result<Reply, Refusal> {
        let done = Reply::Done(pb::Done {});
        match request {
            Request::Load(_) => Err(bug("load")),
            Request::AcceptCharter(r) => self.accept_charter(r, out).map(Reply::CharterAccepted),
            Request::AnswerPeer(r) => self.answer_peer(&r).map(Reply::PeerState),
            Request::HearPeer(r) => self.hear_peer(r).map(Reply::StartState),
            Request::SignAdmission(r) => self.sign_admission(r).map(Reply::Admission),
            Request::Checkpoint(r) => self.checkpoint(&r).map(Reply::CheckpointNote),
            Request::Order(r) => self.order(r, out),
            Request::Freeze(r) => self.freeze(r, out).map(Reply::Acknowledged),
            Request::Certificate(r) => self.certificate(&r).map(|()| done),
            Request::Vote(r) => self.vote(r).map(Reply::Voted),
            Request::Release(r) => self.release(r, out).map(|()| done),
            Request::Abandon(r) => self.abandon(&r).map(|()| done),
            Request::Envelope(r) => self.envelope(&r, out).map(|()| done),
            Request::Connected(r) => self.connected(&r.peer, out).map(|()| done),
            Request::AdoptTally(r) => self.adopt_tally(r).map(|()| done),
            Request::Status(_) => Ok(Reply::Status(self.status())),
        }
    }

    /// Lets what is too old die.
    fn sweep(&mut self, out: &mut Out) {
        self.sessions.sweep(out);
        self.ceremonies.sweep(out);
        self.early.sweep();
    }

    /// The state as the judge keeps it.
    pub fn sealed_state(&self) -> Result<Vec<u8>, Refusal> {
        let root = self.keys.root(&self.vault)?;
        let context = Context { signer: &self.me, name: blobs::STATE, cluster: None };
        blobs::seal(&root, &context, &self.state.to_bytes())
    }

    /// The charter in force.
    ///
    /// # Errors
    /// `charter_none`.
    pub fn charter(&self) -> Result<&Charter, Refusal> {
        self.chain.last().ok_or_else(|| {
            Refusal::new("charter_none", "no charter is in force yet")
                .whose(Whose::State)
                .hint("activate one")
        })
    }

    /// Our own entry in the charter.
    pub fn own(&self) -> Result<&Signer, Refusal> {
        let own = self.charter()?.signer(&self.me);
        own.ok_or_else(|| {
            Refusal::new("own_identity", "this signer is not in the charter").whose(Whose::State)
        })
    }

    /// Another signer of the charter.
    pub fn peer(&self, check: &'static str, id: &str) -> Result<&Signer, Refusal> {
        let peer = self.charter()?.signer(id).filter(|signer| signer.id != self.me);
        peer.ok_or_else(|| Refusal::new(check, format_args!("{id} is not another signer of the charter")))
    }

    /// Ids of parties given by index.
    pub fn ids(&self, indexes: &[u8]) -> Vec<String> {
        let Some(charter) = self.chain.last() else { return Vec::new() };
        indexes.iter().filter_map(|&index| charter.signer_at(index)).map(|signer| signer.id.clone()).collect()
    }

    /// Signs a structure by the vote key.
    pub fn sign(&self, label: &str, body: Vec<u8>) -> Result<Signed, Refusal> {
        self.keys.sign(&self.vault, label, body)
    }

    /// Takes a key share out of the vault for one computation.
    pub fn share(&self, held: &Held) -> Result<KeyShare, Refusal> {
        let share = self.vault.with(held.share, KeyShare::from_secret_bytes).map_err(vault_refused)?;
        share.map_err(|_| bug("a share that was checked does not parse"))
    }

    /// Seals this keeper: secrets are wiped, nothing is answered any more.
    pub fn seal_itself(&mut self, check: &'static str) {
        self.vault.erase_all();
        self.held.clear();
        self.shut = Some(check);
    }
}
