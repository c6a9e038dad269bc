//! Keys that work: every signer subset, both curves, several paths; verified by libraries other than the protocol's own.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ecdsa, ed25519, generate, subsets};
use quorate_threshold::{Curve, KeyShare, hd};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey};
use std::collections::BTreeMap;

const PATHS: [&[u32]; 4] = [&[], &[0], &[44, 60, 7, 0, 3], &[1729, 0, 2_147_483_647]];
/// Threshold, indices (not always contiguous), expected signer subsets.
const GROUPS: [(u8, &[u8], usize); 3] = [(2, &[1, 2, 3], 3), (2, &[1, 2], 1), (3, &[2, 3, 7, 90, 255], 10)];

fn check_ecdsa(shares: &BTreeMap<u8, KeyShare>, signers: &[u8], path: &[u32], tag: u8) {
    let digest = [tag; 32];
    let signature = ecdsa(shares, signers, path, digest);
    let public = shares[&signers[0]].public();
    let child = hd::derive(Curve::Secp256k1, &public.public_key, &public.chain_code, path).unwrap();
    assert_eq!(signature.public_key.to_vec(), child.public_key);
    let key = PublicKey::from_slice(&child.public_key).unwrap();
    let message = Message::from_digest(digest);
    // libsecp256k1 refuses a high s.
    let parsed = secp256k1::ecdsa::Signature::from_compact(&signature.r_s).unwrap();
    secp256k1::SECP256K1.verify_ecdsa(message, &parsed, &key).unwrap();
    let id = RecoveryId::try_from(i32::from(signature.recovery_id)).unwrap();
    let recoverable = RecoverableSignature::from_compact(&signature.r_s, id).unwrap();
    assert_eq!(secp256k1::SECP256K1.recover_ecdsa(message, &recoverable).unwrap(), key);
}

#[test]
fn ecdsa_by_every_subset() {
    let mut signed = 0;
    for (threshold, parties, expected) in GROUPS {
        let shares = generate(Curve::Secp256k1, parties, threshold);
        let sets = subsets(parties, usize::from(threshold));
        assert_eq!(sets.len(), expected);
        for (number, signers) in sets.iter().enumerate() {
            let path = PATHS[number % PATHS.len()];
            check_ecdsa(&shares, signers, path, number as u8 + 1);
            signed += 1;
        }
    }
    assert_eq!(signed, 14);
}

#[test]
fn ecdsa_on_every_path() {
    let shares = generate(Curve::Secp256k1, &[1, 2, 3], 2);
    for (number, path) in PATHS.iter().enumerate() {
        check_ecdsa(&shares, &[3, 1], path, number as u8 + 1);
    }
}

#[test]
fn eddsa_by_every_subset_on_every_path() {
    let mut signed = 0;
    for (threshold, parties, expected) in GROUPS {
        let shares = generate(Curve::Ed25519, parties, threshold);
        let sets = subsets(parties, usize::from(threshold));
        assert_eq!(sets.len(), expected);
        for signers in &sets {
            for path in PATHS {
                let message = [signers.as_slice(), b"message"].concat();
                let signature = ed25519(&shares, signers, path, &message);
                let public = shares[&signers[0]].public();
                let child = hd::derive(Curve::Ed25519, &public.public_key, &public.chain_code, path).unwrap();
                assert_eq!(signature.public_key.to_vec(), child.public_key);
                ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, &child.public_key)
                    .verify(&message, &signature.signature)
                    .unwrap();
                signed += 1;
            }
        }
    }
    assert_eq!(signed, 14 * PATHS.len());
}

#[test]
fn shares_survive_storage() {
    for curve in [Curve::Secp256k1, Curve::Ed25519] {
        let shares = generate(curve, &[1, 5, 9], 2);
        let stored: BTreeMap<u8, KeyShare> = shares
            .iter()
            .map(|(me, share)| {
                let bytes = share.to_secret_bytes().unwrap();
                let again = bytes.expose(KeyShare::from_secret_bytes).unwrap();
                assert_eq!(again.public(), share.public());
                assert_eq!(again.me(), *me);
                assert_eq!(again.to_secret_bytes().unwrap(), bytes);
                (*me, again)
            })
            .collect();
        match curve {
            Curve::Secp256k1 => check_ecdsa(&stored, &[1, 9], &[44, 0], 9),
            Curve::Ed25519 => drop(ed25519(&stored, &[1, 9], &[44, 0], b"stored")),
        }
    }
}

#[test]
fn empty_and_long_messages() {
    let shares = generate(Curve::Ed25519, &[1, 2], 2);
    for len in [0, 1, 100_000] {
        ed25519(&shares, &[1, 2], &[44], &vec![7; len]);
    }
}

#[test]
fn debug_shows_no_secret() {
    let shares = generate(Curve::Secp256k1, &[1, 2], 2);
    let secret = shares[&1].to_secret_bytes().unwrap();
    let text = format!("{:?}", shares[&1]);
    assert!(text.len() < 2000, "only the public part: {text}");
    assert_eq!(format!("{secret:?}"), "SecretBytes(redacted)");
}
