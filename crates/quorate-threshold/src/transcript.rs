//! Injective hashing: a label, a line feed, then every field behind its length (u32, big endian). No two different lists of
//! fields under one label, and no two labels, give the same input.

use sha2::{Digest, Sha256, Sha512};

/// Collects the fields of one hash. All fields are public values.
pub(crate) struct Transcript(Vec<u8>);

impl Transcript {
    pub(crate) fn new(label: &'static str) -> Self {
        let mut bytes = label.as_bytes().to_vec();
        bytes.push(b'\n');
        Self(bytes)
    }

    /// Appends one field. Fields are far below 4 GiB: the rounds bound every message.
    #[must_use]
    pub(crate) fn field(mut self, field: &[u8]) -> Self {
        let len = u32::try_from(field.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(field);
        self
    }

    /// SHA-256, for commitments and identifiers.
    pub(crate) fn digest(self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// SHA-512, for challenges: 64 bytes make the bias of a reduction modulo the group order negligible.
    pub(crate) fn wide(self) -> [u8; 64] {
        Sha512::digest(&self.0).into()
    }
}
