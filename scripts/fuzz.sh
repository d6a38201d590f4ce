#!/usr/bin/env bash
# Runs every fuzz target of the repository for a given time, one after another.
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:-10s}
count=0
while read -r package; do
  while read -r target; do
    count=$((count + 1))
    printf 'fuzz %-28s %-40s ' "$package" "$target"
    if ! output=$(go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$duration" -fuzzminimizetime 10x 2>&1); then
      printf 'FAILED\n%s\n' "$output"
      exit 1
    fi
    grep -oE 'execs: [0-9]+' <<<"$output" | tail -n 1 || echo 'no executions reported'
  done < <(grep -rhoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' "${package#cnie/}"/*_test.go 2>/dev/null | sed 's/^func //' | sort -u)
done < <(go list ./...)
echo "$count fuzz targets, $duration each"
