//! Where key shares rest between uses.

use std::collections::BTreeMap;
use std::fmt;

use crate::SecretBytes;
use crate::memory::Pages;

/// Names one entry of one [`Vault`]; numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(u64);

/// What the pages of a vault are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `memfd_secret(2)`: out of reach of the kernel's direct map, ptrace, dumps and swap.
    MemfdSecret,
    /// Anonymous memory held by `mlock(2)`: out of reach of swap and dumps.
    Locked,
}

/// Why a vault refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultError {
    /// The kernel gave no protected memory (RLIMIT_MEMLOCK, or out of memory).
    NoMemory,
    /// The handle names nothing: erased, or of another vault.
    Unknown,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMemory => "no protected memory to be had (RLIMIT_MEMLOCK?)",
            Self::Unknown => "no such entry in the vault",
        })
    }
}

impl std::error::Error for VaultError {}

/// A store of secrets in protected pages, one mapping per entry. It is for resting secrets: what a computation derives from
/// them lives in ordinary zeroised memory for the time of that computation.
pub struct Vault {
    kind: Kind,
    next: u64,
    entries: BTreeMap<u64, Pages>,
}

impl Vault {
    /// Probes the kernel once: `memfd_secret` if it works, locked memory otherwise.
    ///
    /// # Errors
    /// [`VaultError::NoMemory`] if neither works.
    pub fn new() -> Result<Self, VaultError> {
        let kind = if Pages::secret(1).is_ok() { Kind::MemfdSecret } else { Kind::Locked };
        let vault = Self { kind, next: 0, entries: BTreeMap::new() };
        vault.map(1)?;
        Ok(vault)
    }

    /// What this vault's pages are made of, for `status`.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Moves a secret into the vault; the caller's copy is wiped.
    ///
    /// # Errors
    /// [`VaultError::NoMemory`]; there is no fall-back to weaker pages.
    pub fn put(&mut self, secret: SecretBytes) -> Result<Handle, VaultError> {
        let mut pages = self.map(secret.len())?;
        secret.expose(|bytes| pages.bytes_mut().copy_from_slice(bytes));
        let handle = Handle(self.next);
        self.next += 1;
        self.entries.insert(handle.0, pages);
        Ok(handle)
    }

    /// Lets `read` look at one secret.
    ///
    /// # Errors
    /// [`VaultError::Unknown`] if the handle names nothing.
    pub fn with<R>(&self, handle: Handle, read: impl FnOnce(&[u8]) -> R) -> Result<R, VaultError> {
        self.entries.get(&handle.0).map(|pages| read(pages.bytes())).ok_or(VaultError::Unknown)
    }

    /// Wipes one secret and gives its pages back.
    ///
    /// # Errors
    /// [`VaultError::Unknown`] if the handle names nothing.
    pub fn erase(&mut self, handle: Handle) -> Result<(), VaultError> {
        self.entries.remove(&handle.0).map(drop).ok_or(VaultError::Unknown)
    }

    /// Wipes everything (sealing).
    pub fn erase_all(&mut self) {
        self.entries.clear();
    }

    fn map(&self, len: usize) -> Result<Pages, VaultError> {
        let pages = match self.kind {
            Kind::MemfdSecret => Pages::secret(len),
            Kind::Locked => Pages::locked(len),
        };
        pages.map_err(|_| VaultError::NoMemory)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?}, {} entries)", self.kind, self.entries.len())
    }
}
