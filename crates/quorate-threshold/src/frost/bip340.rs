//! BIP340 Schnorr signatures (suite FROST-secp256k1-SHA256-TR) by the shares of a root key that also signs ECDSA on other paths.
//!
//! From a share of the root to a share of the key that signs: the tweak of the path, then the sign that makes the child's y even,
//! then on paths of purpose 86 the tap tweak of BIP341 without scripts (BIP86), then the sign that makes the output key's y even
//! (the crate does that one while it signs). The path decides: no caller can ask for a tweak, or for none.

use std::collections::BTreeMap;

use frost_secp256k1_tr::Secp256K1Sha256TR;
use k256::schnorr::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::begin;
use super::nonces::Nonces;
use super::suite::{Moved, Suite};
use crate::group::{Group, Secp256k1};
use crate::hd::Node;
use crate::rounds::{Kind, Runner, run_by_rounds};
use crate::{Abort, Curve, KeyShare};

/// BIP86: single-key taproot outputs.
const TAPROOT: u32 = 86;
/// RAW signing; the second index is the algorithm, 2 for BIP340.
const RAW: [u32; 2] = [1729, 2];
/// First byte of an encoded point whose y is odd.
const ODD: u8 = 3;

impl Suite for Secp256K1Sha256TR {
    type Group = Secp256k1;
    const CURVE: Curve = Curve::Secp256k1;
    const KIND: Kind = Kind::Bip340;
    type Commitments = [u8; 66];
    type Signature = Bip340Signature;

    fn moved(child: &Node<Secp256k1>, path: &[u32]) -> Result<Moved<Secp256k1>, Abort> {
        let moved = Moved::to_child(child);
        match path {
            [TAPROOT, _, ..] => tapped(moved),
            [purpose, algorithm, ..] if [*purpose, *algorithm] == RAW => Ok(moved),
            _ => Err(Abort::failed("path_scheme")),
        }
    }

    /// By k256 0.14; the protocol runs on an older generation of it.
    fn verified(key: &[u8], message: &[u8], signature: &[u8]) -> Result<Bip340Signature, Abort> {
        let invalid = || Abort::failed("signature");
        let (_, x) = key.split_first().ok_or_else(invalid)?;
        let public_key: [u8; 32] = x.try_into().map_err(|_| invalid())?;
        let signature: [u8; 64] = signature.try_into().map_err(|_| invalid())?;
        let key = VerifyingKey::from_slice(&public_key).map_err(|_| invalid())?;
        let parsed = Signature::from_slice(&signature).map_err(|_| invalid())?;
        key.verify_raw(message, &parsed).map_err(|_| invalid())?;
        Ok(Bip340Signature { signature, public_key })
    }
}

/// BIP341, `taproot_tweak_pubkey` with an empty `h`: Q = P + int(hash_TapTweak(x(P)))·G, where P has an even y.
fn tapped(child: Moved<Secp256k1>) -> Result<Moved<Secp256k1>, Abort> {
    let encoded = Secp256k1::encode_point(&child.key);
    let (sign, x) = encoded.split_first().ok_or(Abort::failed("tap_tweak"))?;
    let internal = if *sign == ODD { child.negate() } else { child };
    let tweak =
        Secp256k1::decode_scalar(&tagged_hash(b"TapTweak", x)).map_err(|_| Abort::failed("tap_tweak"))?;
    Ok(internal.plus(tweak))
}

/// BIP340: SHA-256(SHA-256(tag) || SHA-256(tag) || data).
fn tagged_hash(tag: &[u8], data: &[u8]) -> [u8; 32] {
    let tag = Sha256::digest(tag);
    Sha256::new().chain_update(tag).chain_update(tag).chain_update(data).finalize().into()
}

/// Secret nonces for one signature. Not `Clone`, never stored, consumed by [`sign_bip340`]; wiped on drop.
///
/// ```compile_fail
/// fn twice(nonces: &quorate_threshold::Bip340Nonces) -> quorate_threshold::Bip340Nonces {
///     nonces.clone()
/// }
/// ```
pub struct Bip340Nonces(Nonces<Secp256K1Sha256TR>);

impl std::fmt::Debug for Bip340Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bip340Nonces(redacted)")
    }
}

/// A verified BIP340 signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bip340Signature {
    /// x of R and s, 32 bytes big endian each.
    pub signature: [u8; 64],
    /// x of the key it verifies under: the taproot output key of the child on paths of purpose 86, else the child key.
    pub public_key: [u8; 32],
}

/// One party's side of a BIP340 signing run.
pub struct SignBip340(Runner<Bip340Signature>);

run_by_rounds!(SignBip340, Bip340Signature);

/// Draws fresh nonces and returns their public commitments (hiding then binding point, 33 bytes each).
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `hd_path`, `path_scheme` (a path that does not sign BIP340), `tap_tweak` (probability
/// 2^-127), or what a damaged share breaks.
pub fn bip340_commit(share: &KeyShare, path: &[u32]) -> Result<(Bip340Nonces, [u8; 66]), Abort> {
    Nonces::draw(share, path).map(|(nonces, commitments)| (Bip340Nonces(nonces), commitments))
}

/// Prepares to sign `digest` under the key at `path` for which the nonces were drawn. `commitments` holds those of exactly
/// `threshold` signers, our own among them; every signer must give the same arguments.
///
/// # Errors
/// [`Abort::Failed`] with check `curve`, `signers`, `nonces` (not those of this child or these commitments);
/// [`Abort::Blame`] with check `commitments` for a signer whose points are malformed.
pub fn sign_bip340(
    share: &KeyShare,
    path: &[u32],
    digest: &[u8; 32],
    nonces: Bip340Nonces,
    commitments: &BTreeMap<u8, [u8; 66]>,
) -> Result<SignBip340, Abort> {
    begin(share, path, digest, nonces.0, commitments).map(SignBip340)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output_of(child: &str) -> String {
        let key = Secp256k1::decode_point(&hex::decode(child).unwrap()).unwrap();
        let child = Node { point: key, chain_code: [0; 32], tweak: Secp256k1::small(0) };
        let output = Secp256K1Sha256TR::moved(&child, &[86, 0]).unwrap();
        hex::encode(&Secp256k1::encode_point(&output.key)[1..])
    }

    /// BIP341, wallet vectors, the output without scripts; BIP86, first receiving, second receiving and first change address.
    #[test]
    fn taproot_output_keys() {
        let cases = [
            (
                "d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d",
                "53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343",
            ),
            (
                "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115",
                "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c",
            ),
            (
                "83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145",
                "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb",
            ),
            (
                "399f1b2f4393f29a18c937859c5dd8a77350103157eb880f02e8c08214277cef",
                "882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc",
            ),
        ];
        for (internal, output) in cases {
            assert_eq!(output_of(&format!("02{internal}")), output);
            assert_eq!(output_of(&format!("03{internal}")), output, "x alone counts");
        }
    }

    /// Third-party vectors; without them the test is skipped by the name that tests/capabilities.toml lists.
    #[test]
    fn bip340_vectors() {
        let folder = std::env::var_os("QUORATE_VECTORS").map_or_else(
            || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
            std::path::PathBuf::from,
        );
        let Ok(text) = std::fs::read_to_string(folder.join("threshold/bip340/test-vectors.csv")) else {
            eprintln!("SKIPPED shared-vectors: {}", folder.display());
            return;
        };
        let (mut accepted, mut refused) = (0, 0);
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let bytes = |field: usize| hex::decode(fields[field]).unwrap();
            let key = [&[2][..], &bytes(2)].concat();
            let valid = Secp256K1Sha256TR::verified(&key, &bytes(4), &bytes(5)).is_ok();
            assert_eq!(valid, fields[6] == "TRUE", "{line}");
            accepted += usize::from(valid);
            refused += usize::from(!valid);
        }
        assert_eq!((accepted, refused), (9, 10));
    }
}
