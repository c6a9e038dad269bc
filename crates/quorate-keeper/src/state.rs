//! The sealed state: all that a keeper remembers over a restart. It is persisted with every reply that changes it, so nothing
//! becomes visible that a crash could make it forget.
//!
//! It holds no secret in the clear: each key epoch's wrapping key is in it wrapped under the root key.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quorate_wire::binary::{Reader, Writer};
use quorate_wire::charter::Mode;
use quorate_wire::freeze::{FreezeId, FreezeSet, Frozen, Scope};
use quorate_wire::hash::Hash;
use quorate_wire::peer_state::Known;
use quorate_wire::{Refusal, Whose};

/// Before any freeze was known, and since. The first is still written as long as it says everything.
const FORMAT: u8 = 1;
const FORMAT_WITH_FREEZES: u8 = 2;
const FORM: &str = "state_form";
/// Bounds of what is read back; the state is authenticated, so they only guard against our own mistakes.
const MAX_ID: usize = 64;
const MAX_WRAPPED: usize = 256;
const MAX_SUBJECT: usize = 255;
/// Sessions are numbered per intent; this many of the latest intents survive a restart.
pub const REMEMBERED_INTENTS: usize = 128;

/// The charter versions that are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pinned {
    /// Hash of version 1.
    pub root: Hash,
    /// Highest version accepted, and its hash.
    pub version: u64,
    pub hash: Hash,
}

/// Why this signer may not vote until an order readmits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartRefusal {
    /// A peer does not know us although we have voted before: it was restored from an old copy, or its memory was lost.
    PeerForgot,
    /// A peer remembers more of us than we do: we were restored from an old copy.
    RolledBack,
}

impl StartRefusal {
    #[must_use]
    pub fn check(self) -> &'static str {
        match self {
            Self::PeerForgot => "peer_forgot",
            Self::RolledBack => "rolled_back",
        }
    }
}

/// A question of a peer's start rule that was answered: the same question gets the same answer again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub incarnation: u32,
    pub nonce: Hash,
    pub answered: Option<Known>,
}

/// What is remembered of one peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    pub known: Option<Known>,
    pub charter_version: u64,
    pub asked: Option<Asked>,
}

/// A key whose share we hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    pub epoch: u32,
    /// The epoch's wrapping key, under the root key.
    pub wrapped: Vec<u8>,
    /// Hash of the order that created it.
    pub order: Hash,
    /// True once a certificate signed by all signers was verified: only then the key signs.
    pub certified: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Fixed by `init`; a charter of the other mode is never accepted.
    pub mode: Option<Mode>,
    pub charter: Option<Pinned>,
    /// Number of starts.
    pub incarnation: u32,
    /// The latest incarnation that met the start rule, 0 if none did: from then on every peer must know us.
    pub met: u32,
    pub refused: Option<StartRefusal>,
    pub tally: (u64, Hash),
    /// Size and root of the last checkpoint that was signed.
    pub log: (u64, Hash),
    /// Ids of orders that were run, with their expiry in seconds.
    pub orders: BTreeMap<[u8; 16], u64>,
    pub peers: BTreeMap<String, Memory>,
    pub keys: BTreeMap<String, KeyRecord>,
    /// Per key id: peers that a consistency check convicted; refused until a new set-up.
    pub banned: BTreeMap<String, BTreeSet<String>>,
    /// The latest intents voted for and their highest session number, oldest first.
    pub intents: VecDeque<(Hash, u64)>,
    pub freezes: FreezeSet,
}

impl State {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        let format = if self.freezes.is_empty() { FORMAT } else { FORMAT_WITH_FREEZES };
        out.u8(format).u8(self.mode.map_or(0, |mode| if mode == Mode::Dev { 1 } else { 2 }));
        write_option(&mut out, self.charter.as_ref(), |out, pinned| {
            out.raw(&pinned.root).u64(pinned.version).raw(&pinned.hash);
        });
        out.u32(self.incarnation).u32(self.met);
        out.u8(self.refused.map_or(0, |refused| if refused == StartRefusal::PeerForgot { 1 } else { 2 }));
        out.u64(self.tally.0).raw(&self.tally.1).u64(self.log.0).raw(&self.log.1);
        write_count(&mut out, self.orders.len());
        for (id, expires) in &self.orders {
            out.raw(id).u64(*expires);
        }
        write_count(&mut out, self.peers.len());
        for (id, memory) in &self.peers {
            out.lp(id.as_bytes());
            write_memory(&mut out, memory);
        }
        write_count(&mut out, self.keys.len());
        for (id, key) in &self.keys {
            out.lp(id.as_bytes()).u32(key.epoch).lp(&key.wrapped).raw(&key.order).u8(u8::from(key.certified));
        }
        write_count(&mut out, self.banned.len());
        for (key, peers) in &self.banned {
            out.lp(key.as_bytes());
            write_count(&mut out, peers.len());
            for peer in peers {
                out.lp(peer.as_bytes());
            }
        }
        write_count(&mut out, self.intents.len());
        for (intent, session) in &self.intents {
            out.raw(intent).u64(*session);
        }
        if !self.freezes.is_empty() {
            write_freezes(&mut out, &self.freezes);
        }
        out.bytes()
    }

    /// # Errors
    /// `state_form`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut input = Reader::new(bytes, FORM);
        let format = input.u8()?;
        if ![FORMAT, FORMAT_WITH_FREEZES].contains(&format) {
            return Err(malformed());
        }
        let state = Self {
            mode: match input.u8()? {
                0 => None,
                1 => Some(Mode::Dev),
                2 => Some(Mode::Production),
                _ => return Err(malformed()),
            },
            charter: read_option(&mut input, |input| {
                Ok(Pinned { root: input.array()?, version: input.u64()?, hash: input.array()? })
            })?,
            incarnation: input.u32()?,
            met: input.u32()?,
            refused: match input.u8()? {
                0 => None,
                1 => Some(StartRefusal::PeerForgot),
                2 => Some(StartRefusal::RolledBack),
                _ => return Err(malformed()),
            },
            tally: (input.u64()?, input.array()?),
            log: (input.u64()?, input.array()?),
            orders: read_many(&mut input, |input| Ok((input.array()?, input.u64()?)))?,
            peers: read_many(&mut input, |input| Ok((input.text(MAX_ID)?, read_memory(input)?)))?,
            keys: read_many(&mut input, |input| Ok((input.text(MAX_ID)?, read_key(input)?)))?,
            banned: read_many(&mut input, |input| {
                Ok((input.text(MAX_ID)?, read_many(input, |input| input.text(MAX_ID))?))
            })?,
            intents: read_many(&mut input, |input| Ok((input.array()?, input.u64()?)))?,
            freezes: if format == FORMAT { FreezeSet::default() } else { read_freezes(&mut input)? },
        };
        input.end()?;
        Ok(state)
    }
}

fn malformed() -> Refusal {
    Refusal::new(FORM, "unknown format of the state").whose(Whose::Storage)
}

fn write_count(out: &mut Writer, count: usize) {
    out.u32(u32::try_from(count).unwrap_or(u32::MAX));
}

fn write_option<T>(out: &mut Writer, value: Option<&T>, write: impl FnOnce(&mut Writer, &T)) {
    out.u8(u8::from(value.is_some()));
    if let Some(value) = value {
        write(out, value);
    }
}

fn write_known(out: &mut Writer, known: &Known) {
    out.u32(known.incarnation).u64(known.tally_count).raw(&known.tally_head).u64(known.log_size);
}

fn write_memory(out: &mut Writer, memory: &Memory) {
    write_option(out, memory.known.as_ref(), write_known);
    out.u64(memory.charter_version);
    write_option(out, memory.asked.as_ref(), |out, asked| {
        out.u32(asked.incarnation).raw(&asked.nonce);
        write_option(out, asked.answered.as_ref(), write_known);
    });
}

/// Scopes by number; the workspace has no subject.
fn scope_number(scope: &Scope) -> (u8, &str) {
    match scope {
        Scope::Workspace => (0, ""),
        Scope::Account(account) => (1, account),
        Scope::Asset(asset) => (2, asset),
        Scope::Key(key) => (3, key),
        Scope::User(user) => (4, user),
    }
}

fn write_freezes(out: &mut Writer, freezes: &FreezeSet) {
    write_count(out, freezes.in_force.len());
    for (id, frozen) in &freezes.in_force {
        let (scope, subject) = scope_number(&frozen.scope);
        out.raw(id).raw(&frozen.hash).lp(frozen.by.as_bytes()).u8(scope).lp(subject.as_bytes());
    }
    write_count(out, freezes.lifted.len());
    for id in &freezes.lifted {
        out.raw(id);
    }
}

fn read_bool(input: &mut Reader<'_>) -> Result<bool, Refusal> {
    match input.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(malformed()),
    }
}

fn read_option<T>(
    input: &mut Reader<'_>,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, Refusal>,
) -> Result<Option<T>, Refusal> {
    if read_bool(input)? { read(input).map(Some) } else { Ok(None) }
}

/// Every element takes at least one byte, so a false count ends in `state_form` and not in an allocation.
fn read_many<T, C: FromIterator<T>>(
    input: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, Refusal>,
) -> Result<C, Refusal> {
    let count = input.u32()?;
    (0..count).map(|_| read(input)).collect()
}

fn read_known(input: &mut Reader<'_>) -> Result<Known, Refusal> {
    Ok(Known {
        incarnation: input.u32()?,
        tally_count: input.u64()?,
        tally_head: input.array()?,
        log_size: input.u64()?,
    })
}

fn read_memory(input: &mut Reader<'_>) -> Result<Memory, Refusal> {
    Ok(Memory {
        known: read_option(input, read_known)?,
        charter_version: input.u64()?,
        asked: read_option(input, |input| {
            Ok(Asked {
                incarnation: input.u32()?,
                nonce: input.array()?,
                answered: read_option(input, read_known)?,
            })
        })?,
    })
}

fn read_freezes(input: &mut Reader<'_>) -> Result<FreezeSet, Refusal> {
    let in_force = read_many(input, |input| Ok((input.array()?, read_frozen(input)?)))?;
    Ok(FreezeSet { in_force, lifted: read_many(input, |input| input.array::<{ size_of::<FreezeId>() }>())? })
}

fn read_frozen(input: &mut Reader<'_>) -> Result<Frozen, Refusal> {
    let (hash, by) = (input.array()?, input.text(MAX_ID)?);
    let (scope, subject) = (input.u8()?, input.text(MAX_SUBJECT)?);
    let scope = match scope {
        0 => Scope::Workspace,
        1 => Scope::Account(subject),
        2 => Scope::Asset(subject),
        3 => Scope::Key(subject),
        4 => Scope::User(subject),
        _ => return Err(malformed()),
    };
    Ok(Frozen { hash, scope, by })
}

fn read_key(input: &mut Reader<'_>) -> Result<KeyRecord, Refusal> {
    Ok(KeyRecord {
        epoch: input.u32()?,
        wrapped: input.lp(MAX_WRAPPED)?.to_vec(),
        order: input.array()?,
        certified: read_bool(input)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn full() -> State {
        let known = Known { incarnation: 3, tally_count: 4, tally_head: [5; 32], log_size: 6 };
        let asked = Asked { incarnation: 3, nonce: [7; 32], answered: Some(known) };
        State {
            mode: Some(Mode::Production),
            charter: Some(Pinned { root: [1; 32], version: 2, hash: [3; 32] }),
            incarnation: 4,
            met: 3,
            refused: Some(StartRefusal::RolledBack),
            tally: (5, [6; 32]),
            log: (7, [8; 32]),
            orders: [([9; 16], 10)].into(),
            peers: [
                ("a".into(), Memory { known: Some(known), charter_version: 2, asked: Some(asked) }),
                ("b".into(), Memory::default()),
            ]
            .into(),
            keys: [(
                "main".into(),
                KeyRecord { epoch: 1, wrapped: vec![1; 72], order: [2; 32], certified: true },
            )]
            .into(),
            banned: [("main".into(), ["a".into()].into())].into(),
            intents: [([1; 32], 2), ([3; 32], 4)].into(),
            freezes: FreezeSet {
                in_force: scopes().enumerate().map(|(at, scope)| ([at as u8; 16], frozen(scope))).collect(),
                lifted: [[8; 16], [9; 16]].into(),
            },
        }
    }

    fn scopes() -> impl Iterator<Item = Scope> {
        let of = |make: fn(String) -> Scope| make("x".into());
        [Scope::Workspace, of(Scope::Account), of(Scope::Asset), of(Scope::Key), of(Scope::User)].into_iter()
    }

    fn frozen(scope: Scope) -> Frozen {
        Frozen { hash: [7; 32], scope, by: "alice".into() }
    }

    /// What a keeper sealed before there were freezes is read, and written again byte for byte.
    #[test]
    fn a_state_without_freezes_is_what_it_was() {
        let before = State { freezes: FreezeSet::default(), ..full() };
        let bytes = before.to_bytes();
        assert_eq!(bytes[0], 1);
        assert_eq!(State::from_bytes(&bytes).unwrap(), before);
        assert_eq!(full().to_bytes()[1..bytes.len()], bytes[1..]);
    }

    #[test]
    fn round_trip() {
        for state in [State::default(), full()] {
            assert_eq!(State::from_bytes(&state.to_bytes()).unwrap(), state);
        }
    }

    #[test]
    fn truncations_and_other_formats_are_refused() {
        let bytes = full().to_bytes();
        for end in 0..bytes.len() {
            assert_eq!(State::from_bytes(&bytes[..end]).unwrap_err().check, "state_form");
        }
        assert!(State::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        assert!(State::from_bytes(&[3]).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..300), format in 1..=2u8) {
            bytes[0] = format;
            let _ = State::from_bytes(&bytes);
        }
    }
}
