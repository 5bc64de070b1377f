"""What stands before the music of a melody model: the tune, then the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from musicgen_daw.musicgen.config import MelodyShape

__all__ = ["melody_prefix"]


def melody_prefix(
    shape: MelodyShape,
    states: Sequence[Tensor | None],
    melodies: Sequence[Tensor] | None,
    melody_in: Callable[[Tensor], Tensor],
) -> Tensor:
    """Return the prefix of each branch, ``(branches, places, width)``; the first one has a text.

    A branch without text has zeros in its place, one without melody a chroma of nothing but the
    first pitch class. A melody shorter than the model's window is repeated.
    """
    (like, *_) = (text for text in states if text is not None)
    places = max(len(text) for text in states if text is not None)
    rows = []
    for index, text in enumerate(states):
        if melodies is None:
            chroma = like.new_zeros(1, shape.bins)
            chroma[:, 0] = 1.0
        else:
            chroma = melodies[index].to(like)
        tune = melody_in(chroma)
        tune = tune.repeat(-(-shape.frames // len(tune)), 1)[: shape.frames]
        words = like.new_zeros(places, like.shape[1])
        if text is not None:
            words[: len(text)] = text
        rows.append(torch.cat([tune, words]))
    return torch.stack(rows)
