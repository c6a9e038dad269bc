#!/usr/bin/env bash
# Every test: the Rust crates, then Python. The closing lines are the runners' own, repeated together at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
failed=0

tools/ablation-keeper.sh || failed=1
cargo test --locked --workspace 2>&1 | tee "$log/rust" || failed=1
.venv/bin/pytest -q "$@" 2>&1 | tee "$log/python" || failed=1

echo
echo "=== rust"
awk '/^test result:/ {p += $4; f += $6; i += $8} /^error/ {print} END {printf "%d passed; %d failed; %d ignored\n", p, f, i}' "$log/rust"
echo "=== python"
tail -n 1 "$log/python"
exit $failed
