"""The delay pattern: how the codebooks of one frame are spread over the columns of the decoder.

A frame of sound is one token of each codebook. The decoder writes one column at a time, and the
k-th codebook lags k columns behind, so that it is chosen in the light of the ones before it. Four
codebooks, a to d, and five frames (a dot is the pad token):

    column      0   1   2   3   4   5   6   7   8
    codebook a  .   a1  a2  a3  a4  a5  .   .   .
    codebook b  .   .   b1  b2  b3  b4  b5  .   .
    codebook c  .   .   .   c1  c2  c3  c4  c5  .
    codebook d  .   .   .   .   d1  d2  d3  d4  d5

Column 0 is the start. In stereo the codebooks of left and right take turns (a-left, a-right,
b-left, …) and a pair shares its delay, so eight codebooks span four delays as well.

A prompt of three frames fills its tokens in beforehand. The decoder goes on at the first column
that lacks one, and there b3, c2 and their kind stay as they are:

    column      0   1   2   3 | 4   5 …
    codebook a  .   a1  a2  a3| ?   ?
    codebook b  .   .   b1  b2| b3  ?
    codebook c  .   .   .   c1| c2  c3
    codebook d  .   .   .   . | d1  d2
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from musicgen_daw.musicgen.config import ModelConfig

__all__ = ["DelayPattern", "Grid"]


@dataclass(frozen=True, slots=True)
class DelayPattern:
    """The lag of every codebook, in columns; ``pad`` is the token of the empty places."""

    delays: tuple[int, ...]
    pad: int

    @classmethod
    def of(cls, config: ModelConfig) -> DelayPattern:
        """Return the pattern of a model: in stereo two codebooks share a delay."""
        return cls(tuple(k // config.channels for k in range(config.codebooks)), config.pad)

    def columns(self, frames: int) -> int:
        """Return how many columns hold so many frames, the start column among them."""
        return 1 + frames + max(self.delays)

    def grid(self, frames: int, prompt: Tensor | None = None) -> Grid:
        """Return the empty grid of a clip, or one that begins with ``prompt`` (codebooks, frames).

        Raises:
            ValueError: where the prompt is of another model, or fills the whole clip.
        """
        codebooks = len(self.delays)
        prompt = torch.empty(codebooks, 0, dtype=torch.long) if prompt is None else prompt
        if prompt.ndim != 2 or prompt.shape[0] != codebooks:
            raise ValueError(
                f"a prompt of shape {tuple(prompt.shape)} has no {codebooks} codebooks"
            )
        prompted = prompt.shape[1]
        if prompted >= frames:
            raise ValueError(f"a prompt of {prompted} frames leaves nothing of {frames} to be made")
        tokens = torch.full((codebooks, self.columns(frames)), self.pad)
        open_places = torch.zeros(tokens.shape, dtype=torch.bool)
        for k, delay in enumerate(self.delays):
            first = 1 + delay
            tokens[k, first : first + prompted] = prompt[k]
            open_places[k, first + prompted : first + frames] = True
        return Grid(self, frames, tokens, open_places, column=prompted)


@dataclass(slots=True)
class Grid:
    """The columns of one clip while they are being filled; ``column`` is the last known one."""

    pattern: DelayPattern
    frames: int
    tokens: Tensor
    open_places: Tensor
    column: int

    @property
    def is_full(self) -> bool:
        """Whether every token is there."""
        columns: int = self.tokens.shape[1]
        return self.column + 1 == columns

    @property
    def frames_known(self) -> int:
        """How many frames, from the start, have all their tokens."""
        return max(0, min(self.frames, self.column - max(self.pattern.delays)))

    def latest(self) -> Tensor:
        """Return the last known column: what the decoder reads next, ``(codebooks,)``."""
        return self.tokens[:, self.column]

    def before(self) -> Tensor:
        """Return the columns before it, which a prompt filled in, ``(codebooks, columns)``."""
        return self.tokens[:, : self.column]

    def add(self, chosen: Tensor) -> None:
        """Write the next column; what isn't open there keeps its token."""
        self.column += 1
        is_open = self.open_places[:, self.column]
        self.tokens[:, self.column] = torch.where(is_open, chosen, self.tokens[:, self.column])

    def codes(self) -> Tensor:
        """Return the frames known so far, straightened: ``(codebooks, frames)``."""
        known = self.frames_known
        return torch.stack(
            [
                row[1 + delay : 1 + delay + known]
                for row, delay in zip(self.tokens, self.pattern.delays, strict=True)
            ]
        )
