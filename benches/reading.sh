#!/usr/bin/env bash
# benches/reading.sh: layerscope's reader against tcpdump and tshark on two captures, in one run on this machine.
#
# The captures are made once, under target/bench, with the tools beside the repository; the peers are installed where they
# are missing. The tools take turns and medians are compared: five runs each, one of tshark. Output goes to a file in
# memory, where the disk's business with the run before does not count against the next one.
# Every line that misses its target is marked, and then the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

prepare tcpdump tshark
# tshark's JSON of the whole would fill the disk: it is compared on a part.
[[ -e $bench/part.pcap ]] || tcpdump -r "$bench/real.pcap" -c 100000 -w "$bench/part.pcap" 2>/dev/null
cat "$bench/part.pcap" >/dev/null
for capture in real flows; do
  file=$bench/$capture.pcap
  for ((round = 0; round < rounds; round++)); do
    run $capture-plain "$layerscope" read "$file" --format plain
    run $capture-tcpdump tcpdump -nn -r "$file"
    run $capture-relative "$layerscope" read "$file" --relative
    run $capture-table "$layerscope" read "$file" --show table
    run $capture-json "$layerscope" read "$file" --format json
    run $capture-csv "$layerscope" read "$file" --format csv
    run $capture-count "$layerscope" read "$file" --count tcp port 80
    run $capture-tcpdump-count tcpdump --count -r "$file" tcp port 80
    run $capture-floor "$layerscope" read "$file" --count
    run version "$layerscope" --version
  done
  run $capture-tshark tshark -n -r "$file"
done
for ((round = 0; round < rounds; round++)); do
  run part-json "$layerscope" read "$bench/part.pcap" --format json
done
run part-ek tshark -n -T ek -r "$bench/part.pcap"

heading
for capture in real flows; do
  compare "$capture: plain / tcpdump -nn" $capture-plain $capture-tcpdump 12
  compare "$capture: plain / tshark -n" $capture-plain $capture-tshark 50
  # Equal information: relative numbers, and the application's words.
  compare "$capture: plain --relative / tcpdump -nn" $capture-relative $capture-tcpdump 15
  compare "$capture: table / tcpdump -nn" $capture-table $capture-tcpdump 8
  compare "$capture: csv / tcpdump -nn" $capture-csv $capture-tcpdump 10
  compare "$capture: --count 'tcp port 80' / tcpdump" $capture-count $capture-tcpdump-count 0.67
  compare "$capture: plain / counting alone" $capture-plain $capture-floor 0.33
  for format in plain relative table json csv count; do
    limit "$capture: memory of $format" "$(median "$capture-$format.memory")" KB 32768
  done
done
compare "part: json / tshark -T ek" part-json part-ek 100
limit "--version" "$(($(median version.time) / 1000))" ms 5
exit $missed
