#!/usr/bin/env bash
# capture.sh BINARY [SECONDS]: layerscope and tcpdump capture the same loads with the same buffer, both writing to tmpfs.
# As root. Two namespaces, a veth pair between them, iperf3: UDP datagrams of 64 bytes at several rates, and TCP at full
# speed. Says what each captured, what its kernel dropped, and the CPU time it took; then whether rows to a pipe keep up
# and whether memory stays flat.
#
#   ROUNDS=5            how often the tools take turns
#   MEMORY_SECONDS=60   how long memory is watched; 0 leaves it out
#   LOADS="20 50 100 0 tcp" thousands of datagrams a second; 0 is as many as iperf3 can send, tcp a stream at full speed
#   ROW_RATE=100 ROW_SECONDS=10  the load under which rows are shown
set -euo pipefail
binary=$(readlink -f "$1") seconds=${2:-5} buffer=8192
work=$(mktemp -d /dev/shm/layerscope-bench.XXXXXX)
chmod 777 "$work"
here=ls-bench-a there=ls-bench-b
cleanup() {
  jobs -p | xargs -r kill 2>/dev/null || true
  ip netns del $here 2>/dev/null || true
  ip netns del $there 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
ip netns add $here; ip netns add $there
ip -n $here link add v0 type veth peer name v0 netns $there
for side in "$here 1" "$there 2"; do
  set -- $side
  ip -n "$1" address add "192.0.2.$2/24" dev v0; ip -n "$1" link set v0 up; ip -n "$1" link set lo up
done
ip netns exec $there iperf3 -s -D -I "$work/iperf3.pid" >/dev/null
until ip netns exec $there ss -ltn | grep -q :5201; do :; done
trap 'kill "$(tr -d "\0" <"$work/iperf3.pid")" 2>/dev/null || true; cleanup' EXIT

for tool in iperf3 tcpdump capinfos bc ip awk wc; do command -v $tool >/dev/null || { echo "capture.sh needs $tool" >&2; exit 1; }; done
: >"$work/said"

# The CPU time of a process so far, in microseconds.
cpu() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%d", sum / 1000 }'; }

# load RATE: RATE thousand datagrams a second, 0 for all there is; or tcp.
load() {
  case $1 in
    tcp) ip netns exec $here iperf3 -c 192.0.2.2 -t "$seconds" ;;
    0) ip netns exec $here iperf3 -c 192.0.2.2 -u -l 64 -b 0 -t "$seconds" ;;
    *) ip netns exec $here iperf3 -c 192.0.2.2 -u -l 64 -b $(($1 * 64 * 8))K -t "$seconds" ;;
  esac >/dev/null
}

# run TOOL LOAD: a line with what TOOL captured under that load.
run() {
  local tool=$1 load=$2 pid used file=$work/out.pcap captured dropped
  : >"$work/said"
  case $tool in
    tcpdump) ip netns exec $there tcpdump -i v0 -n -B $buffer -s 262144 -w "$file" -Z root 2>"$work/said" & ;;
    *) ip netns exec $there "$binary" capture -i v0 --buffer-size ${buffer}KiB -w "$file" 2>"$work/said" & ;;
  esac
  pid=$!
  until grep -qE "listening|capturing" "$work/said"; do :; done
  load "$load"
  used=$(cpu $pid)
  kill -INT $pid; wait $pid || true
  captured=$(capinfos -TMrc "$file" | awk '{ print $NF }')
  case $tool in
    tcpdump) dropped=$(awk '/dropped by kernel/ { print $1 }' "$work/said") ;;
    *) dropped=$(sed -n 's/.*dropped: \([0-9]*\) by the kernel.*/\1/p' "$work/said") ;;
  esac
  rm -f "$file"
  printf '%-4s %-10s captured %7d  dropped %7d (%5.2f %%)  CPU %6.3f s  %6.3f µs a packet\n' "$load" "$tool" \
    "$captured" "$dropped" "$(bc -l <<<"100 * $dropped / ($captured + $dropped + 1)")" \
    "$(bc -l <<<"$used / 1000000")" "$(bc -l <<<"$used / ($captured + 1)")" | tee -a "$work/runs"
}

# median TOOL LOAD FIELD: the median of a field over the runs, and in brackets the least and the most.
median() {
  sed 's/[(%)]//g' "$work/runs" | awk -v load="$2" -v tool="$1" -v field="$3" '$1 == load && $2 == tool { print $field }' |
    sort -n | awk '{ value[NR] = $1 } END { printf "%s (%s to %s)", value[int((NR + 1) / 2)], value[1], value[NR] }'
}

# The tools take turns, so that both meet the same moods of the machine.
for ((round = 0; round < ${ROUNDS:-5}; round++)); do
  for load in ${LOADS-20 50 100 0 tcp}; do
    run tcpdump "$load"
    run layerscope "$load"
  done
done
for load in ${LOADS-20 50 100 0 tcp}; do
  for tool in tcpdump layerscope; do
    echo "median, $load, $tool: $(median $tool "$load" 7) % dropped, $(median $tool "$load" 11) µs of CPU a packet"
  done
done

# Rows to a pipe, 100,000 datagrams a second for ten seconds, sent and received by iperf3, which gets as far as it can;
# `wc -l` reads them, the cheapest reader that can tell whether one is missing. Three lines are the table's heading.
mkfifo "$work/rows"; : >"$work/said"; wc -l <"$work/rows" >"$work/lines" &
reader=$!
ip netns exec $there "$binary" capture -i v0 --buffer-size ${buffer}KiB udp 2>"$work/said" >"$work/rows" &
pid=$!
until grep -q capturing "$work/said"; do :; done
(seconds=${ROW_SECONDS:-10}; load "${ROW_RATE:-100}")
used=$(cpu $pid)
kill -INT $pid; wait $pid $reader || true
packets=$(awk '/packets \(/ { print $1 }' "$work/said") lost=$(awk '/were not shown/ { print $1 }' "$work/said")
dropped=$(sed -n 's/.*dropped: \([0-9]*\) by the kernel.*/\1/p' "$work/said") rows=$(($(<"$work/lines") - 3))
printf 'rows to a pipe, %d,000 packets/s asked for, %d/s sent: %d packets, %d rows, %d not shown, %d dropped by the kernel; ' \
  "${ROW_RATE:-100}" $((packets / ${ROW_SECONDS:-10})) "$packets" $rows "${lost:-0}" "$dropped"
printf '%.2f µs of CPU a packet\n' "$(bc -l <<<"$used / ($packets + 1)")"

# memory WHAT ROOM OPTION...: whether memory stays flat under load on a loopback, while layerscope does WHAT. ROOM is what
# may be taken later in KiB: rows wait in a queue of 64 MiB, which fills when the machine is slow for a moment.
memory() {
  local what=$1 room=$2 pid iperf early late
  shift 2
  : >"$work/said"
  ip netns exec $there "$binary" capture -i lo --user root "$@" 2>"$work/said" >"$work/shown" &
  pid=$!
  until grep -q capturing "$work/said"; do :; done
  ip netns exec $there iperf3 -c 127.0.0.1 -u -l 64 -b 25M -t "$watch" >/dev/null &
  iperf=$!
  sleep $((watch / 6)); early=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
  wait $iperf; late=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
  kill -INT $pid; wait $pid || true
  echo "memory, $what: $early KiB after $((watch / 6)) s, $late KiB after $watch s; $(grep -m 1 'packets (' "$work/said")"
  ((late * 100 <= early * 110 + room * 100)) || { echo "memory grew"; exit 1; }
}
watch=${MEMORY_SECONDS:-60}
if ((watch > 0)); then
  ln -s /dev/null "$work/shown"
  memory "packets saved" 0 -w "$work/out.pcap" --rotate-size 50MB --keep 2
  memory "rows shown" 65536
  memory "rows with processes and names" 65536 --process --resolve
fi
