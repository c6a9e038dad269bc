//! Distributed key generation: n Feldman sharings added up (Gennaro et al. 2007), with commit-then-reveal against rogue and
//! biased contributions, proofs of possession, and an echo of everything broadcast.
//!
//! Letters: dealer i holds f_i of degree t-1 with coefficients a_i0..a_i(t-1); A_ik = a_ik·G; F_i(x) = f_i(x)·G.
//!
//! | round | each party sends | checks on receipt |
//! |---|---|---|
//! | 1 | commitment to its opening | |
//! | 2 | opening (A_ik, proof of possession of a_i0, chain code part, blind), and f_i(j) to j alone | `commitment`, `degree`, `proof_of_possession`, `share` |
//! | 3 | a digest of every dealer's opening as received (secp256k1: and a commitment to a zero-share seed for j) | `echo` |
//! | 4 | secp256k1: zero-share seed, base OTs of both directions | `zero_share`, `ot_setup` |
//! | 5 | secp256k1: digest of both round-4 messages of the pair | `setup_confirm` |

mod opening;
mod params;
mod round1;
mod round2;
mod round3;
mod setup;

pub(crate) use opening::decode_opening;
pub(crate) use params::curve_code;

use std::collections::BTreeMap;

use crate::group::{Ed25519, Group, Secp256k1};
use crate::rounds::{Kind, Next, Runner, run_by_rounds};
use crate::{Abort, Curve, KeyShare};
use opening::{SHARE_LEN, opening_len};
use params::Params;
use round1::Begin;

/// One party's side of a key generation.
pub struct Keygen(Runner<KeyShare>);

run_by_rounds!(Keygen, KeyShare);

/// Prepares a key generation among `parties` (indices 1..=255, ascending, `me` among them) where any `threshold` (2..=n) of
/// them can sign. `session` must be new: it separates this run from every other. Bad arguments are reported by `start` as
/// check `parties`.
#[must_use]
pub fn keygen(curve: Curve, session: [u8; 32], me: u8, parties: &[u8], threshold: u8) -> Keygen {
    let params = Params::new(curve, session, me, parties, threshold);
    match curve {
        Curve::Secp256k1 => prepare::<Secp256k1>(params),
        Curve::Ed25519 => prepare::<Ed25519>(params),
    }
}

fn prepare<G: Finish>(params: Params) -> Keygen {
    let mut limits = vec![
        round1::COMMITMENT_LEN,
        opening_len::<G>(u8::MAX) + SHARE_LEN,
        params.parties.len() * round3::DIGEST_LEN + G::EXTRA_ROUND_3,
    ];
    limits.extend_from_slice(G::EXTRA_ROUNDS);
    Keygen(Runner::new(Kind::Keygen, params.others(), limits, Box::new(Begin::<G>::new(params))))
}

/// Bytes for or from each other party.
pub(crate) type PeerBytes = BTreeMap<u8, Vec<u8>>;

/// What follows the echo: nothing for Ed25519, the OT set-up for secp256k1.
pub(crate) trait Finish: Group {
    /// Bytes that round 3 carries for each receiver behind the echo.
    const EXTRA_ROUND_3: usize;
    /// Bodies of the rounds after the echo.
    const EXTRA_ROUNDS: &'static [usize];
    /// What is kept from round 2 to round 3 beyond the sharing.
    type Extra: Send;

    /// Begins what follows; the bytes go to each other party behind the echo.
    fn begin(params: &Params) -> Result<(Self::Extra, PeerBytes), Abort>;

    /// The echo has shown that all parties hold the same sharing. `received` holds the bytes behind the echo.
    fn finish(
        share: KeyShare,
        params: &Params,
        kept: Self::Extra,
        received: &PeerBytes,
    ) -> Result<Next<KeyShare>, Abort>;
}

impl Finish for Ed25519 {
    const EXTRA_ROUND_3: usize = 0;
    const EXTRA_ROUNDS: &'static [usize] = &[];
    type Extra = ();

    fn begin(_: &Params) -> Result<((), PeerBytes), Abort> {
        Ok(((), PeerBytes::new()))
    }

    fn finish(share: KeyShare, _: &Params, (): (), _: &PeerBytes) -> Result<Next<KeyShare>, Abort> {
        Ok(Next::Done(share))
    }
}
