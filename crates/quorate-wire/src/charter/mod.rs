//! The charter (docs/spec/charter.md): the signed, versioned document that alone says who may do what.

mod chain;
mod keys;
mod opaque;
mod people;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

pub use chain::{
    AdministratorSignature, QuorumChecks, SignedDocument, ensure_follows, ensure_quorum, ensure_root,
    verify_chain,
};
pub use people::{Administrators, KeySpec, Signer, User};

use crate::canonical::{self, Members, parse_hex, wrong_type};
use crate::check::{Refusal, ensure};
use crate::hash::{Hash, digest};
use crate::labels;

/// `dev` or `production`; fixed in version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Dev,
    Production,
}

impl Mode {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Production => "production",
        }
    }
}

/// A charter version whose form was checked; its signatures are the business of [`verify_chain`].
///
/// What only the judge uses ([`opaque`]) is part of the signed bytes and has its outer type, no more: what it means, and whether it
/// is well formed inside, is the judge's to say.
#[derive(Debug, Clone)]
pub struct Charter {
    pub hash: Hash,
    pub cluster: String,
    pub version: u64,
    pub previous: Option<Hash>,
    pub mode: Mode,
    pub threshold: u8,
    pub signers: Vec<Signer>,
    pub administrators: Administrators,
    pub users: Vec<User>,
    pub keys: Vec<KeySpec>,
    /// Seconds; 60..=86400.
    pub request_lifetime: u64,
    /// Largest clock difference between signers, in seconds; 1..=60.
    pub skew: u64,
}

impl Charter {
    /// Parses canonical bytes and checks every rule that concerns what the keeper uses.
    ///
    /// # Errors
    /// The codes of docs/spec/README.md and docs/spec/charter.md.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(body)?, "charter")?;
        let server = people::server(members.any("server")?)?;
        let charter = Self {
            hash: digest(labels::CHARTER, body),
            cluster: cluster(&mut members, "charter")?,
            version: within(&mut members, "charter", "version", 1..=canonical::MAX_INTEGER)?,
            previous: members.hex_or_null("previous")?,
            mode: mode(&members.text("mode")?)?,
            signers: people::signers(members.array("signers")?)?,
            threshold: u8::try_from(members.integer("threshold")?).unwrap_or(u8::MAX),
            administrators: people::administrators(members.any("administrators")?)?,
            users: people::users(members.array("users")?)?,
            keys: people::keys(members.array("keys")?)?,
            request_lifetime: within(&mut members, "charter", "request_lifetime", 60..=86_400)?,
            skew: within(&mut members, "charter", "skew", 1..=60)?,
        };
        members.integer("created_at")?;
        opaque::take(&mut members)?;
        members.end()?;
        charter.ensure_sound()?;
        keys::ensure_unique(&charter, &server)?;
        Ok(charter)
    }

    fn ensure_sound(&self) -> Result<(), Refusal> {
        ensure(
            "charter_threshold",
            self.threshold > 1
                && usize::from(self.threshold) <= self.n()
                && self.n() < 2 * usize::from(self.threshold),
            "the threshold t must satisfy 1 < t <= n < 2t",
        )?;
        let indexes = self.signers.iter().map(|signer| usize::from(signer.index));
        ensure("charter_signer_index", indexes.eq(1..=self.n()), "signers are listed as 1..n")?;
        ensure(
            "charter_administrator_quorum",
            self.administrators.quorum <= self.administrators.members.len(),
            "the quorum is more than there are administrators",
        )?;
        ensure(
            "charter_previous",
            self.previous.is_none() == (self.version == 1),
            "version 1 has no previous one, every other has",
        )
    }

    /// Number of signers.
    #[must_use]
    pub fn n(&self) -> usize {
        self.signers.len()
    }

    #[must_use]
    pub fn signer(&self, id: &str) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.id == id)
    }

    #[must_use]
    pub fn signer_at(&self, index: u8) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.index == index)
    }

    #[must_use]
    pub fn key(&self, id: &str) -> Option<&KeySpec> {
        self.keys.iter().find(|key| key.id == id)
    }

    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }
}

/// The member `cluster` of any structure.
pub(crate) fn cluster(members: &mut Members, of: &str) -> Result<String, Refusal> {
    let cluster = members.text("cluster")?;
    match parse_hex::<16>(&cluster) {
        Some(_) => Ok(cluster),
        None => Err(wrong_type(of, "cluster", "32 lower-case hexadecimal digits")),
    }
}

fn mode(word: &str) -> Result<Mode, Refusal> {
    match word {
        "dev" => Ok(Mode::Dev),
        "production" => Ok(Mode::Production),
        _ => Err(wrong_type("charter", "mode", "dev or production")),
    }
}

/// An integer in a range.
pub(crate) fn within(
    members: &mut Members,
    of: &str,
    name: &'static str,
    range: RangeInclusive<u64>,
) -> Result<u64, Refusal> {
    let value = members.integer(name)?;
    if range.contains(&value) {
        return Ok(value);
    }
    Err(wrong_type(of, name, &format!("from {} to {}", range.start(), range.end())))
}

/// A person's or thing's name: 1 to 255 characters.
fn display_name(members: &mut Members, of: &str) -> Result<(), Refusal> {
    let name = members.text("name")?;
    if (1..=255).contains(&name.chars().count()) {
        return Ok(());
    }
    Err(wrong_type(of, "name", "of 1 to 255 characters"))
}

/// # Errors
/// `check` if a text occurs twice.
fn ensure_distinct<'a>(
    check: &'static str,
    texts: impl Iterator<Item = &'a str>,
    what: &str,
) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let twice = texts.into_iter().find(|text| !seen.insert(*text));
    ensure(check, twice.is_none(), format_args!("{what}: {} occurs twice", twice.unwrap_or_default()))
}

fn ensure_distinct_ids<'a>(ids: impl Iterator<Item = &'a str>, what: &str) -> Result<(), Refusal> {
    ensure_distinct("charter_duplicate_id", ids, what)
}
