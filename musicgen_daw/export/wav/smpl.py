"""The "smpl" chunk: the loop that samplers and game engines play.

Source: Microsoft, Multimedia Data Standards Update 3.0 (1994); MIDI Manufacturers Association.
"""

from __future__ import annotations

import struct

from musicgen_daw.formats.riff import Chunk
from musicgen_daw.timeline import Span

__all__ = ["encode"]

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
    sampler = struct.pack("<9I", 0, 0, nanoseconds, unity_note, 0, 0, 0, 1, 0)
    return Chunk(b"smpl", sampler + struct.pack("<6I", 0, _FORWARD, start, last, 0, _FOR_EVER))
