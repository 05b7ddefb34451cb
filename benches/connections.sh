#!/usr/bin/env bash
# benches/connections.sh: following connections, against tcptrace and tshark on the reader's two captures, and in how
# little memory; a flood of SYNs too.
#
# The captures are made once, under target/bench, with the tools beside the repository; the peers are installed where they
# are missing. The tools take turns and medians are compared: five runs each, one of tshark.
# Every line that misses its target is marked, and then the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

prepare tcptrace tshark
flood=$bench/flood.pcap
[[ -e $flood ]] || python3 "$tools/gen-flows.py" "$flood" 5000000 --syn-only
for capture in real flows; do
  file=$bench/$capture.pcap
  for ((round = 0; round < rounds; round++)); do
    run $capture-flows "$layerscope" flows "$file"
    run $capture-tcptrace tcptrace -n "$file"
    run $capture-json "$layerscope" flows "$file" --format json
    run $capture-handshakes "$layerscope" handshakes "$file"
  done
  run $capture-tshark tshark -n -q -z conv,tcp -r "$file"
done
run flood "$layerscope" flows --top 10 "$flood"
forgotten=$("$layerscope" flows --top 1 "$flood" 2>&1 >/dev/null | awk '/conversations were forgotten/ { print $2 }')

heading
for capture in real flows; do
  compare "$capture: flows / tcptrace -n" $capture-flows $capture-tcptrace 4
  compare "$capture: flows / tshark -q -z conv,tcp" $capture-flows $capture-tshark 50
  compare "$capture: flows --format json / tcptrace -n" $capture-json $capture-tcptrace 1
  compare "$capture: handshakes / tcptrace -n" $capture-handshakes $capture-tcptrace 4
done
limit "flows: memory of 100,000 connections" "$(median flows-flows.memory)" KB 153600
limit "flood: memory of 1,000,000 of 5,000,000" "$(median flood.memory)" KB 614400
limit "flood: forgotten and not reported" "$((4000000 - ${forgotten:-0}))" connections 0
exit $missed
