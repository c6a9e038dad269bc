//! The main path: three keepers, two keys, every pair of signers, restarts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;

use std::time::Instant;

use cluster::{Cluster, Kind, ecdsa_item, ed25519_item, taproot_item};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::elliptic_curve::group::GroupEncoding;
use quorate_keeper::proto::keeper as pb;
use quorate_threshold::{Curve, hd};
use quorate_wire::certificate::KeyCertificate;
use sha2::{Digest, Sha256};

const PAIRS: [[usize; 2]; 3] = [[0, 1], [0, 2], [1, 2]];

fn child(certificate: &pb::Certificate, curve: Curve, path: &[u32]) -> Vec<u8> {
    let certificate = KeyCertificate::from_bytes(&certificate.body).unwrap();
    hd::derive(curve, &certificate.public_key, &certificate.chain_code, path).unwrap().public_key
}

/// x of the key that BIP340 verifies under: of the taproot output without scripts below purpose 86, else of the child.
fn output_key(child: &[u8], path: &[u32]) -> Vec<u8> {
    let x = &child[1..];
    if path[0] != 86 {
        return x.to_vec();
    }
    let tag = Sha256::digest(b"TapTweak");
    let tweak = Sha256::new().chain_update(tag).chain_update(tag).chain_update(x).finalize();
    let tweak = k256::SecretKey::from_slice(&tweak).unwrap().public_key();
    let internal = k256::PublicKey::from_sec1_bytes(&[&[2][..], x].concat()).unwrap();
    let output = (internal.to_projective() + tweak.to_projective()).to_affine();
    output.to_bytes()[1..].to_vec()
}

/// Verified by another implementation than the one that signed.
fn verify(
    certificates: (&pb::Certificate, &pb::Certificate),
    item: &pb::Item,
    signature: &pb::ItemSignature,
) {
    let (main, edwards) = certificates;
    if item.scheme == 2 {
        let public = output_key(&child(main, Curve::Secp256k1, &item.path), &item.path);
        assert_eq!((&signature.public_key, signature.recovery_id), (&public, None));
        let key = k256::schnorr::VerifyingKey::from_slice(&public).unwrap();
        let parsed = k256::schnorr::Signature::from_slice(&signature.signature).unwrap();
        key.verify_raw(&item.message, &parsed).unwrap();
    } else if item.scheme == 0 {
        let public = child(main, Curve::Secp256k1, &item.path);
        assert_eq!(signature.public_key, public);
        let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(&public).unwrap();
        let parsed = k256::ecdsa::Signature::from_slice(&signature.signature).unwrap();
        key.verify_prehash(&item.message, &parsed).unwrap();
        assert!(parsed.normalize_s() == parsed, "low s");
        let id = u8::try_from(signature.recovery_id.unwrap()).unwrap();
        let id = k256::ecdsa::RecoveryId::from_byte(id).unwrap();
        let recovered = k256::ecdsa::VerifyingKey::recover_from_prehash(&item.message, &parsed, id).unwrap();
        assert_eq!(recovered, key);
    } else {
        let public = child(edwards, Curve::Ed25519, &item.path);
        assert_eq!(signature.public_key, public);
        let key = ed25519_dalek::VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
        let parsed = ed25519_dalek::Signature::from_slice(&signature.signature).unwrap();
        key.verify_strict(&item.message, &parsed).unwrap();
    }
}

fn every_pair_signs(kind: Kind) {
    let started = Instant::now();
    let mut cluster = Cluster::new(kind);
    let main = cluster.create_key("main");
    let edwards = cluster.create_key("edwards");
    println!("set-up and two keys: {:?}; {} progress events", started.elapsed(), cluster.heard.progress);
    let mut signatures = 0;
    let mut sign = |cluster: &mut Cluster, key: &str, items: &[pb::Item], members: &[usize]| {
        let made = cluster.sign(key, items.to_vec(), members);
        assert_eq!(made.len(), items.len());
        for (item, signature) in items.iter().zip(&made) {
            verify((&main, &edwards), item, signature);
            signatures += 1;
        }
    };
    for members in PAIRS {
        let begun = Instant::now();
        sign(&mut cluster, "main", &[ecdsa_item(1)], &members);
        println!("ECDSA by {members:?}: {:?}", begun.elapsed());
        let begun = Instant::now();
        sign(&mut cluster, "main", &[taproot_item(1)], &members);
        println!("BIP340 by {members:?}: {:?}", begun.elapsed());
        let begun = Instant::now();
        sign(&mut cluster, "edwards", &[ed25519_item(b"hello")], &members);
        println!("Ed25519 by {members:?}: {:?}", begun.elapsed());
    }
    let raw = pb::Item { path: vec![1729, 0, 3], ..ecdsa_item(9) };
    sign(&mut cluster, "main", &[ecdsa_item(1), ecdsa_item(2), raw], &[0, 2]);
    // One root key, both schemes, one session.
    let raw = pb::Item { path: vec![1729, 2, 3], ..taproot_item(9) };
    sign(&mut cluster, "main", &[taproot_item(1), ecdsa_item(1), raw, taproot_item(1)], &[1, 2]);
    let long = ed25519_item(&vec![7; 65_536]);
    sign(&mut cluster, "edwards", &[long, ed25519_item(b"x")], &[1, 2]);
    // A restart: the shares come back from their blobs, the start rule is met again, the channels are new.
    cluster.restart(1);
    assert_eq!(cluster.signers[1].loaded.incarnation, 2);
    assert!(cluster.start_rule(1).may_vote);
    sign(&mut cluster, "main", &[ecdsa_item(3), taproot_item(3)], &[0, 1]);
    sign(&mut cluster, "edwards", &[ed25519_item(b"again")], &[1, 2]);
    assert_eq!(signatures, 21);
    let status = cluster.signers[1].status();
    assert_eq!((status.keys.len(), status.sessions, status.channels.len()), (2, 0, 2));
    assert!(cluster.heard.dead.is_empty());
    println!("resident: {} MB", status.rss_bytes >> 20);
}

#[test]
fn every_pair_signs_in_process() {
    every_pair_signs(Kind::InProcess);
}

#[test]
fn every_pair_signs_as_programs() {
    every_pair_signs(Kind::Child);
}
