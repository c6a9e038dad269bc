use crate::{Abort, KeyShare, Protocol, Step};

/// A verified ECDSA signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcdsaSignature {
    /// r and s, 32 bytes big endian each; s is low.
    pub r_s: [u8; 64],
    /// 0..=3.
    pub recovery_id: u8,
    /// The child key that it verifies under.
    pub public_key: [u8; 33],
}

/// An ECDSA signing run of one party.
pub struct SignEcdsa {}

/// Prepares a signing run.
///
/// # Errors
/// [`Abort::Failed`] naming the bad argument.
pub fn sign_ecdsa(
    _share: &KeyShare,
    _item_session: [u8; 32],
    _path: &[u32],
    _digest: [u8; 32],
    _signers: &[u8],
) -> Result<SignEcdsa, Abort> {
    todo!()
}

impl Protocol for SignEcdsa {
    type Output = EcdsaSignature;
    fn start(&mut self) -> Result<Step<EcdsaSignature>, Abort> {
        todo!()
    }
    fn receive(&mut self, _from: u8, _payload: &[u8]) -> Result<Step<EcdsaSignature>, Abort> {
        todo!()
    }
}
