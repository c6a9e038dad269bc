//! Threshold key generation and signing as rounds without I/O.
//!
//! A party is a `u8` index (1..=255). Every protocol is driven by [`Protocol`]: call `start`, send what it returns, hand every
//! received payload to `receive` until it answers [`Step::Done`] or an [`Abort`]. Authenticated and encrypted point-to-point
//! channels are the caller's duty.

mod abort;
mod ecdsa;
mod frost;
pub mod hd;
mod key;
mod keygen;
mod protocol;

pub use abort::Abort;
pub use ecdsa::{EcdsaSignature, SignEcdsa, sign_ecdsa};
pub use frost::{Ed25519Signature, FrostNonces, SignFrost, frost_commit, sign_frost};
pub use key::{Curve, KeyPublic, KeyShare};
pub use keygen::{Keygen, keygen};
pub use protocol::{Outgoing, Protocol, Step};
