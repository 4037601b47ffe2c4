#!/bin/bash
# Nominal load (config/id13.yaml, Eiger 4M at 50 Hz) for so many minutes: memory, descriptors, threads, latency and sequences. Exit code 1 if something is not flat.
# Usage: deploy/soak.sh [minutes, default 30] [options of tests/chaos/soak.py]
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh test
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target sqd -- --quiet
export SQD_SOURCE=$PWD SQD_BINARY=$PWD/build/release/sqd
exec tests/chaos/soak.py "$@"
