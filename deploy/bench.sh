#!/bin/bash
# How fast it is on this machine, beside Debian's own programs on the same frames; one table. No test: quote ratios of one run, and the machine.
# Usage: deploy/bench.sh [--quick] [--json FILE] [growth]
# --quick: a few minutes, coarser; growth: how cost grows with pixels, bins, frames, workers and subscribers, instead.
set -euo pipefail
quick=
json=()
what=speed
while [ $# -gt 0 ]; do
    case "$1" in
    --quick) quick=1 ;;
    --json) [ $# -gt 1 ] || { echo "bench: --json needs a file" >&2; exit 64; }; json=(--json "$(realpath -m "$2")"); shift ;;
    growth) what=growth ;;
    *) echo "usage: $0 [--quick] [--json FILE] [growth]" >&2; exit 64 ;;
    esac
    shift
done
cd "$(dirname "$0")/.."
bash deploy/setup.sh bench
cmake --preset release >/dev/null
programs=$(basename -s .cpp -a tests/benchmarks/bench_*.cpp)
# shellcheck disable=SC2086 # one word each
cmake --build --preset release -j "$(nproc)" --target sqd $programs -- --quiet
export SQD_SOURCE=$PWD SQD_BINARY=$PWD/build/release/sqd
results=$(mktemp -d -t sqd-bench-XXXXXX)
trap 'rm -rf "$results"' EXIT

if [ -n "$quick" ]; then repetitions=2 min_time=0.05 seconds=5 peer_seconds=0.5 id13_rate=200 pairs=2; else repetitions=5 min_time=0.3 seconds=30 peer_seconds=2 id13_rate=50 pairs=4; fi
run_benchmark() { # program, filter: its rows by name, all but them after a minus
    echo "bench: $1" >&2
    "build/release/tests/$1" --benchmark_repetitions="$repetitions" --benchmark_min_time="$min_time" --benchmark_filter="$2" \
        --benchmark_out_format=json --benchmark_out="$results/${1#bench_}.json" >/dev/null
}

if [ "$what" = growth ]; then
    run_benchmark bench_hot_path 'growth_'
    run_benchmark bench_pixels .
    tests/benchmarks/whole_daemon.py --only growth --seconds "$seconds" --json "$results/whole_daemon.json"
else
    run_benchmark bench_hot_path '-growth_'
    for program in $programs; do
        [ "$program" = bench_hot_path ] || run_benchmark "$program" "$([ "$program" = bench_pixels ] && echo eiger4m || echo .)"
    done
    echo "bench: peers" >&2
    build/release/tests/bench_hot_path --write-frames "$results/frames"
    tests/benchmarks/peers.py "$results/frames" --seconds "$peer_seconds" --json "$results/peers.json"
    echo "bench: the whole daemon" >&2
    tests/benchmarks/whole_daemon.py --seconds "$seconds" --id13-rate "$id13_rate" --json "$results/whole_daemon.json"
    echo "bench: clients that misbehave" >&2
    tests/benchmarks/hostile.py --pairs "$pairs" --json "$results/hostile.json"
    echo "bench: twenty viewers" >&2
    tests/benchmarks/viewers.py --pairs "$pairs" --json "$results/viewers.json"
    echo "bench: the page" >&2
    tests/benchmarks/page.py --json "$results/page.json"
fi
tests/benchmarks/table.py "$results" "${json[@]}"
