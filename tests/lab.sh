#!/usr/bin/env bash
# lab.sh BINARY COUNT: plays every scenario COUNT times without privilege, and says how many runs added up. Fails unless
# all did.
set -euo pipefail
binary=$(readlink -f "$1") count=$2
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
[ "$(id -u)" -eq 0 ] || nobody=()
# Somebody else must be able to run it.
copy=$(mktemp -d); trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"; install -m 755 "$binary" "$copy/layerscope"

failed=0
for name in $("$copy/layerscope" demo --list | cut -d' ' -f1); do
  good=0 slowest=0
  for ((run = 0; run < count; run++)); do
    start=$(date +%s%N)
    if "${nobody[@]}" "$copy/layerscope" demo "$name" --format json >"$copy/out" 2>"$copy/err" \
      && grep -q '"balanced": true' "$copy/out"; then
      good=$((good + 1))
    else
      cat "$copy/err" >&2
      grep -A30 '"ledger"' "$copy/out" >&2 || true
    fi
    took=$(($(date +%s%N) - start)); ((took <= slowest)) || slowest=$took
  done
  printf '%-16s %3d of %d added up, slowest %d ms\n' "$name" "$good" "$count" $((slowest / 1000000))
  ((good == count)) || failed=1
done
exit "$failed"
