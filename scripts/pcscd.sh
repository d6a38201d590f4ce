#!/usr/bin/env bash
# A private PC/SC service with two virtual readers, for demonstrations.
#
#   pcscd.sh start DIR PORT   make DIR, start the service; readers listen on PORT and PORT+1
#   pcscd.sh stop DIR         end it and remove DIR
#   pcscd.sh socket DIR       print what clients need in PCSCLITE_CSOCK_NAME
#
# The machine's own service, readers and /run are left alone: see the package
# documentation of internal/pcscd, which does the same for tests.
#
# NOTE: the virtual readers listen on all addresses of the machine, not on
# loopback alone. Whoever reaches the port can put a card in.
set -euo pipefail

die() { echo "pcscd.sh: $*" >&2; exit 1; }

usage() { echo "usage: pcscd.sh start DIR PORT | stop DIR | socket DIR" >&2; exit 64; }

socket() { echo "$1/run/pcscd/pcscd.comm"; }

# find_driver prints the path of vpcd, which distributions put in various places.
find_driver() {
    local so
    for so in /usr/lib/pcsc/drivers/serial/libifdvpcd.so \
        /usr/lib/*-linux-gnu/pcsc/drivers/serial/libifdvpcd.so \
        /usr/lib64/pcsc/drivers/serial/libifdvpcd.so \
        /usr/local/lib/pcsc/drivers/serial/libifdvpcd.so; do
        if [[ -e $so ]]; then echo "$so"; return; fi
    done
    return 1
}

# listening succeeds when the TCP port is open. It asks the kernel: a connection
# made to find out would be taken for a card.
listening() { grep -q "$(printf ':%04X 00000000:0000 0A' "$1")" /proc/net/tcp; }

# alive succeeds when the process in DIR/pid is the service that was started there.
alive() {
    local pid
    pid=$(cat "$1/pid" 2>/dev/null) && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$1/conf"
}

prepare() { # DIR PORT DRIVER
    mkdir -p "$1/run/pcscd" "$1/conf" "$1/none"
    chmod 700 "$1"
    rm -f "$1/run/pcscd/pcscd.comm" "$1/run/pcscd/pcscd.pid" # of one that crashed
    cp "$3" "$1/vpcd.so"                                     # its own place is hidden from the service
    printf 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n' \
        "$2" "$1/vpcd.so" "$2" >"$1/conf/vpcd"
}

# spawn becomes pcscd in a mount namespace of its own, and in a user namespace
# where only that is allowed.
spawn() { # DIR DRIVERS
    local flags
    for flags in --mount '--map-root-user --mount'; do
        # shellcheck disable=SC2086  # the flags are words
        if unshare $flags true 2>/dev/null; then
            # shellcheck disable=SC2016  # for the inner shell
            exec unshare $flags sh -c 'mount --bind "$1/run" /run && mount --bind "$1/none" "$2" && exec "$3" --foreground --config "$1/conf"' \
                sh "$1" "$2" "$pcscd"
        fi
    done
    die "this machine allows neither mount nor user namespaces to $(id -un)"
}

start() { # DIR PORT
    local dir port=$2 driver
    if ! pcscd=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v pcscd) || ! driver=$(find_driver); then
        die "pcscd with the vpcd driver is not installed; run 'make deps'"
    fi
    if [[ ! $port =~ ^[0-9]{4,5}$ ]] || ((port < 1024 || port > 65534)); then die "no such port: $port"; fi
    dir=$(realpath --canonicalize-missing -- "$1")
    if [[ $dir == *[[:space:]]* ]] || ((${#dir} > 80)); then
        die "the path of DIR must be short and without spaces: $dir" # a socket's limit, the reader list's syntax
    fi
    if alive "$dir"; then die "already running in $dir"; fi
    if listening "$port" || listening $((port + 1)); then die "port $port or $((port + 1)) is in use"; fi
    prepare "$dir" "$port" "$driver"
    spawn "$dir" "$(dirname "$(dirname "$driver")")" >"$dir/log" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    await "$dir" "$port"
}

# await returns when clients and cards can connect: 35 ms on an idle machine.
await() { # DIR PORT
    local try
    for ((try = 0; try < 300; try++)); do
        if [[ -S $(socket "$1") ]] && listening "$2" && listening $(($2 + 1)); then return; fi
        kill -0 "$(cat "$1/pid")" 2>/dev/null || break
        sleep 0.05
    done
    tail -n 5 "$1/log" >&2
    stop "$1"
    die "the service did not start"
}

# stop waits for up to 4 s: the service closes its readers first.
stop() { # DIR
    local dir try pid
    [[ -d $1 ]] || return 0
    dir=$(cd "$1" && pwd)
    [[ -f $dir/conf/vpcd ]] || die "$dir is not a folder of this script"
    if alive "$dir"; then
        pid=$(cat "$dir/pid")
        kill "$pid" 2>/dev/null || true
        for ((try = 0; try < 80; try++)); do
            alive "$dir" || break
            sleep 0.05
        done
        if alive "$dir"; then kill -9 "$pid" 2>/dev/null || true; fi
    fi
    rm -rf "${dir:?}"
}

case "${1:-} $#" in
'start 3') start "$2" "$3" ;;
'stop 2') stop "$2" ;;
'socket 2') socket "$(cd "$2" && pwd)" ;;
*) usage ;;
esac
