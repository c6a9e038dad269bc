//! What every party of a key generation must agree on.

use crate::key::KeyPublic;
use crate::transcript::Transcript;
use crate::{Abort, Curve};

/// The fixed parameters of a run.
pub(crate) struct Params {
    pub(crate) curve: Curve,
    pub(crate) me: u8,
    pub(crate) parties: Vec<u8>,
    pub(crate) threshold: u8,
    /// Hash of version, curve, session, threshold and parties; a field of every other hash of the run.
    pub(crate) context: [u8; 32],
}

impl Params {
    pub(crate) fn new(curve: Curve, session: [u8; 32], me: u8, parties: &[u8], threshold: u8) -> Self {
        let context = Transcript::new("quorate/dkg/context/v1")
            .field(&[curve_code(curve)])
            .field(&session)
            .field(&[threshold])
            .field(parties)
            .digest();
        Self { curve, me, parties: parties.to_vec(), threshold, context }
    }

    pub(crate) fn check(&self) -> Result<(), Abort> {
        KeyPublic::check_parties(&self.parties, self.threshold)?;
        if self.parties.contains(&self.me) { Ok(()) } else { Err(Abort::failed("parties")) }
    }

    pub(crate) fn others(&self) -> Vec<u8> {
        self.parties.iter().copied().filter(|party| *party != self.me).collect()
    }

    /// A hash of this run, this sender and more fields.
    pub(crate) fn transcript(&self, label: &'static str, sender: u8) -> Transcript {
        Transcript::new(label).field(&self.context).field(&[sender])
    }
}

/// Number of a curve in encodings; never renumbered.
pub(crate) fn curve_code(curve: Curve) -> u8 {
    match curve {
        Curve::Secp256k1 => 1,
        Curve::Ed25519 => 2,
    }
}
