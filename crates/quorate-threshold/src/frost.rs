use std::collections::BTreeMap;

use crate::{Abort, KeyShare, Protocol, Step};

/// Secret nonces of one signing run, consumed by [`sign_frost`].
pub struct FrostNonces {}

/// A verified Ed25519 signature (RFC 8032).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ed25519Signature {
    /// R and S.
    pub signature: [u8; 64],
    /// The child key that it verifies under.
    pub public_key: [u8; 32],
}

/// A FROST signing run of one party.
pub struct SignFrost {}

/// Draws fresh nonces and their public commitments (hiding, binding).
///
/// # Errors
/// [`Abort::Failed`] naming the bad argument.
pub fn frost_commit(_share: &KeyShare, _path: &[u32]) -> Result<(FrostNonces, [u8; 64]), Abort> {
    todo!()
}

/// Prepares the signing run; `commitments` holds those of every signer of the set, our own included.
///
/// # Errors
/// [`Abort`] naming the bad argument or the party whose commitments are malformed.
pub fn sign_frost(
    _share: &KeyShare,
    _path: &[u32],
    _message: &[u8],
    _nonces: FrostNonces,
    _commitments: BTreeMap<u8, [u8; 64]>,
) -> Result<SignFrost, Abort> {
    todo!()
}

impl Protocol for SignFrost {
    type Output = Ed25519Signature;
    fn start(&mut self) -> Result<Step<Ed25519Signature>, Abort> {
        todo!()
    }
    fn receive(&mut self, _from: u8, _payload: &[u8]) -> Result<Step<Ed25519Signature>, Abort> {
        todo!()
    }
}
