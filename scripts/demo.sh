#!/usr/bin/env bash
# Reads and judges one simulated card through a real PC/SC daemon, and leaves the
# report in out/report.html. Everything it starts, it stops.
set -euo pipefail
cd "$(dirname "$0")/.."

out=out
port=${PORT:-$((20000 + RANDOM % 20000))}
work=$(mktemp -d)
mkdir -p "$out"

cleanup() {
    if [[ -n ${card:-} ]]; then kill "$card" 2>/dev/null && wait "$card" 2>/dev/null || true; fi
    scripts/pcscd.sh stop "$work/pcscd" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }

step "1. A private PC/SC service with a virtual reader (port $port)"
scripts/pcscd.sh start "$work/pcscd" "$port"
PCSCLITE_CSOCK_NAME=$(scripts/pcscd.sh socket "$work/pcscd")
export PCSCLITE_CSOCK_NAME

step "2. A simulated card in it, and the trust anchors of its specimen country"
bin/cnie-sim run --vpcd "127.0.0.1:$port" >"$work/card" &
card=$!
bin/cnie-sim trust "$work/trust"
for ((i = 0; i < 100; i++)); do
    if grep -q '^CAN: ' "$work/card"; then break; fi
    kill -0 "$card" 2>/dev/null || { echo "the simulated card did not start" >&2; exit 1; }
    sleep 0.05
done
cat "$work/card"
can=$(sed -n 's/^CAN: //p' "$work/card")

step "3. cnie verify --can $can --trust DIR --report $out/report.html"
bin/cnie verify --can "$can" --trust "$work/trust" --report "$out/report.html" --wait 10s

step "The report with the photo is in $out/report.html"
