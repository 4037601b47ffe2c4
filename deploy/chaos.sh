#!/bin/bash
# Misfortunes on purpose: kill -9 at random moments, clients that stall or talk nonsense, disks full, read-only and gone, the network cut.
# Prints figures; exit code 1 if a promise did not hold. Usage: deploy/chaos.sh [kills, default 200] [options of tests/chaos/chaos.py]
set -euo pipefail
cd "$(dirname "$0")/.."
kills=200
case "${1:-}" in [0-9]*) kills=$1; shift ;; esac
bash deploy/setup.sh test
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target sqd -- --quiet
export SQD_SOURCE=$PWD SQD_BINARY=$PWD/build/release/sqd
exec tests/chaos/chaos.py --kills "$kills" "$@"
