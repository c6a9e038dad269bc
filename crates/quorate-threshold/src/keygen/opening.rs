//! What a dealer commits to in round 1 and reveals in round 2.
//!
//! Encoding: number of coefficients (1 byte), the points A_ik, proof point R, proof scalar z (32), chain code part (32), blind (32).

use zeroize::Zeroizing;

use super::params::Params;
use crate::Abort;
use crate::codec::{Malformed, Reader};
use crate::group::Group;

/// Bytes of f_i(j) behind the opening.
pub(crate) const SHARE_LEN: usize = 32;

/// Bytes of an opening with `coefficients` points.
pub(crate) fn opening_len<G: Group>(coefficients: u8) -> usize {
    1 + (usize::from(coefficients) + 1) * G::POINT_LEN + 3 * 32
}

/// A dealer's public contribution.
pub(crate) struct Opening<G: Group> {
    /// A_i0..A_i(t-1).
    pub(crate) coefficients: Vec<G::Point>,
    proof_point: G::Point,
    proof_scalar: G::Scalar,
    /// Its part of the chain code.
    pub(crate) chain_part: [u8; 32],
    /// Hides the opening behind its commitment.
    blind: [u8; 32],
}

impl<G: Group> Opening<G> {
    /// Proves possession of a_i0 by a Schnorr proof (R = k·G, z = k + c·a_i0) whose challenge binds the run, the sender, and
    /// everything else in the opening.
    pub(crate) fn new(params: &Params, polynomial: &[Zeroizing<G::Scalar>]) -> Result<Self, Abort> {
        let random = || quorate_secret::random().map_err(|_| Abort::failed("randomness"));
        let secret = polynomial.first().ok_or(Abort::failed("parties"))?;
        let nonce = G::random_scalar()?;
        let mut opening = Self {
            coefficients: polynomial.iter().map(|scalar| G::mul_generator(scalar)).collect(),
            proof_point: G::mul_generator(&nonce),
            proof_scalar: G::small(0),
            chain_part: random()?,
            blind: random()?,
        };
        opening.proof_scalar = *nonce + opening.challenge(params, params.me) * **secret;
        Ok(opening)
    }

    fn challenge(&self, params: &Params, sender: u8) -> G::Scalar {
        let mut transcript = params.transcript("quorate/dkg/possession/v1", sender);
        for coefficient in &self.coefficients {
            transcript = transcript.field(&G::encode_point(coefficient));
        }
        G::reduce(
            &transcript
                .field(&self.chain_part)
                .field(&self.blind)
                .field(&G::encode_point(&self.proof_point))
                .wide(),
        )
    }

    /// z·G = R + c·A_i0.
    pub(crate) fn possession_proven(&self, params: &Params, sender: u8) -> bool {
        let Some(public) = self.coefficients.first() else { return false };
        let expected = self.proof_point + G::mul(public, &self.challenge(params, sender));
        G::mul_generator(&self.proof_scalar) == expected
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let count = u8::try_from(self.coefficients.len()).unwrap_or(u8::MAX);
        let mut bytes = Vec::with_capacity(opening_len::<G>(count));
        bytes.push(count);
        for point in self.coefficients.iter().chain([&self.proof_point]) {
            bytes.extend_from_slice(&G::encode_point(point));
        }
        bytes.extend_from_slice(&G::encode_scalar(&self.proof_scalar));
        bytes.extend_from_slice(&self.chain_part);
        bytes.extend_from_slice(&self.blind);
        bytes
    }

    /// The round-1 commitment to an encoded opening.
    pub(crate) fn commit(params: &Params, sender: u8, encoded: &[u8]) -> [u8; 32] {
        params.transcript("quorate/dkg/commitment/v1", sender).field(encoded).digest()
    }

    /// The round-3 digest of an encoded opening.
    pub(crate) fn echo(params: &Params, sender: u8, encoded: &[u8]) -> [u8; 32] {
        params.transcript("quorate/dkg/echo/v1", sender).field(encoded).digest()
    }
}

/// A round-2 body: the opening, and the share for the receiver.
pub(crate) struct Dealt<'a, G: Group> {
    pub(crate) encoded: &'a [u8],
    pub(crate) opening: Opening<G>,
    pub(crate) share: Zeroizing<G::Scalar>,
}

/// Splits and decodes a round-2 body. The number of coefficients is judged by the caller.
pub(crate) fn decode_opening<G: Group>(body: &[u8]) -> Result<Dealt<'_, G>, Malformed> {
    let count = *body.first().ok_or(Malformed)?;
    let (encoded, share) = body.split_at_checked(opening_len::<G>(count)).ok_or(Malformed)?;
    let mut reader = Reader::new(encoded);
    reader.byte()?;
    let opening = Opening {
        coefficients: reader.many(usize::from(count), G::read_point)?,
        proof_point: G::read_point(&mut reader)?,
        proof_scalar: G::read_scalar(&mut reader)?,
        chain_part: reader.array()?,
        blind: reader.array()?,
    };
    reader.finish()?;
    let mut reader = Reader::new(share);
    let share = Zeroizing::new(G::read_scalar(&mut reader)?);
    reader.finish()?;
    Ok(Dealt { encoded, opening, share })
}
