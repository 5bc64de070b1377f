"""The "smpl" chunk: the loop that samplers and game engines play.

Source: Microsoft, Multimedia Data Standards Update 3.0 (1994); MIDI Manufacturers Association.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from musicgen_daw.formats.riff import Chunk
from musicgen_daw.timeline import Span

__all__ = ["LOOP", "SAMPLER", "Loop", "encode", "endless_loops", "loops"]

SAMPLER = struct.Struct("<9I")
"""Its third field is the length of a sample in nanoseconds, its eighth the number of loops."""

LOOP = struct.Struct("<6I")

Loop = tuple[int, int, int, int, int, int]
"""Name, kind, first and last sample, fraction, how often it is played."""

_MIDDLE_C = 60
_FORWARD, _FOR_EVER = 0, 0


def encode(
    loop_samples: Span, length_samples: int, sample_rate: int, unity_note: int = _MIDDLE_C
) -> Chunk:
    """Return the chunk of one endless forward loop; ``loop_samples`` ends exclusive.

    The chunk's own end is inclusive: the last sample that is played.

    Raises:
        ValueError: for a loop of fewer than two samples or outside the file, on which importers
            fail or, worse, don't.
    """
    start, last = loop_samples.start_samples, loop_samples.end_samples - 1
    if not 0 <= start < last <= length_samples - 1:
        raise ValueError(
            f"a loop from sample {start} to {last} does not fit a file of {length_samples} samples"
        )
    nanoseconds = (1_000_000_000 + sample_rate // 2) // sample_rate
    sampler = SAMPLER.pack(0, 0, nanoseconds, unity_note, 0, 0, 0, 1, 0)
    return Chunk(b"smpl", sampler + LOOP.pack(0, _FORWARD, start, last, 0, _FOR_EVER))


def loops(body: bytes) -> Iterator[Loop]:
    """Yield the loops of a sampler, as far as the chunk is whole."""
    if len(body) < SAMPLER.size:
        return
    count = SAMPLER.unpack_from(body)[7]
    for at in range(SAMPLER.size, len(body) - LOOP.size + 1, LOOP.size)[:count]:
        yield LOOP.unpack_from(body, at)


def endless_loops(body: bytes) -> Iterator[Span]:
    """Yield the forward loops that are played for ever, as far as the chunk is whole."""
    for _, kind, start, last, _, times in loops(body):
        if (kind, times) == (_FORWARD, _FOR_EVER) and start < last:
            yield Span(start, last + 1)
