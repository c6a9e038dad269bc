#!/usr/bin/env bash
# Makes .venv and installs exactly the hashed locks, then this tree itself (editable, without its dependencies).
# pip installs uv from its own hashed lock; uv installs the rest, because it takes seconds where pip takes most of a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

[ -x .venv/bin/python ] || python3.11 -m venv .venv
.venv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements/dev.txt
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
