#!/usr/bin/env bash
# Builds everything and runs every test; ends with a line "N passed, N failed, N skipped".
# The cluster's tests run where its packages can be restored; elsewhere they are counted as skipped, and it says so.
# usage: tests/run.sh [further arguments of dotnet test]
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Built with all cores, once; then one suite after the other: several start servers and processes, two cores are soon busy.
run() { dotnet test "$1" --no-build --configuration Release -maxcpucount:1 --logger trx --results-directory "$results" "${@:2}"; }

code=0
if dotnet build Rookery.slnx --configuration Release; then
  run Rookery.slnx "$@" || code=$?
else
  code=$?
fi

cluster="tests/Cluster.Tests tests/Cluster.Crash.Tests"
unseen=0
if (for suite in $cluster; do dotnet restore "$suite" || exit; done) >"$results/restore.log" 2>&1; then
  for suite in $cluster; do
    if dotnet build "$suite" --no-restore --configuration Release; then
      run "$suite" "$@" || code=$?
    else
      code=$?
    fi
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
[ "$code" -eq 0 ] || echo "NOT EVERYTHING WAS BUILT, OR NOT EVERYTHING PASSED: see above."
total=$(count total); passed=$(count passed); failed=$(count failed); executed=$(count executed)
echo "${passed:-0} passed, ${failed:-0} failed, $(( ${total:-0} - ${executed:-0} + unseen )) skipped"
[ "$code" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
