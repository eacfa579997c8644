#!/usr/bin/env bash
# Generates a crate for every service in models/, compiles all of them without warnings, and compares what their types make of
# random inputs, outputs and errors with what botocore makes of them.
#
#   bash tests/all-services.sh [--seed N] [--cases N] [SERVICE...]
#
# Everything is below target/all-services. The comparison takes the options: the seed of its values (1), and how many there are
# for each operation (20); with services, only these are compared.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/target/all-services
services=$(find models -name service.json -exec dirname {} \; | xargs -n1 basename | sort)
cargo build --quiet --release -p awsjson-codegen
# shellcheck disable=SC2086
target/release/awsjson generate --out "$out/crates" $services >/dev/null
# shellcheck disable=SC2086
cargo run --quiet -p awsjson-tests --example differential -- "$out/crates" "$out/differential" $services
cp Cargo.lock "$out/differential/Cargo.lock"
RUSTFLAGS="-D warnings" cargo build --quiet --manifest-path "$out/differential/Cargo.toml" --target-dir "$out/target"
echo "$(echo "$services" | wc -l) services generated and compiled"
# The tests' Python environment is installed by whichever needs it first.
python=$(cargo run --quiet -p awsjson-tests --example python_environment)
"$python" tests/python/differential.py models "$out/target/debug/differential-driver" "$@"
