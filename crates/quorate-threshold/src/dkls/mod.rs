//! What DKLs23 keeps between signatures, and the border to the crate `dkls23-core`.
//!
//! That crate runs unmodified and is given our key share, identifiers and session numbers. What we do not use of it: its key
//! generation (commitments and proofs not bound to their sender), its serialisation of messages, its derivation, its sessions.
//! Its types derive `Debug` with secrets: none of them is public here and no type that holds one derives `Debug`. Its
//! generator is `ThreadRng`, seeded from the operating system; a process that uses it must not fork.

pub(crate) mod encoding;
pub(crate) mod setup_message;

use std::collections::BTreeMap;

use dkls23_core::protocols::{InvalidPartyIndex, PartyIndex};
use dkls23_core::utilities::multiplication::{MulReceiver, MulSender};
use zeroize::Zeroizing;

use crate::Abort;

/// The crate's name for the curve.
pub(crate) type K256 = k256::Secp256k1;

/// Long-lived OT correlations with one counterparty.
pub(crate) struct Pair {
    /// Seed of the zero shares, known to both.
    pub(crate) zero_seed: Zeroizing<[u8; 32]>,
    /// Our side where we send in the multiplication.
    pub(crate) sender: MulSender<K256>,
    /// Our side where we receive.
    pub(crate) receiver: MulReceiver<K256>,
}

/// The OT set-up of one party.
pub(crate) struct Setup {
    /// Identifies the set-up in every later hash.
    pub(crate) id: [u8; 32],
    /// By counterparty.
    pub(crate) pairs: BTreeMap<u8, Pair>,
}

/// Our index as the crate's.
pub(crate) fn party_index(index: u8) -> Result<PartyIndex, Abort> {
    PartyIndex::new(index).map_err(|InvalidPartyIndex| Abort::failed("parties"))
}
