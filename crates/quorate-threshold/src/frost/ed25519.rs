//! Ed25519 (suite FROST-ED25519-SHA512): signatures that any verifier of RFC 8032 accepts.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use frost_ed25519::Ed25519Sha512;

use super::begin;
use super::nonces::Nonces;
use super::suite::{Moved, Suite};
use crate::group::Ed25519;
use crate::hd::Node;
use crate::rounds::{Kind, Runner, run_by_rounds};
use crate::{Abort, Curve, KeyShare};

impl Suite for Ed25519Sha512 {
    type Group = Ed25519;
    const CURVE: Curve = Curve::Ed25519;
    const KIND: Kind = Kind::Ed25519;
    type Commitments = [u8; 64];
    type Signature = Ed25519Signature;

    fn moved(child: &Node<Ed25519>, _: &[u32]) -> Result<Moved<Ed25519>, Abort> {
        Ok(Moved::to_child(child))
    }

    /// By ed25519-dalek's strict rules.
    fn verified(key: &[u8], message: &[u8], signature: &[u8]) -> Result<Ed25519Signature, Abort> {
        let invalid = Abort::failed("signature");
        let public_key: [u8; 32] = key.try_into().map_err(|_| invalid.clone())?;
        let signature: [u8; 64] = signature.try_into().map_err(|_| invalid.clone())?;
        let key = VerifyingKey::from_bytes(&public_key).map_err(|_| invalid.clone())?;
        key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature)).map_err(|_| invalid)?;
        Ok(Ed25519Signature { signature, public_key })
    }
}

/// Secret nonces for one signature. Not `Clone`, never stored, consumed by [`sign_ed25519`]; wiped on drop.
///
/// ```compile_fail
/// fn twice(nonces: &quorate_threshold::Ed25519Nonces) -> quorate_threshold::Ed25519Nonces {
///     nonces.clone()
/// }
/// ```
pub struct Ed25519Nonces(Nonces<Ed25519Sha512>);

impl std::fmt::Debug for Ed25519Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ed25519Nonces(redacted)")
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

/// One party's side of an Ed25519 signing run.
pub struct SignEd25519(Runner<Ed25519Signature>);

run_by_rounds!(SignEd25519, Ed25519Signature);

/// Draws fresh nonces and returns their public commitments (hiding then binding point, 32 bytes each).
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `hd_path`, or what a damaged share breaks.
pub fn ed25519_commit(share: &KeyShare, path: &[u32]) -> Result<(Ed25519Nonces, [u8; 64]), Abort> {
    Nonces::draw(share, path).map(|(nonces, commitments)| (Ed25519Nonces(nonces), commitments))
}

/// Prepares to sign `message` under the child at `path`. `commitments` holds those of exactly `threshold` signers, our own among
/// them; every signer must give the same arguments.
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `signers`, `nonces` (not those of this child or these commitments);
/// [`Abort::Blame`] with check `commitments` for a signer whose points are malformed.
pub fn sign_ed25519(
    share: &KeyShare,
    path: &[u32],
    message: &[u8],
    nonces: Ed25519Nonces,
    commitments: &BTreeMap<u8, [u8; 64]>,
) -> Result<SignEd25519, Abort> {
    begin(share, path, message, nonces.0, commitments).map(SignEd25519)
}
