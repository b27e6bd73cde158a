#!/usr/bin/env bash
# Brings Valkey 9.1 (server, client and its Tcl test suite) from the source package of this machine's own Debian
# mirror, builds it once, and prints the folder. Peers are never part of the product: they live in the user's cache.
# usage: get-valkey.sh [folder]      (default: ~/.cache/anax-peers/valkey)
set -euo pipefail

folder=${1:-$HOME/.cache/anax-peers/valkey}
wanted=9.1

complete() { [[ -x $folder/src/valkey-server && -x $folder/src/valkey-cli && -x $folder/runtest ]]; }

complete && { echo "$folder"; exit 0; }
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9                                         # a second run waits for the first and finds its work
complete && { echo "$folder"; exit 0; }

for tool in apt-get make cc tar flock; do
    command -v "$tool" >/dev/null || { echo "conformance needs '$tool' (Debian or Ubuntu: apt-get install build-essential)" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The mirror that this machine already uses, read for its development release: that is where 9.1 is packaged.
mirror() { apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -v security | sort -u | head -n 1; }
site=$(mirror) || true
if [[ -z $site ]]; then
    apt-get update -q >&2
    site=$(mirror)
fi
mkdir -p "$work"/lists/partial "$work"/cache/archives/partial
echo "deb-src [trusted=yes] $site sid main" >"$work/sources.list"
apt_options=(-q -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
             -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
apt-get "${apt_options[@]}" update >&2
version=$(apt-cache "${apt_options[@]}" showsrc valkey | sed -n 's/^Version: //p' | sort -V | tail -n 1)
[[ $version == "$wanted".* ]] || echo "note: the mirror has Valkey $version, the lists here are for $wanted" >&2
(cd "$work" && apt-get "${apt_options[@]}" source --download-only "valkey=$version" >&2)

rm -rf "$folder"
mkdir -p "$folder"
tar xzf "$work"/valkey_*.orig.tar.gz -C "$folder" --strip-components=1
echo "building Valkey $version in $folder (about three minutes on two cores) ..." >&2
nice make -C "$folder" -j"$(nproc)" BUILD_TLS=no USE_SYSTEMD=no >"$folder/build.log" 2>&1 || {
    tail -n 20 "$folder/build.log" >&2
    exit 1
}
echo "$folder"
