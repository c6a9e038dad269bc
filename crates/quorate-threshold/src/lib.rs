//! Threshold key generation and signing as rounds without I/O.
//!
//! A party is a `u8` index (1..=255). Every run is driven by [`Protocol`]: call `start`, send what it returns, hand every
//! received payload to `receive` until it answers [`Step::Done`] or an [`Abort`]. The caller provides authenticated and
//! encrypted point-to-point channels; keygen's second and later rounds carry secrets meant for one receiver.
//!
//! | run | rounds of messages | basis |
//! |---|---|---|
//! | [`keygen`] Ed25519 | 3 | Feldman VSS, commit-then-reveal, echo |
//! | [`keygen`] secp256k1 | 5 | the same, then the OT set-up of DKLs23 |
//! | [`sign_ecdsa`] | 3 | DKLs23 (ePrint 2023/765), by the crate `dkls23-core` |
//! | [`sign_ed25519`] | 1 after [`ed25519_commit`] | FROST (RFC 9591), by the crate `frost-ed25519` |
//! | [`sign_bip340`] | 1 after [`bip340_commit`] | FROST, by the crate `frost-secp256k1-tr`, on the shares that sign ECDSA |
//!
//! The composition has not been independently reviewed.

mod abort;
mod codec;
mod dkls;
mod ecdsa;
mod frost;
mod group;
pub mod hd;
pub mod inbound;
mod key;
mod key_bytes;
mod keygen;
mod polynomial;
mod protocol;
mod rounds;
mod transcript;

pub use abort::Abort;
pub use codec::Malformed;
pub use ecdsa::{EcdsaSignature, SignEcdsa, sign_ecdsa};
pub use frost::{
    Bip340Nonces, Bip340Signature, Ed25519Nonces, Ed25519Signature, SignBip340, SignEd25519, bip340_commit,
    ed25519_commit, sign_bip340, sign_ed25519,
};
pub use key::{Curve, KeyPublic, KeyShare};
pub use keygen::{Keygen, keygen};
pub use protocol::{Outgoing, Protocol, Step};
