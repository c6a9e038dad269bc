//! What unlocks a keeper: a seal wraps the root key, under which everything else is encrypted.

mod key_file;
mod passphrase;

use quorate_secret::Secret;
use quorate_wire::binary::{Reader, Writer};
use quorate_wire::hash::labelled;
use quorate_wire::{Refusal, Whose};

pub use key_file::KeyFile;
pub use passphrase::Passphrase;

use crate::blobs;

const LABEL: &str = "quorate/seal-blob/v1";
const FORMAT: u8 = 1;

/// One way to wrap the root key.
pub trait SealBackend {
    /// Name of the kind of seal, as the judge reports it.
    fn kind(&self) -> &'static str;

    /// True if the seal is for trying out only: such a keeper accepts only charters of `mode: dev`.
    fn is_dev_only(&self) -> bool;

    /// Public parameters of a new wrapping (salt and costs), stored beside the wrapped key.
    ///
    /// # Errors
    /// `randomness`.
    fn new_parameters(&self) -> Result<Vec<u8>, Refusal>;

    /// The key that wraps the root key, under parameters that may come from a hostile judge.
    ///
    /// # Errors
    /// `seal_form` for parameters out of range.
    fn wrapping_key(&self, parameters: &[u8]) -> Result<Secret<32>, Refusal>;
}

/// Wraps the root key: `u8 format, lp(kind), lp(parameters), sealed`; everything before `sealed` and the signer id are bound.
///
/// # Errors
/// `randomness`.
pub fn wrap(backend: &dyn SealBackend, signer: &str, root: &Secret<32>) -> Result<Vec<u8>, Refusal> {
    let parameters = backend.new_parameters()?;
    let mut header = Writer::new();
    header.u8(FORMAT).lp(backend.kind().as_bytes()).lp(&parameters);
    let header = header.bytes();
    let key = backend.wrapping_key(&parameters)?;
    let sealed = root.expose(|root| blobs::encrypt(&key, &context(signer, &header), root))?;
    Ok([header, sealed].concat())
}

/// Unwraps the root key.
///
/// # Errors
/// `seal_form`, `seal_kind`; `unseal` for a wrong passphrase or key file, another signer's blob or a changed one.
pub fn unwrap(backend: &dyn SealBackend, signer: &str, blob: &[u8]) -> Result<Secret<32>, Refusal> {
    let mut input = Reader::new(blob, "seal_form");
    let (format, kind) = (input.u8()?, input.text(32)?);
    let parameters = input.lp(256)?;
    let header = blob.get(..blob.len() - input.left()).unwrap_or_default();
    if format != FORMAT {
        return Err(Refusal::new("seal_form", "unknown format of the seal").whose(Whose::Storage));
    }
    if kind != backend.kind() {
        let message = format!("this signer is sealed by {kind}, not by {}", backend.kind());
        return Err(Refusal::new("seal_kind", message).hint("start it with the seal it was initialised with"));
    }
    let key = backend.wrapping_key(parameters)?;
    let root = blobs::decrypt(&key, &context(signer, header), input.take(input.left())?);
    let wrong = || {
        Refusal::new(
            "unseal",
            "the seal does not open: wrong passphrase or key file, or not this signer's seal",
        )
        .whose(Whose::Storage)
    };
    let root = root.ok_or_else(wrong)?;
    root.expose(Secret::from_slice).map_err(|_| wrong())
}

fn context(signer: &str, header: &[u8]) -> Vec<u8> {
    let mut body = Writer::new();
    body.lp(signer.as_bytes()).lp(header);
    labelled(LABEL, &body.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quorate_secret::SecretBytes;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(SecretBytes::from_slice(text.as_bytes())).unwrap()
    }

    #[test]
    fn only_the_same_seal_and_signer_open_it() {
        let root = Secret::random().unwrap();
        let seal = passphrase("correct horse");
        let blob = wrap(&seal, "signer-1", &root).unwrap();
        assert!(unwrap(&seal, "signer-1", &blob).unwrap() == root);
        let check = |backend: &dyn SealBackend, signer: &str, blob: &[u8]| {
            unwrap(backend, signer, blob).unwrap_err().check
        };
        assert_eq!(check(&passphrase("wrong horse"), "signer-1", &blob), "unseal");
        assert_eq!(check(&seal, "signer-2", &blob), "unseal");
        let key_file = KeyFile::from_key(Secret::random().unwrap());
        assert_eq!(check(&key_file, "signer-1", &blob), "seal_kind");
        let mut changed = blob.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(check(&seal, "signer-1", &changed), "unseal");
    }

    #[test]
    fn hostile_seal_blobs_are_refused_cheaply() {
        let seal = KeyFile::from_key(Secret::random().unwrap());
        let blob = wrap(&seal, "s", &Secret::random().unwrap()).unwrap();
        for end in 0..blob.len() {
            assert!(unwrap(&seal, "s", &blob[..end]).is_err());
        }
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 0x40;
            assert!(unwrap(&seal, "s", &changed).is_err(), "byte {at}");
        }
    }
}
