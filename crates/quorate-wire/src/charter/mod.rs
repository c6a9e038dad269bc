//! The charter (docs/spec/charter.md): the signed, versioned document that alone says who may do what.

mod assets;
mod chain;
mod people;
mod policy;

use std::collections::BTreeSet;

use serde_json::Value;

pub use chain::{
    AdministratorSignature, SignedDocument, ensure_follows, ensure_quorum, ensure_root, verify_chain,
};
pub use people::{Administrators, KeySpec, Signer, User};

use crate::canonical::{self, Members};
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
/// Assets, chains, whitelist and policy are checked for form and not kept: the judge interprets them, the keeper does not.
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
    /// Parses canonical bytes and checks every rule of form, ranges and uniqueness.
    ///
    /// # Errors
    /// The checks of [`canonical`], `charter_form`, `charter_unique`, `identifier`, `ssh_key`.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(body)?, "charter")?;
        let signers = people::signers(members.array("signers")?)?;
        let administrators = people::administrators(members.any("administrators")?)?;
        let users = people::users(members.array("users")?)?;
        let keys = people::keys(members.array("keys")?)?;
        let server = people::server(members.any("server")?)?;
        ensure_unique_keys(&signers, &administrators, &users, &server)?;
        let names = assets::check(&mut members, &keys)?;
        policy::check(members.any("policy")?, &names, &users)?;
        members.integer("created_at")?;
        let charter = Self {
            hash: digest(labels::CHARTER, body),
            cluster: cluster(&mut members)?,
            version: members.integer("version")?,
            previous: members.hex_or_null("previous")?,
            mode: mode(&members.text("mode")?)?,
            threshold: threshold(members.integer("threshold")?, signers.len())?,
            signers,
            administrators,
            users,
            keys,
            request_lifetime: within(&mut members, "request_lifetime", 60..=86_400)?,
            skew: within(&mut members, "skew", 1..=60)?,
        };
        members.end()?;
        ensure(
            "charter_form",
            charter.version >= 1 && charter.previous.is_none() == (charter.version == 1),
            "version 1 has no previous one, every other has",
        )?;
        Ok(charter)
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

fn cluster(members: &mut Members) -> Result<String, Refusal> {
    let cluster = members.text("cluster")?;
    ensure(
        "charter_form",
        canonical::parse_hex::<16>(&cluster).is_some(),
        "cluster is 32 lower-case hexadecimal digits",
    )?;
    Ok(cluster)
}

fn mode(word: &str) -> Result<Mode, Refusal> {
    match word {
        "dev" => Ok(Mode::Dev),
        "production" => Ok(Mode::Production),
        _ => Err(Refusal::new("charter_form", "mode is dev or production")),
    }
}

fn threshold(threshold: u64, signers: usize) -> Result<u8, Refusal> {
    let value = u8::try_from(threshold).unwrap_or(0);
    ensure(
        "charter_form",
        value > 1 && usize::from(value) <= signers,
        "the threshold t must satisfy 1 < t <= n",
    )?;
    Ok(value)
}

fn within(
    members: &mut Members,
    name: &'static str,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, Refusal> {
    let value = members.integer(name)?;
    ensure("charter_form", range.contains(&value), format_args!("{name} is out of range"))?;
    Ok(value)
}

/// Each public key serves one purpose of one party.
fn ensure_unique_keys(
    signers: &[Signer],
    administrators: &Administrators,
    users: &[User],
    server: &str,
) -> Result<(), Refusal> {
    let mut keys: Vec<String> = vec![server.to_owned()];
    for signer in signers {
        for key in [&signer.vote_key, &signer.log_key, &signer.envelope_key] {
            keys.push(hex::encode(key));
        }
        keys.push(signer.link_certificate.clone());
    }
    keys.extend(administrators.members.iter().map(|(_, key)| hex::encode(key.raw())));
    keys.extend(users.iter().map(|user| user.rsa_public_key.clone()));
    ensure_unique(keys.iter().map(String::as_str), "public keys")
}

/// # Errors
/// `charter_unique` if a text occurs twice.
fn ensure_unique<'a>(texts: impl Iterator<Item = &'a str>, what: &'static str) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for text in texts {
        ensure("charter_unique", seen.insert(text), format_args!("{what} are not unique"))?;
    }
    Ok(())
}

/// The items of an array of texts.
fn texts(items: Vec<Value>, of: &'static str) -> Result<Vec<String>, Refusal> {
    let text = |item| match item {
        Value::String(text) => Ok(text),
        _ => Err(canonical::wrong_type(of, "item", "text")),
    };
    items.into_iter().map(text).collect()
}
