#!/usr/bin/env bash
# Brings Garnet, the newest there is, as the .NET tool that Microsoft publishes, and prints the path of its server.
# Peers are never part of the product: they live in the user's cache.
# usage: get-garnet.sh [folder]      (default: ~/.cache/anax-peers/garnet)
set -euo pipefail

folder=${1:-$HOME/.cache/anax-peers/garnet}
server=$folder/garnet-server
[[ -x $server ]] && { echo "$server"; exit 0; }

command -v dotnet >/dev/null || { echo "Garnet needs the .NET SDK" >&2; exit 1; }
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9                                         # a second run waits for the first and finds its work
[[ -x $server ]] && { echo "$server"; exit 0; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# From a folder of its own: the repository's files say nothing about other people's tools.
(cd "$(dirname "$log")" && dotnet tool install garnet-server --tool-path "$folder") >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    echo "garnet-server could not be installed as a .NET tool" >&2
    exit 1
}
echo "$server"
