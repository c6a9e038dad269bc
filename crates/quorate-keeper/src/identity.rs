//! A signer's three identity keys. Each has one typed purpose; there is no way to sign arbitrary bytes.

use quorate_secret::{Handle, Secret, SecretBytes, Vault, VaultError};
use quorate_wire::noise::envelope_public;
use quorate_wire::signature::{PublicKey, Signed, public_key, sign};
use quorate_wire::{Refusal, Whose};
use zeroize::Zeroizing;

use crate::blobs::no_randomness;

const FORMAT: u8 = 1;
const LENGTH: usize = 1 + 3 * 32;

/// The public halves, as the charter names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    pub vote: PublicKey,
    pub log: PublicKey,
    pub envelope: PublicKey,
}

/// The identity keys while `init` makes them or a load moves them into the vault.
pub struct Identity {
    vote: Secret<32>,
    log: Secret<32>,
    envelope: Secret<32>,
}

impl Identity {
    /// Draws new keys.
    ///
    /// # Errors
    /// `randomness`.
    pub fn generate() -> Result<Self, Refusal> {
        let key = || Secret::random().map_err(no_randomness);
        Ok(Self { vote: key()?, log: key()?, envelope: key()? })
    }

    #[must_use]
    pub fn public(&self) -> Public {
        Public {
            vote: public_key(&self.vote),
            log: public_key(&self.log),
            envelope: envelope_public(&self.envelope),
        }
    }

    /// `u8 format || vote || log || envelope`
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(FORMAT);
        for key in [&self.vote, &self.log, &self.envelope] {
            key.expose(|key| bytes.extend_from_slice(key));
        }
        SecretBytes::new(bytes)
    }

    /// # Errors
    /// `identity_form`.
    pub fn from_bytes(bytes: &SecretBytes) -> Result<Self, Refusal> {
        let wrong = || Refusal::new("identity_form", "unknown format of the identity").whose(Whose::Storage);
        bytes.expose(|bytes| {
            let (&[FORMAT], keys) = bytes.split_first_chunk().ok_or_else(wrong)? else {
                return Err(wrong());
            };
            if keys.len() != 96 {
                return Err(wrong());
            }
            let key = |at: usize| {
                keys.get(at..at + 32).and_then(|key| Secret::from_slice(key).ok()).ok_or_else(wrong)
            };
            Ok(Self { vote: key(0)?, log: key(32)?, envelope: key(64)? })
        })
    }
}

/// The secrets of an open keeper, resting in the vault.
pub struct Keys {
    root: Handle,
    vote: Handle,
    log: Handle,
    envelope: Handle,
    pub public: Public,
}

impl Keys {
    /// Moves root key and identity into the vault.
    ///
    /// # Errors
    /// `vault`.
    pub fn rest(vault: &mut Vault, root: Secret<32>, identity: Identity) -> Result<Self, Refusal> {
        let public = identity.public();
        let mut put = |key: Secret<32>| {
            let bytes = key.expose(|key| SecretBytes::from_slice(key));
            vault.put(bytes).map_err(vault_refused)
        };
        Ok(Self {
            root: put(root)?,
            vote: put(identity.vote)?,
            log: put(identity.log)?,
            envelope: put(identity.envelope)?,
            public,
        })
    }

    /// # Errors
    /// `vault`.
    pub fn root(&self, vault: &Vault) -> Result<Secret<32>, Refusal> {
        take_out(vault, self.root)
    }

    /// The key that signs checkpoints.
    ///
    /// # Errors
    /// `vault`.
    pub fn log(&self, vault: &Vault) -> Result<Secret<32>, Refusal> {
        take_out(vault, self.log)
    }

    /// The static key of the keeper channels.
    ///
    /// # Errors
    /// `vault`.
    pub fn envelope(&self, vault: &Vault) -> Result<Secret<32>, Refusal> {
        take_out(vault, self.envelope)
    }

    /// Signs a structure by the vote key.
    ///
    /// # Errors
    /// `vault`.
    pub fn sign(&self, vault: &Vault, label: &str, body: Vec<u8>) -> Result<Signed, Refusal> {
        Ok(sign(&take_out(vault, self.vote)?, label, body))
    }
}

fn take_out(vault: &Vault, handle: Handle) -> Result<Secret<32>, Refusal> {
    let key = vault.with(handle, Secret::from_slice).map_err(vault_refused)?;
    key.map_err(|_| Refusal::new("vault", "a key of the wrong length").whose(Whose::Bug))
}

/// The vault could not take or give a secret.
#[must_use]
pub fn vault_refused(error: VaultError) -> Refusal {
    Refusal::new("vault", error)
        .whose(Whose::State)
        .hint("raise RLIMIT_MEMLOCK (systemd: LimitMEMLOCK=infinity)")
}

/// A secret buffer that a protocol hands over as a plain vector.
#[must_use]
pub fn wiped(bytes: Vec<u8>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let identity = Identity::generate().unwrap();
        let again = Identity::from_bytes(&identity.to_bytes()).unwrap();
        assert_eq!(again.public(), identity.public());
        let mut vault = Vault::new().unwrap();
        let root = Secret::random().unwrap();
        let public = identity.public();
        let keys = Keys::rest(&mut vault, root, identity).unwrap();
        assert_eq!(public_key(&keys.log(&vault).unwrap()), public.log);
        assert_eq!(envelope_public(&keys.envelope(&vault).unwrap()), public.envelope);
    }

    #[test]
    fn other_forms_are_refused() {
        for bytes in [vec![], vec![1], vec![2; 97], vec![1; 96], vec![1; 98]] {
            let refused = Identity::from_bytes(&SecretBytes::new(bytes)).err().unwrap();
            assert_eq!(refused.check, "identity_form");
        }
    }
}
