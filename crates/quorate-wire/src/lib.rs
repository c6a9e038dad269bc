//! Everything Quorate hashes or signs, in the one encoding that `docs/spec` defines, and the verification of it.
//!
//! Inbound bytes are parsed strictly and must equal their own re-encoding before they are hashed: unknown or missing members,
//! duplicate keys, white space and trailing bytes are refused. Every refusal carries the stable name of the check ([`check`]).

pub mod acknowledgement;
pub mod admission;
pub mod binary;
pub mod canonical;
pub mod certificate;
pub mod charter;
pub mod check;
pub mod checkpoint;
pub mod freeze;
pub mod hash;
pub mod identifier;
pub mod labels;
pub mod noise;
pub mod order;
pub mod path;
pub mod peer_state;
pub mod signature;
pub mod sshsig;
pub mod tally;
pub mod vote;

pub use check::{Refusal, Whose, ensure, fault_point};
