#!/usr/bin/env bash
# Builds the keeper that tests can stop at named points and that drops the checks it is told to: target/ablation/quorate-keeper.
# With the profile of the other tests, so that only the crates with the feature are compiled for it. Never installed.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --locked -p quorate-keeper --features ablation
install -D -m 755 target/debug/quorate-keeper target/ablation/quorate-keeper
