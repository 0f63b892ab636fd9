# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""Training steps of PyTorch: forward, backward, clipping, AdamW.

torch_train.py "$(train_bench --describe --model baby_gpt)" --dtype bf16

Prints "ready"; then for every line that it reads it runs one step and prints
its seconds. Threads: OMP_NUM_THREADS.
"""

import argparse
import contextlib
import json

import torch

from serve import serve
from torch_models import make_model


def make_optimizer(model):
    options = {"lr": 1e-4, "betas": (0.9, 0.95), "weight_decay": 0.1}
    try:
        return torch.optim.AdamW(model.parameters(), fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(model.parameters(), foreach=True, **options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", help="what train_bench --describe prints")
    parser.add_argument("--dtype", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    arguments = parser.parse_args()
    shape = json.loads(arguments.shape)
    model = make_model(shape)
    optimizer = make_optimizer(model)
    run = torch.compile(model) if arguments.compile else model
    ids, targets = (torch.randint(shape["vocabulary"], (shape["batch"], shape["tokens"])) for _ in range(2))

    def step():
        bf16 = torch.autocast("cpu", torch.bfloat16) if arguments.dtype == "bf16" else contextlib.nullcontext()
        with bf16:
            loss = run(ids, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    serve(step, warm_up=2)


if __name__ == "__main__":
    main()
