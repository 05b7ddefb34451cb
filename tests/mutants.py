#!/usr/bin/env python3
"""mutants.py SAMPLE SEED: puts SAMPLE faults, chosen by SEED, into the code that decodes, analyses, reads and draws, one
after the other, and looks whether a test fails. The quick tests (.config/nextest.toml) see each of them, over our own
captures alone; the whole suite, over all there are, sees the survivors. What survives that too is listed, with the share
that was caught.

cargo-mutants names the faults and says how each changes the code; they are put in here, because it cannot be told to try
a list of them alone (27.1: `--re` lets every "delete field" through).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "target/mutants"
FOLDERS = ["analyse", "decode", "source", "render"]
# Seconds that building and testing may take; who takes longer hangs, and is caught.
PATIENCE = {"mutants": 300, "survivors": 1800}
# Nobody looks into these binaries: without debug information they are linked sooner.
SPEED = {"CARGO_PROFILE_DEV_DEBUG": "none", "CARGO_PROFILE_TEST_DEBUG": "none", "CARGO_TARGET_DIR": str(OUT / "build")}
CAPTURES = {"mutants": {"LAYERSCOPE_CORPUS": ""}, "survivors": {}}


def chosen(sample, seed):
    """The mutants with the lowest hashes of seed and name, so that what else there is hardly decides which they are."""
    files = [word for folder in FOLDERS for word in ("--file", f"src/{folder}/**")]
    listed = subprocess.run(["cargo", "mutants", "--list", "--json", *files], cwd=ROOT, check=True, capture_output=True)
    every = {mutant["name"]: mutant for mutant in json.loads(listed.stdout)}
    rank = sorted(every, key=lambda name: hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest())
    print(f"{sample} of {len(every)} mutants, seed {seed}", flush=True)
    return [every[name] for name in sorted(rank[:sample])]


def tested(mutant, profile):
    """How the tests of a profile judge a mutant: caught, missed, unviable (it does not compile) or hung."""
    path = ROOT / mutant["file"]
    kept = path.read_bytes()
    words = ["cargo", "nextest", "run", "--offline", "--lib", "--test", "suite", "--profile", profile]
    try:
        subprocess.run(["patch", "--quiet", str(path)], input=mutant["diff"].encode(), check=True)
        log = open(OUT / "log", "wb")
        run = subprocess.Popen(words, cwd=ROOT, env=os.environ | SPEED | CAPTURES[profile], stdout=log, stderr=log)
        try:
            code = run.wait(PATIENCE[profile])
        except subprocess.TimeoutExpired:
            return "hung"
        finally:
            # It ends its tests with itself, each of which is a process of its own.
            run.terminate()
            run.wait()
    finally:
        path.write_bytes(kept)
    # nextest(1): 100 is a failed test, 101 and 102 a failed build.
    return {0: "missed", 100: "caught"}.get(code, "unviable")


def main():
    sample, seed = int(sys.argv[1]), sys.argv[2]
    for tool in ["mutants", "nextest"]:
        if shutil.which(f"cargo-{tool}") is None:
            subprocess.run(["cargo", "install", f"cargo-{tool}", "--locked"], check=True)
    # The faults are put into this very tree and taken out again: what is not committed could be lost.
    if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "src"], cwd=ROOT).returncode != 0:
        sys.exit("mutants.py: commit the changes under src first")
    OUT.mkdir(parents=True, exist_ok=True)
    judged = {}
    for profile in ["mutants", "survivors"]:
        survived = [mutant for mutant, verdict in judged.values() if verdict == "missed"]
        left = chosen(sample, seed) if profile == "mutants" else survived
        for mutant in left:
            began = time.monotonic()
            verdict = tested(mutant, profile)
            judged[mutant["name"]] = (mutant, verdict)
            print(f"{verdict:9}{time.monotonic() - began:6.1f} s  {mutant['name']}", flush=True)
    verdicts = [verdict for _, verdict in judged.values()]
    viable = sum(verdict != "unviable" for verdict in verdicts)
    missed = verdicts.count("missed")
    print(f"{viable - missed} of {viable} viable mutants caught, {len(verdicts) - viable} do not compile (seed {seed})")
    sys.exit(missed > 0.05 * viable)


main()
