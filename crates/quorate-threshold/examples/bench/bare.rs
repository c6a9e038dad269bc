//! The libraries without this crate around them.

use std::collections::BTreeMap;

use dkls23_core::protocols::re_key::re_key;
use dkls23_core::protocols::signing::SignData;
use dkls23_core::protocols::{Parameters, Party, PartyIndex};
use frost_core::keys::{IdentifierList, KeyPackage, generate_with_dealer};
use frost_core::{Ciphersuite, SigningPackage, aggregate, round1, round2};
use k256::elliptic_curve::ff::FromUniformBytes;
use k256::{Scalar, Secp256k1};
use rand_core::OsRng;
use secp256k1::{Message, SECP256K1, SecretKey};
use serde_json::{Value, json};

use crate::{median, median_of, timed};

/// The four signing phases, keys from the crate's own dealer.
pub fn dkls(runs: usize) -> Value {
    let key = Scalar::from_uniform_bytes(&quorate_secret::random::<64>().unwrap());
    let parameters = Parameters::new(2, 3).unwrap();
    let (parties, _) = re_key::<Secp256k1>(&parameters, &[1; 32], &key, None, |_| String::new());
    let cpu = (0..runs).flat_map(|_| dkls_once(&parties[..2])).collect();
    json!({"cpu_us": median(cpu)})
}

fn dkls_once(signers: &[Party<Secp256k1>]) -> Vec<f64> {
    let sign_id: [u8; 32] = quorate_secret::random().unwrap();
    let mut spent = vec![0.0; signers.len()];
    let data: Vec<SignData> =
        signers.iter().map(|signer| sign_data(signer.party_index, signers, sign_id)).collect();
    let mut kept = Vec::new();
    let mut inboxes: BTreeMap<PartyIndex, Vec<_>> = BTreeMap::new();
    for (number, signer) in signers.iter().enumerate() {
        let (unique, keep, sent) = timed(&mut spent[number], || signer.sign_phase1(&data[number]).unwrap());
        kept.push((unique, keep));
        sent.into_iter()
            .for_each(|message| inboxes.entry(message.parties.receiver).or_default().push(message));
    }
    let mut later = Vec::new();
    let mut second: BTreeMap<PartyIndex, Vec<_>> = BTreeMap::new();
    for (number, (unique, keep)) in kept.into_iter().enumerate() {
        let signer = &signers[number];
        let phase =
            || signer.sign_phase2(&data[number], unique, keep, &inboxes[&signer.party_index]).unwrap();
        let (unique, keep, sent) = timed(&mut spent[number], phase);
        later.push((unique, keep));
        sent.into_iter()
            .for_each(|message| second.entry(message.parties.receiver).or_default().push(message));
    }
    let (mut r, mut shares) = (String::new(), Vec::new());
    for (number, (unique, keep)) in later.into_iter().enumerate() {
        let signer = &signers[number];
        let phase = || signer.sign_phase3(&data[number], unique, keep, &second[&signer.party_index]).unwrap();
        let (x, share) = timed(&mut spent[number], phase);
        r = x;
        shares.push(share);
    }
    for (number, signer) in signers.iter().enumerate() {
        timed(&mut spent[number], || signer.sign_phase4(&data[number], &r, &shares, true).unwrap());
    }
    spent
}

fn sign_data(me: PartyIndex, signers: &[Party<Secp256k1>], sign_id: [u8; 32]) -> SignData {
    let others = signers.iter().map(|signer| signer.party_index).filter(|index| *index != me);
    SignData { sign_id: sign_id.to_vec(), counterparties: others.collect(), message_hash: [7; 32] }
}

/// Commit, sign, aggregate with verification; keys from the crate's own dealer.
pub fn frost<C: Ciphersuite>(runs: usize) -> Value {
    let (shares, public) = generate_with_dealer::<C, _>(3, 2, IdentifierList::Default, &mut OsRng).unwrap();
    let keys: Vec<KeyPackage<C>> =
        shares.into_values().take(2).map(|share| share.try_into().unwrap()).collect();
    let once = || {
        let mut spent = vec![0.0; keys.len()];
        let (mut nonces, mut commitments) = (Vec::new(), BTreeMap::new());
        for (number, key) in keys.iter().enumerate() {
            let commit = || round1::commit(key.signing_share(), &mut OsRng);
            let (secret, public) = timed(&mut spent[number], commit);
            nonces.push(secret);
            commitments.insert(*key.identifier(), public);
        }
        let package = SigningPackage::new(commitments, &[7; 100]);
        let mut shares = BTreeMap::new();
        for (number, key) in keys.iter().enumerate() {
            let sign = || round2::sign(&package, &nonces[number], key).unwrap();
            shares.insert(*key.identifier(), timed(&mut spent[number], sign));
        }
        for spent in &mut spent {
            timed(spent, || aggregate(&package, &shares, &public).unwrap());
        }
        spent
    };
    json!({"cpu_us": median((0..runs).flat_map(|_| once()).collect())})
}

/// One key in one place.
pub fn libsecp256k1(runs: usize) -> Value {
    let secret = SecretKey::from_byte_array([9; 32]).unwrap();
    let public = secret.public_key(SECP256K1);
    let message = Message::from_digest([7; 32]);
    let signature = SECP256K1.sign_ecdsa(message, &secret);
    json!({
        "sign_cpu_us": median_of(runs, || {
            std::hint::black_box(SECP256K1.sign_ecdsa(message, &secret));
        }),
        "verify_cpu_us": median_of(runs, || SECP256K1.verify_ecdsa(message, &signature, &public).unwrap()),
    })
}
