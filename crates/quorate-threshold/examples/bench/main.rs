//! CPU per party and bytes per ordered pair, beside the same libraries called bare, all in one run:
//! `cargo run --release -p quorate-threshold --example bench [runs]`. Prints JSON. Times are CPU time of the thread
//! (CLOCK_THREAD_CPUTIME_ID) in microseconds, medians over parties and runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bare;
mod ours;

use frost_ed25519::Ed25519Sha512;
use frost_secp256k1_tr::Secp256K1Sha256TR;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// CPU time of this thread in microseconds.
fn cpu() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

/// Runs `work` and adds its CPU time to `spent`.
fn timed<T>(spent: &mut f64, work: impl FnOnce() -> T) -> T {
    let begin = cpu();
    let result = work();
    *spent += cpu() - begin;
    result
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2] * 10.0).round() / 10.0
}

/// Median CPU time of `work`.
fn median_of(runs: usize, mut work: impl FnMut()) -> f64 {
    let once = |_| {
        let mut spent = 0.0;
        timed(&mut spent, &mut work);
        spent
    };
    median((0..runs).map(once).collect())
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name =
        info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    name.unwrap_or("unknown").to_owned()
}

fn main() {
    let runs: usize = std::env::args().nth(1).map_or(40, |runs| runs.parse().expect("a number of runs"));
    let report = json!({
        "unit": "us CPU per party; bytes per ordered pair",
        "processor": processor(),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "runs": runs,
        "quorate": {
            "keygen_ed25519_2_of_3": ours::keygen_ed25519(runs.min(20)),
            "keygen_secp256k1_2_of_3": ours::keygen_secp256k1(3),
            "ecdsa_sign_2_of_3": ours::ecdsa(runs),
            "frost_sign_2_of_3": ours::ed25519(runs),
            "bip340_sign_2_of_3": ours::bip340(runs),
            "load_share_secp256k1": ours::load_share(runs),
        },
        "bare": {
            "dkls23_core_sign_2_of_3": bare::dkls(runs),
            "frost_ed25519_sign_2_of_3": bare::frost::<Ed25519Sha512>(runs),
            "frost_secp256k1_tr_sign_2_of_3": bare::frost::<Secp256K1Sha256TR>(runs),
            "libsecp256k1": bare::libsecp256k1(runs * 10),
        },
    });
    println!("{report:#}");
}
