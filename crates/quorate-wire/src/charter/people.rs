//! Who the charter names: signers, server, administrators, users; and the root keys.

use serde_json::Value;

use super::{display_name, ensure_distinct_ids, keys, within};
use crate::canonical::{Members, wrong_type};
use crate::check::Refusal;
use crate::identifier::{ensure_id, ensure_printable};
use crate::path::Curve;
use crate::signature::PublicKey;
use crate::sshsig::SshKey;

/// Parties are numbered by one byte, from 1.
const SIGNERS: std::ops::RangeInclusive<usize> = 2..=255;

/// One signer's public identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub id: String,
    /// 1..=n
    pub index: u8,
    pub vote_key: PublicKey,
    pub log_key: PublicKey,
    pub envelope_key: PublicKey,
    /// The key of the link certificate, by name.
    pub(super) link_key: String,
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
    /// The user's RSA key, by name.
    pub(super) rsa_key: String,
}

/// A root key that the charter allows to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    pub id: String,
    pub curve: Curve,
}

pub(super) fn signers(items: Vec<Value>) -> Result<Vec<Signer>, Refusal> {
    if !SIGNERS.contains(&items.len()) {
        return Err(wrong_type("charter", "signers", "2 to 255 signers"));
    }
    let signers: Vec<Signer> = items.into_iter().map(signer).collect::<Result<_, _>>()?;
    ensure_distinct_ids(signers.iter().map(|signer| signer.id.as_str()), "signers")?;
    Ok(signers)
}

fn signer(item: Value) -> Result<Signer, Refusal> {
    let mut members = Members::of(item, "signer")?;
    let index = within(&mut members, "signer", "index", 1..=255)?;
    let signer = Signer {
        id: members.text("id")?,
        index: u8::try_from(index).unwrap_or(u8::MAX),
        vote_key: members.hex("vote_key")?,
        log_key: members.hex("log_key")?,
        envelope_key: members.hex("envelope_key")?,
        link_key: keys::certificate(&mut members, "signer")?,
    };
    members.end()?;
    ensure_id(&signer.id, "signer.id")?;
    Ok(signer)
}

/// The server's link key, by name.
pub(super) fn server(item: Value) -> Result<String, Refusal> {
    let mut members = Members::of(item, "server")?;
    let key = keys::certificate(&mut members, "server")?;
    members.end()?;
    Ok(key)
}

pub(super) fn administrators(item: Value) -> Result<Administrators, Refusal> {
    let mut object = Members::of(item, "administrators")?;
    let items = object.array("members")?;
    let quorum = object.integer("quorum")?;
    object.end()?;
    if items.is_empty() || quorum == 0 {
        return Err(wrong_type("charter", "administrators", "at least one, and a quorum of at least 1"));
    }
    let members: Vec<(String, SshKey)> = items.into_iter().map(administrator).collect::<Result<_, _>>()?;
    ensure_distinct_ids(members.iter().map(|(id, _)| id.as_str()), "administrators")?;
    Ok(Administrators { quorum: usize::try_from(quorum).unwrap_or(usize::MAX), members })
}

fn administrator(item: Value) -> Result<(String, SshKey), Refusal> {
    let mut member = Members::of(item, "administrator")?;
    let (id, key) = (member.text("id")?, member.text("ssh_key")?);
    member.end()?;
    ensure_id(&id, "administrator.id")?;
    let wanted = "an ssh-ed25519 or sk-ssh-ed25519@openssh.com public key";
    let key = SshKey::parse(&key).ok_or_else(|| wrong_type("administrator", "ssh_key", wanted))?;
    Ok((id, key))
}

pub(super) fn users(items: Vec<Value>) -> Result<Vec<User>, Refusal> {
    let users: Vec<User> = items.into_iter().map(user).collect::<Result<_, _>>()?;
    ensure_distinct_ids(users.iter().map(|user| user.id.as_str()), "users")?;
    Ok(users)
}

fn user(item: Value) -> Result<User, Refusal> {
    let mut members = Members::of(item, "user")?;
    let (id, role) = (members.text("id")?, members.text("role")?);
    display_name(&mut members, "user")?;
    let rsa_key = keys::rsa(&mut members)?;
    members.end()?;
    ensure_printable(&id, "user.id")?;
    let is_requester = match role.as_str() {
        "requester" => true,
        "viewer" => false,
        _ => return Err(wrong_type("user", "role", "requester or viewer")),
    };
    Ok(User { id, is_requester, rsa_key })
}

pub(super) fn keys(items: Vec<Value>) -> Result<Vec<KeySpec>, Refusal> {
    let keys: Vec<KeySpec> = items.into_iter().map(key).collect::<Result<_, _>>()?;
    ensure_distinct_ids(keys.iter().map(|key| key.id.as_str()), "keys")?;
    Ok(keys)
}

fn key(item: Value) -> Result<KeySpec, Refusal> {
    let mut members = Members::of(item, "key")?;
    let (id, curve, engine) = (members.text("id")?, members.text("curve")?, members.text("engine")?);
    members.end()?;
    ensure_id(&id, "key.id")?;
    let curve = Curve::parse(&curve).filter(|curve| curve.engine() == engine);
    let curve = curve.ok_or_else(|| wrong_type("key", "engine", "the engine of one of the two curves"))?;
    Ok(KeySpec { id, curve })
}
