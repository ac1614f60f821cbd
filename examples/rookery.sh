#!/usr/bin/env bash
# Subscribes to a topic, prints what comes, acknowledges it. usage: rookery.sh [topic] [count] [host:port]
set -euo pipefail
topic=${1:-tweets} count=${2:-10} address=${3:-127.0.0.1:8000}
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'hello {"as":"example-shell","quiet":true,"meta":true}\nsub %s {"from":"start"}\n' "$topic" >&3
received=0
while ((received < count)) && IFS= read -r line <&3; do
  line=${line%$'\r'}
  case $line in
    error*) echo "$line" >&2; exit 1 ;;
    '{'*) echo "$line"
      rest=${line##*\"seq\":}
      printf 'ack %s #%s\n' "$topic" "${rest%%,*}" >&3
      received=$((received + 1)) ;;
  esac
done
printf 'quit\n' >&3
cat <&3 >/dev/null # until the server closes: then it has the acknowledgements
