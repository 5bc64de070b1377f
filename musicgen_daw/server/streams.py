"""A clip's sound while it is made: written by a worker, read by the callers who listen.

What is sent is a WAV of 32-bit floats of the length that was asked, as the generator gives it. The
finished clip may be turned down as a whole, and its end is faded: that is known when it is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from fractions import Fraction

from musicgen_daw.audio import Audio
from musicgen_daw.export.wav import streamed
from musicgen_daw.timeline import to_samples

__all__ = ["SoundLog", "wav_of"]

_GLANCE_S = 0.05


class SoundLog:
    """The blocks that a generator gave so far. One thread adds, any may read."""

    def __init__(self) -> None:
        self._blocks: list[Audio] = []

    def add(self, block: Audio) -> None:
        """Take what comes next."""
        self._blocks.append(block)

    def since(self, count: int) -> Sequence[Audio]:
        """Return the blocks after the first ``count``."""
        return self._blocks[count:]

    async def begun(self, is_over: Callable[[], bool]) -> bool:
        """Wait for the first block; tell whether there is one before it is over."""
        while not self._blocks and not is_over():
            await asyncio.sleep(_GLANCE_S)
        return bool(self._blocks)


async def wav_of(
    log: SoundLog, duration_s: Fraction, is_over: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Yield a WAV file as its sound comes. ``log`` has begun.

    Where the generator fails it ends early, before the length that its head tells.
    """
    first = log.since(0)[0]
    left = to_samples(duration_s, first.sample_rate)
    yield streamed.head(first, left)
    count = 0
    while left:
        was_over = is_over()  # asked first, so that no block comes after it unseen
        blocks = log.since(count)
        for block in blocks:
            used = Audio(block.samples[:, :left], block.sample_rate)
            left -= used.length_samples
            yield streamed.body(used)
        count += len(blocks)
        if was_over:
            return
        if not blocks:
            await asyncio.sleep(_GLANCE_S)
