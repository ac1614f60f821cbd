#!/usr/bin/env bash
# A cluster on this machine: silos and gateways as processes, on loopback. Ctrl-C ends all of it.
#
#   ROOKERY_MONGODB   connection string of a MongoDB server; without it everything is kept in the memory of the first silo,
#                     and gone when that one ends; any other may be killed
#   ROOKERY_DATABASE  database in it; default rookery
#   SILOS, GATEWAYS   how many; default 3 and 2
#   TWEETS            the tweet server to read; default: our own, with TWEET_RATE (bursts) as its rate; "none": no tweets
#
# Clients: 127.0.0.1:8000 and following; over HTTP 8181 and following; viewers: 8080. Dashboard: http://127.0.0.1:8081/dashboard.
# Streams: http://127.0.0.1:8081/pipeline
set -euo pipefail
# Each process in a group of its own: Ctrl-C is for this script, which ends them in order.
set -m
cd "$(dirname "$0")/.."
silos=${SILOS:-3} gateways=${GATEWAYS:-2} tweets=${TWEETS:-feed}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet build Silo --configuration Release --verbosity quiet
dotnet build BrokerGateway --configuration Release --verbosity quiet
[ "$tweets" != feed ] || dotnet build Rookery --configuration Release --verbosity quiet
bin=artifacts/bin logs=artifacts/local-cluster
mkdir -p "$logs"

# A port that something else has is said before anything is started.
taken=()
free() { if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then taken+=("$1 ($2)"); fi; }
for ((i = 0; i < silos; i++)); do
  free $((11111 + i)) "silo $i"; free $((30000 + i)) "silo $i, for gateways"; free $((8081 + i)) "silo $i, HTTP"
done
for ((i = 0; i < gateways; i++)); do free $((8000 + i)) "gateway $i, clients"; free $((8181 + i)) "gateway $i, HTTP"; done
[ "$gateways" -eq 0 ] || free 8080 "viewers"
[ "$tweets" != feed ] || free 4000 "tweet server"
if [ "${#taken[@]}" -gt 0 ]; then
  echo "these ports are in use, so nothing was started:" >&2
  printf '  %s\n' "${taken[@]}" >&2
  exit 1
fi

pids=() names=()
stop() {
  local code=$?
  trap - EXIT
  trap '' INT TERM
  echo "ending ..."
  # Gateways first, so that clients are told; then the silos, all at once: they complete what is under way.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill "${pids[i]}" 2>/dev/null || true
    [ "$i" -lt "${members:-0}" ] || wait "${pids[i]}" 2>/dev/null || true
  done
  wait
  exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ready() { # port name log
  for ((try = 0; try < 300; try++)); do
    if ! kill -0 "${pids[-1]}" 2>/dev/null; then
      echo "$2 ended:" >&2
      tail -n 5 "$logs/$3.log" >&2
      exit 1
    fi

    if (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 && grep -q '^ready' <&3) 2>/dev/null; then
      echo "$2 is ready"
      return
    fi
    sleep 0.2
  done
  echo "$2 did not get ready within a minute; see $logs/$3.log" >&2
  exit 1
}

source=()
case $tweets in
  none) ;;
  feed)
    "$bin/Rookery/release/rookery" feed --rate "${TWEET_RATE:-bursts}" >"$logs/feed.log" 2>&1 &
    pids+=($!) names+=("the tweet server")
    source=(--tweets http://127.0.0.1:4000/)
    ;;
  *) source=(--tweets "$tweets") ;;
esac

storage=() addresses=""
if [ -z "${ROOKERY_MONGODB:-}" ]; then
  echo "*** ROOKERY_MONGODB is not set: storage is the memory of silo 0, nothing outlives it. ***"
  storage=(--storage memory --primary 127.0.0.1:11111)
fi

for ((i = 0; i < silos; i++)); do
  "$bin/Silo/release/rookery-silo" "${storage[@]}" "${source[@]}" --silo-port $((11111 + i)) --gateway-port $((30000 + i)) --http-port $((8081 + i)) \
    >"$logs/silo-$i.log" 2>&1 &
  pids+=($!) names+=("silo $i")
  addresses+="${addresses:+,}127.0.0.1:$((30000 + i))"
  ready $((8081 + i)) "silo $i" "silo-$i"
done
members=${#pids[@]}

reach=()
[ -n "${ROOKERY_MONGODB:-}" ] || reach=(--silos "$addresses")
for ((i = 0; i < gateways; i++)); do
  viewers=()
  [ $i -gt 0 ] || viewers=(--viewer-port 8080)
  "$bin/BrokerGateway/release/rookery-gateway" "${reach[@]}" --port $((8000 + i)) --http-port $((8181 + i)) "${viewers[@]}" >"$logs/gateway-$i.log" 2>&1 &
  pids+=($!) names+=("gateway $i")
  ready $((8181 + i)) "gateway $i on port $((8000 + i))" "gateway-$i"
done

echo "dashboard: http://127.0.0.1:8081/dashboard; logs: $logs; Ctrl-C ends it"

# One that ends is told, and the others go on: try kill -9.
left=${#pids[@]}
while ((left-- > 0)); do
  code=0
  wait -n -p ended || code=$?
  for i in "${!pids[@]}"; do [ "${pids[i]}" != "$ended" ] || echo "${names[i]} ended with code $code; see $logs" >&2; done
done
exit 1
