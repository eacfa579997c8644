#!/usr/bin/env bash
# Runs every check of the project: format, lints, documentation, freshness, tests, feature builds, the downstream crate.
# It needs a Rust toolchain and Python 3 with venv and pip; everything else it installs below target/.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s\n' "$1"
}

step "format"
cargo fmt --check
cargo fmt --check --manifest-path tests/downstream/Cargo.toml

# Modules that are written by hand stand in crates that cargo does not format.
rustfmt --check --edition 2024 --config max_width=110 generated/*/src/batch/*.rs

step "freshness of generated code"
cargo run --quiet -p awsjson-codegen -- check

step "licences, duplicate versions and sources of dependencies"
bash tests/supply-chain.sh

step "lints"
cargo clippy --workspace --all-targets -- -D warnings

step "features of the protocol crate: none, each"
cargo clippy --quiet -p awsjson-protocol --no-default-features -- -D warnings
for feature in ring aws-lc-rs native-roots webpki-roots aws-config compression event-stream waiters validation fake; do
    echo "$feature"
    cargo clippy --quiet -p awsjson-protocol --no-default-features --features "$feature" -- -D warnings
done

step "the generator as a library"
cargo clippy --quiet -p awsjson-codegen --lib --no-default-features -- -D warnings

step "lints with every feature"
cargo clippy -p awsjson-protocol --all-targets --all-features -- -D warnings

cargo clippy -p awsjson-logs --all-features --all-targets -- -D warnings

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# A browser for the page of `awsjson diff`; its tests say so where there is none.
if ! command -v chromium >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    step "a browser"
    (apt-get update && apt-get install --yes --no-install-recommends chromium) >/dev/null 2>&1 || echo "Chromium cannot be installed"
fi

step "tests"
cargo test --workspace
cargo test -p awsjson-protocol --all-features
cargo test --doc -p awsjson-logs --all-features

step "quickstart against the embedded fake"
cargo run --quiet --example quickstart

step "a crate that generates what it needs from its build script"
cargo run --quiet -p awsjson-subset

step "packages"
bash tests/packages.sh

step "a downstream crate"
cargo run --quiet --manifest-path tests/downstream/Cargo.toml --target-dir target/downstream

step "what the client costs, compared with what is recorded"
python3 tests/bench/budget.py

step "a crate for every service"
bash tests/all-services.sh

printf '\nall checks passed\n'
