//! Rounds 4 and 5 for secp256k1: the OT set-up of DKLs23 with every other party, and its confirmation.
//!
//! Functionalities 3.4 (zero shares) and 3.5 (multiplication) of ePrint 2023/765, initialised by `dkls23-core` under session
//! numbers of ours that bind the run, the key and the direction. The choice bits and secrets are drawn anew for every peer.

use std::collections::BTreeMap;

use dkls23_core::utilities::multiplication::{MulReceiver, MulSender};
use dkls23_core::utilities::ot::base::{OTReceiver, OTSender};
use dkls23_core::utilities::zero_shares::ZeroShare;
use k256::Scalar;
use zeroize::{Zeroize, Zeroizing};

use super::params::Params;
use super::{Finish, PeerBytes};
use crate::dkls::setup_message::{SETUP_LEN, SetupMessage};
use crate::dkls::{K256, Pair, Setup, party_index};
use crate::group::Secp256k1;
use crate::rounds::{Body, Inbox, Next, Round};
use crate::transcript::Transcript;
use crate::{Abort, KeyShare};

const CONFIRM_LEN: usize = 32;

/// Our seed for one peer, committed to in round 3, opened in round 4.
pub(crate) struct ZeroSeed {
    seed: Zeroizing<[u8; 32]>,
    salt: Vec<u8>,
}

impl Finish for Secp256k1 {
    const EXTRA_ROUND_3: usize = 32;
    const EXTRA_ROUNDS: &'static [usize] = &[SETUP_LEN, CONFIRM_LEN];
    type Extra = BTreeMap<u8, ZeroSeed>;

    fn begin(params: &Params) -> Result<(Self::Extra, PeerBytes), Abort> {
        let (mut seeds, mut commitments) = (BTreeMap::new(), BTreeMap::new());
        for peer in params.others() {
            let context = zero_context(&params.context, params.me, peer)?;
            let (seed, commitment, salt) = ZeroShare::generate_seed_with_bound_commitment(&context);
            seeds.insert(peer, ZeroSeed { seed: Zeroizing::new(seed), salt });
            commitments.insert(peer, commitment.to_vec());
        }
        Ok((seeds, commitments))
    }

    fn finish(
        share: KeyShare,
        params: &Params,
        kept: Self::Extra,
        received: &PeerBytes,
    ) -> Result<Next<KeyShare>, Abort> {
        let id = Transcript::new("quorate/dkls/setup/v1")
            .field(&params.context)
            .field(&share.public.public_key)
            .field(&share.public.chain_code)
            .digest();
        let (mut pending, mut bodies) = (BTreeMap::new(), Vec::new());
        for (peer, zero) in kept {
            let commitment = received.get(&peer).ok_or(Abort::blame(peer, "message_decode"))?;
            let (state, body) = Pending::new(&id, params.me, peer, zero, commitment);
            pending.insert(peer, state);
            bodies.push((Some(peer), body));
        }
        Ok(Next::Round(bodies, Box::new(SetupRound { context: params.context, id, share, pending })))
    }
}

fn zero_context(context: &[u8; 32], sender: u8, receiver: u8) -> Result<[u8; 32], Abort> {
    let (sender, receiver) = (party_index(sender)?, party_index(receiver)?);
    Ok(ZeroShare::seed_context(b"quorate/dkls/zero/v1", &[context], sender, receiver))
}

/// Session number of the base OTs in which `receiver` will receive in the multiplication.
fn mul_session(id: &[u8; 32], receiver: u8, sender: u8) -> [u8; 32] {
    Transcript::new("quorate/dkls/mul-setup/v1").field(id).field(&[receiver, sender]).digest()
}

/// Our half-done set-up with one peer.
struct Pending {
    zero: ZeroSeed,
    peer_commitment: [u8; 32],
    ot_sender: OTSender<K256>,
    gadget_nonce: Scalar,
    ot_receiver: OTReceiver,
    correlation: Vec<bool>,
    blinds: Vec<Scalar>,
    sent: [u8; 32],
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.ot_sender.s.zeroize();
        self.correlation.zeroize();
        self.blinds.zeroize();
    }
}

impl Pending {
    fn new(id: &[u8; 32], me: u8, peer: u8, zero: ZeroSeed, commitment: &[u8]) -> (Self, Vec<u8>) {
        let (ot_sender, dlog_proof, gadget_nonce) =
            MulReceiver::<K256>::init_phase1(&mul_session(id, me, peer));
        let (ot_receiver, correlation, blinds, enc_proofs) =
            MulSender::<K256>::init_phase1(&mul_session(id, peer, me));
        let message = SetupMessage {
            zero_seed: *zero.seed,
            zero_salt: zero.salt.clone(),
            dlog_proof,
            gadget_nonce,
            ot_seed: ot_receiver.seed,
            enc_proofs,
        };
        let body = message.encode();
        let mut peer_commitment = [0; 32];
        peer_commitment.iter_mut().zip(commitment).for_each(|(to, from)| *to = *from);
        let sent = digest(&body);
        let state =
            Self { zero, peer_commitment, ot_sender, gadget_nonce, ot_receiver, correlation, blinds, sent };
        (state, body)
    }

    fn complete(
        mut self,
        context: &[u8; 32],
        id: &[u8; 32],
        me: u8,
        peer: u8,
        body: &[u8],
    ) -> Result<Pair, Abort> {
        let message = SetupMessage::decode(body).map_err(|_| Abort::blame(peer, "message_decode"))?;
        let context = zero_context(context, peer, me)?;
        if !ZeroShare::verify_bound_seed(
            &message.zero_seed,
            &context,
            &self.peer_commitment,
            &message.zero_salt,
        ) {
            return Err(Abort::blame(peer, "zero_share"));
        }
        let (own, other) = (party_index(me)?, party_index(peer)?);
        let zero = ZeroShare::generate_seed_pair(own, other, &self.zero.seed, &message.zero_seed);
        let receiver = MulReceiver::init_phase2(
            &self.ot_sender,
            &mul_session(id, me, peer),
            &message.ot_seed,
            &message.enc_proofs,
            &self.gadget_nonce,
        );
        let sender = MulSender::init_phase2(
            &self.ot_receiver,
            &mul_session(id, peer, me),
            std::mem::take(&mut self.correlation),
            &self.blinds,
            &message.dlog_proof,
            &message.gadget_nonce,
        );
        Ok(Pair {
            zero_seed: Zeroizing::new(zero.seed),
            sender: sender.map_err(|_| Abort::blame(peer, "ot_setup"))?,
            receiver: receiver.map_err(|_| Abort::blame(peer, "ot_setup"))?,
        })
    }
}

/// Our set-up messages are out; waits for the others'.
struct SetupRound {
    context: [u8; 32],
    id: [u8; 32],
    share: KeyShare,
    pending: BTreeMap<u8, Pending>,
}

impl Round<KeyShare> for SetupRound {
    fn finish(mut self: Box<Self>, inbox: &Inbox) -> Result<Next<KeyShare>, Abort> {
        let me = self.share.me;
        let (mut pairs, mut expected, mut bodies) = (BTreeMap::new(), BTreeMap::new(), Vec::<Body>::new());
        for (peer, body) in inbox {
            let pending = self.pending.remove(peer).ok_or(Abort::failed("parties"))?;
            let confirmation = confirmation(&self.id, (me, pending.sent), (*peer, digest(body)));
            pairs.insert(*peer, pending.complete(&self.context, &self.id, me, *peer, body)?);
            expected.insert(*peer, confirmation);
            bodies.push((Some(*peer), confirmation.to_vec()));
        }
        let mut share = self.share;
        share.setup = Some(Setup { id: self.id, pairs });
        Ok(Next::Round(bodies, Box::new(Confirmations { share, expected })))
    }
}

fn digest(body: &[u8]) -> [u8; 32] {
    Transcript::new("quorate/dkls/setup-message/v1").field(body).digest()
}

/// Both messages of a pair, the lower index first.
fn confirmation(id: &[u8; 32], one: (u8, [u8; 32]), two: (u8, [u8; 32])) -> [u8; 32] {
    let (low, high) = if one.0 < two.0 { (one, two) } else { (two, one) };
    Transcript::new("quorate/dkls/setup-confirm/v1")
        .field(id)
        .field(&[low.0, high.0])
        .field(&low.1)
        .field(&high.1)
        .digest()
}

/// Our confirmations are out; waits for the others'. A peer that sends its own has accepted our set-up message, so that a
/// completed key generation is one that every peer could complete too.
struct Confirmations {
    share: KeyShare,
    expected: BTreeMap<u8, [u8; CONFIRM_LEN]>,
}

impl Round<KeyShare> for Confirmations {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<KeyShare>, Abort> {
        for (peer, body) in inbox {
            if self.expected.get(peer).is_none_or(|expected| expected.as_slice() != body.as_slice()) {
                return Err(Abort::blame(*peer, "setup_confirm"));
            }
        }
        Ok(Next::Done(self.share))
    }
}
