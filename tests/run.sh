#!/usr/bin/env bash
# Builds everything and runs every test; ends with a line "N passed, N failed, N skipped".
# usage: tests/run.sh [further arguments of dotnet test]
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# One after the other: several suites start servers and measure what they do, two cores are soon busy.
dotnet test Rookery.slnx --configuration Release -maxcpucount:1 --logger trx --results-directory "$results" "$@"
code=$?

count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk "{ sum += \$1 } END { print sum + 0 }"; }
total=$(count total); passed=$(count passed); failed=$(count failed); executed=$(count executed)
echo "${passed:-0} passed, ${failed:-0} failed, $(( ${total:-0} - ${executed:-0} )) skipped"
[ "$code" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
