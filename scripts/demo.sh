#!/usr/bin/env bash
# The counter with a simulated card. A card is judged once by `cnie verify` through
# a real PC/SC daemon, which leaves out/report.html. Then a desk opens for trying
# out, and the card goes in and out by itself, until Ctrl-C.
#
#   demo.sh              until Ctrl-C; prints the addresses of the two screens
#   demo.sh --headless   two visits played in a browser without a window, which
#                        leaves pictures in out/counter-*.png, and ends
#
# Everything it starts, it stops. PORT is where the virtual reader listens.
set -euo pipefail
cd "$(dirname "$0")/.."

headless=false
case "$*" in
'') ;;
--headless) headless=true ;;
*) echo "usage: demo.sh [--headless]" >&2; exit 64 ;;
esac

out=out
port=${PORT:-$((20000 + RANDOM % 20000))}
work=$(mktemp -d)
mkdir -p "$out"
started=()

# cleanup stops what was started, the last first, and waits for it: the counter
# wipes the desk and closes its ledger.
cleanup() {
    local i
    trap '' INT TERM
    kill ${napping:+"$napping"} 2>/dev/null || true
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        kill "${started[i]}" 2>/dev/null || true
        wait "${started[i]}" 2>/dev/null || true
    done
    scripts/pcscd.sh stop "$work/pcscd" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

die() { echo "demo.sh: $*" >&2; exit 1; }

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# said waits for a line that a program writes into a file: FILE EXPRESSION PID
said() {
    local i
    for ((i = 0; i < 400; i++)); do
        if grep -qs -- "$2" "$1"; then return; fi
        kill -0 "$3" 2>/dev/null || break
        sleep 0.05
    done
    cat "$1" "$out/counter.log" >&2 || true
    die "waited in vain for \"$2\""
}

# address of a screen, the latest: one pairs a browser once, and then the next is printed.
address() { sed -n "s/^$1's screen: *//p" "$work/counter" | tail -n 1; }

# nap waits, and no longer than the counter and the card last. What is waited for in
# the background lets signals through at once; a program in the foreground does not.
nap() { # SECONDS
    local pid
    sleep "$1" &
    napping=$!
    wait -n "$napping" "${started[@]}" || true
    for pid in "${started[@]}"; do
        kill -0 "$pid" 2>/dev/null || { cat "$out/counter.log" >&2; die "the counter or the card ended by itself"; }
    done
}

hand() { bin/cnie-sim ctl --control "$work/hand" "$@" >/dev/null; }

step "1. A private PC/SC service with a virtual reader (port $port)"
scripts/pcscd.sh start "$work/pcscd" "$port"
PCSCLITE_CSOCK_NAME=$(scripts/pcscd.sh socket "$work/pcscd")
export PCSCLITE_CSOCK_NAME

step "2. A simulated card in it, and the trust anchors of its specimen country"
bin/cnie-sim run --vpcd "127.0.0.1:$port" --control "$work/hand" >"$work/card" &
started+=($!)
bin/cnie-sim trust "$work/trust"
said "$work/card" '^CAN: ' "${started[0]}"
cat "$work/card"
can=$(sed -n 's/^CAN: //p' "$work/card")

step "3. cnie verify --can $can --trust DIR --report $out/report.html"
bin/cnie verify --can "$can" --trust "$work/trust" --report "$out/report.html" --wait 10s
echo "The report with the photo is in $out/report.html"

step "4. cnie counter --demo --trust DIR: a desk for trying out, with a ledger that ends with it"
bin/cnie counter --demo --trust "$work/trust" --listen 127.0.0.1:0 --no-browser >"$work/counter" 2>"$out/counter.log" &
started+=($!)
said "$work/counter" "^Citizen's screen:" "${started[1]}"

if $headless; then
    step "5. A clerk and a citizen, in a browser without a window"
    TMPDIR=$work go run ./internal/counter/demo --clerk "$(address Clerk)" --citizen "$(address Citizen)" --control "$work/hand" --can "$can" --out "$out"
    exit
fi

step "5. Open both, the second in another window; each address works once"
echo "  The clerk:   $(address Clerk)"
echo "  The citizen: $(address Citizen)"
echo "Choose a purpose (where it wants a ticket, any will do), then type the CAN: $can"
echo "The card comes for a minute and goes for five seconds, again and again. Ctrl-C ends it all."
while :; do
    nap 60
    hand remove
    nap 5
    hand insert
done
