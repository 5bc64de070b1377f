"""One gain for all stems, so that their mix has the wanted loudness below the ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio
from musicgen_daw.audio.levels import db_to_gain, gain_to_db
from musicgen_daw.audio.limiter import gain_curve
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.truepeak import true_peak

__all__ = ["Levelling", "find_levelling", "mixed"]

MOST_REDUCTION_DB = 6.0
"""The deepest that the limiter may go: more would crush, so the mix stays quieter instead."""

MARGIN_DB = 0.05
"""How far below the ceiling peaks are kept, for meters that oversample otherwise and for dither."""

SHORTFALL_LU = 0.05
"""A mix that is quieter than wanted by more than this is worth a warning."""

LUFS_TOLERANCE = 0.01
MOST_NUDGES = 3
LEAST_HEARD = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Levelling:
    """What is done to every stem alike: a gain, and the limiter's curve where one is needed.

    ``reduction_db`` is the deepest point of the curve, positive. ``unity`` is the loudness of the
    mix with the curve but without the gain.
    """

    gain_db: float
    unity: Loudness
    curve: NDArray[np.float32] | None = None
    reduction_db: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def loudness(self) -> Loudness:
        """The loudness of the levelled mix: a gain needs no measuring again."""
        return self.unity.amplified(self.gain_db)

    def apply(self, audio: Audio) -> Audio:
        """Return the levelled sound."""
        gain = np.float32(db_to_gain(self.gain_db))
        factor = gain if self.curve is None else gain * self.curve
        return Audio(audio.samples * factor, audio.sample_rate)

    def quieter(self, db: float) -> Levelling:
        """Return the same with less gain."""
        return replace(self, gain_db=self.gain_db - db)


def mixed(stems: Sequence[Audio]) -> Audio:
    """Return the sum of stems of one shape."""
    if len(stems) == 1:
        return stems[0]
    total = stems[0].samples + stems[1].samples
    for stem in stems[2:]:
        total += stem.samples
    return Audio(total, stems[0].sample_rate)


def find_levelling(
    stems: Sequence[Audio], lufs: float, ceiling_dbtp: float, *, circular: bool = False
) -> Levelling:
    """Find the gain that brings the stems' sum to ``lufs`` with no true peak above the ceiling.

    A plain gain where that is enough. Else a limiter hears the mix and every stem and acts on all
    of them alike, so that they still add up; its loss of loudness is made up in a few nudges. It
    goes no deeper than 6 dB: what is then missing is told by a warning. ``circular`` treats the
    stems as a loop.
    """
    mix = mixed(stems)
    unity = Loudness.of(mix)
    loudness = unity.integrated_lufs()
    if loudness == -math.inf:
        return Levelling(0.0, unity, warnings=("the mix is silent: no gain was applied",))
    signals = (mix, *stems) if len(stems) > 1 else (mix,)
    gain_db = lufs - loudness
    limit_dbtp = ceiling_dbtp - MARGIN_DB
    allowed_peak = db_to_gain(limit_dbtp - gain_db)
    peak = _loudest_peak(signals, allowed_peak)
    if peak <= allowed_peak:
        return Levelling(gain_db, unity)

    # Up to this gain the limiter would have nothing to do.
    free_db = limit_dbtp - gain_to_db(peak)
    most_db = free_db + MOST_REDUCTION_DB
    gain_db = min(gain_db, most_db)
    last_gain_db, last_reached = free_db, loudness + free_db
    for nudges_left in reversed(range(MOST_NUDGES + 1)):
        curve = gain_curve(signals, limit_dbtp - gain_db, circular=circular)
        unity = Loudness.of(Audio(mix.samples * curve, mix.sample_rate))
        reached = unity.integrated_lufs() + gain_db
        if abs(lufs - reached) < LUFS_TOLERANCE or gain_db == most_db or not nudges_left:
            break
        # The more is limited, the less of each decibel of gain is heard.
        heard = max(LEAST_HEARD, (reached - last_reached) / (gain_db - last_gain_db))
        last_gain_db, last_reached = gain_db, reached
        gain_db = min(gain_db + (lufs - reached) / heard, most_db)
    return Levelling(
        gain_db,
        unity,
        curve,
        -gain_to_db(float(curve.min())),
        _shortfall(lufs - reached, lufs, ceiling_dbtp),
    )


def _loudest_peak(signals: Sequence[Audio], at_least: float) -> float:
    """Return the highest true peak, or the given one where none is above it."""
    for signal in signals:
        at_least = true_peak(signal, at_least)
    return at_least


def _shortfall(missing_lu: float, lufs: float, ceiling_dbtp: float) -> tuple[str, ...]:
    if missing_lu <= SHORTFALL_LU:
        return ()
    return (
        f"the mix is {missing_lu:.1f} LU quieter than the wanted {lufs:g} LUFS: "
        f"its peaks would need more than {MOST_REDUCTION_DB:g} dB of limiting "
        f"to stay below {ceiling_dbtp:g} dBTP",
    )
