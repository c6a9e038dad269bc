//! One key in one place: what a threshold signature replaces.

use std::collections::BTreeMap;

use curve25519_dalek::scalar::Scalar as Edwards;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use k256::elliptic_curve::PrimeField;
use k256::{FieldBytes, Scalar as Secp};
use quorate_keeper::proto::keeper as pb;
use quorate_threshold::{Curve, KeyPublic, KeyShare, hd};
use secp256k1::{Message, SECP256K1, Scalar as Tweak, SecretKey};
use sha2::{Digest, Sha512};

/// Bytes of a share in front of the lists: version, curve, threshold, number of holders; then own index.
const FIXED: usize = 5;

/// The secret scalar in version 1 of a share's byte form (quorate-threshold, `key_bytes`).
pub fn secret_of(share: &KeyShare) -> Result<[u8; 32], String> {
    let public = share.public();
    let point = public.public_key.len();
    let at = FIXED + public.parties.len() + point + 32 + public.public_shares.len() * point;
    let bytes = share.to_secret_bytes().map_err(|abort| abort.to_string())?;
    bytes
        .expose(|bytes| bytes.get(at..at + 32).and_then(|secret| secret.try_into().ok()))
        .ok_or_else(|| "the share has another form".to_owned())
}

pub struct LocalKey {
    public: KeyPublic,
    secret: [u8; 32],
}

impl LocalKey {
    /// Lagrange interpolation at 0.
    pub fn rebuild(public: KeyPublic, shares: &BTreeMap<u8, [u8; 32]>) -> Result<Self, String> {
        let secret = match public.curve {
            Curve::Secp256k1 => secp(shares),
            Curve::Ed25519 => edwards(shares),
        };
        Ok(Self { public, secret: secret.ok_or("a share is not a scalar")? })
    }

    /// Signs under the child key at `path`, by the library that does nothing else.
    pub fn sign(&self, path: &[u32], message: &[u8]) -> Result<pb::ItemSignature, String> {
        let child = hd::derive(self.public.curve, &self.public.public_key, &self.public.chain_code, path)
            .map_err(|abort| abort.to_string())?;
        match self.public.curve {
            Curve::Secp256k1 => self.sign_ecdsa(&child, message),
            Curve::Ed25519 => self.sign_ed25519(&child, message),
        }
    }

    fn sign_ecdsa(&self, child: &hd::Child, digest: &[u8]) -> Result<pb::ItemSignature, String> {
        let tweak = Tweak::from_be_bytes(child.tweak).map_err(|error| error.to_string())?;
        let key = SecretKey::from_byte_array(self.secret).and_then(|key| key.add_tweak(&tweak));
        let key = key.map_err(|error| error.to_string())?;
        let digest = digest.try_into().map_err(|_| "a digest has 32 bytes")?;
        let signature = SECP256K1.sign_ecdsa_recoverable(Message::from_digest(digest), &key);
        let (recovery_id, r_s) = signature.serialize_compact();
        Ok(pb::ItemSignature {
            signature: r_s.to_vec(),
            recovery_id: u32::try_from(i32::from(recovery_id)).ok(),
            public_key: child.public_key.clone(),
        })
    }

    fn sign_ed25519(&self, child: &hd::Child, message: &[u8]) -> Result<pb::ItemSignature, String> {
        let scalar = canonical(&self.secret).zip(canonical(&child.tweak)).map(|(root, tweak)| root + tweak);
        let scalar = scalar.ok_or("not a scalar")?;
        let hash: [u8; 64] = Sha512::digest(scalar.as_bytes()).into();
        let mut hash_prefix = [0; 32];
        hash_prefix.copy_from_slice(&hash[32..]);
        let public = child.public_key.as_slice().try_into().map_err(|_| "a public key has 32 bytes")?;
        let public = VerifyingKey::from_bytes(public).map_err(|error| error.to_string())?;
        let signature = raw_sign::<Sha512>(&ExpandedSecretKey { scalar, hash_prefix }, message, &public);
        Ok(pb::ItemSignature {
            signature: signature.to_bytes().to_vec(),
            recovery_id: None,
            public_key: child.public_key.clone(),
        })
    }
}

fn secp(shares: &BTreeMap<u8, [u8; 32]>) -> Option<[u8; 32]> {
    let mut secret = Secp::ZERO;
    for (me, share) in shares {
        let mut term = Option::<Secp>::from(Secp::from_repr(FieldBytes::from(*share)))?;
        for other in shares.keys().filter(|other| *other != me) {
            let (mine, theirs) = (Secp::from(u64::from(*me)), Secp::from(u64::from(*other)));
            term *= theirs * Option::<Secp>::from((theirs - mine).invert())?;
        }
        secret += term;
    }
    Some(secret.to_repr().into())
}

fn edwards(shares: &BTreeMap<u8, [u8; 32]>) -> Option<[u8; 32]> {
    let mut secret = Edwards::ZERO;
    for (me, share) in shares {
        let mut term = canonical(share)?;
        for other in shares.keys().filter(|other| *other != me) {
            let (mine, theirs) = (Edwards::from(*me), Edwards::from(*other));
            term *= theirs * (theirs - mine).invert();
        }
        secret += term;
    }
    Some(secret.to_bytes())
}

fn canonical(bytes: &[u8; 32]) -> Option<Edwards> {
    Option::from(Edwards::from_canonical_bytes(*bytes))
}
