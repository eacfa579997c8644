#!/usr/bin/env bash
# Measures the client beside the official SDK and a floor written by hand; everything is below target/bench.
#
#   bash tests/bench/run.sh [--quick] [--steps builds,sizes,...]
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=target/bench/venv
if ! "$venv/bin/python" -c "import markdown, matplotlib" 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet -r tests/bench/requirements.txt
fi
exec "$venv/bin/python" tests/bench/report.py "$@"
