//! The keeper: the one program of a signer that holds key shares, vote keys and log keys.
//!
//! It speaks with its judge over one socketpair ([`frame`], proto/keeper.proto), has no network, and believes its judge
//! nothing that a charter, an order, a vote or its own sealed state can prove. The start is [`shares::Keeper`].

pub mod blobs;
pub mod cli;
pub mod clock;

pub mod frame;
pub mod hardening;
pub mod identity;
pub mod init;
pub mod proto;
pub mod seal;
pub mod shares;
pub mod state;
pub mod sys;
