#!/usr/bin/env bash
# A bounded run of the fuzzers: many more cases than `make test` draws. CASES sets how many of each, SEED where the
# coverage-guided runs begin. Every part runs, whatever an earlier one found.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=${CASES:-20000}
failed=0

echo "Rust: what comes into keeper and wire formats, $cases cases of each property"
for manifest in crates/*/Cargo.toml; do
    crate=$(basename "$(dirname "$manifest")")
    if [ -e "crates/$crate/tests/fuzz.rs" ]; then
        PROPTEST_CASES=$cases cargo test --release --locked -p "$crate" --test fuzz || failed=1
    fi
done
echo "Python: what comes into dialects, decoder, canonical form and policy"
.venv/bin/pytest -q tests/core tests/fuzz --hypothesis-profile=long || failed=1
echo "Python, guided by coverage: every decoder and parser, $cases inputs of each"
.venv/bin/python -m tests.fuzz --cases "$cases" --seed "${SEED:-1}" || failed=1
exit $failed
