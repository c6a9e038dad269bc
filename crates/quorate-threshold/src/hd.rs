//! Derivation of child keys (docs/spec/key-certificate.md).

use crate::{Abort, Curve};

/// A derived key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Encoded like the root.
    pub public_key: Vec<u8>,
    /// Chain code of the child.
    pub chain_code: [u8; 32],
    /// Sum of the tweaks along the path: child secret = root secret + tweak; big endian for secp256k1, little endian for Ed25519.
    pub tweak: [u8; 32],
}

/// Derives along a non-hardened path (empty = the root itself).
///
/// # Errors
/// [`Abort::Failed`] with check `hd_path` or `hd_key`.
pub fn derive(
    _curve: Curve,
    _public_key: &[u8],
    _chain_code: &[u8; 32],
    _path: &[u32],
) -> Result<Child, Abort> {
    todo!()
}
