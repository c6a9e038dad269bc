//! Why a protocol ended without a result.

use std::fmt;

/// A protocol run is dead. Nothing may be retried with its state; a new run starts from fresh randomness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Abort {
    /// These parties broke the named check.
    Blame {
        /// Indices of the parties at fault, as this party sees it. More than one is named only by check `echo`: then at least
        /// one of them cheated, and a dealer who showed different parties different openings is named by every honest party
        /// that aborts.
        culprits: Vec<u8>,
        /// Stable name of the check.
        check: &'static str,
        /// If true, refuse these parties for this key, durably and before sending anything else, until a new set-up: the
        /// failure may have told them something about our long-lived OT state.
        ban: bool,
    },
    /// The named check failed and nobody can be shown to be its author (or it is the caller's own input).
    Failed {
        /// Stable name of the check.
        check: &'static str,
    },
}

impl Abort {
    pub(crate) fn blame(culprit: u8, check: &'static str) -> Self {
        Self::Blame { culprits: vec![culprit], check, ban: false }
    }

    pub(crate) fn ban(culprit: u8, check: &'static str) -> Self {
        Self::Blame { culprits: vec![culprit], check, ban: true }
    }

    pub(crate) fn failed(check: &'static str) -> Self {
        Self::Failed { check }
    }

    /// Stable name of the check that failed.
    #[must_use]
    pub fn check(&self) -> &'static str {
        match self {
            Self::Blame { check, .. } | Self::Failed { check } => check,
        }
    }
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blame { culprits, check, ban: false } => {
                write!(f, "check {check} failed by parties {culprits:?}")
            }
            Self::Blame { culprits, check, ban: true } => {
                write!(f, "check {check} failed by parties {culprits:?}; ban them")
            }
            Self::Failed { check } => write!(f, "check {check} failed"),
        }
    }
}

impl std::error::Error for Abort {}
