#!/usr/bin/env bash
# CPU time per request of anax-bench (one thread) against valkey-benchmark at the same work in the same run and in
# rotation, with valkey-benchmark against itself as control: Valkey on core 0, the client on core 1, 30 connections,
# 64-byte values (drawn anew for each request by anax-bench), a million keys.
# usage: client-cost.sh [ROUNDS] [REQUESTS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-5} requests=${2:-300000}
valkey=${ANAX_VALKEY:-$(eng/conformance/get-valkey.sh)}/src
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

port=$((20000 + RANDOM % 10000))
while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
taskset -c 0 "$valkey/valkey-server" --port "$port" --save '' --appendonly no >"$work/valkey.log" 2>&1 &
for _ in {1..100}; do [[ $("$valkey/valkey-cli" -p "$port" ping 2>/dev/null) == PONG ]] && break; sleep 0.05; done

# measure NAME PIPELINE COMMAND: a line "name pipeline command user system wall" in ns per request.
TIMEFORMAT='%3U %3S %3R'
measure() {
    local name=$1 pipeline=$2 command=$3 count=$requests
    [[ $pipeline -eq 1 ]] || count=$((requests * 10))
    local each=$((count / 30 / pipeline * pipeline))
    if [[ $name == anax ]]; then
        local words=(--ratio 0:1)
        [[ $command == GET ]] || words=(--command 'SETEX __key__ 10000 __data__')
        times=$({ time taskset -c 1 out/anax-bench -p "$port" --threads 1 -c 30 --qps=0 --pipeline "$pipeline" -n "$each" -d 64 \
            --key_minimum 1 --key_maximum 1000000 ${ANAX_BENCH_OPTIONS:-} "${words[@]}" >/dev/null 2>>"$work/log"; } 2>&1)
    else
        local words=(GET key:__rand_int__)
        [[ $command == GET ]] || words=(SETEX key:__rand_int__ 10000 __data__)
        times=$({ time taskset -c 1 "$valkey/valkey-benchmark" -p "$port" -c 30 -P "$pipeline" -n $((each * 30)) -d 64 \
            -r 1000000 -q "${words[@]}" >/dev/null 2>>"$work/log"; } 2>&1)
    fi
    awk -v n=$((each * 30)) -v head="$name $pipeline $command" '{ printf "%s %.0f %.0f %.0f\n", head, $1 * 1e9 / n, $2 * 1e9 / n, $3 * 1e9 / n }' <<<"$times"
}

for ((round = 0; round <= rounds; round++)); do
    for pipeline in ${PIPELINES:-1 30}; do
        for command in SETEX GET; do
            # The first round fills the table and is not counted.
            for client in anax valkey control; do
                line=$(measure "$client" "$pipeline" "$command")
                [[ $round -eq 0 ]] || echo "$line"
            done
        done
    done
done >"$work/lines"

awk '
    function sort(list, n,   i, j, t) { for (i = 2; i <= n; i++) { t = list[i]; for (j = i - 1; j > 0 && list[j] > t; j--) list[j + 1] = list[j]; list[j + 1] = t } }
    function median(list, n) { sort(list, n); return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
    { key = $2 " " $3; n[$1, key]++; user[$1, key, n[$1, key]] = $4; all[$1, key, n[$1, key]] = $4 + $5; wall[$1, key, n[$1, key]] = $6; keys[key] = 1 }
    END {
        print "                 CPU ns per request, user in brackets           ratio of CPU, median min..max             busy, requests/s"
        printf "%-10s %20s %20s %24s %24s %20s %20s\n", "", "anax-bench", "valkey-benchmark", "anax/valkey", "control/valkey", "anax-bench", "valkey-benchmark"
        for (key in keys) {
            m = n["anax", key]
            for (i = 1; i <= m; i++) {
                a[i] = all["anax", key, i]; v[i] = all["valkey", key, i]; au[i] = user["anax", key, i]; vu[i] = user["valkey", key, i]
                r[i] = a[i] / v[i]; c[i] = all["control", key, i] / v[i]; aw[i] = wall["anax", key, i]; vw[i] = wall["valkey", key, i]
            }
            ma = median(a, m); mv = median(v, m); mau = median(au, m); mvu = median(vu, m); mr = median(r, m); mc = median(c, m); maw = median(aw, m); mvw = median(vw, m)
            split(key, part, " ")
            printf "%-10s %11.0f (%6.0f) %11.0f (%6.0f) %10.2f %5.2f..%-6.2f %10.2f %5.2f..%-6.2f %8.0f%% %9.0f %8.0f%% %9.0f\n", part[2] " p" part[1], ma, mau, mv, mvu, mr, r[1], r[m], mc, c[1], c[m], 100 * ma / maw, 1e9 / maw, 100 * mv / mvw, 1e9 / mvw
        }
    }' "$work/lines" | sort
