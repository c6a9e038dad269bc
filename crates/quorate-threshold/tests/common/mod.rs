//! An in-memory network of honest parties, with a hook that may change any message on its way.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, VecDeque};

use quorate_threshold::{
    Abort, Bip340Signature, Curve, EcdsaSignature, Ed25519Signature, KeyShare, Outgoing, Protocol, Step,
    bip340_commit, ed25519_commit, keygen, sign_bip340, sign_ecdsa, sign_ed25519,
};

pub type Results<T> = BTreeMap<u8, Result<T, Abort>>;

/// A message under way.
pub struct Wire {
    pub from: u8,
    pub to: u8,
    pub payload: Vec<u8>,
}

impl Wire {
    pub fn round(&self) -> u8 {
        self.payload[2]
    }
}

/// Runs all parties to their end; `hook` sees every message before delivery and may change it. A party without a result (it
/// waits for ever) is absent from the answer.
pub fn run<P: Protocol>(parties: BTreeMap<u8, P>, mut hook: impl FnMut(&mut Wire)) -> Results<P::Output> {
    let indices: Vec<u8> = parties.keys().copied().collect();
    let mut parties = parties;
    let mut results = Results::new();
    let mut queue = VecDeque::new();
    for index in &indices {
        let step = parties.get_mut(index).unwrap().start();
        deliver(*index, step, &indices, &mut queue, &mut results);
    }
    while let Some(mut wire) = queue.pop_front() {
        hook(&mut wire);
        if results.contains_key(&wire.to) {
            continue;
        }
        let step = parties.get_mut(&wire.to).unwrap().receive(wire.from, &wire.payload);
        deliver(wire.to, step, &indices, &mut queue, &mut results);
    }
    results
}

/// Like [`run`], but the network picks the next message by `choices` (in turn), and delivers every third one twice.
pub fn run_disordered<P: Protocol>(parties: BTreeMap<u8, P>, choices: &[usize]) -> Results<P::Output> {
    let indices: Vec<u8> = parties.keys().copied().collect();
    let mut parties = parties;
    let mut results = Results::new();
    let mut queue = VecDeque::new();
    let mut not_started = indices.clone();
    for turn in 0usize.. {
        let choice = choices[turn % choices.len()];
        let may_start = choice.is_multiple_of(4) || queue.is_empty();
        if let Some(index) = not_started.pop_if(|_| may_start) {
            let step = parties.get_mut(&index).unwrap().start();
            deliver(index, step, &indices, &mut queue, &mut results);
            continue;
        }
        let Some(wire) = queue.remove(choice % queue.len().max(1)) else { break };
        for _ in 0..1 + usize::from(turn.is_multiple_of(3)) {
            if !results.contains_key(&wire.to) {
                let step = parties.get_mut(&wire.to).unwrap().receive(wire.from, &wire.payload);
                deliver(wire.to, step, &indices, &mut queue, &mut results);
            }
        }
    }
    results
}

fn deliver<T>(
    from: u8,
    step: Result<Step<T>, Abort>,
    indices: &[u8],
    queue: &mut VecDeque<Wire>,
    results: &mut Results<T>,
) {
    let sent = match step {
        Ok(Step::Send(sent)) => sent,
        Ok(Step::Done(sent, output)) => {
            results.insert(from, Ok(output));
            sent
        }
        Err(abort) => {
            results.insert(from, Err(abort));
            return;
        }
    };
    for Outgoing { to, payload } in sent {
        let receivers: Vec<u8> = to.map_or_else(|| indices.to_vec(), |to| vec![to]);
        for to in receivers.into_iter().filter(|to| *to != from) {
            queue.push_back(Wire { from, to, payload: payload.clone() });
        }
    }
}

pub fn untouched(_: &mut Wire) {}

/// All succeeded.
pub fn all<T>(results: Results<T>, expected: usize) -> BTreeMap<u8, T> {
    assert_eq!(results.len(), expected, "every party came to an end");
    results.into_iter().map(|(index, result)| (index, result.expect("no abort"))).collect()
}

pub fn session(tag: u8) -> [u8; 32] {
    let mut session: [u8; 32] = quorate_secret::random().unwrap();
    session[0] = tag;
    session
}

pub fn begin_keygen(curve: Curve, parties: &[u8], threshold: u8) -> BTreeMap<u8, quorate_threshold::Keygen> {
    let session = session(0);
    parties.iter().map(|me| (*me, keygen(curve, session, *me, parties, threshold))).collect()
}

pub fn generate(curve: Curve, parties: &[u8], threshold: u8) -> BTreeMap<u8, KeyShare> {
    all(run(begin_keygen(curve, parties, threshold), untouched), parties.len())
}

pub fn begin_ecdsa(
    shares: &BTreeMap<u8, KeyShare>,
    signers: &[u8],
    path: &[u32],
    digest: [u8; 32],
) -> BTreeMap<u8, quorate_threshold::SignEcdsa> {
    let session = session(1);
    let begin = |signer: &u8| (*signer, sign_ecdsa(&shares[signer], session, path, digest, signers).unwrap());
    signers.iter().map(begin).collect()
}

pub fn ecdsa(
    shares: &BTreeMap<u8, KeyShare>,
    signers: &[u8],
    path: &[u32],
    digest: [u8; 32],
) -> EcdsaSignature {
    let signatures = all(run(begin_ecdsa(shares, signers, path, digest), untouched), signers.len());
    same(signatures.into_values())
}

pub fn begin_ed25519(
    shares: &BTreeMap<u8, KeyShare>,
    signers: &[u8],
    path: &[u32],
    message: &[u8],
) -> BTreeMap<u8, quorate_threshold::SignEd25519> {
    let mut nonces = BTreeMap::new();
    let mut commitments = BTreeMap::new();
    for signer in signers {
        let (secret, public) = ed25519_commit(&shares[signer], path).unwrap();
        nonces.insert(*signer, secret);
        commitments.insert(*signer, public);
    }
    let begin = |(signer, nonces)| {
        let run = sign_ed25519(&shares[&signer], path, message, nonces, &commitments).unwrap();
        (signer, run)
    };
    nonces.into_iter().map(begin).collect()
}

pub fn ed25519(
    shares: &BTreeMap<u8, KeyShare>,
    signers: &[u8],
    path: &[u32],
    message: &[u8],
) -> Ed25519Signature {
    let signatures = all(run(begin_ed25519(shares, signers, path, message), untouched), signers.len());
    same(signatures.into_values())
}

pub fn begin_bip340(
    shares: &BTreeMap<u8, KeyShare>,
    signers: &[u8],
    path: &[u32],
    digest: [u8; 32],
) -> BTreeMap<u8, quorate_threshold::SignBip340> {
    let mut nonces = BTreeMap::new();
    let mut commitments = BTreeMap::new();
    for signer in signers {
        let (secret, public) = bip340_commit(&shares[signer], path).unwrap();
        nonces.insert(*signer, secret);
        commitments.insert(*signer, public);
    }
    let begin = |(signer, nonces)| {
        let run = sign_bip340(&shares[&signer], path, &digest, nonces, &commitments).unwrap();
        (signer, run)
    };
    nonces.into_iter().map(begin).collect()
}

pub fn bip340(
    shares: &BTreeMap<u8, KeyShare>,
    signers: &[u8],
    path: &[u32],
    digest: [u8; 32],
) -> Bip340Signature {
    let signatures = all(run(begin_bip340(shares, signers, path, digest), untouched), signers.len());
    same(signatures.into_values())
}

fn same<T: PartialEq + std::fmt::Debug>(values: impl Iterator<Item = T>) -> T {
    let values: Vec<T> = values.collect();
    assert!(values.windows(2).all(|pair| pair[0] == pair[1]), "all signers hold the same signature");
    values.into_iter().next().unwrap()
}

/// Every subset of `parties` of the given size.
pub fn subsets(parties: &[u8], size: usize) -> Vec<Vec<u8>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let Some((first, rest)) = parties.split_first() else { return Vec::new() };
    let mut with: Vec<Vec<u8>> = subsets(rest, size - 1);
    with.iter_mut().for_each(|subset| subset.insert(0, *first));
    with.extend(subsets(rest, size));
    with
}
