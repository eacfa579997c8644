#!/usr/bin/env bash
# Packages every crate that can be published, and looks at what is in the packages.
#
#   bash tests/packages.sh              without compiling what was packaged
#   bash tests/packages.sh --verify     compiles each package as its users would (minutes)
set -euo pipefail
cd "$(dirname "$0")/.."

verify=--no-verify
if [ "${1:-}" = --verify ]; then
    verify=
fi
packages=$PWD/target/package
rm -f "$packages"/*.crate
# Manifests name no addresses, which cargo warns of.
# shellcheck disable=SC2086
cargo package --quiet --workspace --exclude awsjson-tests --exclude awsjson-subset --allow-dirty $verify 2>&1 |
    { grep -v -e 'manifest has no documentation' -e '^  |' -e '^  = note: see' -e '^$' || true; }

count=0
for package in "$packages"/*.crate; do
    name=$(basename "$package" .crate)
    files=$(tar tzf "$package")
    wanted="Cargo.toml LICENSE NOTICE README.md src/lib.rs"
    case $name in
    awsjson-protocol-* | awsjson-codegen-*) ;;
    *) wanted="$wanted CHANGELOG.md" ;;
    esac
    for file in $wanted; do
        if ! grep -qx "$name/$file" <<<"$files"; then
            echo "$name: $file is missing in the package"
            exit 1
        fi
    done
    count=$((count + 1))
done
expected=$((2 + $(find generated -mindepth 2 -maxdepth 2 -name Cargo.toml | wc -l)))
if [ "$count" != "$expected" ]; then
    echo "$count packages were made of $expected crates"
    exit 1
fi
echo "$count packages, each with licence, notice and README"
