#!/bin/bash
# A beamtime in three minutes: installs what is needed, builds, measures two virtual stations at full size and judges the results.
# Usage: deploy/demo.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/setup.sh build
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target sqd -- --quiet
exec python3 deploy/demo.py "$@"
