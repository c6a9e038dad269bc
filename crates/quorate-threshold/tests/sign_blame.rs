//! Signing under attack: a wrong message never becomes a signature, and what can be attributed is.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use common::{Results, Wire, begin_ecdsa, begin_ed25519, generate, run, session};
use proptest::prelude::*;
use quorate_threshold::{
    Abort, Curve, EcdsaSignature, Ed25519Signature, KeyShare, Protocol, ed25519_commit, sign_ecdsa,
    sign_ed25519,
};

static ECDSA: LazyLock<BTreeMap<u8, KeyShare>> = LazyLock::new(|| generate(Curve::Secp256k1, &[1, 2, 3], 2));
static EDDSA: LazyLock<BTreeMap<u8, KeyShare>> = LazyLock::new(|| generate(Curve::Ed25519, &[1, 2, 3], 2));
const DIGEST: [u8; 32] = [0x42; 32];
const PATH: [u32; 3] = [44, 60, 1];

type Commitments = BTreeMap<u8, [u8; 64]>;

fn blamed(culprit: u8, check: &'static str, ban: bool) -> Abort {
    Abort::Blame { culprits: vec![culprit], check, ban }
}

fn tampered(round: u8, offset: usize) -> Results<EcdsaSignature> {
    run(begin_ecdsa(&ECDSA, &[1, 3], &PATH, DIGEST), |wire| {
        if wire.from == 3 && wire.round() == round {
            wire.payload[3 + offset] ^= 1;
        }
    })
}

fn check_ecdsa(signature: &EcdsaSignature) {
    let key = secp256k1::PublicKey::from_slice(&signature.public_key).unwrap();
    let parsed = secp256k1::ecdsa::Signature::from_compact(&signature.r_s).unwrap();
    let message = secp256k1::Message::from_digest(DIGEST);
    secp256k1::SECP256K1.verify_ecdsa(message, &parsed, &key).unwrap();
}

/// Offsets in the round-1 body: binding 0, commitment 32, nonce 64, u 96, x after 256*78, t. In the round-2 body: binding 0,
/// gamma_u 32, gamma_v 65, psi 98, public share 130, instance point 163, salt 196, tau 260, OT salt, r, u, gamma.
#[test]
fn ecdsa_culprits() {
    let tau = 260;
    let after_tau = tau + 4 * 416 * 32;
    let cases = [
        (1, 0, blamed(3, "session_binding", false)),
        (1, 64, blamed(3, "ot_check", true)),
        (1, 96 + 5, blamed(3, "ot_check", true)),
        (1, 96 + 256 * 78, blamed(3, "ot_check", true)),
        (1, 96 + 256 * 78 + 26, blamed(3, "ot_check", true)),
        (2, 0, blamed(3, "session_binding", false)),
        (2, 98 + 31, blamed(3, "instance_commitment", false)),
        (2, 196, blamed(3, "instance_commitment", false)),
        (2, tau + 31, blamed(3, "ot_check", true)),
        (2, after_tau, blamed(3, "ot_check", true)),
        (2, after_tau + 32, blamed(3, "ot_check", true)),
        (2, after_tau + 64 + 31, blamed(3, "ot_check", true)),
        (2, after_tau + 128 + 31, blamed(3, "gamma_u", true)),
        (2, after_tau + 160 + 31, blamed(3, "gamma_v", true)),
        // The sign of a point is in its first byte: 02 and 03 are both points.
        (2, 32, blamed(3, "gamma_u", true)),
        (2, 65, blamed(3, "gamma_v", true)),
        (2, 130, blamed(3, "gamma_v", true)),
        (2, 163, blamed(3, "instance_commitment", false)),
        (3, 31, Abort::Failed { check: "signature" }),
        (3, 63, Abort::Failed { check: "signature" }),
    ];
    for (round, offset, expected) in cases {
        let results = tampered(round, offset);
        assert_eq!(results[&1].as_ref().unwrap_err(), &expected, "round {round}, offset {offset}");
        for signature in results.values().flatten() {
            check_ecdsa(signature);
        }
    }
}

#[test]
fn the_commitment_of_round_1_is_binding() {
    let results = tampered(1, 32);
    assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(3, "instance_commitment", false));
}

/// Signers that were told different things part before any share leaves.
#[test]
fn ecdsa_split_views() {
    let session = session(1);
    let other = common::session(2);
    let three = |session, path: &[u32], digest, signers: &[u8]| {
        sign_ecdsa(&ECDSA[&3], session, path, digest, signers).unwrap()
    };
    let variants = [
        three(other, &PATH, DIGEST, &[1, 3]),
        three(session, &[44, 60, 2], DIGEST, &[1, 3]),
        three(session, &PATH, [0x43; 32], &[1, 3]),
    ];
    for variant in variants {
        let one = sign_ecdsa(&ECDSA[&1], session, &PATH, DIGEST, &[1, 3]).unwrap();
        let mut rounds = Vec::new();
        let results = run(BTreeMap::from([(1, one), (3, variant)]), |wire| rounds.push(wire.round()));
        assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(3, "session_binding", false));
        assert_eq!(results[&3].as_ref().unwrap_err(), &blamed(1, "session_binding", false));
        assert!(rounds.iter().all(|round| *round == 1), "no share left");
    }
}

#[test]
fn ecdsa_arguments() {
    let refused = |share: &KeyShare, path: &[u32], digest, signers: &[u8]| {
        sign_ecdsa(share, [0; 32], path, digest, signers).unwrap_err().check()
    };
    let share = &ECDSA[&1];
    for signers in [&[1][..], &[1, 2, 3], &[2, 3], &[1, 1], &[1, 4], &[1, 0], &[]] {
        assert_eq!(refused(share, &PATH, DIGEST, signers), "signers", "{signers:?}");
    }
    assert_eq!(refused(share, &[1 << 31], DIGEST, &[1, 2]), "hd_path");
    assert_eq!(refused(&EDDSA[&1], &PATH, DIGEST, &[1, 2]), "curve");
    assert_eq!(refused(share, &PATH, [0; 32], &[1, 2]), "digest");
    let order = secp256k1::constants::CURVE_ORDER;
    assert_eq!(refused(share, &PATH, order, &[1, 2]), "digest");
}

#[test]
fn ed25519_culprits_and_arguments() {
    let results = run(begin_ed25519(&EDDSA, &[1, 3], &PATH, b"message"), |wire| {
        if wire.from == 3 {
            wire.payload[3] ^= 1;
        }
    });
    assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(3, "signature_share", false));
    assert!(results[&3].is_ok(), "party 3 was told no lie");
    let share = &EDDSA[&1];
    let attempt = |path: &[u32], change: &dyn Fn(&mut Commitments)| {
        let (nonces, own) = ed25519_commit(share, &PATH).unwrap();
        let (_, other) = ed25519_commit(&EDDSA[&3], &PATH).unwrap();
        let mut commitments = BTreeMap::from([(1, own), (3, other)]);
        change(&mut commitments);
        sign_ed25519(share, path, b"message", nonces, &commitments).err()
    };
    let failed = |check| Some(Abort::Failed { check });
    assert_eq!(attempt(&PATH, &|_| {}), None);
    assert_eq!(attempt(&[44], &|_| {}), failed("nonces"), "drawn for another child");
    assert_eq!(attempt(&PATH, &|all| all.get_mut(&1).unwrap()[0] ^= 1), failed("nonces"));
    assert_eq!(
        attempt(&PATH, &|all| {
            all.remove(&3);
        }),
        failed("signers")
    );
    assert_eq!(
        attempt(&PATH, &|all| {
            all.insert(2, all[&3]);
        }),
        failed("signers")
    );
    assert_eq!(
        attempt(&PATH, &|all| {
            all.remove(&1);
        }),
        failed("signers")
    );
    for bad in [[0; 64], [1; 64], [0xff; 64]] {
        let change = |all: &mut Commitments| {
            all.insert(3, bad);
        };
        assert_eq!(attempt(&PATH, &change), Some(blamed(3, "commitments", false)));
    }
    assert_eq!(ed25519_commit(&ECDSA[&1], &PATH).unwrap_err().check(), "curve");
}

#[test]
fn ed25519_signers_with_different_messages() {
    let mut nonces = BTreeMap::new();
    let mut commitments = BTreeMap::new();
    for signer in [1, 3] {
        let (secret, public) = ed25519_commit(&EDDSA[&signer], &PATH).unwrap();
        nonces.insert(signer, secret);
        commitments.insert(signer, public);
    }
    let mut begin = |signer: u8, message: &[u8]| {
        let nonces = nonces.remove(&signer).unwrap();
        sign_ed25519(&EDDSA[&signer], &PATH, message, nonces, &commitments).unwrap()
    };
    let runs = BTreeMap::from([(1, begin(1, b"one")), (3, begin(3, b"three"))]);
    let results = run(runs, common::untouched);
    assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(3, "signature_share", false));
    assert_eq!(results[&3].as_ref().unwrap_err(), &blamed(1, "signature_share", false));
}

/// Changes one byte of one message, wherever it is.
fn flip(round: u8, from: u8, place: f64, mask: u8) -> impl FnMut(&mut Wire) {
    move |wire| {
        if wire.from == from && wire.payload.get(2) == Some(&round) {
            let position = (place * wire.payload.len() as f64) as usize;
            wire.payload[position] ^= mask;
        }
    }
}

fn never_accused<T>(results: &Results<T>, honest: u8, cheater: u8) {
    if let Some(Err(Abort::Blame { culprits, .. })) = results.get(&honest) {
        assert_eq!(culprits, &[cheater]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_flipped_byte_gives_a_wrong_ecdsa_signature(
        round in 1u8..=3, from in prop::sample::select(vec![1u8, 2]), place in 0.0..1.0f64, mask in 1u8..
    ) {
        let results = run(begin_ecdsa(&ECDSA, &[1, 2], &PATH, DIGEST), flip(round, from, place, mask));
        results.values().flatten().for_each(check_ecdsa);
        never_accused(&results, 3 - from, from);
    }

    #[test]
    fn no_flipped_byte_gives_a_wrong_eddsa_signature(place in 0.0..1.0f64, mask in 1u8..) {
        let results = run(begin_ed25519(&EDDSA, &[1, 2], &PATH, b"message"), flip(1, 2, place, mask));
        for Ed25519Signature { signature, public_key } in results.values().flatten() {
            ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public_key)
                .verify(b"message", signature)
                .unwrap();
        }
        prop_assert!(results[&1].is_err(), "party 1 was lied to");
        never_accused(&results, 1, 2);
    }

    #[test]
    fn arbitrary_payloads_stop_a_run_at_worst(
        from in 0u8..5, header in prop::bool::ANY, round in 1u8..5, body in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        let mut run = begin_ecdsa(&ECDSA, &[1, 2], &PATH, DIGEST).remove(&1).unwrap();
        run.start().unwrap();
        let payload = if header { [&[1, 2, round][..], &body].concat() } else { body };
        let result = run.receive(from, &payload);
        if from != 2 {
            prop_assert_eq!(result.unwrap_err().check(), "sender");
        }
    }
}
