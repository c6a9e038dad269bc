//! Votes (docs/spec/vote.md): a keeper's signature that its judge allows exactly these items in exactly this session.

use crate::binary::{Reader, Writer};
use crate::canonical::parse_hex;
use crate::check::Refusal;
use crate::hash::{Hash, digest, sha256};
use crate::identifier::is_id;
use crate::labels;
use crate::path::{MAX_MESSAGE, Scheme, is_path};

/// Most items of a session.
pub const MAX_ITEMS: usize = 16;
const MAX_ID: usize = 32;
const FORM: &str = "vote_form";

/// One thing to sign: a digest of 32 bytes for ECDSA and BIP340, or an Ed25519 message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub scheme: Scheme,
    pub path: Vec<u32>,
    pub message: Vec<u8>,
}

/// What is equal in all votes of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    pub cluster: String,
    pub charter: Hash,
    pub freeze_count: u64,
    pub freeze_hash: Hash,
    pub key: String,
    pub epoch: u32,
    pub intent: Hash,
    pub attempt: Hash,
    pub items: Vec<Item>,
    /// In order of index, exactly t.
    pub members: Vec<String>,
    pub session: u64,
}

/// The newest tally entry that a voter knows of a signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub signer: String,
    pub count: u64,
    pub head: Hash,
}

/// ECDSA: fresh bytes; Ed25519 and BIP340: FROST commitments, hiding then binding point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Randomness {
    Ecdsa([u8; 32]),
    Ed25519([u8; 64]),
    Bip340([u8; 66]),
}

impl Randomness {
    /// The two points where there are any.
    #[must_use]
    pub fn commitments(&self) -> Option<(&[u8], &[u8])> {
        match self {
            Self::Ecdsa(_) => None,
            Self::Ed25519(points) => Some(points.split_at(32)),
            Self::Bip340(points) => Some(points.split_at(33)),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Ecdsa(bytes) => bytes,
            Self::Ed25519(bytes) => bytes,
            Self::Bip340(bytes) => bytes,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    pub shared: Shared,
    pub voter: String,
    pub incarnation: u32,
    pub time_ms: u64,
    /// One for each item, of the item's scheme.
    pub randomness: Vec<Randomness>,
    /// Of every signer of the charter, in order of index.
    pub heads: Vec<Head>,
}

impl Shared {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.lp(self.cluster.as_bytes())
            .raw(&self.charter)
            .u64(self.freeze_count)
            .raw(&self.freeze_hash)
            .lp(self.key.as_bytes())
            .u32(self.epoch)
            .raw(&self.intent)
            .raw(&self.attempt)
            .u16(u16::try_from(self.items.len()).unwrap_or(u16::MAX));
        for item in &self.items {
            out.u8(item.scheme as u8);
            out.u8(u8::try_from(item.path.len()).unwrap_or(u8::MAX));
            for index in &item.path {
                out.u32(*index);
            }
            out.lp(&item.message);
        }
        out.u8(u8::try_from(self.members.len()).unwrap_or(u8::MAX));
        for member in &self.members {
            out.lp(member.as_bytes());
        }
        out.u64(self.session);
        out.bytes()
    }

    /// Names the session.
    #[must_use]
    pub fn session_id(&self) -> Hash {
        digest(labels::SESSION, &self.to_bytes())
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            cluster: input.text(MAX_ID)?,
            charter: input.array()?,
            freeze_count: input.u64()?,
            freeze_hash: input.array()?,
            key: input.text(MAX_ID)?,
            epoch: input.u32()?,
            intent: input.array()?,
            attempt: input.array()?,
            items: read_items(input)?,
            members: read_members(input)?,
            session: input.u64()?,
        })
    }
}

fn read_items(input: &mut Reader<'_>) -> Result<Vec<Item>, Refusal> {
    let count = usize::from(input.u16()?);
    if !(1..=MAX_ITEMS).contains(&count) {
        return Err(Refusal::new(FORM, "a session has 1 to 16 items"));
    }
    (0..count).map(|_| read_item(input)).collect()
}

fn read_item(input: &mut Reader<'_>) -> Result<Item, Refusal> {
    let scheme =
        Scheme::from_number(u32::from(input.u8()?)).ok_or_else(|| Refusal::new(FORM, "no such scheme"))?;
    let depth = input.u8()?;
    let path = (0..depth).map(|_| input.u32()).collect::<Result<_, _>>()?;
    Ok(Item { scheme, path, message: input.lp(MAX_MESSAGE)?.to_vec() })
}

fn read_members(input: &mut Reader<'_>) -> Result<Vec<String>, Refusal> {
    let count = input.u8()?;
    (0..count).map(|_| input.text(MAX_ID)).collect()
}

impl Vote {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.raw(&self.shared.to_bytes())
            .lp(self.voter.as_bytes())
            .u32(self.incarnation)
            .u64(self.time_ms)
            .u16(u16::try_from(self.randomness.len()).unwrap_or(u16::MAX));
        for randomness in &self.randomness {
            out.lp(randomness.bytes());
        }
        out.u8(u8::try_from(self.heads.len()).unwrap_or(u8::MAX));
        for head in &self.heads {
            out.lp(head.signer.as_bytes()).u64(head.count).raw(&head.head);
        }
        out.bytes()
    }

    /// Parses a vote completely; the layout has one encoding for each value, so the bytes are canonical by construction.
    ///
    /// # Errors
    /// `vote_form`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut input = Reader::new(bytes, FORM);
        let shared = Shared::read(&mut input)?;
        let voter = input.text(MAX_ID)?;
        let (incarnation, time_ms) = (input.u32()?, input.u64()?);
        let randomness = read_randomness(&mut input, &shared.items)?;
        let heads = read_heads(&mut input)?;
        input.end()?;
        let vote = Self { shared, voter, incarnation, time_ms, randomness, heads };
        match vote.defect() {
            None => Ok(vote),
            Some(defect) => Err(Refusal::new(FORM, defect)),
        }
    }

    /// What a vote may not look like under any charter.
    fn defect(&self) -> Option<&'static str> {
        let shared = &self.shared;
        let heads: Vec<&String> = self.heads.iter().map(|head| &head.signer).collect();
        let members: Vec<&String> = shared.members.iter().collect();
        if parse_hex::<16>(&shared.cluster).is_none() || !is_id(&shared.key) {
            return Some("the cluster or key id has another form");
        }
        if !shared.items.iter().all(|item| is_path(&item.path) && item.scheme.takes(&item.message)) {
            return Some("a path or message has another form");
        }
        if !are_distinct_ids(&members) || !are_distinct_ids(&heads) {
            return Some("members and heads are signer ids, each once");
        }
        (!shared.members.contains(&self.voter)).then_some("the voter is not a member")
    }
}

fn are_distinct_ids(ids: &[&String]) -> bool {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.is_sorted_by(|a, b| a < b) && ids.iter().all(|id| is_id(id))
}

fn read_randomness(input: &mut Reader<'_>, items: &[Item]) -> Result<Vec<Randomness>, Refusal> {
    if usize::from(input.u16()?) != items.len() {
        return Err(Refusal::new(FORM, "one randomness for each item"));
    }
    let wrong = || Refusal::new(FORM, "randomness of the wrong length for its scheme");
    let read = |item: &Item| {
        let bytes = input.lp(66)?;
        match item.scheme {
            Scheme::Ecdsa => bytes.try_into().map(Randomness::Ecdsa),
            Scheme::Ed25519 => bytes.try_into().map(Randomness::Ed25519),
            Scheme::Bip340 => bytes.try_into().map(Randomness::Bip340),
        }
        .map_err(|_| wrong())
    };
    items.iter().map(read).collect()
}

fn read_heads(input: &mut Reader<'_>) -> Result<Vec<Head>, Refusal> {
    let count = input.u8()?;
    let mut head = || Ok(Head { signer: input.text(MAX_ID)?, count: input.u64()?, head: input.array()? });
    (0..count).map(|_| head()).collect()
}

/// The protocol's session id of item `k`: it binds the session, the item and every vote of it.
/// `votes` are the vote bodies in order of the members' index.
#[must_use]
pub fn item_session(session_id: &Hash, k: u16, votes: &[Vec<u8>]) -> Hash {
    let mut body = Writer::new();
    body.raw(session_id).u16(k);
    for vote in votes {
        body.raw(&sha256(vote));
    }
    digest(labels::ITEM, &body.bytes())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(scheme: Scheme, message: &[u8]) -> Item {
        Item { scheme, path: vec![1729, scheme as u32, 7], message: message.to_vec() }
    }

    pub(crate) fn sample() -> Vote {
        Vote {
            shared: Shared {
                cluster: "ab".repeat(16),
                charter: [1; 32],
                freeze_count: 0,
                freeze_hash: [2; 32],
                key: "main".into(),
                epoch: 1,
                intent: [3; 32],
                attempt: [4; 32],
                items: vec![
                    item(Scheme::Ecdsa, &[9; 32]),
                    item(Scheme::Ed25519, b"hello"),
                    item(Scheme::Bip340, &[5; 32]),
                ],
                members: vec!["signer-1".into(), "signer-3".into()],
                session: 1,
            },
            voter: "signer-3".into(),
            incarnation: 5,
            time_ms: 6,
            randomness: vec![
                Randomness::Ecdsa([7; 32]),
                Randomness::Ed25519([8; 64]),
                Randomness::Bip340([2; 66]),
            ],
            heads: vec![Head { signer: "signer-1".into(), count: 9, head: [10; 32] }],
        }
    }

    #[test]
    fn round_trip_and_prefix() {
        let vote = sample();
        let bytes = vote.to_bytes();
        assert!(bytes.starts_with(&vote.shared.to_bytes()));
        assert_eq!(Vote::from_bytes(&bytes).unwrap(), vote);
    }

    #[test]
    fn every_truncation_and_every_extension_is_refused() {
        let bytes = sample().to_bytes();
        for end in 0..bytes.len() {
            assert_eq!(Vote::from_bytes(&bytes[..end]).unwrap_err().check, "vote_form");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Vote::from_bytes(&longer).unwrap_err().check, "vote_form");
    }

    #[test]
    fn counts_and_lengths_must_fit() {
        let refused = |change: fn(&mut Vote)| {
            let mut vote = sample();
            change(&mut vote);
            Vote::from_bytes(&vote.to_bytes()).unwrap_err().check == "vote_form"
        };
        assert!(refused(|vote| vote.shared.items.clear()));
        assert!(refused(|vote| vote.randomness.truncate(1)));
        assert!(refused(|vote| vote.randomness.swap(0, 1)));
        assert!(refused(|vote| vote.shared.items = vec![item(Scheme::Ecdsa, &[1; 32]); 17]));
        assert!(refused(|vote| vote.shared.items[0].message.push(0)));
        assert!(refused(|vote| vote.shared.items[0].path.truncate(1)));
        assert!(refused(|vote| vote.shared.members[0] = "signer-3".into()));
        assert!(refused(|vote| vote.voter = "signer-2".into()));
        assert!(refused(|vote| vote.heads.push(vote.heads[0].clone())));
        assert!(refused(|vote| vote.shared.items[1].message = vec![0; MAX_MESSAGE + 1]));
        assert!(refused(|vote| vote.voter = "x".repeat(MAX_ID + 1)));
    }

    #[test]
    fn every_shared_field_changes_the_session_id() {
        let changes: [fn(&mut Shared); 13] = [
            |s| s.cluster = "cd".repeat(16),
            |s| s.charter[0] ^= 1,
            |s| s.freeze_count += 1,
            |s| s.freeze_hash[0] ^= 1,
            |s| s.key = "other".into(),
            |s| s.epoch += 1,
            |s| s.intent[0] ^= 1,
            |s| s.attempt[0] ^= 1,
            |s| s.items[0].message[0] ^= 1,
            |s| s.items[0].path[2] ^= 1,
            |s| s.items.swap(0, 1),
            |s| s.members[0] = "signer-2".into(),
            |s| s.session += 1,
        ];
        let base = sample().shared;
        let mut ids = vec![base.session_id()];
        for change in changes {
            let mut shared = base.clone();
            change(&mut shared);
            ids.push(shared.session_id());
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 14);
    }

    #[test]
    fn item_sessions_bind_item_and_votes() {
        let votes = [b"a".to_vec(), b"b".to_vec()];
        let base = item_session(&[0; 32], 0, &votes);
        assert_ne!(base, item_session(&[0; 32], 1, &votes));
        assert_ne!(base, item_session(&[1; 32], 0, &votes));
        assert_ne!(base, item_session(&[0; 32], 0, &[b"b".to_vec(), b"a".to_vec()]));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Vote::from_bytes(&bytes);
        }

        #[test]
        fn mutated_votes_parse_to_their_own_bytes(at in any::<prop::sample::Index>(), value in any::<u8>()) {
            let mut bytes = sample().to_bytes();
            let at = at.index(bytes.len());
            bytes[at] = value;
            if let Ok(vote) = Vote::from_bytes(&bytes) {
                prop_assert_eq!(vote.to_bytes(), bytes);
            }
        }
    }
}
