"""Where in its wavetable a voice stands, sample by sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.sketch.synth.spectra import TABLE
from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["phase"]

TURN = 2.0**32
"""A turn in the 32 bits of a phase: it wraps by itself and stays in tune for ever."""

INDEX_SHIFT = np.uint32(33 - TABLE.bit_length())


def phase(turns_per_sample: float, start_turns: float, bend: Signal | int) -> NDArray[np.intp]:
    """Return indices into a wavetable: a steady run, bent by ``bend`` turns a sample.

    A number instead of a lane is the length of an unbent run.
    """
    length = bend if isinstance(bend, int) else len(bend)
    run = np.arange(length, dtype=np.uint32)
    run *= np.uint32(round(turns_per_sample * TURN))
    run += np.uint32(int(start_turns * TURN))
    if not isinstance(bend, int):
        run += (bend * np.float32(TURN)).astype(np.int64).astype(np.uint32)
    run >>= INDEX_SHIFT
    return run.astype(np.intp)
