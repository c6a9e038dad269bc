//! Key certificates (docs/spec/key-certificate.md): a key exists when every signer has signed for it.

use std::collections::BTreeMap;

use crate::canonical::{self, Members, encode, hex_text, object, wrong_type};
use crate::charter::{Charter, cluster};
use crate::check::{Refusal, ensure};
use crate::hash::Hash;
use crate::labels;
use crate::path::Curve;
use crate::signature::is_valid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCertificate {
    pub cluster: String,
    /// The version in force at creation.
    pub charter: Hash,
    pub order: Hash,
    pub key: String,
    pub curve: Curve,
    pub epoch: u32,
    pub threshold: u8,
    /// In order of index.
    pub signers: Vec<String>,
    pub public_key: Vec<u8>,
    pub chain_code: [u8; 32],
}

impl KeyCertificate {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&object([
            ("cluster", self.cluster.clone().into()),
            ("charter", hex_text(&self.charter)),
            ("order", hex_text(&self.order)),
            ("key", self.key.clone().into()),
            ("curve", self.curve.word().into()),
            ("engine", self.curve.engine().into()),
            ("epoch", self.epoch.into()),
            ("threshold", self.threshold.into()),
            ("signers", self.signers.clone().into()),
            ("public_key", hex_text(&self.public_key)),
            ("chain_code", hex_text(&self.chain_code)),
        ]))
    }

    /// # Errors
    /// The checks of [`canonical`], `wrong_type`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(bytes)?, "certificate")?;
        let curve = Curve::parse(&members.text("curve")?)
            .ok_or_else(|| wrong_type("certificate", "curve", "secp256k1 or ed25519"))?;
        let engine = members.text("engine")?;
        let signers = members.array("signers")?.into_iter();
        let signers = signers.map(|item| item.as_str().map(str::to_owned));
        let certificate = Self {
            cluster: cluster(&mut members, "certificate")?,
            charter: members.hex("charter")?,
            order: members.hex("order")?,
            key: members.text("key")?,
            curve,
            epoch: u32::try_from(members.integer("epoch")?).unwrap_or(0),
            threshold: u8::try_from(members.integer("threshold")?).unwrap_or(0),
            signers: signers
                .collect::<Option<_>>()
                .ok_or_else(|| wrong_type("certificate", "signers", "an array of ids"))?,
            public_key: public_key(&members.text("public_key")?, curve)?,
            chain_code: members.hex("chain_code")?,
        };
        members.end()?;
        if certificate.epoch != 1 || engine != curve.engine() {
            return Err(wrong_type("certificate", "epoch or engine", "1, and the engine of the curve"));
        }
        Ok(certificate)
    }
}

fn public_key(text: &str, curve: Curve) -> Result<Vec<u8>, Refusal> {
    let bytes = match curve {
        Curve::Secp256k1 => canonical::parse_hex::<33>(text).map(|key| key.to_vec()),
        Curve::Ed25519 => canonical::parse_hex::<32>(text).map(|key| key.to_vec()),
    };
    bytes.ok_or_else(|| wrong_type("certificate", "public_key", "hexadecimal of a public key"))
}

/// Verifies a complete certificate: signed by every signer of the charter version it names, which must be in `chain`.
///
/// # Errors
/// As [`KeyCertificate::from_bytes`]; `certificate_charter`, `certificate_mismatch`, `certificate_signers`, `signature`.
pub fn verify_complete(
    body: &[u8],
    signatures: &BTreeMap<String, Vec<u8>>,
    chain: &[Charter],
) -> Result<KeyCertificate, Refusal> {
    let certificate = KeyCertificate::from_bytes(body)?;
    let charter = chain.iter().find(|c| c.hash == certificate.charter);
    ensure(
        "certificate_charter",
        charter.is_some(),
        "the certificate names a charter version that is not in the chain",
    )?;
    let Some(charter) = charter.or(chain.last()) else {
        return Err(Refusal::new("certificate_charter", "no charter"));
    };
    let ids = charter.signers.iter().map(|signer| signer.id.as_str());
    let spec = charter.key(&certificate.key);
    ensure(
        "certificate_mismatch",
        certificate.cluster == charter.cluster
            && certificate.threshold == charter.threshold
            && ids.eq(certificate.signers.iter().map(String::as_str))
            && spec.is_some_and(|spec| spec.curve == certificate.curve),
        "cluster, threshold, signers or curve differ from the charter",
    )?;
    let signed = charter.signers.iter().filter(|signer| signatures.contains_key(&signer.id)).count();
    ensure(
        "certificate_signers",
        signed == charter.n() && signatures.len() == signed,
        "a certificate is signed by every signer and by nobody else",
    )?;
    for signer in &charter.signers {
        let good = signatures
            .get(&signer.id)
            .is_some_and(|signature| is_valid(labels::KEY, body, signature, &signer.vote_key));
        ensure("signature", good, "the signature is not by this signer over this certificate")
            .map_err(|refusal| refusal.blame(&signer.id))?;
    }
    Ok(certificate)
}
