# What the comparisons with other programs share: captures under target/bench, runs, medians, targets. Sourced from the
# repository's folder; leaves `missed` at 1 where a target was missed.
layerscope=$PWD/target/release/layerscope
bench=$PWD/target/bench tools=$PWD/../shared/tools
rounds=${ROUNDS:-5}
missed=0
out=$(mktemp -p /dev/shm 2>/dev/null || mktemp)
trap 'rm -f "$out"' EXIT

# prepare PEER...: installs what is missing and makes the two captures, real.pcap and flows.pcap, once.
prepare() {
  local missing=() program
  for program in "$@" python3 time; do
    # The shell has a word of its own for time.
    [[ -n $(type -P "$program") ]] || missing+=("$program")
  done
  if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
  fi
  mkdir -p "$bench"
  if [[ ! -d $tools && ! (-e $bench/real.pcap && -e $bench/flows.pcap) ]]; then
    echo "what makes the two captures is not part of this repository: put any two at $bench/real.pcap and flows.pcap" >&2
    exit 1
  fi
  [[ -e $bench/real.pcap ]] || "$tools/make-big-capture.sh" "$bench/real.pcap" 6
  [[ -e $bench/flows.pcap ]] || python3 "$tools/gen-flows.py" "$bench/flows.pcap" 100000
  rm -rf "$bench/runs" && mkdir "$bench/runs"
  cat "$bench/real.pcap" "$bench/flows.pcap" >/dev/null # into the page cache
}

# heading: what the columns of the comparisons are.
heading() {
  rm -f "$out"
  echo "$(nproc) cores, $(stat -Lc %s "$bench/real.pcap") and $(stat -Lc %s "$bench/flows.pcap") bytes; medians of $rounds runs"
  printf '%-44s %12s  %13s  %8s\n' "" layerscope peer ratio
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
