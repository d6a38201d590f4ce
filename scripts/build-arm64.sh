#!/usr/bin/env bash
# Cross-builds the lean cnie (without the signing service) for linux/arm64 with Debian's cross compiler
# and Debian's arm64 PC/SC library. The library is kept in out/arm64.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p out
settings=out/arm64/settings
if [[ ! -s $settings ]]; then
    mkdir -p out/arm64
    scripts/install-deps.sh --arm64 out/arm64 >"$settings.new"
    mv "$settings.new" "$settings"
fi
read -ra environment <"$settings"
env "${environment[@]}" go build -tags noserve -o out/cnie-arm64 ./cmd/cnie
file=$(od -An -tx1 -j18 -N2 out/cnie-arm64 | tr -d ' ')
[[ $file == b700 ]] || { echo "out/cnie-arm64 is not an arm64 program (machine $file)" >&2; exit 1; }
