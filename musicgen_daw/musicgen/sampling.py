"""From logits to one token of each codebook.

Every cue draws from a generator of its own, so that its music does not depend on its company. The
steps and their order are those of transformers: with the same seed and one cue, the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Sampling", "choose", "guided"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen.

    ``guidance`` above 1 pushes away from what the model would play without the prompt (or with
    the negative one). ``top_k`` 0 and ``top_p`` 0 or 1 are off. ``top_k`` 1 always takes the
    likeliest token.
    """

    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.guidance <= 1000.0:
            raise ValueError(f"a guidance of {self.guidance} is not from 0 to 1000")
        if not 0.0 < self.temperature <= 1000.0:
            raise ValueError(f"a temperature of {self.temperature} is not above 0 and up to 1000")
        if self.top_k < 0 or not 0.0 <= self.top_p <= 1.0:
            raise ValueError("top_k must not be negative, and top_p must lie from 0 to 1")

    @property
    def is_guided(self) -> bool:
        """Whether a second branch is computed to be pushed away from."""
        return self.guidance > 1.0

    @property
    def is_greedy(self) -> bool:
        """Whether chance plays no part."""
        return self.top_k == 1


def guided(logits: Tensor, other: Tensor, guidance: float) -> Tensor:
    """Push the logits of the prompt away from those of the other branch."""
    return other + (logits - other) * guidance


def choose(logits: Tensor, sampling: Sampling, generator: torch.Generator) -> Tensor:
    """Return one token for each row of logits, ``(codebooks, tokens)`` to ``(codebooks,)``."""
    if sampling.is_greedy:
        return logits.argmax(-1)
    logits = logits / sampling.temperature
    if 0 < sampling.top_k < logits.shape[-1]:
        logits = _likeliest(logits, sampling.top_k)
    if 0.0 < sampling.top_p < 1.0:
        logits = _nucleus(logits, sampling.top_p)
    return _draw(logits.softmax(-1), generator)


def _likeliest(logits: Tensor, count: int) -> Tensor:
    """Rule out all but the likeliest tokens; those that tie with the last one stay."""
    last = logits.topk(count, -1).values[:, -1:]
    return logits.masked_fill(logits < last, -torch.inf)


def _nucleus(logits: Tensor, share: float) -> Tensor:
    """Rule out the unlikeliest tokens that together have no more than ``1 - share``."""
    ascending, order = logits.sort(-1)
    ruled_out = ascending.softmax(-1).cumsum(-1) <= 1.0 - share
    ruled_out[:, -1] = False
    return logits.masked_fill(ruled_out.scatter(1, order, ruled_out), -torch.inf)


def _draw(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """Draw one token a row: a race of exponentials, which is what ``torch.multinomial`` runs."""
    waits = torch.empty_like(probabilities).exponential_(generator=generator)
    return (probabilities / waits).argmax(-1)
