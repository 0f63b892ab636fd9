# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""Greedy generation of PyTorch at batch 1, keys and values in a cache made once.

torch_generate.py "$(train_bench --describe --model gpt2)" --context 128 --tokens 32

Reads a prompt of `context` random tokens; prints "ready"; then for every line
that it reads it writes `tokens` tokens after the prompt and prints the seconds.
Threads: OMP_NUM_THREADS.
"""

import argparse
import json

import torch
from torch.nn import functional as F

from serve import serve
from torch_models import make_model


class Decoder:
    def __init__(self, model, shape):
        self.model = model
        self.heads = shape["heads"]
        size = (1, self.heads, shape["tokens"], shape["width"] // self.heads)
        dtype = model.embedding.weight.dtype
        self.keys, self.values = ([torch.zeros(size, dtype=dtype) for _ in model.blocks] for _ in range(2))

    def attend(self, layer, attention, x, at):
        tokens, width = x.shape[1:]
        q, k, v = (attention.split(y) for y in attention.qkv(x).split(width, 2))
        end = at + tokens
        self.keys[layer][:, :, at:end] = k
        self.values[layer][:, :, at:end] = v
        y = F.scaled_dot_product_attention(
            q, self.keys[layer][:, :, :end], self.values[layer][:, :, :end], is_causal=tokens > 1)
        return attention.out(y.transpose(1, 2).reshape(x.shape))

    def next(self, ids, at):
        """The token after `ids` [1, T], which begin at place `at`."""
        model = self.model
        x = model.embedding(ids) + model.position.weight[at : at + ids.shape[1]]
        for layer, block in enumerate(model.blocks):
            x = x + self.attend(layer, block.attention, block.norms[0](x), at)
            x = x + block.feed_forward(block.norms[1](x))
        return F.linear(model.norm(x[:, -1:]), model.embedding.weight).argmax(-1)


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", help="what train_bench --describe prints")
    parser.add_argument("--dtype", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--context", type=int, default=128)
    parser.add_argument("--tokens", type=int, default=32)
    arguments = parser.parse_args()
    shape = json.loads(arguments.shape)
    shape["tokens"] = max(shape["tokens"], arguments.context + arguments.tokens)
    model = make_model(shape).eval()
    if arguments.dtype == "bf16":
        model = model.to(torch.bfloat16)
    decoder = Decoder(model, shape)
    prompt = torch.randint(shape["vocabulary"], (1, arguments.context))
    first = decoder.next(prompt, 0)

    def generate():
        token = first
        for at in range(arguments.context, arguments.context + arguments.tokens):
            token = decoder.next(token, at)

    serve(generate)


if __name__ == "__main__":
    main()
