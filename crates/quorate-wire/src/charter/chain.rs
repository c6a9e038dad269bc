//! From bytes and signatures to charters in force: version by version (docs/spec/charter.md, "Acceptance").

use std::collections::BTreeSet;

use super::{Administrators, Charter};
use crate::check::{Refusal, ensure};
use crate::hash::Hash;
use crate::labels;

/// One administrator's signature over a charter version or an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministratorSignature {
    pub administrator: String,
    pub armor: String,
}

/// A charter version or an order with its signatures, as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDocument {
    pub body: Vec<u8>,
    pub signatures: Vec<AdministratorSignature>,
}

/// Verifies a chain from version 1 on. Each version's signatures are checked against the version before it.
///
/// # Errors
/// `charter_root` if version 1 has not the hash `root`; the checks of [`ensure_root`], [`ensure_follows`], [`Charter::parse`].
pub fn verify_chain(documents: &[SignedDocument], root: &Hash) -> Result<Vec<Charter>, Refusal> {
    ensure("charter_version", !documents.is_empty(), "the chain starts with version 1")?;
    let mut chain: Vec<Charter> = Vec::with_capacity(documents.len());
    for document in documents {
        let charter = Charter::parse(&document.body)?;
        match chain.last() {
            None => {
                ensure("charter_root", charter.hash == *root, "version 1 is not the one that was accepted")?;
                ensure_root(&charter, document)?;
            }
            Some(last) => ensure_follows(last, &charter, document)?,
        }
        chain.push(charter);
    }
    Ok(chain)
}

/// Version 1 is signed by every administrator it names.
///
/// # Errors
/// `charter_version`, `charter_signature`, `charter_quorum`.
pub fn ensure_root(charter: &Charter, document: &SignedDocument) -> Result<(), Refusal> {
    ensure("charter_version", charter.version == 1, "the chain starts with version 1")?;
    let administrators = &charter.administrators;
    let needed = administrators.members.len();
    ensure_quorum(CHECKS, administrators, needed, document)
}

/// Version v + 1 names version v and is signed by a quorum of version v's administrators.
///
/// # Errors
/// `charter_version`, `charter_previous`, `charter_cluster`, `charter_mode`, `charter_signers`, `charter_signature`, `charter_quorum`.
pub fn ensure_follows(last: &Charter, next: &Charter, document: &SignedDocument) -> Result<(), Refusal> {
    ensure(
        "charter_version",
        next.version == last.version + 1,
        format_args!("version {} cannot follow {}", next.version, last.version),
    )?;
    ensure(
        "charter_previous",
        next.previous == Some(last.hash),
        "the version does not name the one before it",
    )?;
    ensure("charter_cluster", next.cluster == last.cluster, "another cluster")?;
    ensure("charter_mode", next.mode == last.mode, "the mode never changes")?;
    // Shares belong to an index and a threshold, and cannot be moved to others yet.
    let places = |charter: &Charter| -> Vec<(String, u8)> {
        charter.signers.iter().map(|signer| (signer.id.clone(), signer.index)).collect()
    };
    ensure(
        "charter_signers",
        next.threshold == last.threshold && places(next) == places(last),
        "threshold, ids and indexes of the signers are fixed",
    )?;
    let administrators = &last.administrators;
    let quorum = administrators.quorum;
    ensure_quorum(CHECKS, administrators, quorum, document)
}

/// What a document is signed as, and the names of its two checks.
#[derive(Clone, Copy)]
pub struct QuorumChecks {
    pub label: &'static str,
    pub signature: &'static str,
    pub quorum: &'static str,
}

const CHECKS: QuorumChecks =
    QuorumChecks { label: labels::CHARTER, signature: "charter_signature", quorum: "charter_quorum" };

/// At least `needed` different administrators signed; every signature that is there is by one of them, good, and listed once.
///
/// # Errors
/// The two checks.
pub fn ensure_quorum(
    checks: QuorumChecks,
    administrators: &Administrators,
    needed: usize,
    document: &SignedDocument,
) -> Result<(), Refusal> {
    let check = checks.signature;
    let mut signed = BTreeSet::new();
    for signature in &document.signatures {
        let id = signature.administrator.as_str();
        let key = administrators.key(id);
        ensure(check, key.is_some(), format_args!("{id} is not an administrator"))?;
        ensure(check, !signed.contains(id), format_args!("{id} is listed twice"))?;
        if let Some(key) = key {
            key.verify(check, checks.label, &document.body, &signature.armor)?;
        }
        signed.insert(id);
    }
    ensure(
        checks.quorum,
        signed.len() >= needed,
        format_args!("{} of {needed} administrators signed", signed.len()),
    )
}
