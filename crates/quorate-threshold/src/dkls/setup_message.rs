//! The round-4 message of key generation: opens the zero-share seed and carries the base OTs of both directions.
//!
//! Encoding, all of fixed length: zero-share seed (32) and salt (64); as OT-extension receiver: the proof of discrete logarithm
//! (point, 64 points, 64 of challenge (4) and response) and the gadget nonce; as sender: the OT seed (32) and 256 encryption
//! proofs (h, u, v, v - h, four commitments, two responses, two challenges). What the crate's types repeat is sent once.

use dkls23_core::utilities::ot::extension::KAPPA;
use dkls23_core::utilities::proofs::{
    CPProof, DLogProof, EncProof, InteractiveDLogProof, R, RandomCommitments,
};
use k256::{AffinePoint, Scalar};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::K256;
use super::encoding::{POINT, SCALAR, put_point, put_scalar, read_point, read_scalar};
use crate::codec::{Malformed, Reader};

pub(crate) const SALT: usize = 64;
const CHALLENGE: usize = 4;
const DLOG_PROOF: usize = POINT + R as usize * (POINT + CHALLENGE + SCALAR);
const ENC_PROOF: usize = 8 * POINT + 4 * SCALAR;

/// Bytes of the message.
pub(crate) const SETUP_LEN: usize = 32 + SALT + DLOG_PROOF + SCALAR + 32 + KAPPA as usize * ENC_PROOF;

/// The message.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct SetupMessage {
    pub(crate) zero_seed: [u8; 32],
    pub(crate) zero_salt: Vec<u8>,
    #[zeroize(skip)]
    pub(crate) dlog_proof: DLogProof<K256>,
    #[zeroize(skip)]
    pub(crate) gadget_nonce: Scalar,
    #[zeroize(skip)]
    pub(crate) ot_seed: [u8; 32],
    #[zeroize(skip)]
    pub(crate) enc_proofs: Vec<EncProof<K256>>,
}

impl SetupMessage {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SETUP_LEN);
        bytes.extend_from_slice(&self.zero_seed);
        bytes.extend_from_slice(&self.zero_salt);
        put_dlog_proof(&mut bytes, &self.dlog_proof);
        put_scalar(&mut bytes, &self.gadget_nonce);
        bytes.extend_from_slice(&self.ot_seed);
        self.enc_proofs.iter().for_each(|proof| put_enc_proof(&mut bytes, proof));
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let message = Self {
            zero_seed: reader.array()?,
            zero_salt: reader.take(SALT)?.to_vec(),
            dlog_proof: read_dlog_proof(&mut reader)?,
            gadget_nonce: read_scalar(&mut reader)?,
            ot_seed: reader.array()?,
            enc_proofs: reader.many(usize::from(KAPPA), read_enc_proof)?,
        };
        reader.finish()?;
        Ok(message)
    }
}

fn put_dlog_proof(bytes: &mut Vec<u8>, proof: &DLogProof<K256>) {
    put_point(bytes, &proof.point);
    proof.rand_commitments.iter().for_each(|point| put_point(bytes, point));
    for part in &proof.proofs {
        bytes.extend_from_slice(&part.challenge);
        put_scalar(bytes, &part.challenge_response);
    }
}

fn read_dlog_proof(reader: &mut Reader<'_>) -> Result<DLogProof<K256>, Malformed> {
    Ok(DLogProof {
        point: read_point(reader)?,
        rand_commitments: reader.many(usize::from(R), read_point)?,
        proofs: reader.many(usize::from(R), read_dlog_part)?,
    })
}

/// The crate offers no constructor from parts; its response to a challenge on the witness 0 is the nonce itself, so this is one.
fn read_dlog_part(reader: &mut Reader<'_>) -> Result<InteractiveDLogProof<K256>, Malformed> {
    let challenge: [u8; CHALLENGE] = reader.array()?;
    let response = read_scalar(reader)?;
    Ok(InteractiveDLogProof::prove_step2(&Scalar::ZERO, &response, &challenge))
}

fn put_enc_proof(bytes: &mut Vec<u8>, proof: &EncProof<K256>) {
    let EncProof { proof0, proof1, commitments0, commitments1, challenge0, challenge1 } = proof;
    let points = [
        &proof0.base_h,
        &proof0.point_v,
        &proof0.point_u,
        &proof1.point_u,
        &commitments0.rc_g,
        &commitments0.rc_h,
        &commitments1.rc_g,
        &commitments1.rc_h,
    ];
    points.into_iter().for_each(|point| put_point(bytes, point));
    for scalar in [&proof0.challenge_response, &proof1.challenge_response, challenge0, challenge1] {
        put_scalar(bytes, scalar);
    }
}

/// Whether h is the hash it must be, and v the sum of v - h and h, is checked by the crate.
fn read_enc_proof(reader: &mut Reader<'_>) -> Result<EncProof<K256>, Malformed> {
    let mut point = || read_point(reader);
    let (base_h, u, v, v_minus_h) = (point()?, point()?, point()?, point()?);
    let commitments0 = RandomCommitments { rc_g: point()?, rc_h: point()? };
    let commitments1 = RandomCommitments { rc_g: point()?, rc_h: point()? };
    let proof = |point_u, challenge_response| CPProof {
        base_g: AffinePoint::GENERATOR,
        base_h,
        point_u,
        point_v: u,
        challenge_response,
    };
    Ok(EncProof {
        proof0: proof(v, read_scalar(reader)?),
        proof1: proof(v_minus_h, read_scalar(reader)?),
        commitments0,
        commitments1,
        challenge0: read_scalar(reader)?,
        challenge1: read_scalar(reader)?,
    })
}
