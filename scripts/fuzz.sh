#!/usr/bin/env bash
# Runs every fuzz target of the repository for a given time, as many at once as
# there are processors, each on one.
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:-10s}

# targets prints "folder target" lines.
targets() {
    git ls-files --cached --others --exclude-standard '*_test.go' |
        xargs grep -oE '^func Fuzz[A-Za-z0-9_]+' |
        sed -E 's|^(.*)/[^/]*:func (.*)$|\1 \2|' | sort -u
}

fuzz() { # DURATION FOLDER TARGET
    local output
    # A target seeded with large files would spend its time on making finds smaller.
    if ! output=$(go test "./$2" -run '^$' -fuzz "^$3\$" -fuzztime "$1" -fuzzminimizetime 10x -parallel 1 2>&1) &&
        ! out_of_time "$output"; then
        printf 'fuzz %-24s %-28s FAILED\n%s\n' "$2" "$3" "$output"
        return 255
    fi
    printf 'fuzz %-24s %-28s %s\n' "$2" "$3" "$(grep -oE 'execs: [0-9]+' <<<"$output" | tail -n 1)"
}
# out_of_time: Go's engine fails with its own deadline, and without any input to
# blame, when the time ends in the middle of an execution.
out_of_time() { # OUTPUT
    grep -qx '    context deadline exceeded' <<<"$1" && ! grep -qE 'Failing input|panic' <<<"$1"
}

export -f fuzz out_of_time

targets | xargs -P "$(nproc)" -n 2 bash -c 'fuzz "$0" "$1" "$2"' "$duration"
echo "$(targets | wc -l) fuzz targets, $duration each"
