//! Labelled hashing: `SHA-256(label || 0x0A || body)`.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// `label || 0x0A || body`: what is hashed, and what a keeper signs.
#[must_use]
pub fn labelled(label: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(label.len() + 1 + body.len());
    bytes.extend_from_slice(label.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(body);
    bytes
}

/// The hash of a structure.
#[must_use]
pub fn digest(label: &str, body: &[u8]) -> Hash {
    sha256(&labelled(label, body))
}

/// Plain SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_is_separated_by_a_line_feed() {
        assert_eq!(labelled("a/v1", b"body"), b"a/v1\nbody");
        assert_eq!(digest("a/v1", b"body"), sha256(b"a/v1\nbody"));
        assert_ne!(digest("a/v1", b"body"), digest("a/v2", b"body"));
    }
}
