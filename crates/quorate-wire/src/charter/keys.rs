//! Each public key serves one purpose of one party: a key counts as equal whatever it is used for.

use pkcs1::RsaPublicKey;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Document, Encode, pem};
use x509_cert::spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};

use super::{Charter, ensure_distinct};
use crate::canonical::{Members, wrong_type};
use crate::check::Refusal;
use crate::identifier::MAX_TEXT;

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Shortest RSA key of an API user, in bits.
const MIN_RSA_BITS: usize = 2048;

/// The key of a certificate, named so that equal keys have equal names: an Ed25519 key by its 32 bytes, another by its
/// SubjectPublicKeyInfo.
pub(super) fn certificate(members: &mut Members, of: &'static str) -> Result<String, Refusal> {
    let text = members.text("link_certificate")?;
    let wrong = || wrong_type(of, "link_certificate", "one PEM certificate in its standard form");
    let certificate = standard_pem(&text, "CERTIFICATE").and_then(|der| Certificate::from_der(&der).ok());
    let key = certificate.ok_or_else(wrong)?.tbs_certificate.subject_public_key_info;
    name(&key).ok_or_else(wrong)
}

/// The RSA key of an API user, named likewise.
pub(super) fn rsa(members: &mut Members) -> Result<String, Refusal> {
    let text = members.text("rsa_public_key")?;
    let wrong = || wrong_type("user", "rsa_public_key", "one PEM RSA public key of 2048 bits at least");
    let key =
        standard_pem(&text, "PUBLIC KEY").and_then(|der| SubjectPublicKeyInfoOwned::from_der(&der).ok());
    let key = key.filter(|key| key.algorithm.oid == RSA && rsa_bits(key) >= MIN_RSA_BITS);
    key.as_ref().and_then(name).ok_or_else(wrong)
}

/// The DER bytes of one PEM object that is written the one standard way.
fn standard_pem(text: &str, label: &'static str) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let (found, document) = Document::from_pem(text).ok()?;
    let again = document.to_pem(label, pem::LineEnding::LF).ok()?;
    (found == label && again == text).then(|| document.into_vec())
}

fn rsa_bits(key: &SubjectPublicKeyInfoOwned) -> usize {
    let bytes = key.subject_public_key.as_bytes().unwrap_or_default();
    let Ok(rsa) = RsaPublicKey::from_der(bytes) else { return 0 };
    let modulus = rsa.modulus.as_bytes();
    let zeros = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    modulus.len() * 8 - zeros
}

fn name(key: &SubjectPublicKeyInfoOwned) -> Option<String> {
    if key.algorithm.oid == ED25519 {
        return key.subject_public_key.as_bytes().map(hex::encode);
    }
    key.to_der().ok().map(hex::encode)
}

/// # Errors
/// `charter_duplicate_key`.
pub(super) fn ensure_unique(charter: &Charter, server: &str) -> Result<(), Refusal> {
    let mut keys: Vec<String> = vec![server.to_owned()];
    for signer in &charter.signers {
        keys.extend([&signer.vote_key, &signer.log_key, &signer.envelope_key].map(hex::encode));
        keys.push(signer.link_key.clone());
    }
    keys.extend(charter.administrators.members.iter().map(|(_, key)| hex::encode(key.raw())));
    keys.extend(charter.users.iter().map(|user| user.rsa_key.clone()));
    ensure_distinct("charter_duplicate_key", keys.iter().map(String::as_str), "public keys")
}
