#!/bin/sh
# Holds the sequence diagrams of `timeline` to Mermaid's own parser. Needs npm and the network once; what it installs
# goes to target/mermaid.
#
#   tests/mermaid.sh LAYERSCOPE CAPTURE...
set -eu
layerscope=$(realpath "$1")
shift
folder=$(dirname "$0")/../target/mermaid
mkdir -p "$folder"
captures=$(realpath "$@")
cd "$folder"
test -d node_modules/mermaid || npm install --silent --no-fund --no-audit mermaid@11 jsdom@26 >/dev/null
cat >parse.mjs <<'SCRIPT'
import { readFileSync } from 'fs';
import { JSDOM } from 'jsdom';
const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');
for (const file of process.argv.slice(2)) {
  const { diagramType } = await mermaid.parse(readFileSync(file, 'utf8'));
  if (diagramType !== 'sequence') throw new Error(`${file} is a ${diagramType}`);
}
console.log(`${process.argv.length - 2} sequence diagrams parsed`);
SCRIPT
rm -f ./*.mmd
count=0
for capture in $captures; do
    for stream in tcp:0 udp:0; do
        count=$((count + 1))
        "$layerscope" timeline "$capture" --stream $stream --explain --format mermaid >$count.mmd 2>/dev/null ||
            rm $count.mmd
    done
done
node parse.mjs ./*.mmd
