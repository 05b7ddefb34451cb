#!/bin/sh
# run.sh SECONDS [TARGET...]: runs each fuzz target so long, from the captures of the tests and what earlier runs found.
# Prints the executions of each. A finding ends it with 1 and the name of its file under fuzz/artifacts.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=${*:-readers decode conversations texts verbs}

command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
# The stable toolchain has all that cargo-fuzz needs, behind flags that are meant for the nightly one.
built() { RUSTC_BOOTSTRAP=1 cargo fuzz build --sanitizer "$1"; }
built address || built none

# The verbs give up root for good, so all of it is somebody else's from the beginning, in a folder that is theirs.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
as_nobody=
[ "$(id -u)" -ne 0 ] || as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups env -u SUDO_UID -u SUDO_GID"

captures=$PWD/tests/captures
(cd fuzz && cargo run --quiet --example seeds --target-dir ../target -- "$work/seeds" \
    "$captures/generated" "$captures/derived" "$captures/reports" "$captures/attacks")

host=$(rustc -vV | sed -n 's/^host: //p')
found=0
for target in $targets; do
    corpus=$work/corpus/$target
    mkdir -p "$corpus" "$work/seeds/$target" "fuzz/corpus/$target" "$work/artifacts"
    cp -r "fuzz/corpus/$target/." "$corpus"
    cp "fuzz/target/$host/release/$target" "$work"
    [ -z "$as_nobody" ] || chown -R 65534:65534 "$work"
    # What the verbs print is of no use here.
    mask=0
    [ "$target" != verbs ] || mask=3
    ended=0
    (cd "$work" && $as_nobody "./$target" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=3000 \
        -close_fd_mask=$mask -print_final_stats=1 -artifact_prefix="$work/artifacts/" "$corpus" "seeds/$target") \
        >"$work/log" 2>&1 || ended=$?
    cp -r "$corpus/." "fuzz/corpus/$target"
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
    echo "$target: ${executions:-no} executions in $seconds s"
    if [ "$ended" -ne 0 ]; then
        found=1
        tail -n 60 "$work/log"
        mkdir -p "fuzz/artifacts/$target"
        for finding in "$work"/artifacts/*; do
            [ -e "$finding" ] || continue
            cp "$finding" "fuzz/artifacts/$target"
            echo "found: fuzz/artifacts/$target/${finding##*/}"
            # Once more, to hear what the mask has hidden.
            (cd "$work" && $as_nobody "./$target" "$finding" 2>&1 >/dev/null | grep -A3 'panicked at' || true)
        done
        rm -f "$work"/artifacts/*
    fi
done
exit "$found"
