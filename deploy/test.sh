#!/bin/bash
# Installs what is needed, builds, runs every test. Its last lines are ctest's. Usage: deploy/test.sh [--release-only]
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh test
jobs=$(nproc)

build() { # preset, targets
    local preset=$1; shift
    echo "== build $preset"
    cmake --preset "$preset" -DSQD_WERROR="$([ "$preset" = release ] && echo ON || echo OFF)" >/dev/null
    cmake --build --preset "$preset" -j "$jobs" --target "$@" -- --quiet
}

if [ "${1:-}" != --release-only ]; then
    # Memory and undefined behaviour: all of unit and integration, on the small simulated detector.
    build asan sqd unit_core unit_reduce unit_stream unit_detectors unit_config unit_daemon unit_memory unit_fuzz
    echo "== address and undefined behaviour sanitizers"
    SQD_SMALL=1 ctest --test-dir build/asan -L 'unit|integration' --no-tests=error --output-on-failure -j "$jobs"
    # Threads: the rooms that have them.
    build tsan sqd unit_stream unit_daemon
    echo "== thread sanitizer"
    SQD_SMALL=1 ctest --test-dir build/tsan -R 'unit_stream|unit_daemon|integration_' --no-tests=error --output-on-failure -j "$jobs"
    # Foreign bytes: every fuzz target for a fixed number of runs; deploy/fuzz.sh goes on from there.
    build fuzz fuzz make_corpus
    echo "== fuzz"
    ctest --test-dir build/fuzz -L fuzz --no-tests=error --output-on-failure -j "$jobs"
fi
build release all
echo "== everything, release"
ctest --test-dir build/release --no-tests=error --output-on-failure -j "$jobs"
