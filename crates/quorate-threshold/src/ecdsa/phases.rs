//! The chain of rounds around the crate's phases 1 to 4.

use std::collections::BTreeMap;

use dkls23_core::protocols::signing::{
    Broadcast3to4, KeepPhase1to2, KeepPhase2to3, SignData, TransmitPhase1to2, TransmitPhase2to3,
    UniqueKeep1to2, UniqueKeep2to3,
};
use dkls23_core::protocols::{PartiesMessage, Party, PartyIndex};
use k256::AffinePoint;

use super::EcdsaSignature;
use super::blame::blame;
use super::messages::{
    decode_broadcast, decode_phase1, decode_phase2, encode_broadcast, encode_phase1, encode_phase2,
};
use super::verify::verified;
use crate::Abort;
use crate::codec::Malformed;
use crate::dkls::{K256, party_index};
use crate::rounds::{Inbox, Next, Round};

/// What stays the same through the run.
pub(crate) struct Signer {
    pub(crate) party: Party<K256>,
    pub(crate) data: SignData,
    /// The child key.
    pub(crate) public_key: AffinePoint,
}

impl Signer {
    /// Decodes every message of a round, in order of index.
    fn decode<T>(
        &self,
        inbox: &Inbox,
        decode: impl Fn(PartiesMessage, &[u8]) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Abort> {
        let one = |(from, body): (&u8, &zeroize::Zeroizing<Vec<u8>>)| {
            let parties = PartiesMessage { sender: party_index(*from)?, receiver: self.party.party_index };
            decode(parties, body).map_err(|_| Abort::blame(*from, "message_decode"))
        };
        inbox.iter().map(one).collect()
    }
}

/// Nothing drawn yet.
pub(crate) struct Begin(pub(crate) Signer);

impl Round<EcdsaSignature> for Begin {
    fn finish(self: Box<Self>, _: &Inbox) -> Result<Next<EcdsaSignature>, Abort> {
        let signer = self.0;
        let (unique, kept, messages) = signer.party.sign_phase1(&signer.data).map_err(blame)?;
        let body =
            |message: &TransmitPhase1to2| (Some(message.parties.receiver.as_u8()), encode_phase1(message));
        let bodies = messages.iter().map(body).collect();
        Ok(Next::Round(bodies, Box::new(Phase1 { signer, unique, kept })))
    }
}

/// Phase 1 is out; waits for the others'.
struct Phase1 {
    signer: Signer,
    unique: UniqueKeep1to2<K256>,
    kept: BTreeMap<PartyIndex, KeepPhase1to2<K256>>,
}

impl Round<EcdsaSignature> for Phase1 {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<EcdsaSignature>, Abort> {
        let Self { signer, unique, kept } = *self;
        let received = signer.decode(inbox, decode_phase1)?;
        let (unique, kept, messages) =
            signer.party.sign_phase2(&signer.data, unique, kept, &received).map_err(blame)?;
        let body = |message: &TransmitPhase2to3<K256>| {
            (Some(message.parties.receiver.as_u8()), encode_phase2(message))
        };
        let bodies = messages.iter().map(body).collect();
        Ok(Next::Round(bodies, Box::new(Phase2 { signer, unique, kept })))
    }
}

/// Phase 2 is out; waits for the others'.
struct Phase2 {
    signer: Signer,
    unique: UniqueKeep2to3<K256>,
    kept: BTreeMap<PartyIndex, KeepPhase2to3<K256>>,
}

impl Round<EcdsaSignature> for Phase2 {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<EcdsaSignature>, Abort> {
        let Self { signer, unique, kept } = *self;
        let received = signer.decode(inbox, decode_phase2)?;
        let (r, own) = signer.party.sign_phase3(&signer.data, unique, kept, &received).map_err(blame)?;
        let body = encode_broadcast(&own);
        Ok(Next::Round(vec![(None, body)], Box::new(Shares { signer, r, own })))
    }
}

/// Our share of the signature is out; waits for the others'.
struct Shares {
    signer: Signer,
    /// x coordinate of R in hex, as the crate gives it.
    r: String,
    own: Broadcast3to4<K256>,
}

impl Round<EcdsaSignature> for Shares {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<EcdsaSignature>, Abort> {
        let Self { signer, r, own } = *self;
        let mut shares = signer.decode(inbox, |_, body| decode_broadcast(body))?;
        shares.push(own);
        let (s, recovery_id) = signer.party.sign_phase4(&signer.data, &r, &shares, true).map_err(blame)?;
        verified(&signer.data.message_hash, &signer.public_key, &r, &s, recovery_id).map(Next::Done)
    }
}
