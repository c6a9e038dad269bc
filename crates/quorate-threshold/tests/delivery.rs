//! The order of delivery, early messages and repetitions make no difference.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use common::{all, begin_ecdsa, begin_ed25519, begin_keygen, generate, run_disordered};
use proptest::prelude::*;
use quorate_threshold::{Curve, KeyShare};

static ECDSA: LazyLock<BTreeMap<u8, KeyShare>> =
    LazyLock::new(|| generate(Curve::Secp256k1, &[1, 2, 3, 4], 3));
static EDDSA: LazyLock<BTreeMap<u8, KeyShare>> = LazyLock::new(|| generate(Curve::Ed25519, &[1, 2, 3, 4], 3));

fn order() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..1000, 40..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn keygen(choices in order()) {
        let shares = all(run_disordered(begin_keygen(Curve::Ed25519, &[1, 2, 3, 4], 3), &choices), 4);
        let public = shares[&1].public().clone();
        prop_assert!(shares.values().all(|share| share.public() == &public));
    }

    #[test]
    fn ecdsa(choices in order()) {
        all(run_disordered(begin_ecdsa(&ECDSA, &[1, 2, 4], &[44], [3; 32]), &choices), 3);
    }

    #[test]
    fn eddsa(choices in order()) {
        all(run_disordered(begin_ed25519(&EDDSA, &[1, 2, 4], &[44], b"m"), &choices), 3);
    }
}
