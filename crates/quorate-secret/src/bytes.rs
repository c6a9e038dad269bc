//! The two secret types. Both live on the heap, so that a move copies a pointer and leaves no second copy behind.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::random::{NoRandomness, fill};

/// A secret of exactly `N` bytes. No `Clone`, no serialisation; `Debug` prints no byte of it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>(Box<[u8; N]>);

/// A secret whose length is known at run time (the length itself is not secret).
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

/// The bytes given do not have the length that the type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongLength;

impl fmt::Display for WrongLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrong length for this secret")
    }
}

impl std::error::Error for WrongLength {}

impl<const N: usize> Secret<N> {
    /// `N` fresh bytes from the operating system.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system refuses.
    pub fn random() -> Result<Self, NoRandomness> {
        Self::build(|bytes| fill(bytes))
    }

    /// Takes the bytes over and wipes the caller's array.
    pub fn take(source: &mut [u8; N]) -> Self {
        let mut secret = Self(Box::new([0; N]));
        secret.0.copy_from_slice(source);
        source.zeroize();
        secret
    }

    /// Copies a slice.
    ///
    /// # Errors
    /// [`WrongLength`] unless the slice has `N` bytes.
    pub fn from_slice(source: &[u8]) -> Result<Self, WrongLength> {
        if source.len() != N {
            return Err(WrongLength);
        }
        let mut secret = Self(Box::new([0; N]));
        secret.0.copy_from_slice(source);
        Ok(secret)
    }

    /// Lets `write` fill the secret in place, so that no copy exists anywhere else.
    ///
    /// # Errors
    /// Whatever `write` returns.
    pub fn build<E>(write: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        write(&mut secret.0)?;
        Ok(secret)
    }

    /// Lets `read` look at the bytes.
    pub fn expose<R>(&self, read: impl FnOnce(&[u8; N]) -> R) -> R {
        read(&self.0)
    }
}

impl SecretBytes {
    /// Takes a buffer over. What the buffer's earlier reallocations left behind cannot be wiped from here: reserve the full
    /// capacity before writing secrets into it.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Copies a slice.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets `read` look at the bytes.
    pub fn expose<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        read(&self.0)
    }
}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl ConstantTimeEq for SecretBytes {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for SecretBytes {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{N}>(redacted)")
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(redacted)")
    }
}
