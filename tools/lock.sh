#!/usr/bin/env bash
# Writes the hashed locks of requirements/ from pyproject.toml: names, versions and hashes, no addresses.
# Our own two distributions are not in them: they are installed from this tree (or from dist/) with --no-deps.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
compile=("$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate
         --custom-compile-command "make locks" --excludes requirements/own.txt)
"${compile[@]}" pyproject.toml --extra judge -o requirements/judge.txt
"${compile[@]}" pyproject.toml --extra server -o requirements/server.txt
"${compile[@]}" pyproject.toml --extra judge --extra server --group dev -o requirements/dev.txt
"${compile[@]}" requirements/uv.in -o requirements/uv.txt
"${compile[@]}" requirements/fuzz.in -o requirements/fuzz.txt
