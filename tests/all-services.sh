#!/usr/bin/env bash
# Generates a crate for every service in models/ below target/all-services, and checks that each compiles without warnings.
set -euo pipefail
cd "$(dirname "$0")/.."

out=target/all-services
mkdir -p "$out"
services=$(find models -name service.json -exec dirname {} \; | xargs -n1 basename | sort)
cargo build --quiet --release -p awsjson-codegen
# shellcheck disable=SC2086
target/release/awsjson generate --out "$PWD/$out/crates" $services >/dev/null
printf '[workspace]\nresolver = "3"\nmembers = ["crates/*"]\n' >"$out/Cargo.toml"
cp Cargo.lock "$out/Cargo.lock"
RUSTFLAGS="-D warnings" cargo check --quiet --workspace --manifest-path "$out/Cargo.toml"
echo "$(echo "$services" | wc -l) services generated and checked"
