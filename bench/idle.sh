#!/usr/bin/env bash
# What a process costs that has nothing to do: memory now, and processor time over a while, from /proc.
# usage: bench/idle.sh PID [SECONDS]
set -euo pipefail
pid=$1 seconds=${2:-60}
# utime and stime, behind the name in brackets.
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
before=$(ticks "$pid")
sleep "$seconds"
after=$(ticks "$pid")
awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN { printf "processor %.2f %% of a core over %d s\n", 100 * t / hz / s, s }'
grep -E '^(VmRSS|RssAnon|RssFile|VmHWM|Threads)' "/proc/$pid/status"
