//! A dealer of secp256k1 key generation written again from the documentation, that can lie in every way.

use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ff::FromUniformBytes;
use k256::elliptic_curve::group::GroupEncoding;
use k256::{ProjectivePoint, Scalar};
use sha2::{Digest, Sha256, Sha512};

fn transcript(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = [label.as_bytes(), b"\n"].concat();
    for field in fields {
        bytes.extend((field.len() as u32).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

pub fn hash(label: &str, fields: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(transcript(label, fields)).into()
}

pub fn scalar() -> Scalar {
    Scalar::from_uniform_bytes(&quorate_secret::random::<64>().unwrap())
}

fn point(scalar: &Scalar) -> Vec<u8> {
    (ProjectivePoint::GENERATOR * scalar).to_bytes().to_vec()
}

pub struct Dealer {
    pub context: [u8; 32],
    pub me: u8,
    pub polynomial: Vec<Scalar>,
    /// The witness and sender that the proof of possession is made with.
    pub witness: Scalar,
    pub prover: u8,
    pub chain_part: [u8; 32],
    pub blind: [u8; 32],
}

impl Dealer {
    pub fn new(session: [u8; 32], me: u8, parties: &[u8], threshold: u8, coefficients: usize) -> Self {
        let polynomial: Vec<Scalar> = (0..coefficients).map(|_| scalar()).collect();
        Self {
            context: hash("quorate/dkg/context/v1", &[&[1], &session, &[threshold], parties]),
            me,
            witness: polynomial[0],
            prover: me,
            polynomial,
            chain_part: [5; 32],
            blind: [6; 32],
        }
    }

    pub fn opening(&self) -> Vec<u8> {
        let coefficients: Vec<Vec<u8>> = self.polynomial.iter().map(point).collect();
        let nonce = scalar();
        let proof_point = point(&nonce);
        let prover = [self.prover];
        let mut fields: Vec<&[u8]> = vec![&self.context, &prover];
        fields.extend(coefficients.iter().map(Vec::as_slice));
        fields.extend([self.chain_part.as_slice(), &self.blind, &proof_point]);
        let challenge: [u8; 64] = Sha512::digest(transcript("quorate/dkg/possession/v1", &fields)).into();
        let response = nonce + Scalar::from_uniform_bytes(&challenge) * self.witness;
        let mut bytes = vec![coefficients.len() as u8];
        bytes.extend(coefficients.concat());
        bytes.extend(proof_point);
        bytes.extend_from_slice(&response.to_repr());
        bytes.extend_from_slice(&self.chain_part);
        bytes.extend_from_slice(&self.blind);
        bytes
    }

    pub fn share(&self, to: u8) -> Scalar {
        let x = Scalar::from(u64::from(to));
        self.polynomial.iter().rev().fold(Scalar::ZERO, |value, coefficient| value * x + coefficient)
    }

    pub fn commitment(&self, opening: &[u8]) -> Vec<u8> {
        let hash = hash("quorate/dkg/commitment/v1", &[&self.context, &[self.me], opening]);
        [&[1, 1, 1][..], &hash].concat()
    }

    pub fn dealt(opening: &[u8], share: &Scalar) -> Vec<u8> {
        [&[1, 1, 2][..], opening, &share.to_repr()].concat()
    }
}
