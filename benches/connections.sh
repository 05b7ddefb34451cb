#!/bin/sh
# How fast and in how little memory `flows` follows connections, beside tcptrace and tshark: one line a run with seconds
# and peak memory, the better of three. Needs GNU time; tcptrace and tshark where they are installed.
#
#   benches/connections.sh LAYERSCOPE GEN-FLOWS.PY [FOLDER]      (FOLDER keeps the captures, 220 MB; default /tmp)
set -eu
layerscope=$1
generator=$2
folder=${3:-/tmp}
flows=$folder/connections-100k.pcap
flood=$folder/connections-flood.pcap
test -s "$flows" || "$generator" "$flows" 100000
test -s "$flood" || "$generator" "$flood" 5000000 --syn-only

# name, repetitions, command...
measure() {
    name=$1 times=$2
    shift 2
    for _ in $(seq "$times"); do
        /usr/bin/time -f '%e %M' -o "$folder/connections.time" "$@" >/dev/null 2>"$folder/connections.errors"
        tail -1 "$folder/connections.time"
    done | sort -n | head -1 | awk -v name="$name" '{ printf "%-34s %7.2f s %7.0f MB\n", name, $1, $2 / 1024 }'
}

echo "1,000,000 packets of 100,000 connections:"
measure "layerscope flows" 3 "$layerscope" flows "$flows"
measure "layerscope flows --format json" 3 "$layerscope" flows --format json "$flows"
measure "layerscope handshakes" 3 "$layerscope" handshakes "$flows"
command -v tcptrace >/dev/null && measure "tcptrace -n" 3 tcptrace -n "$flows"
command -v tshark >/dev/null && measure "tshark -q -z conv,tcp" 1 tshark -n -q -z conv,tcp -r "$flows"
echo "a flood of 5,000,000 SYNs, 1,000,000 connections remembered:"
measure "layerscope flows --top 10" 1 "$layerscope" flows --top 10 "$flood"
cat "$folder/connections.errors"
