# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
"""The models of bench_model.cc in plain PyTorch, from the same dimensions.

`shape` is what `train_bench --describe` prints. Embeddings and head are tied,
there is no dropout, attention is F.scaled_dot_product_attention.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


def norm(shape):
    if shape["family"] == "t5":
        return nn.RMSNorm(shape["width"])
    return nn.LayerNorm(shape["width"], bias=shape["bias"])


def activation(shape):
    return {"GELU": nn.GELU(), "GELU_TANH": nn.GELU(approximate="tanh"), "RELU": nn.ReLU()}[shape["activation"]]


class Attention(nn.Module):
    def __init__(self, shape, causal, cross=False):
        super().__init__()
        width, bias = shape["width"], shape["bias"]
        self.heads, self.causal, self.cross = shape["heads"], causal, cross
        if cross:
            self.q = nn.Linear(width, width, bias)
            self.kv = nn.Linear(width, 2 * width, bias)
        else:
            self.qkv = nn.Linear(width, 3 * width, bias)
        self.out = nn.Linear(width, width, bias)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x, source=None, bias=None):
        width = x.shape[-1]
        if self.cross:
            q, (k, v) = self.q(x), self.kv(source).split(width, 2)
        else:
            q, k, v = self.qkv(x).split(width, 2)
        y = F.scaled_dot_product_attention(
            self.split(q), self.split(k), self.split(v), attn_mask=bias, is_causal=self.causal and bias is None,
            scale=1.0 if bias is not None else None)
        return self.out(y.transpose(1, 2).reshape(x.shape))


def mlp(shape):
    width, hidden, bias = shape["width"], shape["hidden"], shape["bias"]
    return nn.Sequential(nn.Linear(width, hidden, bias), activation(shape), nn.Linear(hidden, width, bias))


class Experts(nn.Module):
    """Each token goes to the experts of its top_k probabilities."""

    def __init__(self, shape):
        super().__init__()
        self.top_k = shape["top_k"]
        self.router = nn.Linear(shape["width"], shape["experts"], False)
        self.experts = nn.ModuleList(mlp(shape) for _ in range(shape["experts"]))

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        weights, chosen = self.router(flat).float().softmax(-1).topk(self.top_k, -1)
        y = torch.zeros_like(flat)
        for i, expert in enumerate(self.experts):
            token, place = torch.where(chosen == i)
            z = expert(flat[token]) * weights[token, place, None]
            y = y.index_add(0, token, z.to(y.dtype))
        return y.view_as(x)


class Block(nn.Module):
    def __init__(self, shape, causal, cross=False):
        super().__init__()
        self.post = shape["family"] == "bert"
        self.attention = Attention(shape, causal)
        self.cross = Attention(shape, False, True) if cross else None
        self.feed_forward = Experts(shape) if shape["experts"] else mlp(shape)
        self.norms = nn.ModuleList(norm(shape) for _ in range(3 if cross else 2))

    def forward(self, x, source=None, bias=None):
        if self.post:
            x = self.norms[0](x + self.attention(x))
            return self.norms[1](x + self.feed_forward(x))
        x = x + self.attention(self.norms[0](x), bias=bias)
        if self.cross is not None:
            x = x + self.cross(self.norms[2](x), source)
        return x + self.feed_forward(self.norms[1](x))


class RelativeBias(nn.Module):
    """T5's table of score biases by distance, of 32 buckets up to 128 tokens."""

    def __init__(self, shape, causal):
        super().__init__()
        self.table = nn.Embedding(32, shape["heads"])
        tokens = torch.arange(shape["tokens"])
        distance = tokens[:, None] - tokens[None, :]
        buckets = 32 if causal else 16
        near = buckets // 2
        size = distance.clamp(min=0) if causal else distance.abs()
        far = near + (size.clamp(min=1).float().div(near).log() / math.log(128 / near) * (buckets - near)).long()
        bucket = torch.where(size < near, size, far.clamp(max=buckets - 1))
        if not causal:
            bucket = bucket + (distance < 0) * buckets
        hidden = torch.zeros(bucket.shape)
        if causal:
            hidden[distance < 0] = -torch.inf
        self.register_buffer("bucket", bucket)
        self.register_buffer("hidden", hidden)

    def forward(self):
        return self.table(self.bucket).permute(2, 0, 1)[None] + self.hidden


class Gpt(nn.Module):
    """Also BERT's trunk: not causal, embeddings normed, a transform."""

    def __init__(self, shape):
        super().__init__()
        self.shape, bert = shape, shape["family"] == "bert"
        width = shape["width"]
        self.embedding = nn.Embedding(shape["vocabulary"], width)
        self.position = nn.Embedding(shape["tokens"], width)
        self.token_type = nn.Embedding(2, width) if bert else None
        self.before = norm(shape) if bert else None
        self.blocks = nn.ModuleList(Block(shape, not bert) for _ in range(shape["layers"]))
        self.transform = nn.Sequential(nn.Linear(width, width), nn.GELU()) if bert else None
        self.norm = norm(shape)
        self.bias = nn.Parameter(torch.zeros(shape["vocabulary"])) if bert else None

    def forward(self, ids, targets):
        x = self.embedding(ids) + self.position.weight
        if self.token_type is not None:
            x = self.before(x + self.token_type.weight[0])
        for block in self.blocks:
            x = block(x)
        x = x.view(-1, x.shape[-1])
        targets = targets.view(-1)
        if self.transform is not None:  # 15 % of the places are predicted
            count = (len(targets) * 15 + 99) // 100
            kept = torch.arange(count) * len(targets) // count
            x, targets = self.transform(x[kept]), targets[kept]
        logits = F.linear(self.norm(x), self.embedding.weight, self.bias)
        return F.cross_entropy(logits.float(), targets)


class T5(nn.Module):
    def __init__(self, shape):
        super().__init__()
        layers = range(shape["layers"])
        self.embedding = nn.Embedding(shape["vocabulary"], shape["width"])
        self.encoder = nn.ModuleList(Block(shape, False) for _ in layers)
        self.decoder = nn.ModuleList(Block(shape, True, True) for _ in layers)
        self.biases = nn.ModuleList([RelativeBias(shape, False), RelativeBias(shape, True)])
        self.norms = nn.ModuleList([norm(shape), norm(shape)])

    def forward(self, ids, targets):
        x, bias = self.embedding(ids), self.biases[0]()
        for block in self.encoder:
            x = block(x, bias=bias)
        source = self.norms[0](x)
        x, bias = self.embedding(targets), self.biases[1]()
        for block in self.decoder:
            x = block(x, source, bias)
        x = self.norms[1](x)
        logits = F.linear(x, self.embedding.weight)
        return F.cross_entropy(logits.float().view(-1, logits.shape[-1]), targets.view(-1))


def make_model(shape):
    torch.manual_seed(1)
    model = T5(shape) if shape["family"] == "t5" else Gpt(shape)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    return model
