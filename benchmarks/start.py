#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""How fast archlab starts: --help, plugins list, and from the start of the
process to the end of the first training step of the demo model, whose tokens
are in the cache. Medians, of a Release build.

  benchmarks/start.py      # the text of the demo comes from scripts/demo
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ROOT / "experiments/demo/experiment.textproto"


def run_ms(command):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"start: {command[0]} failed with status {done.returncode}")
    return 1e3 * (time.perf_counter() - start)


def first_step_ms(archlab, folder):
    """Until metrics.jsonl has a line: it is written after the step."""
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    command = [archlab, "train", DEMO, "--run", run, "--set", "training.log_every_steps = 1"]
    start = time.perf_counter()
    with open(folder / "log", "w") as log:
        training = subprocess.Popen(command, stdout=log, stderr=log)
    metrics = run / "metrics.jsonl"
    try:
        while not metrics.exists() or metrics.stat().st_size == 0:
            if training.poll() is not None:
                sys.exit(f"start: training failed: {(folder / 'log').read_text().strip()}")
            time.sleep(0.0005)
        return 1e3 * (time.perf_counter() - start)
    finally:
        training.kill()
        training.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archlab", default=ROOT / "build/release/bin/archlab", help="the program")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    kinds = {
        "archlab --help": (25, lambda: run_ms([options.archlab, "--help"])),
        "archlab plugins list": (50, lambda: run_ms([options.archlab, "plugins", "list"])),
    }
    if not pathlib.Path(options.archlab).is_file():
        sys.exit(f"start: there is no {options.archlab}; build it (scripts/test), or name it with --archlab")
    with tempfile.TemporaryDirectory() as folder:
        kinds["first step of the demo"] = (300, lambda: first_step_ms(options.archlab, pathlib.Path(folder)))
        print("| start | median ms | quartiles | bound |\n|---|--:|---|--:|")
        for name, (bound, measure) in kinds.items():
            measure()  # fills the caches
            times = sorted(measure() for _ in range(options.rounds))
            low, high = times[len(times) // 4], times[-1 - len(times) // 4]
            print(f"| {name} | {statistics.median(times):.1f} | {low:.1f} .. {high:.1f} | {bound} |", flush=True)


if __name__ == "__main__":
    main()
