//! This crate, message by message.

use std::collections::{BTreeMap, VecDeque};

use quorate_threshold::{
    Curve, KeyShare, Outgoing, Protocol, Step, bip340_commit, ed25519_commit, keygen, sign_bip340,
    sign_ecdsa, sign_ed25519,
};
use serde_json::{Value, json};

use crate::{median, median_of, timed};

const PARTIES: [u8; 3] = [1, 2, 3];
const SIGNERS: [u8; 2] = [1, 2];
const PATH: [u32; 5] = [44, 60, 1, 0, 0];
const TAPROOT: [u32; 5] = [86, 0, 1, 0, 0];

/// What one run cost: CPU per party, bytes per ordered pair.
struct Cost {
    cpu: BTreeMap<u8, f64>,
    bytes: BTreeMap<(u8, u8), usize>,
}

fn run<P: Protocol>(
    parties: BTreeMap<u8, P>,
    prepared: BTreeMap<u8, f64>,
) -> (BTreeMap<u8, P::Output>, Cost) {
    let indices: Vec<u8> = parties.keys().copied().collect();
    let mut parties = parties;
    let mut cost = Cost { cpu: prepared, bytes: BTreeMap::new() };
    let mut outputs = BTreeMap::new();
    let mut queue: VecDeque<(u8, u8, Vec<u8>)> = VecDeque::new();
    let mut settle =
        |me: u8, step: Step<P::Output>, queue: &mut VecDeque<_>, bytes: &mut BTreeMap<_, usize>| {
            let sent = match step {
                Step::Send(sent) => sent,
                Step::Done(sent, output) => {
                    outputs.insert(me, output);
                    sent
                }
            };
            for Outgoing { to, payload } in sent {
                let receivers = to.map_or_else(|| indices.clone(), |to| vec![to]);
                for to in receivers.into_iter().filter(|to| *to != me) {
                    *bytes.entry((me, to)).or_default() += payload.len();
                    queue.push_back((me, to, payload.clone()));
                }
            }
        };
    for (me, party) in &mut parties {
        let step = timed(cost.cpu.entry(*me).or_default(), || party.start()).unwrap();
        settle(*me, step, &mut queue, &mut cost.bytes);
    }
    while let Some((from, to, payload)) = queue.pop_front() {
        let party = parties.get_mut(&to).unwrap();
        let step = timed(cost.cpu.entry(to).or_default(), || party.receive(from, &payload)).unwrap();
        settle(to, step, &mut queue, &mut cost.bytes);
    }
    (outputs, cost)
}

fn summary(costs: &[Cost]) -> Value {
    let cpu = costs.iter().flat_map(|cost| cost.cpu.values().copied()).collect();
    let bytes = costs.iter().flat_map(|cost| cost.bytes.values().copied()).max();
    json!({"cpu_us": median(cpu), "bytes": bytes, "samples": costs.len()})
}

fn generate(curve: Curve) -> (BTreeMap<u8, KeyShare>, Cost) {
    let session = quorate_secret::random().unwrap();
    let parties = PARTIES.iter().map(|me| (*me, keygen(curve, session, *me, &PARTIES, 2))).collect();
    run(parties, BTreeMap::new())
}

fn keygen_cost(curve: Curve, runs: usize) -> Value {
    summary(&(0..runs).map(|_| generate(curve).1).collect::<Vec<_>>())
}

pub fn keygen_ed25519(runs: usize) -> Value {
    keygen_cost(Curve::Ed25519, runs)
}

pub fn keygen_secp256k1(runs: usize) -> Value {
    keygen_cost(Curve::Secp256k1, runs)
}

/// From the loaded share to the verified signature under a child key.
pub fn ecdsa(runs: usize) -> Value {
    let (shares, _) = generate(Curve::Secp256k1);
    let once = |_| {
        let session = quorate_secret::random().unwrap();
        let (mut parties, mut prepared) = (BTreeMap::new(), BTreeMap::new());
        for me in SIGNERS {
            let spent = prepared.entry(me).or_default();
            let begin = || sign_ecdsa(&shares[&me], session, &PATH, [7; 32], &SIGNERS).unwrap();
            parties.insert(me, timed(spent, begin));
        }
        run(parties, prepared).1
    };
    summary(&(0..runs).map(once).collect::<Vec<_>>())
}

/// From the loaded share to the verified signature under a child key, commitments included.
pub fn ed25519(runs: usize) -> Value {
    let (shares, _) = generate(Curve::Ed25519);
    let once = |_| {
        let (mut nonces, mut commitments) = (BTreeMap::new(), BTreeMap::new());
        let (mut parties, mut prepared) = (BTreeMap::new(), BTreeMap::new());
        for me in SIGNERS {
            let commit = || ed25519_commit(&shares[&me], &PATH).unwrap();
            let (secret, public) = timed(prepared.entry(me).or_default(), commit);
            nonces.insert(me, secret);
            commitments.insert(me, public);
        }
        for (me, nonces) in nonces {
            let begin = || sign_ed25519(&shares[&me], &PATH, &[7; 100], nonces, &commitments).unwrap();
            parties.insert(me, timed(prepared.entry(me).or_default(), begin));
        }
        run(parties, prepared).1
    };
    summary(&(0..runs).map(once).collect::<Vec<_>>())
}

/// The same, under a taproot output key.
pub fn bip340(runs: usize) -> Value {
    let (shares, _) = generate(Curve::Secp256k1);
    let once = |_| {
        let (mut nonces, mut commitments) = (BTreeMap::new(), BTreeMap::new());
        let (mut parties, mut prepared) = (BTreeMap::new(), BTreeMap::new());
        for me in SIGNERS {
            let commit = || bip340_commit(&shares[&me], &TAPROOT).unwrap();
            let (secret, public) = timed(prepared.entry(me).or_default(), commit);
            nonces.insert(me, secret);
            commitments.insert(me, public);
        }
        for (me, nonces) in nonces {
            let begin = || sign_bip340(&shares[&me], &TAPROOT, &[7; 32], nonces, &commitments).unwrap();
            parties.insert(me, timed(prepared.entry(me).or_default(), begin));
        }
        run(parties, prepared).1
    };
    summary(&(0..runs).map(once).collect::<Vec<_>>())
}

/// Decoding and checking a stored share.
pub fn load_share(runs: usize) -> Value {
    let (shares, _) = generate(Curve::Secp256k1);
    let stored = shares[&1].to_secret_bytes().unwrap();
    let load = || drop(stored.expose(KeyShare::from_secret_bytes).unwrap());
    json!({"cpu_us": median_of(runs, load), "bytes": stored.len()})
}
