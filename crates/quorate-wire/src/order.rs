//! Orders (docs/spec/order.md): the administrators' quorum signature over one ceremony.

use crate::canonical::{self, Members, parse_hex, wrong_type};
use crate::charter::{Charter, SignedDocument, ensure_quorum};
use crate::check::{Refusal, ensure};
use crate::hash::{Hash, digest};
use crate::identifier::is_id;
use crate::labels;

/// Longest time between creation and expiry, in seconds.
const MAX_LIFETIME: u64 = 86_400;

/// What an order allows, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    KeyCreate { key: String },
    Readmit { signer: String, incarnation: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub hash: Hash,
    pub cluster: String,
    pub charter: Hash,
    pub id: [u8; 16],
    pub kind: Kind,
    pub created_at: u64,
    pub expires_at: u64,
}

impl Order {
    /// Parses canonical bytes; says nothing about signatures.
    ///
    /// # Errors
    /// The checks of [`canonical`], `order_form`.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(body)?, "order")?;
        let order = Self {
            hash: digest(labels::ORDER, body),
            cluster: members.text("cluster")?,
            charter: members.hex("charter")?,
            id: members.hex("id")?,
            kind: kind(&mut members)?,
            created_at: members.integer("created_at")?,
            expires_at: members.integer("expires_at")?,
        };
        members.end()?;
        ensure("order_form", parse_hex::<16>(&order.cluster).is_some(), "cluster is 32 hexadecimal digits")?;
        let lifetime = order.expires_at.checked_sub(order.created_at);
        ensure(
            "order_form",
            lifetime.is_some_and(|seconds| seconds <= MAX_LIFETIME),
            "expires_at is at most 86,400 s after created_at",
        )?;
        Ok(order)
    }

    /// Parses an order and checks that a quorum signed it under the charter in force and that it has not expired.
    /// Whether it was used before is for the keeper's state to say.
    ///
    /// # Errors
    /// As [`Order::parse`]; `cluster`, `order_charter`, `order_signatures`, `order_expired`.
    pub fn verify(document: &SignedDocument, charter: &Charter, now_seconds: u64) -> Result<Self, Refusal> {
        let order = Self::parse(&document.body)?;
        ensure("cluster", order.cluster == charter.cluster, "another cluster")?;
        ensure(
            "order_charter",
            order.charter == charter.hash,
            "the order names another charter version than the one in force",
        )?;
        let administrators = &charter.administrators;
        let quorum = administrators.quorum;
        ensure_quorum("order_signatures", labels::ORDER, administrators, quorum, document)?;
        ensure("order_expired", now_seconds < order.expires_at, "the order has expired")?;
        Ok(order)
    }
}

fn kind(members: &mut Members) -> Result<Kind, Refusal> {
    let word = members.text("kind")?;
    let (key, signer) = (members.text_or_null("key")?, members.text_or_null("signer")?);
    let incarnation = members.integer_or_null("incarnation")?;
    match (word.as_str(), key, signer, incarnation) {
        ("key-create", Some(key), None, None) if is_id(&key) => Ok(Kind::KeyCreate { key }),
        ("readmit", None, Some(signer), Some(incarnation)) if is_id(&signer) => Ok(Kind::Readmit {
            signer,
            incarnation: u32::try_from(incarnation)
                .map_err(|_| wrong_type("order", "incarnation", "below 2^32"))?,
        }),
        _ => Err(Refusal::new("order_form", "the members do not fit the kind of order")),
    }
}
