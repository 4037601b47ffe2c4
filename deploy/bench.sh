#!/bin/bash
# Timings of the hot path and of G(r) on this machine; no test. Quote ratios of one run, medians of several, and the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh test
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target bench_accumulator bench_transform -- --quiet
grep -m1 'model name' /proc/cpuinfo || true
for run in 1 2 3; do
    echo "== run $run"
    build/release/tests/bench_accumulator
    build/release/tests/bench_transform
done
