//! Randomness straight from the operating system, for each use anew: no generator state that a fork or a memory snapshot
//! could repeat.

use std::fmt;

/// The operating system gave no randomness. Nothing that needs a secret can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no randomness")
    }
}

impl std::error::Error for NoRandomness {}

/// `N` fresh bytes from `getrandom(2)`, for values that become public (session numbers, salts). For secret ones take
/// [`crate::Secret::random`].
///
/// # Errors
/// [`NoRandomness`] when the operating system refuses.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness)
}
