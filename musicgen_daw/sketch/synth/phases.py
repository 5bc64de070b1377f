"""Voices that read wavetables: where each stands, sample by sample, and what is heard of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.spectra import TABLE
from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["packed", "phase", "unison"]

TURN = 2.0**32
"""A turn in the 32 bits of a phase: it wraps by itself and stays in tune for ever."""

INDEX_SHIFT = np.uint32(33 - TABLE.bit_length())


BEND_SHIFT = 8
"""Bits by which a bend is coarser than a phase, so that 32 hold the widest."""

PIECE = 2**14
"""Values mixed at once, so few that BLAS stays on one thread."""


def packed(tables: Samples) -> Samples:
    """Return layers side by side, ``(TABLE, layers or more)``, so that one look finds all."""
    width = 1 << (len(tables) - 1).bit_length()
    side_by_side = np.zeros((len(tables[0]), width), np.float32)
    for layer, table in enumerate(tables):
        side_by_side[:, layer] = table
    return side_by_side


def unison(
    tables: Samples,
    layers: Sequence[int],
    indices: Sequence[NDArray[np.intp]],
    gains: Samples,
    strokes: Samples | None = None,
) -> Samples:
    """Return some layers of voices in unison, ``(layers * 2, samples)``: left and right of each.

    ``tables`` are all layers as ``packed``, ``indices`` the way of each voice through them,
    ``gains`` its share left and right, ``(2, voices)``, and ``strokes`` its loudness,
    ``(voices, samples)``.
    """
    width = tables.shape[1]
    wide = tables.view(np.dtype((np.void, 4 * width)))[:, 0]
    length, size = len(indices[0]), PIECE // width
    sound = np.empty((len(layers), 2, length), np.float32)
    read = np.empty((len(indices), min(size, length)), wide.dtype)
    for first in range(0, length, size):
        here = slice(first, min(first + size, length))
        for voice, index in zip(read, indices, strict=True):
            np.take(wide, index[here], out=voice[: here.stop - first], mode="clip")
        heard = read[:, : here.stop - first].view(np.float32)
        if strokes is not None:
            by_sample = heard.reshape(len(indices), -1, width)
            by_sample *= strokes[:, here, None]
        mixed = (gains @ heard).reshape(2, -1, width)
        for sides, layer in zip(sound, layers, strict=True):
            sides[:, here] = mixed[:, :, layer]
    return sound.reshape(-1, length)


def phase(turns_per_sample: float, start_turns: float, bend: Signal | int) -> NDArray[np.intp]:
    """Return indices into a wavetable: a steady run, bent by ``bend`` turns a sample.

    A number instead of a lane is the length of an unbent run.
    """
    length = bend if isinstance(bend, int) else len(bend)
    run = np.arange(length, dtype=np.uint32)
    run *= np.uint32(round(turns_per_sample * TURN))
    run += np.uint32(int(start_turns * TURN))
    if not isinstance(bend, int):
        bent = (bend * np.float32(TURN / 2**BEND_SHIFT)).astype(np.int32).view(np.uint32)
        bent <<= np.uint32(BEND_SHIFT)
        run += bent
    run >>= INDEX_SHIFT
    return run.astype(np.intp)
