//! Threshold EdDSA: FROST (RFC 9591, suite Ed25519-SHA512) by the crate `frost-ed25519`, on children of our own keys.
//!
//! The commitments travel in the signers' votes, so that a run here has one round: every signer's share of the signature.

#[cfg(test)]
mod vectors;

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use frost_ed25519::keys::{KeyPackage, PublicKeyPackage, SigningShare, VerifyingShare};
use frost_ed25519::round1::{NonceCommitment, SigningCommitments, SigningNonces};
use frost_ed25519::round2::SignatureShare;
use frost_ed25519::{Identifier, SigningPackage, round1, round2};
use rand_core::OsRng;
use zeroize::Zeroizing;

use crate::group::{Ed25519, Group};
use crate::hd::Node;
use crate::rounds::{Inbox, Kind, Next, Round, Runner, run_by_rounds};
use crate::{Abort, Curve, KeyShare};

/// Bytes of a share of the signature.
pub(crate) const SHARE_LEN: usize = 32;

/// Secret nonces for one signature. Not `Clone`, never stored, consumed by [`sign_frost`]; wiped on drop.
///
/// ```compile_fail
/// fn twice(nonces: &quorate_threshold::FrostNonces) -> quorate_threshold::FrostNonces {
///     nonces.clone()
/// }
/// ```
pub struct FrostNonces {
    nonces: Zeroizing<SigningNonces>,
    /// The root key and the path they were drawn for, and the child there.
    root: Vec<u8>,
    path: Vec<u32>,
    child: Node<Ed25519>,
}

impl std::fmt::Debug for FrostNonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FrostNonces(redacted)")
    }
}

/// A verified Ed25519 signature (RFC 8032).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ed25519Signature {
    /// R and S, 32 bytes each.
    pub signature: [u8; 64],
    /// The child key it verifies under.
    pub public_key: [u8; 32],
}

/// One party's side of an EdDSA signing run.
pub struct SignFrost(Runner<Ed25519Signature>);

run_by_rounds!(SignFrost, Ed25519Signature);

/// Draws fresh nonces and returns their public commitments (hiding then binding point, 32 bytes each).
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `hd_path`, or what a damaged share breaks.
pub fn frost_commit(share: &KeyShare, path: &[u32]) -> Result<(FrostNonces, [u8; 64]), Abort> {
    share.require(Curve::Ed25519)?;
    let child = share.public.child::<Ed25519>(path)?;
    let (nonces, commitments) = round1::commit(&signing_share(share, &child)?, &mut OsRng);
    let commitments = encode_commitments(&commitments)?;
    let nonces = FrostNonces {
        nonces: Zeroizing::new(nonces),
        root: share.public.public_key.clone(),
        path: path.to_vec(),
        child,
    };
    Ok((nonces, commitments))
}

/// Prepares to sign `message` under the child at `path`. `commitments` holds those of exactly `threshold` signers, our own among
/// them; every signer must give the same arguments.
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `signers`, `hd_path`, `nonces` (not those of this child or these commitments);
/// [`Abort::Blame`] with check `commitments` for a signer whose points are malformed.
pub fn sign_frost(
    share: &KeyShare,
    path: &[u32],
    message: &[u8],
    nonces: FrostNonces,
    commitments: BTreeMap<u8, [u8; 64]>,
) -> Result<SignFrost, Abort> {
    share.require(Curve::Ed25519)?;
    let signers: Vec<u8> = commitments.keys().copied().collect();
    let signers = share.public.check_signers(&signers, share.me)?;
    let own = encode_commitments(nonces.nonces.commitments())?;
    let same_child = nonces.root == share.public.public_key && nonces.path == path;
    if !same_child || commitments.get(&share.me) != Some(&own) {
        return Err(Abort::failed("nonces"));
    }
    let public = child_public(share, &nonces.child, &signers)?;
    let begin = Begin {
        key: key_package(share, &nonces.child, &public)?,
        package: SigningPackage::new(decode_all(&commitments)?, message),
        nonces,
        public,
        me: share.me,
    };
    let others = signers.into_iter().filter(|signer| *signer != share.me).collect();
    Ok(SignFrost(Runner::new(Kind::Frost, others, vec![SHARE_LEN], Box::new(begin))))
}

fn identifier(index: u8) -> Result<Identifier, Abort> {
    Identifier::try_from(u16::from(index)).map_err(|_| Abort::failed("signers"))
}

/// Own share plus tweak.
fn signing_share(share: &KeyShare, child: &Node<Ed25519>) -> Result<SigningShare, Abort> {
    let scalar = Zeroizing::new(*share.scalar::<Ed25519>()? + child.tweak);
    let bytes = Zeroizing::new(Ed25519::encode_scalar(&scalar));
    SigningShare::deserialize(bytes.as_slice()).map_err(|_| Abort::failed("share"))
}

fn key_package(
    share: &KeyShare,
    child: &Node<Ed25519>,
    public: &PublicKeyPackage,
) -> Result<KeyPackage, Abort> {
    let identifier = identifier(share.me)?;
    let verifying_share = public.verifying_shares().get(&identifier).ok_or(Abort::failed("signers"))?;
    Ok(KeyPackage::new(
        identifier,
        signing_share(share, child)?,
        *verifying_share,
        *public.verifying_key(),
        u16::from(share.public.threshold),
    ))
}

/// The signers' public shares plus tweak·B, under the child key.
fn child_public(share: &KeyShare, child: &Node<Ed25519>, signers: &[u8]) -> Result<PublicKeyPackage, Abort> {
    let damaged = Abort::failed("public_shares");
    let offset = Ed25519::mul_generator(&child.tweak);
    let mut verifying_shares = BTreeMap::new();
    for signer in signers {
        let root = share.public.public_shares.get(signer).ok_or(damaged.clone())?;
        let point = Ed25519::decode_known_point(root).map_err(|_| damaged.clone())? + offset;
        let moved =
            VerifyingShare::deserialize(&Ed25519::encode_point(&point)).map_err(|_| damaged.clone())?;
        verifying_shares.insert(identifier(*signer)?, moved);
    }
    let key = frost_ed25519::VerifyingKey::deserialize(&Ed25519::encode_point(&child.point))
        .map_err(|_| damaged)?;
    Ok(PublicKeyPackage::new(verifying_shares, key, Some(u16::from(share.public.threshold))))
}

fn encode_commitments(commitments: &SigningCommitments) -> Result<[u8; 64], Abort> {
    let damaged = Abort::failed("nonces");
    let mut bytes = commitments.hiding().serialize().map_err(|_| damaged.clone())?;
    bytes.extend(commitments.binding().serialize().map_err(|_| damaged.clone())?);
    bytes.try_into().map_err(|_| damaged)
}

/// Both points in the prime subgroup, not the identity (the crate's checks, which leave no second encoding of a point).
pub(crate) fn decode_commitments(bytes: &[u8; 64]) -> Option<SigningCommitments> {
    let (hiding, binding) = bytes.split_at(32);
    let decode = |bytes: &[u8]| NonceCommitment::deserialize(bytes).ok();
    Some(SigningCommitments::new(decode(hiding)?, decode(binding)?))
}

/// A canonical scalar of exactly 32 bytes.
pub(crate) fn decode_share(bytes: &[u8]) -> Option<SignatureShare> {
    SignatureShare::deserialize(bytes).ok()
}

fn decode_all(
    commitments: &BTreeMap<u8, [u8; 64]>,
) -> Result<BTreeMap<Identifier, SigningCommitments>, Abort> {
    let decode = |(signer, bytes): (&u8, &[u8; 64])| {
        let decoded = decode_commitments(bytes).ok_or(Abort::blame(*signer, "commitments"))?;
        Ok((identifier(*signer)?, decoded))
    };
    commitments.iter().map(decode).collect()
}

/// Ready to sign.
struct Begin {
    key: KeyPackage,
    package: SigningPackage,
    nonces: FrostNonces,
    public: PublicKeyPackage,
    me: u8,
}

impl Round<Ed25519Signature> for Begin {
    fn finish(self: Box<Self>, _: &Inbox) -> Result<Next<Ed25519Signature>, Abort> {
        let share = round2::sign(&self.package, &self.nonces.nonces, &self.key)
            .map_err(|_| Abort::failed("frost_sign"))?;
        let body = share.serialize();
        let next = Shares { package: self.package, public: self.public, me: self.me, own: share };
        Ok(Next::Round(vec![(None, body)], Box::new(next)))
    }
}

/// Our share of the signature is out; waits for the others'.
struct Shares {
    package: SigningPackage,
    public: PublicKeyPackage,
    me: u8,
    own: SignatureShare,
}

impl Round<Ed25519Signature> for Shares {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<Ed25519Signature>, Abort> {
        let mut shares = BTreeMap::from([(identifier(self.me)?, self.own)]);
        let mut indices = BTreeMap::new();
        for (from, body) in inbox {
            let share = decode_share(body).ok_or(Abort::blame(*from, "message_decode"))?;
            shares.insert(identifier(*from)?, share);
            indices.insert(identifier(*from)?, *from);
        }
        let signature = frost_ed25519::aggregate(&self.package, &shares, &self.public)
            .map_err(|error| blame(&error, &indices))?;
        let bytes = signature.serialize().map_err(|_| Abort::failed("signature"))?;
        verified(&self.public, self.package.message(), &bytes).map(Next::Done)
    }
}

/// A share that does not fit its signer's public share names the signer.
fn blame(error: &frost_ed25519::Error, indices: &BTreeMap<Identifier, u8>) -> Abort {
    let culprits: Vec<u8> =
        error.culprits().iter().filter_map(|culprit| indices.get(culprit)).copied().collect();
    if culprits.is_empty() {
        return Abort::failed("signature");
    }
    Abort::Blame { culprits, check: "signature_share", ban: false }
}

/// Verified once more, by ed25519-dalek's strict rules, before it counts as a signature.
fn verified(public: &PublicKeyPackage, message: &[u8], signature: &[u8]) -> Result<Ed25519Signature, Abort> {
    let invalid = Abort::failed("signature");
    let key = public.verifying_key().serialize().map_err(|_| invalid.clone())?;
    let public_key: [u8; 32] = key.try_into().map_err(|_| invalid.clone())?;
    let signature: [u8; 64] = signature.try_into().map_err(|_| invalid.clone())?;
    let key = VerifyingKey::from_bytes(&public_key).map_err(|_| invalid.clone())?;
    key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature)).map_err(|_| invalid)?;
    Ok(Ed25519Signature { signature, public_key })
}
