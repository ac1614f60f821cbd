#!/usr/bin/env bash
# What `rookery run` takes after a rush: a tweet server as fast as it goes for a while, then killed; memory every ten seconds from then on,
# and processor time at the end. Build first: dotnet build -c Release Rookery
# usage: bench/rest.sh [SECONDS OF RUSH] [SECONDS OF REST]; PORT: the first of four that it takes
set -euo pipefail
cd "$(dirname "$0")/.."
rush=${1:-25} rest=${2:-180} port=${PORT:-21000}
rookery=artifacts/bin/Rookery/release/rookery.dll
data=$(mktemp -d)
dotnet "$rookery" feed --port "$port" --rate unlimited > "$data/feed.log" 2>&1 & feed=$!
dotnet "$rookery" run --source "http://127.0.0.1:$port" --data "$data/run" --broker-port $((port + 1)) --http-port $((port + 2)) \
    --viewer-port $((port + 3)) > "$data/run.log" 2>&1 & run=$!
trap '{ kill -9 $feed $run; wait $feed $run; } 2> /dev/null || true; rm -rf "$data"' EXIT
sleep "$rush"
kill -9 $feed
wait $feed 2> /dev/null || true
echo "the rush: $(grep -o 'total=[0-9]*' "$data/run.log" | tail -1) tweets stored"
for ((at = 10; at <= rest; at += 10)); do
    sleep 10
    awk -v at=$at '/^(VmRSS|RssAnon|RssFile)/ { printf "%s%s %.1f MB", (n++ ? ", " : at " s of rest: "), $1, $2 * 1024 / 1e6 } END { print "" }' "/proc/$run/status"
done
bash bench/idle.sh $run 60
