#!/bin/sh
# mutants.sh SAMPLE SEED: puts SAMPLE faults, chosen by SEED, into the code that decodes, analyses, reads and draws, one
# after the other, and looks whether a test fails. The quick tests (.config/nextest.toml) see each of them, the whole suite
# sees the survivors. What survives that too is listed, and the share that was caught.
set -eu
cd "$(dirname "$0")/.."
sample=${1:-150}
seed=${2:-10}
out=target/mutants
# Nobody looks into these binaries, and without debug information they are linked sooner.
export CARGO_PROFILE_DEV_DEBUG=none CARGO_PROFILE_TEST_DEBUG=none CARGO_TARGET_DIR="$PWD/target/mutants/build"

for tool in mutants nextest; do
    command -v "cargo-$tool" >/dev/null || cargo install "cargo-$tool" --locked
done
# The faults are put into this very tree and taken out again: what is not committed could be lost.
git diff --quiet HEAD -- src || { echo "mutants.sh: commit the changes under src first" >&2; exit 1; }
mkdir -p "$out"

cargo mutants --list --json --file 'src/analyse/**' --file 'src/decode/**' --file 'src/source/**' --file 'src/render/**' \
    >"$out/all.json"
# A fault is in the sample if the hash of the seed and its name is among the lowest: the choice of one hardly depends on
# what others there are.
python3 - "$out/all.json" "$sample" "$seed" >"$out/sample" <<'PYTHON'
import hashlib, json, sys
path, sample, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
names = {mutant["name"] for mutant in json.load(open(path))}
rank = lambda name: hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()
print("\n".join(sorted(names, key=rank)[:sample]))
PYTHON
echo "$(wc -l <"$out/sample") of $(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))))' "$out/all.json") mutants, seed $seed"

# run PROFILE NAMES SECONDS: shows the tests of a profile, which may take so long, each of the mutants that a file names.
run() {
    # Each name as an expression that matches nothing else; the words of the command line are these expressions.
    python3 -c 'import re, sys
for name in open(sys.argv[1]).read().splitlines(): print("--re=^" + re.escape(name) + "$", end="\0")' "$2" |
        NEXTEST_PROFILE=$1 xargs -0 cargo mutants --in-place --no-shuffle --baseline skip --timeout "$3" \
            --test-tool nextest --output "$out/$1" --colors never --no-config || [ $? -le 123 ]
}

run mutants "$out/sample" 120
cp "$out/mutants/mutants.out/missed.txt" "$out/quick-survivors"
if [ -s "$out/quick-survivors" ]; then
    run survivors "$out/quick-survivors" 900
    cp "$out/survivors/mutants.out/missed.txt" "$out/survivors.txt"
else
    : >"$out/survivors.txt"
fi
unviable=$(wc -l <"$out/mutants/mutants.out/unviable.txt")
missed=$(wc -l <"$out/survivors.txt")
viable=$((sample - unviable))
echo "$((viable - missed)) of $viable viable mutants caught (seed $seed, $unviable of $sample do not compile)"
cat "$out/survivors.txt"
