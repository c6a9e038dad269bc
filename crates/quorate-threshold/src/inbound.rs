//! Decoders of everything that comes from a peer or from storage, for fuzzers: each takes arbitrary bytes and either accepts
//! or refuses, without a panic and without allocating more than a small multiple of a well-formed message.

use dkls23_core::protocols::PartiesMessage;
use frost_ed25519::Ed25519Sha512;
use frost_secp256k1_tr::Secp256K1Sha256TR;

use crate::codec::Malformed;
use crate::dkls::party_index;
use crate::dkls::setup_message::SetupMessage;
use crate::group::{Ed25519, Secp256k1};
use crate::{Curve, KeyShare};
use crate::{ecdsa, frost, keygen};

/// Round 2 of key generation: opening and share.
///
/// # Errors
/// [`Malformed`].
pub fn keygen_opening(curve: Curve, body: &[u8]) -> Result<(), Malformed> {
    match curve {
        Curve::Secp256k1 => keygen::decode_opening::<Secp256k1>(body).map(drop),
        Curve::Ed25519 => keygen::decode_opening::<Ed25519>(body).map(drop),
    }
}

/// Round 4 of key generation: zero-share seed and base OTs.
///
/// # Errors
/// [`Malformed`].
pub fn keygen_setup(body: &[u8]) -> Result<(), Malformed> {
    SetupMessage::decode(body).map(drop)
}

/// Round 1 of ECDSA.
///
/// # Errors
/// [`Malformed`].
pub fn ecdsa_phase1(body: &[u8]) -> Result<(), Malformed> {
    ecdsa::decode_phase1(parties()?, body).map(drop)
}

/// Round 2 of ECDSA.
///
/// # Errors
/// [`Malformed`].
pub fn ecdsa_phase2(body: &[u8]) -> Result<(), Malformed> {
    ecdsa::decode_phase2(parties()?, body).map(drop)
}

/// Round 3 of ECDSA.
///
/// # Errors
/// [`Malformed`].
pub fn ecdsa_share(body: &[u8]) -> Result<(), Malformed> {
    ecdsa::decode_broadcast(body).map(drop)
}

/// FROST commitments, as they stand in a vote for Ed25519.
///
/// # Errors
/// [`Malformed`].
pub fn ed25519_commitments(bytes: &[u8]) -> Result<(), Malformed> {
    let bytes = bytes.try_into().map_err(|_| Malformed)?;
    frost::decode_commitments::<Ed25519Sha512>(bytes).map(drop).ok_or(Malformed)
}

/// FROST commitments, as they stand in a vote for BIP340.
///
/// # Errors
/// [`Malformed`].
pub fn bip340_commitments(bytes: &[u8]) -> Result<(), Malformed> {
    let bytes = bytes.try_into().map_err(|_| Malformed)?;
    frost::decode_commitments::<Secp256K1Sha256TR>(bytes).map(drop).ok_or(Malformed)
}

/// A share of an Ed25519 signature.
///
/// # Errors
/// [`Malformed`].
pub fn ed25519_share(body: &[u8]) -> Result<(), Malformed> {
    frost::decode_share::<Ed25519Sha512>(body).map(drop).ok_or(Malformed)
}

/// A share of a BIP340 signature.
///
/// # Errors
/// [`Malformed`].
pub fn bip340_share(body: &[u8]) -> Result<(), Malformed> {
    frost::decode_share::<Secp256K1Sha256TR>(body).map(drop).ok_or(Malformed)
}

/// A stored key share.
///
/// # Errors
/// [`Malformed`].
pub fn key_share(bytes: &[u8]) -> Result<(), Malformed> {
    KeyShare::from_secret_bytes(bytes).map(drop).map_err(|_| Malformed)
}

fn parties() -> Result<PartiesMessage, Malformed> {
    let index = |value| party_index(value).map_err(|_| Malformed);
    Ok(PartiesMessage { sender: index(1)?, receiver: index(2)? })
}
