# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""Causal attention of PyTorch alone, forward and backward.

torch_attention.py --tokens 4096 --heads 12 --dim 64 --batch 1 --dtype f32

Prints "ready"; then for every line that it reads it runs
F.scaled_dot_product_attention and its gradient once and prints the seconds.
Threads: OMP_NUM_THREADS.
"""

import argparse

import torch
from torch.nn import functional as F

from serve import serve


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("batch", 1), ("heads", 12), ("tokens", 4096), ("dim", 64)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--dtype", choices=["f32", "bf16"], default="f32")
    arguments = parser.parse_args()
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[arguments.dtype]
    size = (arguments.batch, arguments.heads, arguments.tokens, arguments.dim)
    q, k, v = (torch.randn(size, dtype=dtype, requires_grad=True) for _ in range(3))
    gradient = torch.randn(size, dtype=dtype)

    def run():
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        torch.autograd.grad(y, (q, k, v), gradient)

    serve(run)


if __name__ == "__main__":
    main()
