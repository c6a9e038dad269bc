//! Who the charter names: signers, server, administrators, users; and the root keys.

use serde_json::Value;

use super::{ensure_unique, within};
use crate::canonical::Members;
use crate::check::{Refusal, ensure};
use crate::identifier::{MAX_TEXT, ensure_id, ensure_printable};
use crate::path::Curve;
use crate::signature::PublicKey;
use crate::sshsig::SshKey;

/// Most signers of a cluster; the engines number parties by u8 and a set-up is quadratic.
const MAX_SIGNERS: usize = 32;

/// One signer's public identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub id: String,
    /// 1..=n
    pub index: u8,
    pub vote_key: PublicKey,
    pub log_key: PublicKey,
    pub envelope_key: PublicKey,
    pub link_certificate: String,
}

/// The people who sign charters and orders, and how many of them it takes.
#[derive(Debug, Clone)]
pub struct Administrators {
    pub quorum: usize,
    pub members: Vec<(String, SshKey)>,
}

impl Administrators {
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&SshKey> {
        let member = self.members.iter().find(|(member, _)| member == id);
        member.map(|(_, key)| key)
    }
}

/// An API user.
#[derive(Debug, Clone)]
pub struct User {
    pub id: String,
    /// False: a viewer, who never requests.
    pub is_requester: bool,
    pub rsa_public_key: String,
}

/// A root key that the charter allows to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    pub id: String,
    pub curve: Curve,
}

pub(super) fn signers(items: Vec<Value>) -> Result<Vec<Signer>, Refusal> {
    ensure("charter_form", items.len() <= MAX_SIGNERS, "more than 32 signers")?;
    let mut signers = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let signer = signer(item)?;
        ensure("charter_form", usize::from(signer.index) == at + 1, "signers are sorted by index, 1 to n")?;
        signers.push(signer);
    }
    ensure_unique(signers.iter().map(|signer| signer.id.as_str()), "signer ids")?;
    Ok(signers)
}

fn signer(item: Value) -> Result<Signer, Refusal> {
    let mut members = Members::of(item, "signer")?;
    let index = within(&mut members, "index", 1..=MAX_SIGNERS as u64)?;
    let signer = Signer {
        id: members.text("id")?,
        index: u8::try_from(index).unwrap_or(u8::MAX),
        vote_key: members.hex("vote_key")?,
        log_key: members.hex("log_key")?,
        envelope_key: members.hex("envelope_key")?,
        link_certificate: pem(&mut members, "link_certificate", "CERTIFICATE")?,
    };
    members.end()?;
    ensure_id(&signer.id, "signer.id")?;
    Ok(signer)
}

pub(super) fn server(item: Value) -> Result<String, Refusal> {
    let mut members = Members::of(item, "server")?;
    let certificate = pem(&mut members, "link_certificate", "CERTIFICATE")?;
    members.end()?;
    Ok(certificate)
}

pub(super) fn administrators(item: Value) -> Result<Administrators, Refusal> {
    let mut object = Members::of(item, "administrators")?;
    let quorum = object.integer("quorum")?;
    let mut members = Vec::new();
    for item in object.array("members")? {
        let mut member = Members::of(item, "administrator")?;
        let id = member.text("id")?;
        ensure_id(&id, "administrator.id")?;
        members.push((id, SshKey::parse(&member.text("ssh_key")?)?));
        member.end()?;
    }
    object.end()?;
    ensure_unique(members.iter().map(|(id, _)| id.as_str()), "administrator ids")?;
    let quorum = usize::try_from(quorum).unwrap_or(usize::MAX);
    ensure(
        "charter_form",
        (1..=members.len()).contains(&quorum),
        "the quorum must be between 1 and the number of administrators",
    )?;
    Ok(Administrators { quorum, members })
}

pub(super) fn users(items: Vec<Value>) -> Result<Vec<User>, Refusal> {
    let users: Vec<User> = items.into_iter().map(user).collect::<Result<_, _>>()?;
    ensure_unique(users.iter().map(|user| user.id.as_str()), "user ids")?;
    Ok(users)
}

fn user(item: Value) -> Result<User, Refusal> {
    let mut members = Members::of(item, "user")?;
    let (id, role) = (members.text("id")?, members.text("role")?);
    members.text("name")?;
    let rsa_public_key = pem(&mut members, "rsa_public_key", "PUBLIC KEY")?;
    members.end()?;
    ensure_printable(&id, "user.id")?;
    ensure("charter_form", role == "requester" || role == "viewer", "role is requester or viewer")?;
    Ok(User { id, is_requester: role == "requester", rsa_public_key })
}

pub(super) fn keys(items: Vec<Value>) -> Result<Vec<KeySpec>, Refusal> {
    let keys: Vec<KeySpec> = items.into_iter().map(key).collect::<Result<_, _>>()?;
    ensure_unique(keys.iter().map(|key| key.id.as_str()), "key ids")?;
    Ok(keys)
}

fn key(item: Value) -> Result<KeySpec, Refusal> {
    let mut members = Members::of(item, "key")?;
    let (id, curve, engine) = (members.text("id")?, members.text("curve")?, members.text("engine")?);
    members.end()?;
    ensure_id(&id, "key.id")?;
    let curve = Curve::parse(&curve)
        .filter(|curve| curve.engine() == engine)
        .ok_or_else(|| Refusal::new("charter_form", "no such curve and engine"))?;
    Ok(KeySpec { id, curve })
}

fn pem(members: &mut Members, name: &'static str, label: &str) -> Result<String, Refusal> {
    let text = members.text(name)?;
    let framed = text.starts_with(&format!("-----BEGIN {label}-----"));
    ensure(
        "charter_form",
        framed && text.len() <= MAX_TEXT && text.is_ascii(),
        format_args!("{name} is not a PEM {label}"),
    )?;
    Ok(text)
}
