//! Recorded sessions: our rounds, given the recorded nonces, must yield the recorded shares and signatures.

use std::collections::BTreeMap;

use frost_core::round1::{Nonce, SigningNonces};
use frost_ed25519::Ed25519Sha512;
use frost_secp256k1_tr::Secp256K1Sha256TR;
use quorate_secret::Secret;
use serde_json::Value;

use super::nonces::Nonces;
use super::suite::{Moved, Suite};
use crate::rounds::Runner;
use crate::{Curve, KeyPublic, KeyShare, Outgoing, Step};

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// Identifiers are scalars, in the byte order of their curve.
fn index(curve: Curve, value: &Value) -> u8 {
    let mut bytes = bytes(value);
    if curve == Curve::Secp256k1 {
        bytes.reverse();
    }
    assert!(bytes[1..].iter().all(|byte| *byte == 0));
    bytes[0]
}

fn public(curve: Curve, case: &Value) -> KeyPublic {
    let participants = case["participants"].as_array().unwrap();
    let public_shares: BTreeMap<u8, Vec<u8>> = participants
        .iter()
        .map(|one| (index(curve, &one["identifier"]), bytes(&one["verifying_share"])))
        .collect();
    KeyPublic {
        curve,
        threshold: u8::try_from(case["t"].as_u64().unwrap()).unwrap(),
        parties: public_shares.keys().copied().collect(),
        public_key: bytes(&case["group_public_key"]),
        chain_code: [0; 32],
        public_shares,
    }
}

fn share_of<S: Suite>(case: &Value, signer: u8) -> KeyShare {
    let participants = case["participants"].as_array().unwrap();
    let own = participants.iter().find(|one| index(S::CURVE, &one["identifier"]) == signer).unwrap();
    let secret = Secret::from_slice(&bytes(&own["signing_share"])).unwrap();
    let share = KeyShare { public: public(S::CURVE, case), me: signer, secret, setup: None };
    share.public.check::<<S as Suite>::Group>().expect("public shares and key fit together");
    share.check_own::<<S as Suite>::Group>().expect("share and public share fit together");
    share
}

/// A recorded commitment pair stands behind five bytes of header.
fn commitments<S: Suite>(session: &[Value]) -> BTreeMap<u8, S::Commitments> {
    let one = |entry: &Value| {
        let points = &bytes(&entry["commitments"])[5..];
        (index(S::CURVE, &entry["identifier"]), S::Commitments::try_from(points).ok().unwrap())
    };
    session.iter().map(one).collect()
}

/// Of the root itself: the recorded keys have no children.
fn nonces<S: Suite>(entry: &Value, share: &KeyShare) -> Nonces<S> {
    let nonce = |name: &str| Nonce::deserialize(&bytes(&entry[name])).unwrap();
    let secret = SigningNonces::from_nonces(nonce("hiding_nonce"), nonce("binding_nonce"));
    let root = share.public.child(&[]).unwrap();
    Nonces::new(secret, share, &[], Moved::to_child(&root))
}

/// Starts one signer and returns its run and its share of the signature.
fn begin<S: Suite>(case: &Value, entry: &Value) -> (Runner<S::Signature>, Outgoing) {
    let session = case["signing"].as_array().unwrap();
    let share = share_of::<S>(case, index(S::CURVE, &entry["identifier"]));
    let (nonces, commitments) = (nonces::<S>(entry, &share), commitments::<S>(session));
    let mut run = super::begin(&share, &[], &bytes(&case["message"]), nonces, &commitments).unwrap();
    match run.start().unwrap() {
        Step::Send(mut sent) => (run, sent.remove(0)),
        Step::Done(..) => panic!("others are needed"),
    }
}

fn replay<S: Suite>(case: &Value, signature_of: fn(S::Signature) -> [u8; 64]) {
    let session = case["signing"].as_array().unwrap();
    let mut runs: Vec<_> = session.iter().map(|entry| begin::<S>(case, entry)).collect();
    let sent: Vec<Outgoing> = runs.iter().map(|(_, sent)| sent.clone()).collect();
    for (entry, sent) in session.iter().zip(&sent) {
        assert_eq!(sent.payload[3..], bytes(&entry["signature_share"]), "share of the signature");
    }
    for (position, (run, _)) in runs.iter_mut().enumerate() {
        let others = sent.iter().enumerate().filter(|(other, _)| *other != position);
        let mut signature = None;
        for (other, message) in others {
            let from = index(S::CURVE, &session[other]["identifier"]);
            if let Step::Done(_, done) = run.receive(from, &message.payload).unwrap() {
                signature = Some(signature_of(done).to_vec());
            }
        }
        assert_eq!(signature, Some(bytes(&case["signature"])));
    }
}

#[test]
fn recorded_sessions() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/frost-sessions.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    let (mut ed25519, mut bip340) = (0, 0);
    for case in cases {
        match case["ciphersuite"].as_str().unwrap() {
            "frost_ed25519" => {
                replay::<Ed25519Sha512>(case, |done| done.signature);
                ed25519 += 1;
            }
            "frost_secp256k1_tr" => {
                replay::<Secp256K1Sha256TR>(case, |done| done.signature);
                bip340 += 1;
            }
            other => assert_eq!(other, "frost_secp256k1", "the suite that we do not sign with"),
        }
    }
    assert_eq!((ed25519, bip340), (3, 3));
}
