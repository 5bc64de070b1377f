"""Tokens for all cues at once: what ``sampling.choose`` does for one, with as few calls as can be.

Each cue keeps its own settings and its own chance, so its tokens are those that it draws alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from musicgen_daw.musicgen.sampling import Sampling

__all__ = ["choose_all"]


def choose_all(
    logits: Tensor, samplings: Sequence[Sampling], generators: Sequence[torch.Generator]
) -> Tensor:
    """Return a token for each codebook of each cue, ``(cues, codebooks)``.

    ``logits`` are ``(2, cues, codebooks, tokens)``: those of the prompt, and those of the branch to
    be pushed away from, which are not looked at where a cue is not guided.
    """

    def column(value: Callable[[Sampling], float]) -> Tensor:
        values = [value(sampling) for sampling in samplings]
        return torch.tensor(values, device=logits.device).view(-1, 1, 1)

    own, other = logits
    is_guided = column(lambda sampling: sampling.is_guided)
    pushed = other + (own - other) * column(lambda sampling: sampling.guidance)
    mixed = torch.where(is_guided, pushed, own)
    greedy = mixed.argmax(-1)
    drawing = [index for index, sampling in enumerate(samplings) if not sampling.is_greedy]
    if not drawing:
        return greedy
    left = _likeliest(mixed / column(lambda sampling: sampling.temperature), samplings, column)
    left = _nucleus(left, samplings, column)
    probabilities = left.softmax(-1)
    waits = torch.ones_like(probabilities)
    for index in drawing:
        waits[index].exponential_(generator=generators[index])
    drawn = (probabilities / waits).argmax(-1)
    return torch.where(column(lambda sampling: sampling.is_greedy)[:, 0], greedy, drawn)


_Column = Callable[[Callable[[Sampling], float]], Tensor]


def _likeliest(logits: Tensor, samplings: Sequence[Sampling], column: _Column) -> Tensor:
    """Rule out all but the likeliest tokens of each cue."""
    tokens = logits.shape[-1]

    def kept(sampling: Sampling) -> int:
        return sampling.top_k if 0 < sampling.top_k < tokens else tokens

    most = max(map(kept, samplings))
    if min(map(kept, samplings)) == tokens:
        return logits
    highest = logits.topk(most, -1).values
    last = column(lambda sampling: kept(sampling) - 1).expand(-1, logits.shape[1], -1)
    return logits.masked_fill(logits < highest.gather(-1, last), -torch.inf)


def _nucleus(logits: Tensor, samplings: Sequence[Sampling], column: _Column) -> Tensor:
    """Rule out the unlikeliest tokens of each cue that has a nucleus."""

    def has_one(sampling: Sampling) -> bool:
        return 0.0 < sampling.top_p < 1.0

    if not any(map(has_one, samplings)):
        return logits
    ascending, order = logits.sort(-1)
    shares = 1.0 - column(lambda sampling: sampling.top_p)
    ruled_out = (ascending.softmax(-1).cumsum(-1) <= shares) & column(has_one)
    ruled_out[..., -1] = False
    return logits.masked_fill(ruled_out.scatter(-1, order, ruled_out), -torch.inf)
