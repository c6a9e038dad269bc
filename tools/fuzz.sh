#!/usr/bin/env bash
# A bounded run of the fuzzers: many more cases than `make test` draws. CASES sets how many of each.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=${CASES:-20000}

echo "Rust: what comes into keeper and wire formats, $cases cases of each property"
for manifest in crates/*/Cargo.toml; do
    crate=$(basename "$(dirname "$manifest")")
    if [ -e "crates/$crate/tests/fuzz.rs" ]; then
        PROPTEST_CASES=$cases cargo test --release --locked -p "$crate" --test fuzz
    fi
done
echo "Python: what comes into dialects, decoder, canonical form and policy"
.venv/bin/pytest -q tests/core --hypothesis-profile=long
