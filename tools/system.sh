#!/usr/bin/env bash
# Checks for the programs the build and the tests start; installs what is missing when run by root on a system with apt,
# otherwise prints the exact command and stops.
set -euo pipefail

packages=()
need() { # package, command that succeeds when it is there
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || packages+=("$package")
}
has() { command -v "$1"; }

need openssh-client has ssh-keygen
need iproute2 has ip
need gcc has cc
need libc6-dev test -e /usr/include/stdio.h
need util-linux has setpriv
need python3.11 has python3.11
need python3.11-venv python3.11 -c 'import ensurepip'

if [ ${#packages[@]} -gt 0 ]; then
    command="apt-get install -y --no-install-recommends ${packages[*]}"
    if [ "$(id -u)" = 0 ] && has apt-get >/dev/null; then
        echo "installing: ${packages[*]}"
        apt-get update -q >/dev/null
        DEBIAN_FRONTEND=noninteractive $command >/dev/null
    else
        echo "These system packages are missing. Run this, then make again:" >&2
        echo "    sudo $command" >&2
        exit 1
    fi
fi

missing=()
has cargo >/dev/null || missing+=("cargo (Rust 1.95 or newer: https://rustup.rs)")
has npm >/dev/null || missing+=("npm (Node 20 or newer: https://nodejs.org)")
if [ ${#missing[@]} -gt 0 ]; then
    echo "Please install first:" >&2
    printf '    %s\n' "${missing[@]}" >&2
    exit 1
fi
