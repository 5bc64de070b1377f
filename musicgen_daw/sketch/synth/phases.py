"""Voices that read wavetables: where each stands, sample by sample, and what is heard of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import drawn
from musicgen_daw.sketch.synth.spectra import TABLE, Curve
from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["Ways", "packed", "phase", "unison"]

TURN = 2.0**32
"""A turn in the 32 bits of a phase: it wraps by itself and stays in tune for ever."""

BEND_SHIFT = 8
"""Bits by which a bend is coarser than a phase, so that 32 hold the widest."""

PIECE = 2**14
"""Values mixed at once, so few that BLAS stays on one thread, and that a cache holds them."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of voices through a wavetable: steady runs, each with a bend of its own.

    ``turns_a_sample`` and ``start_turns`` have one value for each voice. ``bends`` are turns at
    every ``step``-th sample, ``(voices, points)``, with straight lines between them.
    """

    turns_a_sample: Curve
    start_turns: Curve
    bends: Signal
    step: int

    def indices(self, table: int, ticks: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield where the voices stand in a table of 2**n samples, ``(voices, samples)``, for so
        many ticks at a time, and the first of these.
        """
        shift = np.uint32(33 - table.bit_length())
        bends = self.bends * np.float32(TURN / 2**BEND_SHIFT)
        rates = np.rint(self.turns_a_sample * TURN).astype(np.uint32)[:, None]
        begun = (self.start_turns * TURN).astype(np.uint32)[:, None]
        steady = begun + rates * np.arange(ticks * self.step, dtype=np.uint32)
        for first in range(0, bends.shape[1] - 1, ticks):
            bent = drawn(bends[:, first : first + ticks + 1], self.step)
            place = bent.astype(np.int32).view(np.uint32)
            place <<= np.uint32(BEND_SHIFT)
            place += steady[:, : place.shape[1]]
            place >>= shift
            yield first, place.astype(np.intp)
            steady += rates * np.uint32(ticks * self.step)


def packed(tables: Samples) -> Samples:
    """Return layers side by side, ``(samples, layers or more)``, so that one look finds all."""
    width = 1 << (len(tables) - 1).bit_length()
    side_by_side = np.zeros((len(tables[0]), width), np.float32)
    for layer, table in enumerate(tables):
        side_by_side[:, layer] = table
    return side_by_side


def unison(
    tables: Samples,
    layers: int,
    ways: Ways,
    length: int,
    gains: Samples,
    strokes: Signal | None = None,
) -> Samples:
    """Return the layers of voices in unison, left and right of each: ``(layers * 2, length)``.

    ``tables`` are the layers as ``packed``, ``gains`` the share of each voice left and right,
    ``(2, voices)``, and ``strokes`` its loudness at the ticks of its way, ``(voices, points)``.
    """
    width = tables.shape[1]
    wide = tables.view(np.dtype((np.void, 4 * width)))[:, 0]
    ticks = max(1, PIECE // (width * ways.step))
    sound = np.empty((layers, 2, length), np.float32)
    for tick, index in ways.indices(len(tables), ticks):
        heard = np.take(wide, index, mode="clip").view(np.float32)
        if strokes is not None:
            heard *= drawn(strokes[:, tick : tick + ticks + 1], ways.step, width)
        mixed = (gains @ heard).reshape(2, -1, width)
        first = tick * ways.step
        for layer, sides in enumerate(sound[:, :, first : first + mixed.shape[1]]):
            sides[...] = mixed[:, : sides.shape[1], layer]
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
    run >>= np.uint32(33 - TABLE.bit_length())
    return run.astype(np.intp)
