//! Derivation paths below a root key, and which scheme a path may be used with (docs/spec/key-certificate.md).

use crate::check::{Refusal, ensure};

/// The curve of a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Curve {
    Secp256k1,
    Ed25519,
}

impl Curve {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "ed25519",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "secp256k1" => Some(Self::Secp256k1),
            "ed25519" => Some(Self::Ed25519),
            _ => None,
        }
    }

    /// Length of an encoded public key.
    #[must_use]
    pub fn public_key_length(self) -> usize {
        match self {
            Self::Secp256k1 => 33,
            Self::Ed25519 => 32,
        }
    }

    /// The only engine of this version for the curve.
    #[must_use]
    pub fn engine(self) -> &'static str {
        match self {
            Self::Secp256k1 => "dkls23-core-0.6.2",
            Self::Ed25519 => "frost-ed25519-3",
        }
    }
}

/// A signature scheme; the number is the byte in a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Scheme {
    Ecdsa = 0,
    Ed25519 = 1,
    Bip340 = 2,
}

impl Scheme {
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Ecdsa),
            1 => Some(Self::Ed25519),
            2 => Some(Self::Bip340),
            _ => None,
        }
    }

    /// True if a message of an item has the right length: a digest of 32 bytes, or an Ed25519 message of 1 to 65,536.
    #[must_use]
    pub fn takes(self, message: &[u8]) -> bool {
        match self {
            Self::Ecdsa | Self::Bip340 => message.len() == 32,
            Self::Ed25519 => (1..=MAX_MESSAGE).contains(&message.len()),
        }
    }
}

/// Longest Ed25519 message, in bytes.
pub const MAX_MESSAGE: usize = 65_536;

const DEPTH: std::ops::RangeInclusive<usize> = 2..=10;
const HARDENED: u32 = 1 << 31;
const RAW_PURPOSE: u32 = 1729;

/// One child key signs under one scheme only: the purpose (first index) fixes it, below 1729 the algorithm (second index) does.
///
/// # Errors
/// `path_scheme`.
pub fn ensure_path_scheme(curve: Curve, scheme: Scheme, path: &[u32]) -> Result<(), Refusal> {
    ensure("path_scheme", is_path(path), "a path has 2 to 10 indexes below 2^31")?;
    ensure(
        "path_scheme",
        scheme_of(curve, path) == Some(scheme),
        "this path below this key does not sign with this scheme",
    )
}

/// True for 2 to 10 indexes that are not hardened.
#[must_use]
pub fn is_path(path: &[u32]) -> bool {
    DEPTH.contains(&path.len()) && path.iter().all(|&index| index < HARDENED)
}

fn scheme_of(curve: Curve, path: &[u32]) -> Option<Scheme> {
    let (purpose, algorithm) = (*path.first()?, *path.get(1)?);
    match (curve, purpose) {
        (Curve::Secp256k1, 44 | 49 | 84) => Some(Scheme::Ecdsa),
        (Curve::Secp256k1, 86) => Some(Scheme::Bip340),
        (Curve::Ed25519, 44) => Some(Scheme::Ed25519),
        (curve, RAW_PURPOSE) => Scheme::from_number(algorithm).filter(|scheme| match scheme {
            Scheme::Ecdsa | Scheme::Bip340 => curve == Curve::Secp256k1,
            Scheme::Ed25519 => curve == Curve::Ed25519,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_with_every_scheme() {
        let schemes = [Scheme::Ecdsa, Scheme::Ed25519, Scheme::Bip340];
        let mut allowed = 0;
        for curve in [Curve::Secp256k1, Curve::Ed25519] {
            for purpose in [0, 44, 49, 84, 86, 1729] {
                for second in 0..4 {
                    for scheme in schemes {
                        let path = [purpose, second, 0];
                        let verdict = ensure_path_scheme(curve, scheme, &path);
                        allowed += usize::from(verdict.is_ok());
                        let wanted = scheme_of(curve, &path) == Some(scheme);
                        assert_eq!(verdict.is_ok(), wanted, "{curve:?} {path:?} {scheme:?}");
                    }
                }
            }
        }
        // secp256k1: 44, 49, 84, 86 with four second indexes each, 1729 with two; Ed25519: 44 with four, 1729 with one.
        assert_eq!(allowed, 4 * 4 + 2 + 4 + 1);
    }

    #[test]
    fn depth_and_hardened_indexes() {
        let check = |path: &[u32]| ensure_path_scheme(Curve::Secp256k1, Scheme::Ecdsa, path);
        assert!(check(&[44, 60]).is_ok());
        assert!(check(&[44; 10]).is_ok());
        for bad in [&[][..], &[44], &[44; 11], &[44, HARDENED], &[44, 60, u32::MAX]] {
            assert_eq!(check(bad).unwrap_err().check, "path_scheme");
        }
    }
}
