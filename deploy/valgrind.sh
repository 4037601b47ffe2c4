#!/bin/bash
# The life of a service under valgrind (Debian's): start, two scans, archive, control, web, SIGHUP, SIGTERM. Exit code 1 if it finds anything.
# Usage: deploy/valgrind.sh [options of tests/chaos/life_cycle.py]
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh valgrind
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target sqd -- --quiet
export SQD_SOURCE=$PWD SQD_BINARY=$PWD/build/release/sqd
exec tests/chaos/life_cycle.py "$@"
