#!/usr/bin/env bash
# Every test: the Rust crates, then Python in two runs side by side, because tests that start clusters mostly wait and the
# others compute. The closing lines are the runners' own, repeated together at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
failed=0

parts=(tests/core tests/fuzz tests/server tests/cli tests/build tests/test_conftest.py)
python() { # name, arguments: a run whose output is shown when it has ended
    .venv/bin/pytest -q -p no:cacheprovider "${@:2}" >"$log/$1" 2>&1
}

tools/ablation-keeper.sh || failed=1
cargo test --locked --workspace 2>&1 | tee "$log/rust" || failed=1
python parts "${parts[@]}" &
python clusters "${parts[@]/#/--ignore=}" || failed=1
cat "$log/clusters"
wait $! || failed=1
cat "$log/parts"

echo
echo "=== rust"
awk '/^test result:/ {p += $4; f += $6; i += $8} /^error/ {print} END {printf "%d passed; %d failed; %d ignored\n", p, f, i}' "$log/rust"
echo "=== python: clusters of real processes"
tail -n 1 "$log/clusters"
echo "=== python: the parts, and the server"
tail -n 1 "$log/parts"
exit $failed
