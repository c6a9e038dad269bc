//! The three messages, each of one fixed length. Sender and receiver are not in them: the channel says who sent, and the
//! protocol's own session binding covers both.

use dkls23_core::protocols::PartiesMessage;
use dkls23_core::protocols::signing::{Broadcast3to4, TransmitPhase1to2, TransmitPhase2to3};
use dkls23_core::utilities::multiplication::L as INPUTS;
use dkls23_core::utilities::multiplication::{MulDataToReceiver, OT_WIDTH};
use dkls23_core::utilities::ot::extension::{
    BATCH_SIZE, EXTENDED_BATCH_SIZE, KAPPA, OT_SECURITY, OTEDataToSender,
};

use crate::codec::{Malformed, Reader};
use crate::dkls::K256;
use crate::dkls::encoding::{POINT, SCALAR, put_point, put_scalar, read_point, read_scalar};

const HASH: usize = 32;
const SALT: usize = 64;
const U_ROW: usize = EXTENDED_BATCH_SIZE as usize / 8;
const FIELD: usize = OT_SECURITY as usize / 8;
const ROWS: usize = KAPPA as usize;
const BATCH: usize = BATCH_SIZE as usize;
const WIDTH: usize = OT_WIDTH as usize;

/// Session binding, commitment, nonce, u, x, t.
pub(crate) const PHASE1_LEN: usize = 3 * HASH + ROWS * (U_ROW + FIELD) + FIELD;
/// Session binding, gamma_u, gamma_v, psi, public share, instance point, salt, tau, OT salt, r, u, gamma.
pub(crate) const PHASE2_LEN: usize =
    3 * HASH + 4 * POINT + SALT + SCALAR * (1 + WIDTH * BATCH + 2 * INPUTS as usize);
/// u, w.
pub(crate) const BROADCAST_LEN: usize = 2 * SCALAR;

pub(crate) fn encode_phase1(message: &TransmitPhase1to2) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PHASE1_LEN);
    let ot = &message.mul_transmit;
    for hash in [&message.session_binding, &message.commitment, &ot.nonce] {
        bytes.extend_from_slice(hash);
    }
    ot.u.iter().for_each(|row| bytes.extend_from_slice(row));
    bytes.extend_from_slice(&ot.verify_x);
    ot.verify_t.iter().for_each(|row| bytes.extend_from_slice(row));
    bytes
}

pub(crate) fn decode_phase1(parties: PartiesMessage, body: &[u8]) -> Result<TransmitPhase1to2, Malformed> {
    let mut reader = Reader::new(body);
    let message = TransmitPhase1to2 {
        parties,
        session_binding: reader.array()?,
        commitment: reader.array()?,
        mul_transmit: OTEDataToSender {
            nonce: reader.array()?,
            u: reader.many(ROWS, Reader::array)?,
            verify_x: reader.array()?,
            verify_t: reader.many(ROWS, Reader::array)?,
        },
    };
    reader.finish()?;
    Ok(message)
}

pub(crate) fn encode_phase2(message: &TransmitPhase2to3<K256>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PHASE2_LEN);
    let mul = &message.mul_transmit;
    bytes.extend_from_slice(&message.session_binding);
    put_point(&mut bytes, &message.gamma_u);
    put_point(&mut bytes, &message.gamma_v);
    put_scalar(&mut bytes, &message.psi);
    put_point(&mut bytes, &message.public_share);
    put_point(&mut bytes, &message.instance_point);
    bytes.extend_from_slice(&message.salt);
    mul.vector_of_tau.iter().flatten().for_each(|tau| put_scalar(&mut bytes, tau));
    bytes.extend_from_slice(&mul.ote_salt);
    bytes.extend_from_slice(&mul.verify_r);
    mul.verify_u.iter().chain(&mul.gamma_sender).for_each(|scalar| put_scalar(&mut bytes, scalar));
    bytes
}

pub(crate) fn decode_phase2(
    parties: PartiesMessage,
    body: &[u8],
) -> Result<TransmitPhase2to3<K256>, Malformed> {
    let mut reader = Reader::new(body);
    let message = TransmitPhase2to3 {
        parties,
        session_binding: reader.array()?,
        gamma_u: read_point(&mut reader)?,
        gamma_v: read_point(&mut reader)?,
        psi: read_scalar(&mut reader)?,
        public_share: read_point(&mut reader)?,
        instance_point: read_point(&mut reader)?,
        salt: reader.take(SALT)?.to_vec(),
        mul_transmit: MulDataToReceiver {
            vector_of_tau: reader.many(WIDTH, |reader| reader.many(BATCH, read_scalar))?,
            ote_salt: reader.array()?,
            verify_r: reader.array()?,
            verify_u: reader.many(usize::from(INPUTS), read_scalar)?,
            gamma_sender: reader.many(usize::from(INPUTS), read_scalar)?,
        },
    };
    reader.finish()?;
    Ok(message)
}

pub(crate) fn encode_broadcast(message: &Broadcast3to4<K256>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BROADCAST_LEN);
    put_scalar(&mut bytes, &message.u);
    put_scalar(&mut bytes, &message.w);
    bytes
}

pub(crate) fn decode_broadcast(body: &[u8]) -> Result<Broadcast3to4<K256>, Malformed> {
    let mut reader = Reader::new(body);
    let message = Broadcast3to4 { u: read_scalar(&mut reader)?, w: read_scalar(&mut reader)? };
    reader.finish()?;
    Ok(message)
}
