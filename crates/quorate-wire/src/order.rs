//! Orders (docs/spec/order.md): the administrators' quorum signature over one ceremony.

use serde_json::Value;

use crate::canonical::{self, Members, parse_hex, wrong_type};
use crate::charter::{Charter, QuorumChecks, SignedDocument, cluster, ensure_quorum};
use crate::check::{Refusal, ensure};
use crate::freeze::FreezeId;
use crate::hash::{Hash, digest};
use crate::identifier::ensure_id;
use crate::labels;

/// Longest time between creation and expiry, in seconds.
const MAX_LIFETIME: u64 = 86_400;

const CHECKS: QuorumChecks =
    QuorumChecks { label: labels::ORDER, signature: "order_signature", quorum: "order_quorum" };

/// Most freezes that one order lifts.
const MAX_FREEZES: usize = 64;

/// What an order allows, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    KeyCreate { key: String },
    Readmit { signer: String, incarnation: u32 },
    Unfreeze { freezes: Vec<FreezeId> },
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
    /// The codes of docs/spec/README.md; `order_shape`, `order_lifetime`.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(body)?, "order")?;
        let order = Self {
            hash: digest(labels::ORDER, body),
            cluster: cluster(&mut members, "order")?,
            charter: members.hex("charter")?,
            id: members.hex("id")?,
            kind: kind(&mut members)?,
            created_at: members.integer("created_at")?,
            expires_at: members.integer("expires_at")?,
        };
        members.end()?;
        let lifetime = order.expires_at.checked_sub(order.created_at);
        ensure(
            "order_lifetime",
            lifetime.is_some_and(|seconds| (1..=MAX_LIFETIME).contains(&seconds)),
            "expires_at is 1 to 86,400 s after created_at",
        )?;
        Ok(order)
    }

    /// Parses an order and checks that a quorum signed it under the charter in force and that it has not expired.
    /// Whether it was used before is for the keeper's state to say.
    ///
    /// # Errors
    /// As [`Order::parse`]; `order_cluster`, `order_charter`, `order_signature`, `order_quorum`, `order_expired`.
    pub fn verify(document: &SignedDocument, charter: &Charter, now_seconds: u64) -> Result<Self, Refusal> {
        let order = Self::parse(&document.body)?;
        ensure("order_cluster", order.cluster == charter.cluster, "another cluster")?;
        ensure(
            "order_charter",
            order.charter == charter.hash,
            "the order names another charter version than the one in force",
        )?;
        let administrators = &charter.administrators;
        ensure_quorum(CHECKS, administrators, administrators.quorum, document)?;
        ensure("order_expired", now_seconds < order.expires_at, "the order has expired")?;
        Ok(order)
    }
}

fn kind(members: &mut Members) -> Result<Kind, Refusal> {
    let word = members.text("kind")?;
    let (key, signer) = (members.text_or_null("key")?, members.text_or_null("signer")?);
    let incarnation = members.integer_or_null("incarnation")?;
    for id in [&key, &signer].into_iter().flatten() {
        ensure_id(id, "order.key or order.signer")?;
    }
    let incarnation = incarnation.map(|number| u32::try_from(number).ok().filter(|number| *number > 0));
    let freezes = members.optional("freezes").map(freezes).transpose()?;
    match (word.as_str(), key, signer, incarnation, freezes) {
        (_, _, _, Some(None), _) => Err(wrong_type("order", "incarnation", "from 1, below 2^32")),
        ("key-create", Some(key), None, None, None) => Ok(Kind::KeyCreate { key }),
        ("readmit", None, Some(signer), Some(Some(incarnation)), None) => {
            Ok(Kind::Readmit { signer, incarnation })
        }
        ("unfreeze", None, None, None, Some(freezes)) => Ok(Kind::Unfreeze { freezes }),
        ("key-create" | "readmit" | "unfreeze", ..) => {
            Err(Refusal::new("order_shape", "the members do not belong to the kind of order"))
        }
        _ => Err(wrong_type("order", "kind", "key-create, readmit or unfreeze")),
    }
}

/// 1 to 64 ids of freezes, rising.
fn freezes(value: Value) -> Result<Vec<FreezeId>, Refusal> {
    let form = || wrong_type("order", "freezes", "1 to 64 rising ids of 32 hexadecimal digits");
    let Value::Array(items) = value else { return Err(form()) };
    let ids: Option<Vec<FreezeId>> = items.iter().map(|item| item.as_str().and_then(parse_hex)).collect();
    ids.filter(|ids| (1..=MAX_FREEZES).contains(&ids.len()) && ids.is_sorted_by(|a, b| a < b))
        .ok_or_else(form)
}
