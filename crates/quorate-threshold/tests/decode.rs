//! Every decoder on arbitrary bytes, and on well-formed messages with one change: no panic, nothing left over, no second
//! encoding.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use common::{begin_bip340, begin_ecdsa, begin_ed25519, begin_keygen, generate, run};
use proptest::prelude::*;
use quorate_threshold::{Curve, KeyShare, Malformed, inbound};

type Decoder = fn(&[u8]) -> Result<(), Malformed>;

const DECODERS: [(&str, Decoder); 11] = [
    ("opening secp256k1", |bytes| inbound::keygen_opening(Curve::Secp256k1, bytes)),
    ("opening ed25519", |bytes| inbound::keygen_opening(Curve::Ed25519, bytes)),
    ("setup", inbound::keygen_setup),
    ("phase 1", inbound::ecdsa_phase1),
    ("phase 2", inbound::ecdsa_phase2),
    ("share", inbound::ecdsa_share),
    ("Ed25519 commitments", inbound::ed25519_commitments),
    ("Ed25519 share", inbound::ed25519_share),
    ("BIP340 commitments", inbound::bip340_commitments),
    ("BIP340 share", inbound::bip340_share),
    ("key share", inbound::key_share),
];

/// One well-formed sample for every decoder, recorded from real runs.
static SAMPLES: LazyLock<BTreeMap<&'static str, Vec<u8>>> = LazyLock::new(|| {
    let mut samples = BTreeMap::new();
    for (curve, opening) in [(Curve::Secp256k1, "opening secp256k1"), (Curve::Ed25519, "opening ed25519")] {
        run(begin_keygen(curve, &[1, 2], 2), |wire| match wire.round() {
            2 => drop(samples.insert(opening, wire.payload[3..].to_vec())),
            4 => drop(samples.insert("setup", wire.payload[3..].to_vec())),
            _ => {}
        });
    }
    let shares = generate(Curve::Secp256k1, &[1, 2], 2);
    run(begin_ecdsa(&shares, &[1, 2], &[], [1; 32]), |wire| {
        let name = ["phase 1", "phase 2", "share"][usize::from(wire.round()) - 1];
        samples.insert(name, wire.payload[3..].to_vec());
    });
    samples.insert("key share", stored(&shares[&1]));
    let (_, commitments) = quorate_threshold::bip340_commit(&shares[&1], &[86, 0]).unwrap();
    samples.insert("BIP340 commitments", commitments.to_vec());
    run(begin_bip340(&shares, &[1, 2], &[86, 0], [1; 32]), |wire| {
        samples.insert("BIP340 share", wire.payload[3..].to_vec());
    });
    let shares = generate(Curve::Ed25519, &[1, 2], 2);
    let (_, commitments) = quorate_threshold::ed25519_commit(&shares[&1], &[]).unwrap();
    samples.insert("Ed25519 commitments", commitments.to_vec());
    run(begin_ed25519(&shares, &[1, 2], &[], b""), |wire| {
        samples.insert("Ed25519 share", wire.payload[3..].to_vec());
    });
    samples
});

fn stored(share: &KeyShare) -> Vec<u8> {
    share.to_secret_bytes().unwrap().expose(<[u8]>::to_vec)
}

#[test]
fn samples_are_accepted_and_trailing_or_missing_bytes_are_not() {
    assert_eq!(SAMPLES.len(), DECODERS.len());
    for (name, decode) in DECODERS {
        let sample = &SAMPLES[name];
        assert_eq!(decode(sample), Ok(()), "{name}");
        assert_eq!(
            decode(&[sample.as_slice(), &[0]].concat()),
            Err(Malformed),
            "{name} with a trailing byte"
        );
        assert_eq!(decode(&sample[..sample.len() - 1]), Err(Malformed), "{name} cut short");
        assert_eq!(decode(&[]), Err(Malformed), "{name} empty");
    }
}

/// A scalar of 32 bytes FF is above both orders; points of FF are no points.
#[test]
fn numbers_above_the_order() {
    for (name, decode) in DECODERS {
        let sample = vec![0xff; SAMPLES[name].len()];
        if name != "phase 1" {
            assert_eq!(decode(&sample), Err(Malformed), "{name}");
        }
    }
}

/// SEC1 has a compact form of the points whose y is even, which the libraries read: a second encoding.
#[test]
fn points_have_one_encoding() {
    let sample = &SAMPLES["BIP340 commitments"];
    for point in [0, 33] {
        for first in (0..=u8::MAX).filter(|first| ![2, 3].contains(first)) {
            let mut bytes = sample.clone();
            bytes[point] = first;
            assert_eq!(inbound::bip340_commitments(&bytes), Err(Malformed), "{first:02x}");
        }
    }
}

/// No byte of a stored share may change unnoticed, but for OT state, whose values are random by nature.
#[test]
fn stored_shares() {
    let sample = SAMPLES["key share"].clone();
    let checked = 4 + 2 + 1 + 33 + 32 + 2 * 33 + 32;
    let mut refused = 0;
    for position in 0..checked {
        let mut bytes = sample.clone();
        bytes[position] ^= 1;
        refused += usize::from(KeyShare::from_secret_bytes(&bytes).is_err());
    }
    assert_eq!(refused, checked - 32, "the chain code has no redundancy");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000), which in 0..DECODERS.len()) {
        let (_, decode) = DECODERS[which];
        let _ = decode(&bytes);
    }

    #[test]
    fn one_change(which in 0..DECODERS.len(), place in 0.0..1.0f64, mask in 1u8.., cut in prop::option::of(0.0..1.0f64)) {
        let (name, decode) = DECODERS[which];
        let mut bytes = SAMPLES[name].clone();
        let position = (place * bytes.len() as f64) as usize;
        bytes[position] ^= mask;
        if let Some(cut) = cut {
            bytes.truncate((cut * bytes.len() as f64) as usize);
            prop_assert_eq!(decode(&bytes), Err(Malformed));
        } else {
            let _ = decode(&bytes);
        }
    }
}
