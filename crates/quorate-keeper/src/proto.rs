//! Generated message types.

/// Judge and keeper: proto/keeper.proto.
pub mod keeper {
    #![allow(clippy::all, missing_docs)]
    include!(concat!(env!("OUT_DIR"), "/quorate.keeper.v1.rs"));
}

/// Keeper and keeper: proto/peer.proto.
pub mod peer {
    #![allow(clippy::all, missing_docs)]
    include!(concat!(env!("OUT_DIR"), "/quorate.peer.v1.rs"));
}

use quorate_wire::charter::{AdministratorSignature, SignedDocument};
use quorate_wire::signature::Signed;

impl From<keeper::SignedDocument> for SignedDocument {
    fn from(document: keeper::SignedDocument) -> Self {
        let signature = |s: keeper::SshSignature| AdministratorSignature {
            administrator: s.administrator,
            armor: s.armor,
        };
        Self { body: document.body, signatures: document.signatures.into_iter().map(signature).collect() }
    }
}

impl From<Signed> for keeper::Signed {
    fn from(signed: Signed) -> Self {
        Self { body: signed.body, signature: signed.signature }
    }
}

impl From<keeper::Signed> for Signed {
    fn from(signed: keeper::Signed) -> Self {
        Self { body: signed.body, signature: signed.signature }
    }
}
