//! Secret bytes: wiped on drop, never printed, cloned or serialised, compared in constant time.
//!
//! [`Secret`] and [`SecretBytes`] are for values in use; [`Vault`] is where key shares rest between uses. Access is by a
//! closure, so that the place where a secret is read is visible in the source and a reference cannot be stored.

mod bytes;
mod memory;
mod random;
mod vault;

pub use bytes::{Secret, SecretBytes, WrongLength};
pub use random::{NoRandomness, random};
pub use vault::{Handle, Kind, Vault, VaultError};
