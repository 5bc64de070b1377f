"""Codes to sound, block by block: together the blocks are what all codes at once give.

    codes ─ vectors ─ convolution ─▶ recurrent layers ─▶ latents ─ upsampling ─▶ sound
                      sees 3 ahead   keep their state              sees 1½ each way

EnCodec's decoder looks ahead a little and remembers all that was: what it looks at is held, what
it remembers is carried on, and what would come out otherwise for lack of a neighbour is cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["DecodeStream"]

_UPSAMPLING_FRAMES = 4
"""More than the upsampling looks at to either side."""


@dataclass(slots=True)
class _Stretch:
    """The end of a row that grows, ``(1, width, places)``, whose first place is ``start``."""

    row: Tensor | None = None
    start: int = 0

    @property
    def end(self) -> int:
        """How many places have come."""
        return self.start + (0 if self.row is None else self.row.shape[-1])

    def add(self, row: Tensor) -> None:
        """Take what comes next."""
        self.row = row if self.row is None else torch.cat([self.row, row], dim=-1)

    def drop_before(self, place: int) -> None:
        """Forget what comes before a place."""
        if self.row is not None and place > self.start:
            self.row = self.row[..., place - self.start :]
            self.start = place


class _Side:
    """One channel of a stream."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._first, self._recurrent, *self._upsampling = model.decoder.layers
        self._ahead = self._first.conv.kernel_size[0] // 2
        self._state: tuple[Tensor, Tensor] | None = None
        self._vectors = _Stretch()
        self._latents = _Stretch()
        self._done = 0
        """Frames whose sound was given."""

    def add(self, codes: Tensor, is_last: bool) -> Tensor:
        """Take codes, ``(codebooks, frames)``, and return the samples that are settled."""
        if codes.shape[1]:
            self._vectors.add(self._model.quantizer.decode(codes[:, None]))
        self._remember(is_last)
        return self._upsample(is_last)

    def _remember(self, is_last: bool) -> None:
        """Bring the vectors that are settled through the layers that remember."""
        done, vectors = self._latents.end, self._vectors
        ready = vectors.end if is_last else vectors.end - self._ahead
        if vectors.row is None or ready <= done:
            return
        seen = self._first(vectors.row)[..., done - vectors.start : ready - vectors.start]
        steps = seen.permute(2, 0, 1)
        remembered, self._state = self._recurrent.lstm(steps, self._state)
        self._latents.add((remembered + steps).permute(1, 2, 0))
        vectors.drop_before(ready - self._ahead)

    def _upsample(self, is_last: bool) -> Tensor:
        latents = self._latents
        ready = latents.end if is_last else latents.end - _UPSAMPLING_FRAMES
        if latents.row is None or ready <= self._done:
            return torch.empty(0)
        sound = latents.row
        for layer in self._upsampling:
            sound = layer(sound)
        frame_samples = sound.shape[-1] // latents.row.shape[-1]
        start, end = (frame_samples * (place - latents.start) for place in (self._done, ready))
        self._done = ready
        latents.drop_before(ready - _UPSAMPLING_FRAMES)
        return sound[0, 0, start:end]


class DecodeStream:
    """A codec's decoder at work on one row of codes; in stereo once for each side."""

    def __init__(self, model: Any, channels: int, device: torch.device) -> None:
        self._device = device
        self._sides = [_Side(model) for _ in range(channels)]

    @torch.inference_mode()
    def add(self, codes: Tensor, *, is_last: bool) -> Tensor:
        """Take the codes that come next, ``(codebooks, frames)``.

        Returns the sound that they settle, ``(channels, samples)``: it lags some frames behind,
        and all of it is there after the last block.
        """
        count = len(self._sides)
        codes = codes.to(self._device)
        sides = (side.add(codes[index::count], is_last) for index, side in enumerate(self._sides))
        return torch.stack([side.cpu() for side in sides])
