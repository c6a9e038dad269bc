//! Recorded sessions: our rounds, given the recorded nonces, must yield the recorded shares and signatures.

use std::collections::BTreeMap;

use frost_core::round1::Nonce;
use frost_ed25519::round1::SigningNonces;
use quorate_secret::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{FrostNonces, sign_frost};
use crate::{Curve, KeyPublic, KeyShare, Outgoing, Protocol, Step};

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// Identifiers are little-endian scalars.
fn index(value: &Value) -> u8 {
    let bytes = bytes(value);
    assert!(bytes[1..].iter().all(|byte| *byte == 0));
    bytes[0]
}

fn public(case: &Value) -> KeyPublic {
    let participants = case["participants"].as_array().unwrap();
    let public_shares: BTreeMap<u8, Vec<u8>> =
        participants.iter().map(|one| (index(&one["identifier"]), bytes(&one["verifying_share"]))).collect();
    KeyPublic {
        curve: Curve::Ed25519,
        threshold: u8::try_from(case["t"].as_u64().unwrap()).unwrap(),
        parties: public_shares.keys().copied().collect(),
        public_key: bytes(&case["group_public_key"]),
        chain_code: [0; 32],
        public_shares,
    }
}

fn share_of(case: &Value, signer: u8) -> KeyShare {
    let participants = case["participants"].as_array().unwrap();
    let own = participants.iter().find(|one| index(&one["identifier"]) == signer).unwrap();
    let secret = Secret::from_slice(&bytes(&own["signing_share"])).unwrap();
    let share = KeyShare { public: public(case), me: signer, secret, setup: None };
    let stored = share.to_secret_bytes().unwrap();
    stored.expose(KeyShare::from_secret_bytes).expect("shares, public shares and key fit together")
}

/// A recorded commitment pair stands behind five bytes of header.
fn commitments(session: &[Value]) -> BTreeMap<u8, [u8; 64]> {
    let one =
        |entry: &Value| (index(&entry["identifier"]), bytes(&entry["commitments"])[5..].try_into().unwrap());
    session.iter().map(one).collect()
}

fn nonces(entry: &Value, public: &KeyPublic) -> FrostNonces {
    let nonce = |name: &str| Nonce::deserialize(&bytes(&entry[name])).unwrap();
    let nonces = SigningNonces::from_nonces(nonce("hiding_nonce"), nonce("binding_nonce"));
    FrostNonces {
        nonces: Zeroizing::new(nonces),
        root: public.public_key.clone(),
        path: Vec::new(),
        child: public.child(&[]).unwrap(),
    }
}

/// Starts one signer and returns its run and its share of the signature.
fn begin(case: &Value, entry: &Value) -> (super::SignFrost, Outgoing) {
    let session = case["signing"].as_array().unwrap();
    let share = share_of(case, index(&entry["identifier"]));
    let nonces = nonces(entry, &share.public);
    let mut run = sign_frost(&share, &[], &bytes(&case["message"]), nonces, commitments(session)).unwrap();
    match run.start().unwrap() {
        Step::Send(mut sent) => (run, sent.remove(0)),
        Step::Done(..) => panic!("others are needed"),
    }
}

fn replay(case: &Value) {
    let session = case["signing"].as_array().unwrap();
    let mut runs: Vec<_> = session.iter().map(|entry| begin(case, entry)).collect();
    let sent: Vec<Outgoing> = runs.iter().map(|(_, sent)| sent.clone()).collect();
    for (entry, sent) in session.iter().zip(&sent) {
        assert_eq!(sent.payload[3..], bytes(&entry["signature_share"]), "share of the signature");
    }
    for (position, (run, _)) in runs.iter_mut().enumerate() {
        let others = sent.iter().enumerate().filter(|(other, _)| *other != position);
        let mut signature = None;
        for (other, message) in others {
            if let Step::Done(_, done) =
                run.receive(index(&session[other]["identifier"]), &message.payload).unwrap()
            {
                signature = Some(done.signature.to_vec());
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
    let ours: Vec<&Value> = cases.iter().filter(|case| case["ciphersuite"] == "frost_ed25519").collect();
    assert_eq!(ours.len(), 3);
    ours.into_iter().for_each(replay);
}
