//! Voting (docs/spec/vote.md, "One signature" step 2): the session is bound first, then the randomness is drawn.

use std::time::Instant;

use quorate_secret::random;
use quorate_threshold::{Abort, KeyShare, bip340_commit, ed25519_commit};
use quorate_wire::charter::Charter;
use quorate_wire::freeze::Scope;
use quorate_wire::hash::Hash;
use quorate_wire::path::{Scheme, ensure_path_scheme};
use quorate_wire::vote::{Head, Item, MAX_ITEMS, Randomness, Shared, Vote};
use quorate_wire::{Refusal, Whose, ensure, fault_point, labels};

use super::out::{bug, hash};
use super::sentinel::Kind;
use super::session::{Nonces, Voted};
use super::unsealed::Unsealed;
use crate::blobs::no_randomness;
use crate::proto::keeper as pb;

/// Randomness of each item, and what is secret behind it.
type Drawn = (Vec<Randomness>, Vec<Nonces>);

impl Unsealed {
    pub fn vote(&mut self, request: pb::Vote) -> Result<pb::Voted, Refusal> {
        self.charter()?;
        self.ensure_started()?;
        self.ensure_not_frozen(&touched(&request))?;
        self.ensure_usable(&request.key)?;
        let items = self.items(&request.key, &request.items)?;
        self.ensure_members(&request.key, &request.members)?;
        let shared = self.shared(&request, items)?;
        let id = shared.session_id();
        self.sessions.ensure_new(&id, &shared.intent, shared.session)?;
        let entry =
            request.reserve.map(|fields| self.reserve(fields, &shared, request.time_ms)).transpose()?;
        let heads = self.heads(&request.heads)?;
        let (randomness, nonces) = self.draw(&shared)?;
        let vote = Vote {
            shared,
            voter: self.me.clone(),
            incarnation: self.state.incarnation,
            time_ms: request.time_ms,
            randomness,
            heads,
        };
        let signed = self.sign(labels::VOTE, vote.to_bytes())?;
        let remembered = self.state.peers.clone();
        let voted = Voted { vote, body: signed.body.clone(), nonces, remembered, since: Instant::now() };
        self.sessions.add(id, voted, &mut self.state);
        fault_point("keeper.after_vote");
        Ok(pb::Voted {
            vote: Some(signed.into()),
            session_id: id.to_vec(),
            tally_entry: entry.map(Into::into),
        })
    }

    /// A key is used only when its certificate is complete.
    fn ensure_usable(&self, key: &str) -> Result<(), Refusal> {
        let certified = self.state.keys.get(key).is_some_and(|record| record.certified);
        ensure(
            "key_certified",
            certified && self.held.contains_key(key),
            format_args!("there is no key {key} with a certificate by all signers"),
        )
        .map_err(|refusal| refusal.whose(Whose::State))
    }

    fn items(&self, key: &str, items: &[pb::Item]) -> Result<Vec<Item>, Refusal> {
        let spec = self.charter()?.key(key);
        let spec = spec.ok_or_else(|| Refusal::new("key_certified", "the key is not in the charter"))?;
        ensure("vote_items", (1..=MAX_ITEMS).contains(&items.len()), "a session has 1 to 16 items")?;
        let item = |item: &pb::Item| {
            let scheme = Scheme::from_number(item.scheme)
                .ok_or_else(|| Refusal::new("path_scheme", "no such scheme"))?;
            ensure_path_scheme(spec.curve, scheme, &item.path)?;
            ensure_message(scheme, &item.message)?;
            Ok(Item { scheme, path: item.path.clone(), message: item.message.clone() })
        };
        items.iter().map(item).collect()
    }

    /// Exactly t signers of the charter in order of index, we among them, nobody banned.
    fn ensure_members(&self, key: &str, members: &[String]) -> Result<(), Refusal> {
        let charter = self.charter()?;
        let indexes: Option<Vec<u8>> =
            members.iter().map(|id| charter.signer(id).map(|signer| signer.index)).collect();
        let ordered = indexes.is_some_and(|indexes| indexes.is_sorted_by(|a, b| a < b));
        ensure(
            "vote_set",
            ordered && members.len() == usize::from(charter.threshold) && members.contains(&self.me),
            "the members must be exactly t signers in order of index, this one among them",
        )?;
        let banned = self.state.banned.get(key);
        let culprit = members.iter().find(|id| banned.is_some_and(|banned| banned.contains(*id)));
        ensure("peer_banned", culprit.is_none(), "a member is banned for this key until a new set-up")
            .map_err(|refusal| refusal.blame(culprit.map_or("", String::as_str)))
    }

    fn shared(&self, request: &pb::Vote, items: Vec<Item>) -> Result<Shared, Refusal> {
        let (charter, freezes) = (self.charter()?, self.state.freezes.state());
        let epoch = self.state.keys.get(&request.key).map_or(0, |record| record.epoch);
        Ok(Shared {
            cluster: charter.cluster.clone(),
            charter: charter.hash,
            freeze_count: freezes.count,
            freeze_hash: freezes.hash,
            key: request.key.clone(),
            epoch,
            intent: hash(&request.intent_hash, "intent_hash")?,
            attempt: hash(&request.attempt_hash, "attempt_hash")?,
            items,
            members: request.members.clone(),
            session: request.session,
        })
    }

    /// The judge says what it knows of the others; our own head is ours to say.
    fn heads(&self, heads: &[pb::Head]) -> Result<Vec<Head>, Refusal> {
        let charter = self.charter()?;
        ensure(
            "vote_heads",
            are_distinct_peers(charter, &self.me, heads),
            "heads of other signers, each once",
        )?;
        let head = |id: &str| -> Result<(u64, Hash), Refusal> {
            if id == self.me {
                return Ok(self.state.tally);
            }
            match heads.iter().find(|head| head.signer == id) {
                Some(head) => Ok((head.count, hash(&head.head, "head")?)),
                None => Ok((0, [0; 32])),
            }
        };
        let of = |id: &str| head(id).map(|(count, head)| Head { signer: id.to_owned(), count, head });
        charter.signers.iter().map(|signer| of(&signer.id)).collect()
    }

    /// Fresh randomness from the operating system for every item, after the session is fixed.
    fn draw(&mut self, shared: &Shared) -> Result<Drawn, Refusal> {
        let held = self.held.get(&shared.key).ok_or_else(|| bug("key"))?;
        // ECDSA draws nothing that depends on the share, and taking one out costs more than the rest of the vote.
        let needed = shared.items.iter().any(|item| item.scheme != Scheme::Ecdsa);
        let share = needed.then(|| self.share(held)).transpose()?;
        let (mut randomness, mut nonces) = (Vec::new(), Vec::new());
        for item in &shared.items {
            let (public, secret) = draw_one(item, share.as_ref())?;
            if let Some((hiding, binding)) = public.commitments() {
                let fresh = self.sentinel.is_new(&shared.key, Kind::Commitment, hiding)
                    & self.sentinel.is_new(&shared.key, Kind::Commitment, binding);
                if !fresh {
                    self.seal_itself("sentinel");
                    return Err(bug("a nonce was drawn twice"));
                }
            }
            randomness.push(public);
            nonces.push(secret);
        }
        Ok((randomness, nonces))
    }
}

/// `share` is there unless all items are ECDSA.
fn draw_one(item: &Item, share: Option<&KeyShare>) -> Result<(Randomness, Nonces), Refusal> {
    let share = || share.ok_or_else(|| bug("share"));
    let refused = |abort: Abort| Refusal::new(abort.check(), abort);
    match item.scheme {
        Scheme::Ecdsa => Ok((Randomness::Ecdsa(random().map_err(no_randomness)?), Nonces::Ecdsa)),
        Scheme::Ed25519 => {
            let (secret, public) = ed25519_commit(share()?, &item.path).map_err(refused)?;
            Ok((Randomness::Ed25519(public), Nonces::Ed25519(Box::new(secret))))
        }
        Scheme::Bip340 => {
            let (secret, public) = bip340_commit(share()?, &item.path).map_err(refused)?;
            Ok((Randomness::Bip340(public), Nonces::Bip340(Box::new(secret))))
        }
    }
}

/// What a vote is about, as far as the keeper is told: key and paths always, the rest with the first vote of an intent.
fn touched(request: &pb::Vote) -> Vec<Scope> {
    let accounts = request.items.iter().filter_map(|item| account_of(&item.path)).map(Scope::Account);
    let mut touched: Vec<Scope> = accounts.chain([Scope::Key(request.key.clone())]).collect();
    if let Some(fields) = &request.reserve {
        touched.push(Scope::User(fields.user.clone()));
        touched.push(Scope::Account(fields.source.clone()));
        touched.push(Scope::Asset(fields.asset.clone()));
    }
    touched
}

/// The vault account below an asset's path (BIP-44).
fn account_of(path: &[u32]) -> Option<String> {
    match path {
        [44 | 49 | 84 | 86, _, account, ..] => Some(account.to_string()),
        _ => None,
    }
}

fn ensure_message(scheme: Scheme, message: &[u8]) -> Result<(), Refusal> {
    ensure(
        "vote_items",
        scheme.takes(message),
        "a digest for ECDSA or BIP340 has 32 bytes, an Ed25519 message 1 to 65,536",
    )
}

fn are_distinct_peers(charter: &Charter, me: &str, heads: &[pb::Head]) -> bool {
    let mut ids: Vec<&str> = heads.iter().map(|head| head.signer.as_str()).collect();
    ids.sort_unstable();
    ids.is_sorted_by(|a, b| a < b) && ids.iter().all(|id| *id != me && charter.signer(id).is_some())
}
