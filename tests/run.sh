#!/usr/bin/env bash
# Builds everything and runs every test; ends with a line "N passed, N failed, N skipped".
# The cluster's tests run where its packages can be restored; elsewhere they are counted as skipped, and it says so.
# usage: tests/run.sh [further arguments of dotnet test]
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# One after the other: several suites start servers and measure what they do, two cores are soon busy.
dotnet test Rookery.slnx --configuration Release -maxcpucount:1 --logger trx --results-directory "$results" "$@"
code=$?

cluster="tests/Cluster.Tests tests/Cluster.Crash.Tests"
unseen=0
if (for suite in $cluster; do dotnet restore "$suite" || exit; done) >"$results/restore.log" 2>&1; then
  for suite in $cluster; do
    dotnet test "$suite" --configuration Release -maxcpucount:1 --logger trx --results-directory "$results" "$@" || code=$?
  done
elif missing=$(grep -o "NU110[1-3]: [^.]*\.[A-Za-z.]*" "$results/restore.log" | grep -o "package [^ ]*" | sort -u | sed 's/^package //; s/\.$//'); [ -n "$missing" ]; then
  unseen=$(cat tests/Cluster*/*.cs tests/Conformance/*.cs | grep -cE '^ *\[(Fact|Theory|MongoFact|MongoServerFact)')
  echo "======================================================================"
  echo "THE CLUSTER WAS NOT BUILT AND NOT TESTED. These packages are not to be had here:"
  echo "$missing" | sed 's/^/  /'
  echo "Its $unseen test methods, as counted in the source, are reported as skipped."
  echo "======================================================================"
else
  # Something else than a missing package: that is a failure.
  cat "$results/restore.log"
  code=1
fi

count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk "{ sum += \$1 } END { print sum + 0 }"; }
total=$(count total); passed=$(count passed); failed=$(count failed); executed=$(count executed)
echo "${passed:-0} passed, ${failed:-0} failed, $(( ${total:-0} - ${executed:-0} + unseen )) skipped"
[ "$code" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
