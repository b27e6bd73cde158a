#!/usr/bin/env bash
# Server CPU time per operation, anax against Valkey in one run and in rotation: one server thread each, on core 0,
# the client on core 1, 30 connections, 64-byte values, a million keys. usage: cpu-per-op.sh [ROUNDS] [OPERATIONS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-5} operations=${2:-400000}
valkey=${ANAX_VALKEY:-$(eng/conformance/get-valkey.sh)}
tick=$(getconf CLK_TCK)
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

free_port() { local port; while :; do port=$((20000 + RANDOM % 10000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }; done; }
anax_port=$(free_port) valkey_port=$(free_port) control_port=$(free_port)
taskset -c 0 out/anax --port "$anax_port" --proactor_threads 1 ${ANAX_OPTIONS:-} >"$work/anax.log" 2>&1 & anax_pid=$!
taskset -c 0 "$valkey/src/valkey-server" --port "$valkey_port" --save '' --appendonly no >"$work/valkey.log" 2>&1 & valkey_pid=$!
taskset -c 0 "$valkey/src/valkey-server" --port "$control_port" --save '' --appendonly no >"$work/control.log" 2>&1 & control_pid=$!
cli=$valkey/src/valkey-cli
for port in "$anax_port" "$valkey_port" "$control_port"; do
    for _ in {1..100}; do [[ $("$cli" -p "$port" ping 2>/dev/null) == PONG ]] && break; sleep 0.05; done
done

ticks() { awk '{ sub(/.*\) /, ""); print $12, $13 }' "/proc/$1/stat"; }

# measure NAME PORT PID PIPELINE COMMAND...: a line "name pipeline command user system" in ns per operation.
measure() {
    local name=$1 port=$2 pid=$3 pipeline=$4 before after count=$operations
    shift 4
    [[ $pipeline -gt 1 ]] && count=$((operations * 5))
    read -r -a before < <(ticks "$pid")
    taskset -c 1 "$valkey/src/valkey-benchmark" -p "$port" -c 30 -P "$pipeline" -n "$count" -d 64 -r 1000000 -q "$@" >/dev/null 2>&1
    read -r -a after < <(ticks "$pid")
    echo "$name $pipeline $1 $(((after[0] - before[0]) * (1000000000 / tick) / count)) $(((after[1] - before[1]) * (1000000000 / tick) / count))"
}

for ((round = 0; round <= rounds; round++)); do
    for pipeline in 1 30; do
        for command in SETEX GET; do
            if [[ $command == SETEX ]]; then words=(SETEX key:__rand_int__ 10000 __data__); else words=(GET key:__rand_int__); fi
            # The first round fills the tables and is not counted.
            for server in anax valkey control; do
                port=${server}_port pid=${server}_pid
                line=$(measure "$server" "${!port}" "${!pid}" "$pipeline" "${words[@]}")
                [[ $round -eq 0 ]] || echo "$line"
            done
        done
    done
done >"$work/lines"

awk '
    function median(list, n,   i, j, t) { for (i = 2; i <= n; i++) { t = list[i]; for (j = i - 1; j > 0 && list[j] > t; j--) list[j + 1] = list[j]; list[j + 1] = t } return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
    { key = $2 " " $3; n[$1, key]++; user[$1, key, n[$1, key]] = $4; all[$1, key, n[$1, key]] = $4 + $5; keys[key] = 1 }
    END {
        printf "%-14s %22s %22s %24s %24s\n", "", "anax ns/op (user)", "valkey ns/op (user)", "anax/valkey min..max", "control/valkey min..max"
        for (key in keys) {
            m = n["anax", key]
            for (i = 1; i <= m; i++) {
                a[i] = all["anax", key, i]; v[i] = all["valkey", key, i]; au[i] = user["anax", key, i]; vu[i] = user["valkey", key, i]
                r[i] = a[i] / v[i]; c[i] = all["control", key, i] / v[i]
            }
            ma = median(a, m); mv = median(v, m); mau = median(au, m); mvu = median(vu, m); mr = median(r, m); mc = median(c, m)
            split(key, part, " ")
            printf "%-14s %12.0f (%6.0f) %14.0f (%6.0f) %8.2f %6.2f..%-6.2f %8.2f %6.2f..%-6.2f\n", part[2] " p" part[1], ma, mau, mv, mvu, mr, r[1], r[m], mc, c[1], c[m]
        }
    }' "$work/lines" | sort
