//! Child keys against vectors made without this crate.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::group::GroupEncoding;
use k256::{ProjectivePoint, Scalar};
use quorate_threshold::{Curve, hd};
use serde_json::Value;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Third-party vectors; without them the test is skipped by the name that tests/capabilities.toml lists.
fn shared(file: &str) -> Option<Value> {
    let folder = std::env::var_os("QUORATE_VECTORS")
        .map_or_else(|| Path::new(HERE).join("../../../shared/vectors"), PathBuf::from);
    let path = folder.join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            eprintln!("SKIPPED shared-vectors: {}", path.display());
            None
        }
    }
}

/// Depth and key material of an extended key (78 bytes: version 4, depth 1, fingerprint 4, child 4, chain code 32, key 33).
struct Extended {
    chain_code: [u8; 32],
    key: Vec<u8>,
}

fn extended(text: &Value) -> Extended {
    let bytes = bs58::decode(text.as_str().unwrap()).with_check(None).into_vec().unwrap();
    assert_eq!(bytes.len(), 78);
    Extended { chain_code: bytes[13..45].try_into().unwrap(), key: bytes[45..].to_vec() }
}

#[test]
fn bip32_public_derivation() {
    let Some(vectors) = shared("threshold/bip32/bip32.json") else { return };
    let (mut keys, mut derived) = (0, 0);
    for vector in vectors["vectors"].as_array().unwrap() {
        let chain = vector["chain"].as_array().unwrap();
        keys += chain.len();
        for pair in chain.windows(2) {
            let last = pair[1]["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            let Ok(index) = last.parse::<u32>() else {
                assert!(last.ends_with('h'), "hardened steps only");
                continue;
            };
            let (parent, child) = (extended(&pair[0]["pub"]), extended(&pair[1]["pub"]));
            let found = hd::derive(Curve::Secp256k1, &parent.key, &parent.chain_code, &[index]).unwrap();
            assert_eq!((found.public_key, found.chain_code), (child.key, child.chain_code));
            assert_eq!(private_sum(&pair[0]["prv"], found.tweak), extended(&pair[1]["prv"]).key);
            derived += 1;
        }
    }
    assert_eq!(keys, 17);
    assert_eq!(derived, 6, "steps without hardening");
}

/// 0x00 || parent private key + tweak.
fn private_sum(parent: &Value, tweak: [u8; 32]) -> Vec<u8> {
    let parent: [u8; 32] = extended(parent).key[1..].try_into().unwrap();
    let scalar = |bytes: [u8; 32]| Scalar::from_repr(bytes.into()).unwrap();
    [&[0], (scalar(parent) + scalar(tweak)).to_repr().as_slice()].concat()
}

#[test]
fn bip32_invalid_points_are_no_roots() {
    let Some(vectors) = shared("threshold/bip32/bip32.json") else { return };
    let cases = vectors["invalid"].as_array().unwrap();
    assert_eq!(cases.len(), 14);
    let (mut points, mut refused) = (0, 0);
    for case in cases.iter().filter(|case| case["key"].as_str().unwrap().starts_with("xpub")) {
        let Ok(bytes) = bs58::decode(case["key"].as_str().unwrap()).with_check(None).into_vec() else {
            continue;
        };
        let valid = secp256k1::PublicKey::from_slice(&bytes[45..]).is_ok();
        let accepted = hd::derive(Curve::Secp256k1, &bytes[45..], &[0; 32], &[0]).is_ok();
        assert_eq!(accepted, valid, "{case}");
        points += 1;
        refused += usize::from(!accepted);
    }
    assert_eq!((points, refused), (6, 4), "xpub cases, and those whose point is the fault");
}

#[test]
fn ed25519_chains() {
    let bytes = std::fs::read(Path::new(HERE).join("tests/vectors/ed25519-hd.json")).unwrap();
    let vectors: Value = serde_json::from_slice(&bytes).unwrap();
    let bytes_of = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let (mut chains, mut children) = (0, 0);
    for chain in vectors["chains"].as_array().unwrap() {
        chains += 1;
        let root = bytes_of(&chain["public_key"]);
        let code: [u8; 32] = bytes_of(&chain["chain_code"]).try_into().unwrap();
        let mut path = Vec::new();
        for child in chain["children"].as_array().unwrap() {
            path.push(u32::try_from(child["index"].as_u64().unwrap()).unwrap());
            let found = hd::derive(Curve::Ed25519, &root, &code, &path).unwrap();
            assert_eq!(found.public_key, bytes_of(&child["public_key"]));
            assert_eq!(found.chain_code.to_vec(), bytes_of(&child["chain_code"]));
            assert_eq!(found.tweak.to_vec(), bytes_of(&child["tweak"]));
            children += 1;
        }
    }
    assert_eq!((chains, children), (3, 11));
}

#[test]
fn bad_paths_and_roots() {
    let root = ProjectivePoint::GENERATOR.to_bytes();
    let refused =
        |curve, key: &[u8], path: &[u32]| hd::derive(curve, key, &[7; 32], path).unwrap_err().check();
    assert_eq!(refused(Curve::Secp256k1, &root, &[hd::HARDENED]), "hd_path");
    assert_eq!(refused(Curve::Secp256k1, &root, &[0; hd::MAX_DEPTH + 1]), "hd_path");
    assert_eq!(refused(Curve::Secp256k1, &[0; 33], &[0]), "hd_key");
    assert_eq!(refused(Curve::Secp256k1, &root[..32], &[0]), "hd_key");
    assert_eq!(refused(Curve::Ed25519, &root, &[0]), "hd_key");
    let identity = [&[1][..], &[0; 31]].concat();
    assert_eq!(refused(Curve::Ed25519, &identity, &[0]), "hd_key");
    let order_four = [0; 32];
    assert_eq!(refused(Curve::Ed25519, &order_four, &[0]), "hd_key");
}
