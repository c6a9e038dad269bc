//! Threshold ECDSA: protocol 3.6 of DKLs23 (ePrint 2023/765), interactive, with the digest fixed before the first message.
//!
//! | round | each signer sends | checks on receipt |
//! |---|---|---|
//! | 1 | to each: commitment to its instance point, OT-extension message | `session_binding`, `ot_check` (ban) |
//! | 2 | to each: opening, multiplication message, consistency values | `session_binding`, `instance_commitment`, `ot_check`, `gamma_u`, `gamma_v` (bans) |
//! | 3 | to all: u_i, w_i (its share of the signature) | `signature`, `low_s`, `recovery` |
//!
//! A ban must be made durable before anything else is sent: a failed OT check tells the cheater something about long-lived OT
//! state. A bad round-3 share has no provable author.

mod blame;
mod messages;
mod phases;
mod verify;

pub(crate) use messages::{
    BROADCAST_LEN, PHASE1_LEN, PHASE2_LEN, decode_broadcast, decode_phase1, decode_phase2,
};

use std::collections::BTreeMap;

use dkls23_core::protocols::derivation::DerivData;
use dkls23_core::protocols::signing::SignData;
use dkls23_core::protocols::{Parameters, Party, PartyIndex};
use dkls23_core::utilities::zero_shares::{SeedPair, ZeroShare};

use zeroize::Zeroizing;

use crate::dkls::{K256, Setup, party_index};
use crate::group::{Group, Secp256k1};
use crate::hd::Node;
use crate::rounds::{Kind, Runner, run_by_rounds};
use crate::transcript::Transcript;
use crate::{Abort, Curve, KeyShare};
use phases::{Begin, Signer};

/// A verified ECDSA signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcdsaSignature {
    /// r and s, 32 bytes big endian each; s is low (BIP62, EIP-2).
    pub r_s: [u8; 64],
    /// 0..=3: bit 0 is the parity of R's y, bit 1 tells that R's x was not below the group order.
    pub recovery_id: u8,
    /// The child key it verifies under, 33 bytes SEC1 compressed.
    pub public_key: [u8; 33],
}

/// One party's side of an ECDSA signing run.
pub struct SignEcdsa(Runner<EcdsaSignature>);

run_by_rounds!(SignEcdsa, EcdsaSignature);

/// Prepares to sign `digest` under the child at `path`, with exactly `threshold` distinct `signers`, this party among them.
/// `item_session` must be new for every attempt; every signer must give the same arguments.
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `signers`, `digest` (zero modulo the order), `hd_path`, or what a damaged share breaks.
pub fn sign_ecdsa(
    share: &KeyShare,
    item_session: [u8; 32],
    path: &[u32],
    digest: [u8; 32],
    signers: &[u8],
) -> Result<SignEcdsa, Abort> {
    share.require(Curve::Secp256k1)?;
    let signers = share.public.check_signers(signers, share.me)?;
    refuse_zero(&digest)?;
    let child = share.public.child::<Secp256k1>(path)?;
    let others: Vec<u8> = signers.iter().copied().filter(|signer| *signer != share.me).collect();
    let counterparties = others.iter().map(|other| party_index(*other)).collect::<Result<Vec<_>, _>>()?;
    let sign_id = sign_id(share, &item_session, path, &digest, &signers).to_vec();
    let signer = Signer {
        party: child_party(share, &child, &others)?,
        data: SignData { sign_id, counterparties, message_hash: digest },
        public_key: child.point.to_affine(),
    };
    let limits = vec![PHASE1_LEN, PHASE2_LEN, BROADCAST_LEN];
    Ok(SignEcdsa(Runner::new(Kind::Ecdsa, others, limits, Box::new(Begin(signer)))))
}

/// Nobody signs a digest that is zero modulo the order: its signatures can be computed without the key.
fn refuse_zero(digest: &[u8; 32]) -> Result<(), Abort> {
    let mut wide = [0; 64];
    wide[32..].copy_from_slice(digest);
    if Secp256k1::reduce(&wide) == Secp256k1::small(0) { Err(Abort::failed("digest")) } else { Ok(()) }
}

fn sign_id(
    share: &KeyShare,
    session: &[u8; 32],
    path: &[u32],
    digest: &[u8; 32],
    signers: &[u8],
) -> [u8; 32] {
    let path: Vec<u8> = path.iter().flat_map(|index| index.to_be_bytes()).collect();
    Transcript::new("quorate/ecdsa/session/v1")
        .field(session)
        .field(&share.public.public_key)
        .field(&path)
        .field(digest)
        .field(signers)
        .digest()
}

/// The crate's view of this signer for one child key: share and public key moved by the tweak, OT state with the other signers.
fn child_party(share: &KeyShare, child: &Node<Secp256k1>, others: &[u8]) -> Result<Party<K256>, Abort> {
    let setup = share.setup.as_ref().ok_or(Abort::failed("ot_state"))?;
    let poly_point = Zeroizing::new(*share.scalar::<Secp256k1>()? + child.tweak);
    let pk = child.point.to_affine();
    let (mut mul_senders, mut mul_receivers) = (BTreeMap::new(), BTreeMap::new());
    for (index, peer) in peers(others)? {
        let pair = setup.pairs.get(&peer).ok_or(Abort::failed("ot_state"))?;
        mul_senders.insert(index, pair.sender.clone());
        mul_receivers.insert(index, pair.receiver.clone());
    }
    Ok(Party {
        // The crate only uses the number of shares to bound indices; ours need not be contiguous.
        parameters: Parameters { threshold: share.public.threshold, share_count: u8::MAX },
        party_index: party_index(share.me)?,
        session_id: setup.id.to_vec(),
        poly_point: *poly_point,
        pk,
        zero_share: zero_share(setup, share.me, others)?,
        mul_senders,
        mul_receivers,
        derivation_data: DerivData {
            depth: 0,
            child_number: 0,
            parent_fingerprint: [0; 4],
            poly_point: *poly_point,
            pk,
            chain_code: child.chain_code,
        },
        address: String::new(),
    })
}

fn zero_share(setup: &Setup, me: u8, others: &[u8]) -> Result<ZeroShare, Abort> {
    let seed = |(index_counterparty, peer): (PartyIndex, u8)| {
        let pair = setup.pairs.get(&peer).ok_or(Abort::failed("ot_state"))?;
        Ok(SeedPair { lowest_index: me < peer, index_counterparty, seed: *pair.zero_seed })
    };
    Ok(ZeroShare::initialize(peers(others)?.into_iter().map(seed).collect::<Result<_, Abort>>()?))
}

fn peers(others: &[u8]) -> Result<Vec<(PartyIndex, u8)>, Abort> {
    others.iter().map(|other| Ok((party_index(*other)?, *other))).collect()
}
