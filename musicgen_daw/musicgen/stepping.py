"""What the running batch asks of a decoder, and the processor's decoder behind it.

On the processor one cue after the other draws its tokens; on a device all of them do at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from musicgen_daw.musicgen.decoder import Decoder
from musicgen_daw.musicgen.sampling import Sampling, choose, guided

__all__ = ["OnProcessor", "Stepping"]


class Stepping(Protocol):
    """A decoder that moves cues on, each by one column of tokens at a time.

    A *room* is the memory of one cue, given to one after the other; a *slot* is a cue in a room.
    What they are is the decoder's own matter.
    """

    def slot_bytes(self, positions: int) -> int:
        """Return how much memory a room fills in which a cue may come so far."""

    def rooms(self, positions: int, count: int) -> Sequence[Any]:
        """Return so many rooms; those of before are given up."""

    def generator(self, seed: int) -> torch.Generator:
        """Return a cue's own chance."""

    def begin(
        self,
        room: Any,
        texts: Sequence[Tensor | None],
        columns: Tensor,
        melodies: Sequence[Tensor] | None,
    ) -> Any:
        """Give a cue its slot, and read what it begins with, as ``Decoder.begin`` tells."""

    def step(
        self,
        slots: Sequence[Any],
        columns: Tensor,
        samplings: Sequence[Sampling],
        generators: Sequence[torch.Generator],
    ) -> Sequence[Tensor]:
        """Read one column of each cue, ``(cues, codebooks)``, and return the next of each."""


class OnProcessor:
    """The processor's decoder."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def slot_bytes(self, positions: int) -> int:
        """Return how much memory a room fills in which a cue may come so far."""
        return self._decoder.slot_bytes(positions)

    def rooms(self, positions: int, count: int) -> Sequence[Any]:
        """Return so many rooms."""
        return [self._decoder.memory(positions) for _ in range(count)]

    def generator(self, seed: int) -> torch.Generator:
        """Return a cue's own chance."""
        return torch.Generator().manual_seed(seed)

    def begin(
        self,
        room: Any,
        texts: Sequence[Tensor | None],
        columns: Tensor,
        melodies: Sequence[Tensor] | None,
    ) -> Any:
        """Give a cue its slot, and read what it begins with."""
        return self._decoder.begin(room, texts, columns, melodies)

    def step(
        self,
        slots: Sequence[Any],
        columns: Tensor,
        samplings: Sequence[Sampling],
        generators: Sequence[torch.Generator],
    ) -> Sequence[Tensor]:
        """Read one column of each cue, and return the next of each."""
        logits = self._decoder.step(slots, columns)
        return [
            choose(_mixed(own, sampling), sampling, generator)
            for own, sampling, generator in zip(logits, samplings, generators, strict=True)
        ]


def _mixed(logits: Tensor, sampling: Sampling) -> Tensor:
    """Return the logits to choose from, of those of a cue's branches."""
    return guided(logits[0], logits[1], sampling.guidance) if len(logits) > 1 else logits[0]
