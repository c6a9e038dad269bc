//! FROST (RFC 9591) on children of our own keys, by the ZF crates: Ed25519 and, on the keys that also sign ECDSA, BIP340.
//!
//! The commitments travel in the signers' votes, so that a run here has one round: every signer's share of the signature.

mod bip340;
mod ed25519;
mod nonces;
mod rounds;
mod suite;
#[cfg(test)]
mod vectors;

use std::collections::BTreeMap;

use frost_core::keys::{KeyPackage, PublicKeyPackage, VerifyingShare};
use frost_core::round1::SigningCommitments;
use frost_core::round2::SignatureShare;
use frost_core::{Identifier, SigningPackage, VerifyingKey};

pub use bip340::{Bip340Nonces, Bip340Signature, SignBip340, bip340_commit, sign_bip340};
pub use ed25519::{Ed25519Nonces, Ed25519Signature, SignEd25519, ed25519_commit, sign_ed25519};
pub(crate) use nonces::decode_commitments;

use crate::group::Group;
use crate::rounds::Runner;
use crate::{Abort, KeyShare};
use nonces::{Nonces, signing_share};
use rounds::Begin;
use suite::{Moved, Suite};

/// Bytes of a share of the signature.
pub(crate) const SHARE_LEN: usize = 32;

/// Prepares to sign `message` under the key that the nonces were drawn for.
fn begin<S: Suite>(
    share: &KeyShare,
    path: &[u32],
    message: &[u8],
    nonces: Nonces<S>,
    commitments: &BTreeMap<u8, S::Commitments>,
) -> Result<Runner<S::Signature>, Abort> {
    share.require(S::CURVE)?;
    let signers: Vec<u8> = commitments.keys().copied().collect();
    let signers = share.public.check_signers(&signers, share.me)?;
    nonces.ensure_of(share, path, commitments.get(&share.me))?;
    let public = public_package(share, &nonces.moved, &signers)?;
    let begin = Begin {
        key: key_package(share, &nonces.moved, &public)?,
        package: SigningPackage::new(decode_all(commitments)?, message),
        nonces,
        public,
        me: share.me,
    };
    let others = signers.into_iter().filter(|signer| *signer != share.me).collect();
    Ok(Runner::new(S::KIND, others, vec![SHARE_LEN], Box::new(begin)))
}

fn identifier<S: Suite>(index: u8) -> Result<Identifier<S>, Abort> {
    Identifier::try_from(u16::from(index)).map_err(|_| Abort::failed("signers"))
}

fn key_package<S: Suite>(
    share: &KeyShare,
    moved: &Moved<<S as Suite>::Group>,
    public: &PublicKeyPackage<S>,
) -> Result<KeyPackage<S>, Abort> {
    let identifier = identifier(share.me)?;
    let verifying_share = public.verifying_shares().get(&identifier).ok_or(Abort::failed("signers"))?;
    Ok(KeyPackage::new(
        identifier,
        signing_share(share, moved)?,
        *verifying_share,
        *public.verifying_key(),
        u16::from(share.public.threshold),
    ))
}

/// The signers' public shares of the key that signs.
fn public_package<S: Suite>(
    share: &KeyShare,
    moved: &Moved<<S as Suite>::Group>,
    signers: &[u8],
) -> Result<PublicKeyPackage<S>, Abort> {
    let damaged = Abort::failed("public_shares");
    let root = |signer| share.public.public_shares.get(signer).map(|root| root.as_slice());
    let roots: Option<Vec<_>> =
        signers.iter().map(|signer| <S as Suite>::Group::decode_known_point(root(signer)?).ok()).collect();
    let shares = moved.public_shares(&roots.ok_or(damaged.clone())?);
    let mut verifying_shares = BTreeMap::new();
    for (signer, point) in signers.iter().zip(&shares) {
        let encoded = <S as Suite>::Group::encode_point(point);
        let decoded = VerifyingShare::deserialize(&encoded).map_err(|_| damaged.clone())?;
        verifying_shares.insert(identifier(*signer)?, decoded);
    }
    let key =
        VerifyingKey::deserialize(&<S as Suite>::Group::encode_point(&moved.key)).map_err(|_| damaged)?;
    Ok(PublicKeyPackage::new(verifying_shares, key, Some(u16::from(share.public.threshold))))
}

/// A canonical scalar of exactly 32 bytes.
pub(crate) fn decode_share<S: Suite>(bytes: &[u8]) -> Option<SignatureShare<S>> {
    SignatureShare::deserialize(bytes).ok()
}

fn decode_all<S: Suite>(
    commitments: &BTreeMap<u8, S::Commitments>,
) -> Result<BTreeMap<Identifier<S>, SigningCommitments<S>>, Abort> {
    let decode = |(signer, bytes): (&u8, &S::Commitments)| {
        let decoded = decode_commitments::<S>(bytes).ok_or(Abort::blame(*signer, "commitments"))?;
        Ok((identifier(*signer)?, decoded))
    };
    commitments.iter().map(decode).collect()
}
