#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""Byte-level byte-pair encoding against other programs, on one text.

Every round runs all of them, one after the other, so that a busy machine slows
all; the table has medians over the rounds. Training is timed as a process from
start to end, ours too; encoding within a process that has its vocabulary and
the text in memory, on one thread, but for spm_encode, whose start counts.

  benchmarks/tokenizer.py
  benchmarks/tokenizer.py --text corpus.txt --vocabulary gpt2/ --modules ~/node_modules

Peers: spm_train and spm_encode (Debian package sentencepiece); tiktoken and
tokenizers (npm install tiktoken tokenizers; --modules names the folder). Those
that are missing are skipped.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "UV_THREADPOOL_SIZE": "1"}


def fail(message):
    print(f"tokenizer.py: {message}", file=sys.stderr)
    sys.exit(2)


def talk(message):
    print(message, file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path,
                        help="a UTF-8 text file (default: the King James Bible of the Debian package bible-kjv)")
    parser.add_argument("--vocabulary", type=pathlib.Path,
                        help="folder with GPT-2's vocab.json and merges.txt to encode with "
                             "(default: 32,000 tokens that are learned from the text)")
    parser.add_argument("--modules", type=pathlib.Path, default=pathlib.Path("node_modules"),
                        help="the npm packages (default: node_modules)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="folder of the build with -DARCHLAB_BENCHMARKS=ON")
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: 5)")
    parser.add_argument("--only", choices=["train", "encode", "others"], help="the tables of one kind")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    for path in (options.text, options.vocabulary):
        if path and not path.exists():
            fail(f"there is no '{path}'")
    if not (options.build / "bin/tokenizer_bench").exists():
        fail(f"there is no '{options.build}/bin/tokenizer_bench'; configure with -DARCHLAB_BENCHMARKS=ON "
             "and build the targets tokenizer_bench and archlab_plugins")
    return options


def bible(folder):
    """One verse a line, without the references."""
    if not shutil.which("bible"):
        fail("name a text with --text, or install the Debian package bible-kjv")
    verses = subprocess.run(["bible", "-f", "gen1:1-rev22:21"], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, check=True).stdout
    path = folder / "bible.txt"
    path.write_text(re.sub(r"(?m)^\S+ ", "", verses))
    return path


class Server:
    """A program that answers each line with "SECONDS ..."."""

    def __init__(self, command, greets):
        self.process = subprocess.Popen([str(part) for part in command], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, **ONE_THREAD})
        self.alive = not greets or self.process.stdout.readline() == "ready\n"

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        answer = self.process.stdout.readline().split()
        if not answer:
            fail("a program has ended; its message is above")
        return answer


def print_table(title, rows, size):
    """Rows: name, remark, seconds of each round. A ratio: how many times as fast the first is."""
    first = statistics.median(rows[0][2])
    print(f"\n{title}\n{'tool':<34} {'MB/s':>8} {'first/tool':>10}  remark")
    for name, remark, seconds in rows:
        median = statistics.median(seconds)
        print(f"{name:<34} {size / 1e6 / median:8.2f} {median / first:10.2f}  {remark}")


def ours(options, config, text, component="tokenizer/bpe"):
    return [options.build / "bin/tokenizer_bench", component, config, text]


def train_once(command, standard_input, threads):
    environment = dict(os.environ)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    start = time.monotonic()
    done = subprocess.run([str(part) for part in command], input=standard_input, text=True,
                          capture_output=True, env=environment)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        fail(f"'{command[0]}' failed: {done.stderr.strip()[-500:]}")
    return seconds, done.stdout


def train(options, text, folder, vocabulary, threads):
    """Both read the text, learn, and write their files. Threads 0: as they do by default."""
    # A pair that occurs once is merged too, so that both reach the size.
    command = ours(options, f"vocabulary_size: {vocabulary} minimum_count: 1", text)
    model = folder / f"spm{vocabulary}"
    peer = ["spm_train", f"--input={text}", f"--model_prefix={model}", f"--vocab_size={vocabulary}",
            "--model_type=bpe", "--hard_vocab_limit=false", "--max_sentence_length=1000000"]
    if threads:
        peer.append(f"--num_threads={threads}")
    rows = [("archlab bpe", "", []), ("spm_train --model_type=bpe", "", [])]
    for _ in range(options.rounds):
        seconds, answer = train_once(command, f"train\nsave {folder}\n", threads)
        rows[0] = ("archlab bpe", f"{answer.split()[1]} tokens", rows[0][2] + [seconds])
        if shutil.which("spm_train"):
            seconds, _ = train_once(peer, "", threads)
            learned = len((folder / f"spm{vocabulary}.vocab").read_text().splitlines())
            rows[1] = (rows[1][0], f"{learned} tokens", rows[1][2] + [seconds])
    print_table(f"training, {vocabulary} tokens, {'1 thread' if threads else 'threads as by default'}",
                [row for row in rows if row[2]], text.stat().st_size)


def start_peers(options, vocabulary, text):
    script = ROOT / "benchmarks/peers/tokenizers.mjs"
    for name in ("tiktoken", "tokenizers"):
        if not shutil.which("node") or not (options.modules / name).exists():
            talk(f"{name}: skipped; install node, 'npm install {name}', and name node_modules with --modules")
            continue
        server = Server(["node", script, name, options.modules.resolve(), vocabulary, text], True)
        if server.alive:
            yield name, server


def spm_encode(model, text):
    with open(text) as file:
        start = time.monotonic()
        subprocess.run(["spm_encode", f"--model={model}", "--output_format=id"], stdin=file,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return time.monotonic() - start


def encode(options, text, vocabulary, model):
    config = f"vocab_file: '{vocabulary}/vocab.json' merges_file: '{vocabulary}/merges.txt'"
    server = Server(ours(options, config, text), False)
    server.ask("train")
    servers = [("archlab bpe", server), *start_peers(options, vocabulary, text)]
    for command, title in (("encode", "one document"), ("lines", "each line a document")):
        rows = [(name, server.ask(command)[1:], []) for name, server in servers]  # warm
        spm = []
        for _ in range(options.rounds):
            for (_, server), row in zip(servers, rows):
                row[2].append(float(server.ask(command)[0]))
            if model and command == "lines":
                spm.append(spm_encode(model, text))
        table = [(name, f"{answer[0]} tokens, " + ("the same ids" if answer == rows[0][1] else "OTHER IDS"), seconds)
                 for name, answer, seconds in rows]
        table[0] = ("archlab bpe", f"{rows[0][1][0]} tokens", rows[0][2])
        if spm:
            table.append(("spm_encode", "its own vocabulary; with its start", spm))
        print_table(f"encoding, 1 thread, {title}", table, text.stat().st_size)


def others(options, text):
    """Our other tokenizer that learns in this process; it has no peer here."""
    servers = [(name, Server(ours(options, "vocabulary_size: 8000", text, name), False))
               for name in ("tokenizer/bpe", "tokenizer/wordpiece")]
    for command in ("train", "encode"):
        rows = [(name, f"{server.ask(command)[1]} tokens", []) for name, server in servers]
        for _ in range(options.rounds):
            for (_, server), row in zip(servers, rows):
                row[2].append(float(server.ask(command)[0]))
        print_table(f"{command}, 8000 tokens, 1 thread, in one process", rows, text.stat().st_size)


def main():
    options = parse()
    os.environ.setdefault("ARCHLAB_PLUGIN_PATH", str(options.build / "lib/archlab/plugins"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        text = options.text.resolve() if options.text else bible(folder)
        print(f"{text.name}: {text.stat().st_size} bytes, {options.rounds} rounds")
        if not shutil.which("spm_train"):
            talk("spm_train: skipped; install the Debian package sentencepiece")
        if options.only in (None, "train"):
            for vocabulary in (8000, 32000):
                for threads in (1, 0):
                    train(options, text, folder, vocabulary, threads)
        if options.only in (None, "encode"):
            vocabulary = options.vocabulary
            if not vocabulary:
                vocabulary = folder
                train_once(ours(options, "vocabulary_size: 32000", text), f"train\nsave {folder}\n", 1)
            model = folder / "spm32000.model"
            encode(options, text, vocabulary.resolve(), model if model.exists() else None)
        if options.only in (None, "others"):
            others(options, text)


if __name__ == "__main__":
    main()
