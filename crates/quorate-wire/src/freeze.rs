//! Freezes (docs/spec/freeze.md): one administrator's signature that stops signing at once, and the state of all of them that
//! signers put into what they sign.

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical::{self, Members, wrong_type};
use crate::charter::{Charter, QuorumChecks, SignedDocument, cluster, ensure_quorum};
use crate::check::{Refusal, ensure};
use crate::hash::{Hash, digest, sha256};
use crate::identifier::{ensure_id, ensure_printable, is_amount};
use crate::labels;

/// Most freezes in force at a time by one administrator.
pub const MAX_OF_ONE: usize = 64;
/// Most lifted ids that are remembered. Each took a quorum.
pub const MAX_LIFTED: usize = 65_536;

const SIGNATURE: &str = "freeze_signature";
const CHECKS: QuorumChecks = QuorumChecks { label: labels::FREEZE, signature: SIGNATURE, quorum: SIGNATURE };

/// The one-time id of a freeze.
pub type FreezeId = [u8; 16];

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Workspace,
    /// A vault account as source.
    Account(String),
    Asset(String),
    Key(String),
    /// An API user.
    User(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    pub hash: Hash,
    pub cluster: String,
    pub id: FreezeId,
    pub scope: Scope,
    /// The administrator who signed.
    pub by: String,
    pub created_at: u64,
}

impl Freeze {
    /// Parses canonical bytes; says nothing about the signature.
    ///
    /// # Errors
    /// The codes of docs/spec/README.md; `freeze_shape`.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(body)?, "freeze")?;
        let freeze = Self {
            hash: digest(labels::FREEZE, body),
            cluster: cluster(&mut members, "freeze")?,
            id: members.hex("id")?,
            scope: scope(&mut members)?,
            by: members.text("by")?,
            created_at: members.integer("created_at")?,
        };
        members.end()?;
        ensure_id(&freeze.by, "freeze.by")?;
        Ok(freeze)
    }

    /// Parses a freeze and checks that the administrator it names, one of the charter in force, signed it, and nobody else.
    ///
    /// # Errors
    /// As [`Freeze::parse`]; `freeze_cluster`, `freeze_signature`.
    pub fn verify(document: &SignedDocument, charter: &Charter) -> Result<Self, Refusal> {
        let freeze = Self::parse(&document.body)?;
        ensure("freeze_cluster", freeze.cluster == charter.cluster, "another cluster")?;
        let signers = document.signatures.iter().map(|signature| &signature.administrator);
        ensure(
            SIGNATURE,
            signers.eq([&freeze.by]),
            "the signature must be that of the administrator it names",
        )?;
        ensure_quorum(CHECKS, &charter.administrators, 1, document)?;
        Ok(freeze)
    }
}

fn scope(members: &mut Members) -> Result<Scope, Refusal> {
    let (word, subject) = (members.text("scope")?, members.text_or_null("subject")?);
    match (word.as_str(), subject) {
        ("workspace", None) => Ok(Scope::Workspace),
        ("account", Some(account)) => {
            ensure("identifier", is_account(&account), "freeze.subject is not a vault account")?;
            Ok(Scope::Account(account))
        }
        ("asset", Some(asset)) => {
            ensure("identifier", is_asset(&asset), "freeze.subject is not the id of an asset")?;
            Ok(Scope::Asset(asset))
        }
        ("key", Some(key)) => ensure_id(&key, "freeze.subject").map(|()| Scope::Key(key)),
        ("user", Some(user)) => ensure_printable(&user, "freeze.subject").map(|()| Scope::User(user)),
        ("workspace" | "account" | "asset" | "key" | "user", _) => {
            Err(Refusal::new("freeze_shape", "workspace has no subject, every other scope has one"))
        }
        _ => Err(wrong_type("freeze", "scope", "workspace, account, asset, key or user")),
    }
}

/// A vault account: a decimal index below 2^31 without leading zeros.
fn is_account(text: &str) -> bool {
    is_amount(text) && text.parse::<u32>().is_ok_and(|index| index < 1 << 31)
}

/// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
fn is_asset(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=64).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

/// What acknowledgements, peer states and votes say of the freezes that a signer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreezeState {
    pub count: u64,
    pub hash: Hash,
}

impl Default for FreezeState {
    /// No freeze was ever known: 0 and SHA-256 of the empty string.
    fn default() -> Self {
        Self { count: 0, hash: sha256(b"") }
    }
}

impl FreezeState {
    /// The two members, as acknowledgements and peer states have them.
    ///
    /// # Errors
    /// As [`Members`].
    pub fn read(members: &mut Members) -> Result<Self, Refusal> {
        Ok(Self { count: members.integer("freeze_count")?, hash: members.hex("freeze_hash")? })
    }

    /// True if whoever says `self` knows something of freezes that whoever says `other` does not.
    #[must_use]
    pub fn knows_more_than(&self, other: &Self) -> bool {
        self.count > other.count || (self.count == other.count && self.hash != other.hash)
    }
}

/// A freeze in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    pub hash: Hash,
    pub scope: Scope,
    pub by: String,
}

/// Everything a signer knows of freezes. An id goes from unknown to in force to lifted, or at once to lifted, and never back: sets
/// of two signers merge into the same set in whatever order the documents come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FreezeSet {
    pub in_force: BTreeMap<FreezeId, Frozen>,
    pub lifted: BTreeSet<FreezeId>,
}

impl FreezeSet {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.in_force.is_empty() && self.lifted.is_empty()
    }

    /// Each id in force counts once and each lifted one twice; the hash is over the hashes of those in force, sorted.
    #[must_use]
    pub fn state(&self) -> FreezeState {
        let mut hashes: Vec<Hash> = self.in_force.values().map(|frozen| frozen.hash).collect();
        hashes.sort_unstable();
        let count = self.in_force.len() + 2 * self.lifted.len();
        FreezeState { count: count as u64, hash: sha256(&hashes.concat()) }
    }

    /// Puts a verified freeze in force. True if it was not yet.
    ///
    /// # Errors
    /// `freeze_lifted`, `freeze_conflict`, `freeze_limit`.
    pub fn add(&mut self, freeze: Freeze) -> Result<bool, Refusal> {
        let Freeze { id, hash, scope, by, .. } = freeze;
        ensure("freeze_lifted", !self.lifted.contains(&id), "this freeze was lifted; it cannot come back")?;
        if let Some(known) = self.in_force.get(&id) {
            ensure("freeze_conflict", known.hash == hash, "another freeze has this id")?;
            return Ok(false);
        }
        let of_one = self.in_force.values().filter(|frozen| frozen.by == by).count();
        ensure("freeze_limit", of_one < MAX_OF_ONE, "64 freezes of this administrator are in force")?;
        self.in_force.insert(id, Frozen { hash, scope, by });
        Ok(true)
    }

    /// Lifts freezes, also those that have not come here yet. True if that changed anything.
    ///
    /// # Errors
    /// `freeze_limit`.
    pub fn lift(&mut self, ids: &[FreezeId]) -> Result<bool, Refusal> {
        let new = ids.iter().filter(|id| !self.lifted.contains(*id)).count();
        ensure(
            "freeze_limit",
            self.lifted.len() + new <= MAX_LIFTED,
            "more lifted freezes than are remembered",
        )?;
        for id in ids {
            self.in_force.remove(id);
            self.lifted.insert(*id);
        }
        Ok(new > 0)
    }

    /// The first freeze in force that stops one of these.
    #[must_use]
    pub fn stops(&self, what: &[Scope]) -> Option<(&FreezeId, &Frozen)> {
        let hit = |frozen: &Frozen| frozen.scope == Scope::Workspace || what.contains(&frozen.scope);
        self.in_force.iter().find(|(_, frozen)| hit(frozen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn freeze(id: u8, scope: Scope) -> Freeze {
        Freeze {
            hash: sha256(&[id]),
            cluster: "ab".repeat(16),
            id: [id; 16],
            scope,
            by: "alice".into(),
            created_at: 1,
        }
    }

    #[test]
    fn the_empty_set_is_zero_and_the_hash_of_nothing() {
        let state = FreezeSet::default().state();
        assert_eq!(state, FreezeState::default());
        assert_eq!(
            hex::encode(state.hash),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_lifted_freeze_never_comes_back() {
        let mut set = FreezeSet::default();
        assert!(set.add(freeze(1, Scope::Workspace)).unwrap());
        assert!(!set.add(freeze(1, Scope::Workspace)).unwrap(), "the same again changes nothing");
        assert!(set.lift(&[[1; 16], [2; 16]]).unwrap());
        assert!(!set.lift(&[[1; 16]]).unwrap());
        for id in [1, 2] {
            assert_eq!(set.add(freeze(id, Scope::Workspace)).unwrap_err().check, "freeze_lifted");
        }
        assert_eq!(set.state(), FreezeState { count: 4, ..FreezeState::default() });
    }

    #[test]
    fn one_id_is_one_freeze_and_one_administrator_fills_only_the_own_room() {
        let mut set = FreezeSet::default();
        set.add(freeze(0, Scope::Workspace)).unwrap();
        let other = Freeze { hash: [9; 32], ..freeze(0, Scope::Workspace) };
        assert_eq!(set.add(other).unwrap_err().check, "freeze_conflict");
        for id in 1..64 {
            set.add(freeze(id, Scope::Workspace)).unwrap();
        }
        assert_eq!(set.add(freeze(64, Scope::Workspace)).unwrap_err().check, "freeze_limit");
        assert!(set.add(Freeze { by: "bob".into(), ..freeze(64, Scope::Workspace) }).unwrap());
    }

    #[test]
    fn scopes() {
        let mut set = FreezeSet::default();
        set.add(freeze(1, Scope::User("u".into()))).unwrap();
        assert!(set.stops(&[Scope::Key("u".into())]).is_none(), "a name counts within its scope only");
        assert!(set.stops(&[Scope::Key("k".into()), Scope::User("u".into())]).is_some());
        set.add(freeze(2, Scope::Workspace)).unwrap();
        assert!(set.stops(&[]).is_some());
    }

    proptest! {
        /// Whatever the order, and however often each comes, the state is the same, and the count only rises on the way.
        #[test]
        fn sets_merge(steps in proptest::collection::vec((0u8..6, any::<bool>()), 0..24), seed in any::<u64>()) {
            let mut shuffled = steps.clone();
            shuffled.sort_by_key(|(id, lift)| sha256(&[&seed.to_be_bytes()[..], &[*id, u8::from(*lift)]].concat()));
            let run = |steps: &[(u8, bool)]| {
                let (mut set, mut last) = (FreezeSet::default(), 0);
                for (id, lift) in steps {
                    if *lift { set.lift(&[[*id; 16]]).unwrap(); } else { let _ = set.add(freeze(*id, Scope::Workspace)); }
                    let count = set.state().count;
                    assert!(count >= last);
                    last = count;
                }
                set
            };
            let (one, other) = (run(&steps), run(&shuffled));
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.state(), other.state());
        }
    }
}
