#!/usr/bin/env bash
# Runs every fuzz target of the repository, as many at once as there are processors,
# each on one.
#
#   fuzz.sh         10 s for those that stand between a card and a verdict, 3 s for the others
#   fuzz.sh 1m      a minute each
set -euo pipefail
cd "$(dirname "$0")/.."
export given=${1:-}

# targets prints "folder target" lines.
targets() {
    git ls-files --cached --others --exclude-standard '*_test.go' |
        xargs grep -oE '^func Fuzz[A-Za-z0-9_]+' |
        sed -E 's|^(.*)/[^/]*:func (.*)$|\1 \2|' | sort -u
}

# duration is how long the targets of a folder run.
duration() { # FOLDER
    if [[ -n $given ]]; then echo "$given"; return; fi
    case $1 in
    apdu/securemsg | apdu/tlv | lds | pki/cms | simulator | simulator/piv) echo 10s ;;
    *) echo 3s ;;
    esac
}

fuzz() { # FOLDER TARGET
    local output
    # A target seeded with large files would spend its time on making finds smaller.
    if ! output=$(go test "./$1" -vet=off -run '^$' -fuzz "^$2\$" -fuzztime "$(duration "$1")" -fuzzminimizetime 10x -parallel 1 2>&1) &&
        ! out_of_time "$output"; then
        printf 'fuzz %-24s %-28s FAILED\n%s\n' "$1" "$2" "$output"
        return 255
    fi
    printf 'fuzz %-24s %-28s %3s %s\n' "$1" "$2" "$(duration "$1")" "$(grep -oE 'execs: [0-9]+' <<<"$output" | tail -n 1)"
}

# out_of_time: Go's engine fails with its own deadline, and without any input to
# blame, when the time ends in the middle of an execution.
out_of_time() { # OUTPUT
    grep -qx '    context deadline exceeded' <<<"$1" && ! grep -qE 'Failing input|panic' <<<"$1"
}

export -f duration fuzz out_of_time

targets | xargs -P "$(nproc)" -n 2 bash -c 'fuzz "$0" "$1"'
echo "$(targets | wc -l) fuzz targets"
