#!/bin/bash
# Fuzzes everything that reads foreign bytes, under address and undefined behaviour sanitizers. What it learns stays in build/asan/grown.
# Usage: deploy/fuzz.sh [minutes, default 10] [target ...]. Exit code 1: something was found, see the last lines.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-10}
shift || true
export SQD_SOURCE=$PWD
bash deploy/setup.sh test
cmake --preset asan >/dev/null
cmake --build --preset asan -j "$(nproc)" --target fuzz make_corpus -- --quiet

program=$PWD/build/asan/tests/fuzz/fuzz
findings=$PWD/build/asan/findings/$(date -u +%Y%m%dT%H%M%S)
mkdir -p "$findings"
build/asan/tests/fuzz/make_corpus build/asan/corpus
"$program" --list >"$findings/targets"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cut -d' ' -f1 "$findings/targets")
jobs=$(nproc)
seconds=$((minutes * 60 * jobs / ${#targets[@]}))
[ "$seconds" -ge 1 ] || seconds=1

fuzz_one() { # target; its log and what it finds go below $findings
    local name=$1 longest folders=()
    [ -d "tests/fuzz/regressions/$name" ] && folders+=("tests/fuzz/regressions/$name")
    longest=$(sed -n "s/^$name //p" "$findings/targets")
    mkdir -p "build/asan/grown/$name" "$findings/$name"
    "$program" --target="$name" -max_total_time="$seconds" -max_len="$longest" -dict=tests/fuzz/words.dict -malloc_limit_mb=64 -rss_limit_mb=1024 \
        -timeout=10 -print_final_stats=1 -artifact_prefix="$findings/$name/" \
        "build/asan/grown/$name" "build/asan/corpus/$name" "${folders[@]}" >"$findings/$name.log" 2>&1 || true
}
export -f fuzz_one
export program findings seconds
echo "== ${#targets[@]} targets, $seconds s each, $jobs at a time"
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}'

printf '%-16s %12s %8s %9s %9s\n' target executions exec/s coverage findings
total=0
for name in "${targets[@]}"; do
    log=$findings/$name.log
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2 || true)
    found=$(find "$findings/$name" -type f | wc -l)
    [ -n "$runs" ] || { found=$((found + 1)); echo "$name did not run: see $log"; }
    total=$((total + found))
    printf '%-16s %12s %8s %9s %9s\n' "$name" "${runs:--}" "$((${runs:-0} / seconds))" "${coverage:--}" "$found"
done
[ "$total" -eq 0 ] && exit 0
echo "fuzz: $total findings in $findings; read one again with: $program --target=NAME FILE"
exit 1
