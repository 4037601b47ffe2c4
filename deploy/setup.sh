#!/bin/bash
# Installs, by name, what sqd needs: Debian 12 packages, and from npm what the page is made with. Usage: deploy/setup.sh [build|test|bench|valgrind]
# build: what building and running needs (default); test: also the peers that tests compare with; bench: also those that are timed;
# valgrind: test, and that.
set -euo pipefail

build_packages=(g++ cmake ninja-build pkg-config git ca-certificates python3
    libhdf5-dev libzmq3-dev cppzmq-dev libeigen3-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev
    libxrl-dev liblz4-dev libisal-dev zlib1g-dev libbz2-dev libtiff-dev libssl-dev libsystemd-dev libboost-dev
    libcairo2-dev)
command -v npm >/dev/null || build_packages+=(npm)
test_packages=(doctest-dev clang-format python3-numpy python3-scipy python3-zmq python3-h5py python3-pyfai python3-fabio
    python3-xraylib python3-yaml python3-matplotlib python3-pip python3-setuptools python3-wheel python3-nbclient python3-ipykernel mypy bitshuffle hdf5-filter-plugin python3-silx man-db zsh fish libtiff-tools clang libclang-rt-14-dev
    chromium python3-websocket fonts-dejavu-core)
bench_packages=(libbenchmark-dev python3-lmfit python3-hdf5plugin pocl-opencl-icd python3-pyopencl)

wanted=("${build_packages[@]}")
case "${1:-build}" in
build) ;;
test) wanted+=("${test_packages[@]}") ;;
bench) wanted+=("${test_packages[@]}" "${bench_packages[@]}") ;;
valgrind) wanted+=("${test_packages[@]}" valgrind) ;;
*) echo "usage: $0 [build|test|bench|valgrind]" >&2; exit 64 ;;
esac

missing=()
for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "setup: not root and no sudo; install as root: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    echo "setup: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

# Exactly what the lock files say, into node_modules beside them; from then on the build needs no network.
root=$(cd "$(dirname "$0")/.." && pwd)
install_locked() { # folder, a file that is there afterwards
    [ -e "$root/$1/node_modules/$2" ] && [ "$root/$1/node_modules" -nt "$root/$1/package-lock.json" ] && return
    [ -e "$root/$1/package-lock.json" ] || return 0 # only this script was copied here
    echo "setup: installing the npm packages of $1"
    (cd "$root/$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules)
}
install_locked daemon/page uplot/dist/uPlot.iife.min.js
[ "${1:-build}" = build ] || install_locked tests/browser axe-core/axe.min.js
