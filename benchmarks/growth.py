#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""How step time and peak memory grow with one dimension of a GPT, with the
exponents that fit best (least squares on logarithms): 1 is linear.

  benchmarks/growth.py                   # all dimensions, some minutes
  benchmarks/growth.py tokens window     # dense and sliding-window attention over T
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SMALL = {"layers": 2, "width": 128, "heads": 2, "hidden": 512, "tokens": 256, "batch": 4, "vocabulary": 256}


def points(dimension):
    """The models of a curve: (size, dimensions)."""
    if dimension in ("tokens", "window"):
        window = {"window": 256} if dimension == "window" else {}
        return [(t, {"tokens": t, "batch": 1, **window}) for t in (256, 512, 1024, 2048, 4096, 8192)]
    if dimension == "width":
        return [(c, {"width": c, "heads": c // 64, "hidden": 4 * c}) for c in (128, 256, 512, 1024)]
    sizes = {"layers": (1, 2, 4, 8, 16), "vocabulary": (256, 2048, 16384, 131072), "batch": (1, 2, 4, 8, 16, 32)}
    return [(n, {dimension: n}) for n in sizes[dimension]]


def exponent(sizes, values):
    x, y = [math.log(s) for s in sizes], [math.log(v) for v in values]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    return above / sum((a - mean_x) ** 2 for a in x)


def measure(options, dimensions):
    command = [str(options.bin / "train_bench"), "--model", "nanogpt_cpu", "--dtype", options.dtype, "--step-only",
               "--json", "--rounds", str(options.rounds)]
    for name, value in {**SMALL, **dimensions}.items():
        command += ["--set", f"{name}={value}"]
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"growth: {done.stderr.strip()}")
    return json.loads(done.stdout)


def main():
    names = ["tokens", "window", "width", "layers", "vocabulary", "batch"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dimension", nargs="*", metavar="DIMENSION", help=f"of {', '.join(names)}; default: all")
    parser.add_argument("--dtype", default="f32", choices=["f32", "bf16"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parent / "build/release/bin", help="our programs")
    options = parser.parse_args()
    for unknown in set(options.dimension) - set(names):
        parser.error(f"there is no dimension {unknown!r}; there are {', '.join(names)}")
    if not (options.bin / "train_bench").is_file():
        sys.exit(f"growth: there is no {options.bin}/train_bench; benchmarks/README.md says how to build it")
    # What the process takes without a model to speak of.
    base = measure(options, {"layers": 1, "tokens": 8, "batch": 1})["peak_bytes"]
    for dimension in options.dimension or names:
        curve = points(dimension)
        sizes = [size for size, _ in curve]
        found = [measure(options, dimensions) for _, dimensions in curve]
        times = [f["step_ms"] for f in found]
        memory = [(f["peak_bytes"] - base) / 2**20 for f in found]
        title = "tokens, sliding window of 256" if dimension == "window" else dimension
        print(f"| {title} | " + " | ".join(map(str, sizes)) + " | exponent | of the last two |")
        print("|---|" + "--:|" * (len(sizes) + 2))
        for name, values in (("step, ms", times), ("memory, MiB", memory)):
            print(f"| {name} | " + " | ".join(f"{v:.1f}" for v in values) + f" | {exponent(sizes, values):.2f} | "
                  f"{exponent(sizes[-2:], values[-2:]):.2f} |")
        print(flush=True)


if __name__ == "__main__":
    main()
