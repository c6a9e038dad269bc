//! Sealed blobs: what the keeper hands to its judge to keep, and treats as hostile when it comes back.
//!
//! XChaCha20-Poly1305 under a key derived from the root key by HKDF-SHA256 for each blob name; bound are the format version, the
//! signer id and the blob's name, for key blobs also cluster, version-1 charter hash, key id and epoch.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use quorate_secret::{NoRandomness, Secret, SecretBytes, random};
use quorate_wire::binary::Writer;
use quorate_wire::hash::{Hash, labelled};
use quorate_wire::{Refusal, Whose};
use sha2::Sha256;

/// Names of the blobs that every keeper has.
pub const SEAL: &str = "seal";
pub const IDENTITY: &str = "identity";
pub const STATE: &str = "state";

const LABEL: &str = "quorate/blob/v1";
const NONCE: usize = 24;

/// Name of the blob of a key share.
#[must_use]
pub fn key_blob_name(key: &str, epoch: u32) -> String {
    format!("key/{key}/{epoch}")
}

/// What a blob is bound to.
pub struct Context<'a> {
    pub signer: &'a str,
    pub name: &'a str,
    /// Key shares only: cluster and hash of charter version 1.
    pub cluster: Option<(&'a str, &'a Hash)>,
}

impl Context<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut body = Writer::new();
        body.lp(self.signer.as_bytes()).lp(self.name.as_bytes());
        if let Some((cluster, root)) = self.cluster {
            body.lp(cluster.as_bytes()).raw(root);
        }
        labelled(LABEL, &body.bytes())
    }
}

/// The key for blobs of one name, below the root key or a key epoch's wrapping key.
///
/// # Errors
/// `blob_key`: never for 32-byte outputs.
pub fn derive(parent: &Secret<32>, context: &Context<'_>) -> Result<Secret<32>, Refusal> {
    let derived = parent.expose(|parent| {
        let hkdf = Hkdf::<Sha256>::new(None, parent);
        Secret::build(|key| hkdf.expand(&context.bytes(), key))
    });
    derived.map_err(|_| Refusal::new("blob_key", "cannot derive a key").whose(Whose::Bug))
}

/// Seals a blob under `parent`.
///
/// # Errors
/// `randomness`.
pub fn seal(parent: &Secret<32>, context: &Context<'_>, plaintext: &[u8]) -> Result<Vec<u8>, Refusal> {
    encrypt(&derive(parent, context)?, &context.bytes(), plaintext)
}

/// Opens a blob.
///
/// # Errors
/// `blob_open`: changed, of another signer, name, cluster or key, or not sealed by us.
pub fn open(parent: &Secret<32>, context: &Context<'_>, blob: &[u8]) -> Result<SecretBytes, Refusal> {
    decrypt(&derive(parent, context)?, &context.bytes(), blob).ok_or_else(|| {
        let message = format!("blob {} does not open: changed, or not this signer's", context.name);
        Refusal::new("blob_open", message).whose(Whose::Storage)
    })
}

/// `nonce || ciphertext || tag` with a fresh random nonce of 192 bits.
///
/// # Errors
/// `randomness`.
pub fn encrypt(key: &Secret<32>, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Refusal> {
    let nonce: [u8; NONCE] = random().map_err(no_randomness)?;
    let payload = Payload { msg: plaintext, aad };
    let sealed = key.expose(|key| XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), payload));
    let sealed = sealed.map_err(|_| Refusal::new("blob_seal", "the cipher refused").whose(Whose::Bug))?;
    Ok([&nonce[..], &sealed].concat())
}

/// The plaintext, or nothing if the tag does not hold.
#[must_use]
pub fn decrypt(key: &Secret<32>, aad: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE>()?;
    let payload = Payload { msg, aad };
    let opened = key.expose(|key| XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload));
    opened.ok().map(SecretBytes::new)
}

/// The operating system gave no randomness: nothing can go on.
#[must_use]
pub fn no_randomness(error: NoRandomness) -> Refusal {
    Refusal::new("randomness", error).whose(Whose::Bug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_opens_in_its_own_place_only() {
        let root = Secret::random().unwrap();
        let home = Context { signer: "s", name: "key/main/1", cluster: Some(("c", &[1; 32])) };
        let blob = seal(&root, &home, b"share").unwrap();
        open(&root, &home, &blob).unwrap().expose(|share| assert_eq!(share, b"share"));
        for other in [
            Context { signer: "t", ..home },
            Context { name: "key/main/2", ..home },
            Context { name: "key/other/1", ..home },
            Context { cluster: None, ..home },
            Context { cluster: Some(("d", &[1; 32])), ..home },
            Context { cluster: Some(("c", &[2; 32])), ..home },
        ] {
            assert_eq!(open(&root, &other, &blob).unwrap_err().check, "blob_open");
        }
        assert!(open(&Secret::random().unwrap(), &home, &blob).is_err());
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert!(open(&root, &home, &changed).is_err());
            assert!(open(&root, &home, &blob[..at]).is_err());
        }
    }

    #[test]
    fn two_seals_of_the_same_differ() {
        let root = Secret::random().unwrap();
        let home = Context { signer: "s", name: STATE, cluster: None };
        assert_ne!(seal(&root, &home, b"x").unwrap(), seal(&root, &home, b"x").unwrap());
    }
}
