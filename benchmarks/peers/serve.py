# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""The peers' side of compare.py."""

import sys
import time


def serve(work, warm_up=1):
    """Does the work `warm_up` times and prints "ready"; then, for every line
    that it reads, does it once and prints the seconds that it took."""
    for _ in range(warm_up):
        work()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        print(time.perf_counter() - start, flush=True)
