#!/usr/bin/env bash
# benches/reading.sh: layerscope's reader against tcpdump and tshark on two captures, in one run on this machine.
#
# The captures are made once, under target/bench, with the tools beside the repository; the peers are installed where they
# are missing. The tools take turns and medians are compared: five runs each, one of tshark. Output goes to a file in
# memory, where the disk's business with the run before does not count against the next one.
# Every line that misses its target is marked, and then the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."
layerscope=$PWD/target/release/layerscope
bench=$PWD/target/bench tools=$PWD/../shared/tools
rounds=${ROUNDS:-5}
missed=0
out=$(mktemp -p /dev/shm 2>/dev/null || mktemp)
trap 'rm -f "$out"' EXIT

prepare() {
  local missing=()
  for pair in tcpdump:tcpdump tshark:tshark python3:python3 /usr/bin/time:time; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
  fi
  mkdir -p "$bench"
  [[ -e $bench/real.pcap ]] || "$tools/make-big-capture.sh" "$bench/real.pcap" 6
  [[ -e $bench/flows.pcap ]] || python3 "$tools/gen-flows.py" "$bench/flows.pcap" 100000
  # tshark's JSON of the whole would fill the disk: it is compared on a part.
  [[ -e $bench/part.pcap ]] || tcpdump -r "$bench/real.pcap" -c 100000 -w "$bench/part.pcap" 2>/dev/null
  rm -rf "$bench/runs" && mkdir "$bench/runs"
  cat "$bench"/*.pcap >/dev/null # into the page cache
}

# run NAME COMMAND...: one run; its time in milliseconds and peak memory in KB are added to NAME's.
run() {
  local name=$bench/runs/$1 start end
  shift
  rm -f "$out"
  start=${EPOCHREALTIME/[.,]/}
  /usr/bin/time -a -o "$name.memory" -f %M "$@" >"$out" 2>/dev/null
  end=${EPOCHREALTIME/[.,]/}
  echo $((end - start)) >>"$name.time"
}

median() { sort -n "$bench/runs/$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# compare WHAT OURS THEIRS TARGET: how often our median goes into theirs, and whether that is enough.
compare() {
  local ours theirs
  ours=$(median "$2.time") theirs=$(median "$3.time")
  awk -v what="$1" -v ours="$ours" -v theirs="$theirs" -v target="$4" 'BEGIN {
    ratio = theirs / ours
    printf "%-44s %9.1f ms  %10.1f ms  %7.2fx  (target %sx)%s\n", what, ours / 1000, theirs / 1000, ratio, target,
      ratio < target ? "  MISSED" : ""
    exit ratio < target
  }' || missed=1
}

# limit WHAT VALUE UNIT MOST: a value that must not be larger.
limit() {
  local remark=
  (($2 <= $4)) || remark="  MISSED" missed=1
  printf '%-44s %9s %s  (at most %s)%s\n' "$1" "$2" "$3" "$4" "$remark"
}

prepare
for capture in real flows; do
  file=$bench/$capture.pcap
  for ((round = 0; round < rounds; round++)); do
    run $capture-plain "$layerscope" read "$file" --format plain
    run $capture-tcpdump tcpdump -nn -r "$file"
    run $capture-relative "$layerscope" read "$file" --relative
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
rm -f "$out"

echo "$(nproc) cores, $(stat -Lc %s "$bench/real.pcap") and $(stat -Lc %s "$bench/flows.pcap") bytes; medians of $rounds runs"
printf '%-44s %12s  %13s  %8s\n' "" layerscope peer ratio
for capture in real flows; do
  compare "$capture: plain / tcpdump -nn" $capture-plain $capture-tcpdump 12
  compare "$capture: plain / tshark -n" $capture-plain $capture-tshark 50
  compare "$capture: plain --relative / tcpdump -nn" $capture-relative $capture-tcpdump 1
  compare "$capture: --count 'tcp port 80' / tcpdump" $capture-count $capture-tcpdump-count 0.67
  compare "$capture: plain / counting alone" $capture-plain $capture-floor 0.33
  for format in plain relative json csv count; do
    limit "$capture: memory of $format" "$(median "$capture-$format.memory")" KB 32768
  done
done
compare "part: json / tshark -T ek" part-json part-ek 40
limit "--version" "$(($(median version.time) / 1000))" ms 5
exit $missed
