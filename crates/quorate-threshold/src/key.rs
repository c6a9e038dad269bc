//! Keys.

use std::collections::BTreeMap;

use quorate_secret::{Secret, SecretBytes};

use crate::Abort;

/// The curve of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// ECDSA over secp256k1.
    Secp256k1,
    /// EdDSA over Ed25519.
    Ed25519,
}

/// What everybody may know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPublic {
    /// The curve.
    pub curve: Curve,
    /// Signers needed.
    pub threshold: u8,
    /// Indices of all holders, ascending.
    pub parties: Vec<u8>,
    /// The root public key: 33 bytes SEC1 compressed (secp256k1), 32 bytes (Ed25519).
    pub public_key: Vec<u8>,
    /// The root chain code.
    pub chain_code: [u8; 32],
    /// Every holder's share times the generator, encoded as the public key.
    pub public_shares: BTreeMap<u8, Vec<u8>>,
}

/// One party's share of a key.
pub struct KeyShare {
    pub(crate) public: KeyPublic,
    pub(crate) me: u8,
    pub(crate) secret: Secret<32>,
}

impl KeyShare {
    /// The public part.
    #[must_use]
    pub fn public(&self) -> &KeyPublic {
        &self.public
    }

    /// Index of the holder.
    #[must_use]
    pub fn me(&self) -> u8 {
        self.me
    }

    /// The whole share, versioned, for wrapped storage.
    ///
    /// # Errors
    /// [`Abort::Failed`] if the state cannot be encoded.
    pub fn to_secret_bytes(&self) -> Result<SecretBytes, Abort> {
        todo!()
    }

    /// Strict inverse of [`Self::to_secret_bytes`].
    ///
    /// # Errors
    /// [`Abort::Failed`] naming the check.
    pub fn from_secret_bytes(_bytes: &[u8]) -> Result<Self, Abort> {
        todo!()
    }
}

impl std::fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyShare")
            .field("public", &self.public)
            .field("me", &self.me)
            .finish_non_exhaustive()
    }
}
