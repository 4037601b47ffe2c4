#!/bin/bash
# Installs what is needed, builds, runs every test. Its last lines are ctest's. Usage: deploy/test.sh [--release-only]
# The tests of one build run beside the next build, which gives way to them: most tests wait more than they compute.
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh test
jobs=$(nproc)
places=$((3 * jobs)) # tests/CMakeLists.txt
running='' # a ctest in the background, with a process group of its own
trap '[ -z "$running" ] || kill -- "-$running" 2>/dev/null || true' EXIT

build() { # preset, targets
    local preset=$1; shift
    echo "== build $preset, $SECONDS s"
    cmake --preset "$preset" -DSQD_WERROR="$([ "$preset" = release ] && echo ON || echo OFF)" >/dev/null
    nice cmake --build --preset "$preset" -j "$jobs" --target "$@" -- --quiet
}

begin_tests() { # what they are, preset, which tests
    what=$1 output=build/$2/tests.txt
    SQD_SMALL=1 setsid ctest --test-dir "build/$2" "${@:3}" --no-tests=error --output-on-failure -j "$places" >"$output" 2>&1 &
    running=$!
}

end_tests() {
    local code=0
    wait "$running" || code=$?
    running=''
    echo "== $what, done after $SECONDS s"
    cat "$output"
    return "$code"
}

if [ "${1:-}" != --release-only ]; then
    # Memory and undefined behaviour: all of unit and integration, on the small simulated detector; foreign bytes: every fuzz target for a
    # fixed number of runs (deploy/fuzz.sh goes on from there).
    build asan sqd unit_core unit_reduce unit_stream unit_detectors unit_config unit_daemon unit_memory unit_fuzz fuzz make_corpus
    begin_tests "address and undefined behaviour sanitizers, fuzz" asan -L 'unit|integration|fuzz'
    # Threads: the rooms that have them, without the scripts that start no service.
    build tsan sqd unit_stream unit_daemon
    end_tests
    begin_tests "thread sanitizer" tsan -R 'unit_stream|unit_daemon|integration_' -E 'integration_(bad_patterns|command_line|config_errors|decode)'
    build release all
    end_tests
else
    build release all
fi
echo "== everything, release, $SECONDS s"
ctest --test-dir build/release --no-tests=error --output-on-failure -j "$places"
