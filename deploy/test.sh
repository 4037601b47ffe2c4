#!/bin/bash
# Installs what is needed, builds, runs every test. Its last lines are ctest's. Usage: deploy/test.sh [--release-only]
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh test
jobs=$(nproc)
places=$((3 * jobs)) # tests/CMakeLists.txt: most tests wait more than they compute

build() { # preset, targets
    local preset=$1; shift
    echo "== build $preset, $SECONDS s"
    cmake --preset "$preset" -DSQD_WERROR="$([ "$preset" = release ] && echo ON || echo OFF)" >/dev/null
    cmake --build --preset "$preset" -j "$jobs" --target "$@" -- --quiet
}

if [ "${1:-}" != --release-only ]; then
    # Memory and undefined behaviour: all of unit and integration, on the small simulated detector.
    build asan sqd unit_core unit_reduce unit_stream unit_detectors unit_config unit_daemon unit_memory unit_fuzz
    echo "== address and undefined behaviour sanitizers, $SECONDS s"
    SQD_SMALL=1 ctest --test-dir build/asan -L 'unit|integration' --no-tests=error --output-on-failure -j "$places"
    # Threads: the rooms that have them.
    build tsan sqd unit_stream unit_daemon
    echo "== thread sanitizer, $SECONDS s"
    SQD_SMALL=1 ctest --test-dir build/tsan -R 'unit_stream|unit_daemon|integration_' --no-tests=error --output-on-failure -j "$places"
    # Foreign bytes: every fuzz target for a fixed number of runs; deploy/fuzz.sh goes on from there.
    build fuzz fuzz make_corpus
    echo "== fuzz, $SECONDS s"
    ctest --test-dir build/fuzz -L fuzz --no-tests=error --output-on-failure -j "$places"
fi
build release all
echo "== everything, release, $SECONDS s"
ctest --test-dir build/release --no-tests=error --output-on-failure -j "$places"
