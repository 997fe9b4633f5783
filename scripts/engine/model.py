"""The network, in PyTorch, laid out exactly as llama.cpp computes it, so that its weights can be handed over as they are.

    picture ─▶ Tower (ViT without a class token) ─▶ Projector (MLP) ─┐
    text    ─▶ token embedding ──────────────────────────────────────┴▶ Llama ─▶ logits of the next byte

The tower is llama.cpp's `clip_graph_llava` (tools/mtmd/models/llava.cpp), the text model its `llama` architecture: rotary
positions turn neighbouring pairs, norms are RMS, the feed-forward is gated by SiLU, the embedding is also the output.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .words import VOCABULARY


@dataclass(frozen=True, slots=True)
class Shape:
    """All sizes."""

    side: int = 56
    patch: int = 8
    sight: int = 64
    sight_heads: int = 2
    sight_layers: int = 3
    sight_inner: int = 192
    width: int = 96
    heads: int = 3
    layers: int = 4
    inner: int = 256
    context: int = 4096
    epsilon: float = 1e-5
    rope: float = 10000.0

    @property
    def patches(self) -> int:
        return (self.side // self.patch) ** 2

    def dict(self) -> dict[str, float]:
        return asdict(self)


class Tower(nn.Module):
    """Patches, learned positions, pre-norm blocks, a last norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, shape.sight, shape.patch, shape.patch)
        self.positions = nn.Parameter(torch.randn(shape.patches, shape.sight) * 0.02)
        self.blocks = nn.ModuleList(SightBlock(shape) for _ in range(shape.sight_layers))
        self.last = nn.LayerNorm(shape.sight, shape.epsilon)

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.patches(pixels).flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.last(x)


class SightBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.sight_heads
        self.first, self.second = (nn.LayerNorm(shape.sight, shape.epsilon) for _ in range(2))
        self.q, self.k, self.v, self.o = (nn.Linear(shape.sight, shape.sight) for _ in range(4))
        self.up, self.down = nn.Linear(shape.sight, shape.sight_inner), nn.Linear(shape.sight_inner, shape.sight)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        q, k, v = (_split(part(y), self.heads) for part in (self.q, self.k, self.v))
        x = x + self.o(_join(functional.scaled_dot_product_attention(q, k, v)))
        return x + self.down(functional.gelu(self.up(self.second(x)), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.first, self.second = (nn.RMSNorm(shape.width, shape.epsilon) for _ in range(2))
        self.q, self.k, self.v, self.o = (nn.Linear(shape.width, shape.width, bias=False) for _ in range(4))
        self.gate, self.up = (nn.Linear(shape.width, shape.inner, bias=False) for _ in range(2))
        self.down = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x: Tensor, turns: Tensor) -> Tensor:
        y = self.first(x)
        q, k, v = (_split(part(y), self.heads) for part in (self.q, self.k, self.v))
        q, k = _turned(q, turns), _turned(k, turns)
        x = x + self.o(_join(functional.scaled_dot_product_attention(q, k, v, is_causal=True)))
        y = self.second(x)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


class Engine(nn.Module):
    """The whole. `classify` is a help in training only, and in no file."""

    def __init__(self, shape: Shape, classes: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.tower = Tower(shape)
        self.wide, self.narrow = nn.Linear(shape.sight, shape.width), nn.Linear(shape.width, shape.width)
        self.embedding = nn.Embedding(len(VOCABULARY), shape.width)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.last = nn.RMSNorm(shape.width, shape.epsilon)
        self.classify = nn.Linear(shape.width, classes) if classes else None

    def see(self, pixels: Tensor) -> Tensor:
        """Pictures as embeddings, one for each patch."""
        return self.narrow(functional.gelu(self.wide(self.tower(pixels)), approximate="tanh"))

    def hidden(self, x: Tensor) -> Tensor:
        """What the last norm gives, for a sequence of embeddings."""
        turns = _turns(x.shape[1], self.shape)
        for block in self.blocks:
            x = block(x, turns)
        return self.last(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return functional.linear(hidden, self.embedding.weight)


def _split(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def _join(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(2)


def _turns(length: int, shape: Shape) -> Tensor:
    size = shape.width // shape.heads
    rates = shape.rope ** (-torch.arange(0, size, 2) / size)
    angles = torch.arange(length)[:, None] * rates
    return torch.polar(torch.ones_like(angles), angles)


def _turned(x: Tensor, turns: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * turns).flatten(-2)
