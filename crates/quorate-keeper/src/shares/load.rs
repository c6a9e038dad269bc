//! The first request: blobs, charters and certificates come from the judge, and all of them are hostile input.

use std::collections::BTreeMap;

use quorate_secret::{Kind, Secret, Vault, random};
use quorate_threshold::KeyShare;
use quorate_wire::charter::{Charter, SignedDocument, verify_chain};
use quorate_wire::{Refusal, Whose, ensure};

use super::ceremony::Ceremonies;
use super::channel::Channels;
use super::early::Early;
use super::out::Out;
use super::sentinel::Sentinel;
use super::session::Sessions;
use super::start::Start;
use super::unsealed::{Held, Unsealed};
use crate::blobs::{self, Context, no_randomness};
use crate::identity::{Identity, Keys, vault_refused};
use crate::proto::keeper as pb;
use crate::seal::{self, SealBackend};
use crate::state::{KeyRecord, Pinned, State};

/// What the keeper itself brings.
pub(super) struct Own<'a> {
    pub signer: &'a str,
    pub backend: &'a dyn SealBackend,
    pub hardening: &'a [&'static str],
}

type Blobs = BTreeMap<String, Vec<u8>>;

pub(super) fn load(own: &Own<'_>, load: pb::Load, out: &mut Out) -> Result<(Unsealed, pb::Loaded), Refusal> {
    let blobs = by_name(load.blobs)?;
    let root = seal::unwrap(own.backend, own.signer, blob(&blobs, blobs::SEAL)?)?;
    let identity = Identity::from_bytes(&open(own, &root, &blobs, blobs::IDENTITY)?)?;
    let mut state = open(own, &root, &blobs, blobs::STATE)?.expose(State::from_bytes)?;
    let chain = chain(state.charter.as_ref(), load.charters)?;
    state.incarnation = state
        .incarnation
        .checked_add(1)
        .ok_or_else(|| Refusal::new("incarnation", "no more starts").whose(Whose::State))?;
    let nonce = random().map_err(no_randomness)?;
    let mut vault = Vault::new().map_err(vault_refused)?;
    let held = held(own, &root, &mut state, &chain, &blobs, &mut vault)?;
    let mut unsealed = Unsealed {
        me: own.signer.to_owned(),
        dev_only: own.backend.is_dev_only(),
        keys: Keys::rest(&mut vault, root, identity)?,
        vault,
        start: Start::new(nonce, state.met > 0),
        sessions: Sessions::new(&state.intents),
        state,
        chain,
        held,
        channels: Channels::default(),
        early: Early::default(),
        ceremonies: Ceremonies::default(),
        sentinel: Sentinel::default(),
        shut: None,
    };
    if let Some(charter) = unsealed.chain.last() {
        unsealed.ensure_own_identity(charter)?;
    }
    for certificate in &load.certificates {
        unsealed.certificate(certificate)?;
    }
    out.persist(blobs::STATE, unsealed.sealed_state()?);
    let loaded = unsealed.loaded(own);
    Ok((unsealed, loaded))
}

fn by_name(blobs: Vec<pb::Blob>) -> Result<Blobs, Refusal> {
    let count = blobs.len();
    let blobs: Blobs = blobs.into_iter().map(|blob| (blob.name, blob.content)).collect();
    ensure("blob_duplicate", blobs.len() == count, "two blobs of one name")?;
    Ok(blobs)
}

fn blob<'a>(blobs: &'a Blobs, name: &str) -> Result<&'a [u8], Refusal> {
    let blob = blobs.get(name).map(Vec::as_slice);
    blob.ok_or_else(|| Refusal::new("blob_missing", format_args!("blob {name}")).whose(Whose::Storage))
}

fn open(
    own: &Own<'_>,
    root: &Secret<32>,
    blobs: &Blobs,
    name: &str,
) -> Result<quorate_secret::SecretBytes, Refusal> {
    let context = Context { signer: own.signer, name, cluster: None };
    blobs::open(root, &context, blob(blobs, name)?)
}

/// Verifies the charters again, from the pinned version 1 to the highest version that was accepted. Later ones, which a crash
/// may have left behind, wait for `AcceptCharter`.
fn chain(pinned: Option<&Pinned>, documents: Vec<pb::SignedDocument>) -> Result<Vec<Charter>, Refusal> {
    let Some(pinned) = pinned else { return Ok(Vec::new()) };
    let accepted = usize::try_from(pinned.version).unwrap_or(usize::MAX);
    let documents: Vec<SignedDocument> = documents.into_iter().take(accepted).map(Into::into).collect();
    let chain = verify_chain(&documents, &pinned.root)?;
    let last = chain.last();
    let storage = |refusal: Refusal| refusal.whose(Whose::Storage);
    ensure(
        "charter_rollback",
        last.is_some_and(|charter| charter.version >= pinned.version),
        format_args!("version {} was accepted and is not there", pinned.version),
    )
    .map_err(storage)?;
    ensure(
        "charter_pinned",
        last.is_some_and(|charter| charter.hash == pinned.hash),
        format_args!("version {} is not the one that was accepted", pinned.version),
    )
    .map_err(storage)?;
    Ok(chain)
}

/// Opens every key share. A share whose certificate is not complete and whose blob is not there was never used: it is dropped.
fn held(
    own: &Own<'_>,
    root: &Secret<32>,
    state: &mut State,
    chain: &[Charter],
    blobs: &Blobs,
    vault: &mut Vault,
) -> Result<BTreeMap<String, Held>, Refusal> {
    let mut held = BTreeMap::new();
    let Some(charter) = chain.last() else { return Ok(held) };
    let there = |id: &str, key: &KeyRecord| blobs.contains_key(&blobs::key_blob_name(id, key.epoch));
    state.keys.retain(|id, key| key.certified || there(id, key));
    for (id, key) in &state.keys {
        let share = open_share(own, root, (id, key), state, charter, blobs)?;
        let index = charter.signer(own.signer).map(|signer| signer.index);
        ensure(
            "share_form",
            index == Some(share.me()),
            format_args!("the share of {id} is of another party"),
        )?;
        let public = share.public().clone();
        let bytes = share.to_secret_bytes().map_err(|abort| Refusal::new("share_form", abort))?;
        let share = vault.put(bytes).map_err(vault_refused)?;
        held.insert(id.clone(), Held { public, share });
    }
    Ok(held)
}

fn open_share(
    own: &Own<'_>,
    root: &Secret<32>,
    (id, key): (&str, &KeyRecord),
    state: &State,
    charter: &Charter,
    blobs: &Blobs,
) -> Result<KeyShare, Refusal> {
    let name = blobs::key_blob_name(id, key.epoch);
    let hash = state.charter.map_or([0; 32], |pinned| pinned.root);
    let context =
        Context { signer: own.signer, name: &name, cluster: Some((charter.cluster.as_str(), &hash)) };
    let wrapping = blobs::open(root, &context, &key.wrapped)?;
    let wrong = |_| Refusal::new("share_form", format_args!("the share of {id}")).whose(Whose::Storage);
    let wrapping = wrapping.expose(Secret::from_slice).map_err(wrong)?;
    let share = blobs::open(&wrapping, &context, blob(blobs, &name)?)?;
    share.expose(KeyShare::from_secret_bytes).map_err(|_| {
        Refusal::new("share_form", format_args!("the share of {id} has another form")).whose(Whose::Storage)
    })
}

impl Unsealed {
    fn loaded(&self, own: &Own<'_>) -> pb::Loaded {
        let memory = match self.vault.kind() {
            Kind::MemfdSecret => "memfd-secret",
            Kind::Locked => "locked-memory",
        };
        let hardening = own.hardening.iter().chain([&memory]).map(|&name| name.to_owned()).collect();
        let public = &self.keys.public;
        let (charter, freezes) = (self.chain.last(), self.state.freezes.state());
        pb::Loaded {
            signer: self.me.clone(),
            vote_key: public.vote.to_vec(),
            log_key: public.log.to_vec(),
            envelope_key: public.envelope.to_vec(),
            seal: own.backend.kind().to_owned(),
            incarnation: self.state.incarnation,
            start_nonce: self.start.nonce.to_vec(),
            start: Some(self.start_state()),
            charter_version: charter.map_or(0, |charter| charter.version),
            charter_hash: charter.map_or(Vec::new(), |charter| charter.hash.to_vec()),
            tally_count: self.state.tally.0,
            tally_head: self.state.tally.1.to_vec(),
            log_size: self.state.log.0,
            log_root: self.state.log.1.to_vec(),
            hardening,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            freeze_count: freezes.count,
            freeze_hash: freezes.hash.to_vec(),
        }
    }
}
