//! Tally entry (docs/spec/tally.md): one link of a signer's hash chain of what it let through.

use crate::binary::{Reader, Writer};
use crate::canonical::parse_hex;
use crate::check::{Refusal, ensure};
use crate::hash::{Hash, digest};
use crate::identifier::{is_amount, is_id};
use crate::labels;

/// Longest text field, in bytes.
const MAX_FIELD: usize = 255;
/// A reader takes longer ones in, to refuse them by their name.
const MAX_READ: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyEntry {
    pub cluster: String,
    pub signer: String,
    pub count: u64,
    pub previous: Hash,
    pub intent: Hash,
    pub attempt: Hash,
    pub time_ms: u64,
    pub fields: Fields,
}

/// What the judge says the intent does; the keeper chains it and does not interpret it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    pub user: String,
    pub operation: String,
    pub source: String,
    pub destination: String,
    pub asset: String,
    pub amount: String,
    pub expires_at: u64,
}

impl Fields {
    /// # Errors
    /// `tally_fields` for a text over 255 bytes or an amount that is not decimal.
    pub fn check(&self) -> Result<(), Refusal> {
        let texts = [&self.user, &self.operation, &self.source, &self.destination, &self.asset];
        let bounded = texts.iter().all(|text| text.len() <= MAX_FIELD);
        ensure(
            "tally_fields",
            bounded && is_amount(&self.amount),
            "a text is too long or the amount is not a decimal integer",
        )
    }
}

impl TallyEntry {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.lp(self.cluster.as_bytes())
            .lp(self.signer.as_bytes())
            .u64(self.count)
            .raw(&self.previous)
            .raw(&self.intent)
            .raw(&self.attempt)
            .u64(self.time_ms);
        let fields = &self.fields;
        for text in [
            &fields.user,
            &fields.operation,
            &fields.source,
            &fields.destination,
            &fields.asset,
            &fields.amount,
        ] {
            out.lp(text.as_bytes());
        }
        out.u64(fields.expires_at);
        out.bytes()
    }

    /// # Errors
    /// `tally_form`, `tally_fields`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut input = Reader::new(bytes, "tally_form");
        let entry = Self {
            cluster: input.text(MAX_FIELD)?,
            signer: input.text(MAX_FIELD)?,
            count: input.u64()?,
            previous: input.array()?,
            intent: input.array()?,
            attempt: input.array()?,
            time_ms: input.u64()?,
            fields: Fields {
                user: input.text(MAX_READ)?,
                operation: input.text(MAX_READ)?,
                source: input.text(MAX_READ)?,
                destination: input.text(MAX_READ)?,
                asset: input.text(MAX_READ)?,
                amount: input.text(MAX_READ)?,
                expires_at: input.u64()?,
            },
        };
        input.end()?;
        entry.ensure_linked()?;
        entry.fields.check()?;
        Ok(entry)
    }

    /// The first entry, and no other, follows the head of 32 zero bytes.
    fn ensure_linked(&self) -> Result<(), Refusal> {
        let linked = self.count >= 1 && (self.count == 1) == (self.previous == [0; 32]);
        let named = is_id(&self.signer) && parse_hex::<16>(&self.cluster).is_some();
        ensure("tally_form", linked && named, "count, previous head, cluster or signer")
    }

    /// The head of the chain after this entry.
    #[must_use]
    pub fn head(&self) -> Hash {
        digest(labels::TALLY, &self.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> TallyEntry {
        TallyEntry {
            cluster: "ab".repeat(16),
            signer: "signer-1".into(),
            count: 1,
            previous: [0; 32],
            intent: [1; 32],
            attempt: [2; 32],
            time_ms: 3,
            fields: Fields { amount: "10".into(), expires_at: 4, ..Fields::default() },
        }
    }

    #[test]
    fn round_trip_and_head() {
        let entry = sample();
        assert_eq!(TallyEntry::from_bytes(&entry.to_bytes()).unwrap(), entry);
        let mut other = entry.clone();
        other.time_ms += 1;
        assert_ne!(entry.head(), other.head());
    }

    #[test]
    fn malformed_entries_are_refused() {
        let bytes = sample().to_bytes();
        for end in 0..bytes.len() {
            assert!(TallyEntry::from_bytes(&bytes[..end]).is_err());
        }
        let trailing = [&bytes[..], &[0]].concat();
        assert_eq!(TallyEntry::from_bytes(&trailing).unwrap_err().check, "tally_form");
        let mut entry = sample();
        entry.fields.amount = "1.5".into();
        assert_eq!(TallyEntry::from_bytes(&entry.to_bytes()).unwrap_err().check, "tally_fields");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(entry) = TallyEntry::from_bytes(&bytes) {
                prop_assert_eq!(entry.to_bytes(), bytes);
            }
        }
    }
}
