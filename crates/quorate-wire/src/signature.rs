//! Ed25519 (RFC 8032) over labelled bodies: what keepers sign.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use quorate_secret::Secret;

use crate::check::{Refusal, ensure};
use crate::hash::labelled;

/// An Ed25519 public key.
pub type PublicKey = [u8; 32];

/// A body without its label, and the signature over label and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub body: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Signs `labelled(label, body)`.
#[must_use]
pub fn sign(key: &Secret<32>, label: &str, body: Vec<u8>) -> Signed {
    let signature = key.expose(|seed| SigningKey::from_bytes(seed).sign(&labelled(label, &body)));
    Signed { body, signature: signature.to_bytes().to_vec() }
}

/// The public half of a signing key.
#[must_use]
pub fn public_key(key: &Secret<32>) -> PublicKey {
    key.expose(|seed| SigningKey::from_bytes(seed).verifying_key().to_bytes())
}

/// Verifies strictly (no small-order keys, canonical encodings); refuses with the name `check`.
///
/// # Errors
/// `check`.
pub fn verify(check: &'static str, label: &str, signed: &Signed, key: &PublicKey) -> Result<(), Refusal> {
    ensure(
        check,
        is_valid(label, &signed.body, &signed.signature, key),
        "the signature is not by this key over these bytes",
    )
}

/// True if the signature is by `key` over `labelled(label, body)`.
#[must_use]
pub fn is_valid(label: &str, body: &[u8], signature: &[u8], key: &PublicKey) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(key), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify_strict(&labelled(label, body), &signature).is_ok()
}

/// Signs bytes as they are: for checkpoints only, whose signed-note form has no label.
#[must_use]
pub fn sign_note(key: &Secret<32>, text: &[u8]) -> [u8; 64] {
    key.expose(|seed| SigningKey::from_bytes(seed).sign(text).to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_label_body_and_key_only() {
        let key = Secret::random().unwrap();
        let public = public_key(&key);
        let signed = sign(&key, "a/v1", b"body".to_vec());
        assert!(verify("signature", "a/v1", &signed, &public).is_ok());
        for (label, body) in [("a/v2", &b"body"[..]), ("a/v1", b"bodz")] {
            assert!(!is_valid(label, body, &signed.signature, &public));
        }
        let other = public_key(&Secret::random().unwrap());
        let refused = verify("vote_signature", "a/v1", &signed, &other).unwrap_err();
        assert_eq!(refused.check, "vote_signature");
        assert!(!is_valid("a/v1", b"body", &signed.signature[..63], &public));
        assert!(!is_valid("a/v1", b"body", &signed.signature, &[0; 32]));
    }
}
