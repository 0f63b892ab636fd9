#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""Training steps, generation or attention alone, against PyTorch: one of ours, one of theirs,
and so on, so that a busy machine slows both. Prints medians, their ratio (above
1: archlab is faster) and the quartiles of the ratios of neighbouring steps.

  benchmarks/compare.py                                  # all models, f32 and bf16, 1 and 2 threads
  benchmarks/compare.py --model baby_gpt --threads 2
  benchmarks/compare.py --generate --model gpt2 nanogpt_cpu
  benchmarks/compare.py --attention --threads 2          # causal, forward and backward, 12 heads of 64
  benchmarks/compare.py --peer-python "chroot FOLDER python3" --peer-folder /peers
  benchmarks/compare.py --model gpt2 --dtype bf16 --peer-dtype f32   # each side's best precision

Needs PyTorch, 2.6 or newer, in the peer's Python: on Debian 13
  apt-get install python3-torch libopenblas0-openmp
"""

import argparse
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ATTENTION = "attention, T "
MODELS = ["nanogpt_cpu", "baby_gpt", "gpt2", "gpt2_t1024", "bert_small", "t5_small", "moe"]
GET_PEER = "install PyTorch for it (Debian 13: apt-get install python3-torch libopenblas0-openmp)"


class Server:
    """A program that does its work once for every line that it reads."""

    def __init__(self, command, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline()
        if line.strip() != "ready":
            _, errors = self.process.communicate()
            raise RuntimeError(f"{shlex.join(command)[:200]}: {errors.strip().splitlines()[-1:] or line!r}")

    def step(self):
        time.sleep(0.02)  # until threads of the other side no longer spin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def commands(options, model, dtype):
    peer_dtype = options.peer_dtype or dtype
    if options.attention:
        tokens = model.removeprefix(ATTENTION)
        return ([str(options.bin / "attention_bench"), "serve", dtype, tokens],
                [*shlex.split(options.peer_python), f"{options.peer_folder}/torch_attention.py",
                 "--dtype", peer_dtype, "--tokens", tokens])
    train_bench = str(options.bin / "train_bench")
    shape = subprocess.run(
        [train_bench, "--describe", "--model", model], check=True, capture_output=True, text=True).stdout.strip()
    peer = shlex.split(options.peer_python)
    context, tokens = (128, 32) if model != "nanogpt_cpu" else (16, 32)
    size = ["--context", str(context), "--tokens", str(tokens)]
    if options.generate:
        ours = [str(options.bin / "generation_bench"), "--serve", "--model", model, "--dtype", dtype, *size]
        return ours, [*peer, f"{options.peer_folder}/torch_generate.py", shape, "--dtype", peer_dtype, *size]
    ours = [train_bench, "--serve", "--model", model, "--dtype", dtype]
    theirs = [*peer, f"{options.peer_folder}/torch_train.py", shape, "--dtype", peer_dtype]
    return ours, theirs + (["--compile"] if options.compile else [])


def compare(options, model, dtype, threads):
    our_command, peer_command = commands(options, model, dtype)
    ours = Server(our_command, threads)
    try:
        peer = Server(peer_command, threads)
    except (RuntimeError, OSError):
        ours.close()
        raise
    rounds = [(ours.step(), peer.step()) for _ in range(options.rounds + 1)][1:]
    ours.close()
    peer.close()
    our_ms, peer_ms = (1e3 * statistics.median(side) for side in zip(*rounds))
    ratios = sorted(theirs / mine for mine, theirs in rounds)
    low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    dtypes = dtype if options.peer_dtype in (None, dtype) else f"{dtype}, {options.peer_dtype}"
    print(f"| {model} | {dtypes} | {threads} | {our_ms:.2f} | {peer_ms:.2f} | "
          f"{peer_ms / our_ms:.2f} | {low:.2f} .. {high:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", nargs="+", help="default: all; with --generate gpt2 and nanogpt_cpu")
    parser.add_argument("--dtype", nargs="+", default=["f32", "bf16"], choices=["f32", "bf16"])
    parser.add_argument("--peer-dtype", choices=["f32", "bf16"], help="of the peer alone (default: the same)")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--generate", action="store_true", help="generation at batch 1 instead of training")
    parser.add_argument("--attention", action="store_true", help="attention alone, T 1024 and 4096")
    parser.add_argument("--compile", action="store_true", help="the peer through torch.compile")
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parent / "build/release/bin", help="our programs")
    parser.add_argument("--peer-python", default="python3", help="command that starts a Python with PyTorch")
    parser.add_argument("--peer-folder", default=str(HERE / "peers"), help="benchmarks/peers as that Python sees it")
    options = parser.parse_args()
    for program in ["attention_bench"] if options.attention else ["train_bench"] + ["generation_bench"] * options.generate:
        if not (options.bin / program).is_file():
            sys.exit(f"compare: there is no {options.bin / program}; benchmarks/README.md says how to build it")
    models = options.model or (["gpt2", "nanogpt_cpu"] if options.generate else MODELS)
    if options.attention:
        models = [ATTENTION + "1024", ATTENTION + "4096"]
    try:
        probe = subprocess.run(
            [*shlex.split(options.peer_python), "-c", "import torch; print(torch.__version__)"],
            capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"compare: --peer-python {options.peer_python!r} does not start: {error}")
    if probe.returncode != 0:
        sys.exit(f"compare: {options.peer_python!r} has no PyTorch; {GET_PEER}, "
                 "or name another Python with --peer-python")
    print(f"PyTorch {probe.stdout.strip()}; {options.rounds} rounds\n")
    print("| model | dtype | threads | archlab ms | PyTorch ms | ratio | quartiles |\n|---|---|--:|--:|--:|--:|---|")
    failed = False
    for model in models:
        for dtype in options.dtype:
            for threads in options.threads:
                try:
                    compare(options, model, dtype, threads)
                except (RuntimeError, OSError, ValueError, subprocess.CalledProcessError) as error:
                    failed = True
                    print(f"compare: {model} {dtype}, {threads} threads: {error}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
