"""One gain for all stems, so that their mix has the wanted loudness below the ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio, Samples, tape
from musicgen_daw.audio.levels import amplified, db_to_gain, gain_to_db
from musicgen_daw.audio.limiter import gain_curve
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.truepeak import true_peak
from musicgen_daw.mastering.targets import Target

__all__ = [
    "Levelling",
    "Limited",
    "Material",
    "Stems",
    "find_levelling",
    "gain_together_db",
    "hold_gain",
    "level_each",
]

MOST_REDUCTION_DB = 6.0
"""The deepest that the limiter may go: more would crush, so the mix stays quieter instead."""

MARGIN_DB = 0.12
"""How far below the ceiling peaks are kept, for meters that oversample otherwise and for dither."""

SHORTFALL_LU = 0.05
"""A mix that is quieter than wanted by more than this is worth a warning."""

LUFS_TOLERANCE = 0.01
MOST_NUDGES = 3
LEAST_HEARD = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Limited:
    """What a limiter would leave: the loudness, and the deepest it goes, positive.

    ``curve`` is its gain, where the sound is short enough for one.
    """

    loudness: Loudness
    reduction_db: float
    curve: NDArray[np.float32] | None = None


class Material(Protocol):
    """What is levelled: one sound, or stems that are heard together and apart."""

    def loudness(self) -> Loudness:
        """Return the loudness of the whole."""

    def peak(self, at_least: float) -> float:
        """Return the highest true peak of anything, or ``at_least`` where none is above it."""

    def limited(self, ceiling_dbtp: float) -> Limited:
        """Return what a limiter at a ceiling would leave of the whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Levelling:
    """What is done to every stem alike: a gain, and the limiter's curve where one is needed.

    ``limit_dbtp`` is the limiter's ceiling before the gain, ``None`` where there is nothing to
    limit; ``reduction_db`` is the deepest point of its curve, positive. ``unity`` is the loudness
    with the limiter but without the gain.
    """

    gain_db: float
    unity: Loudness
    limit_dbtp: float | None = None
    curve: NDArray[np.float32] | None = None
    reduction_db: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def loudness(self) -> Loudness:
        """The loudness of the levelled mix: a gain needs no measuring again."""
        return self.unity.amplified(self.gain_db)

    def apply(self, audio: Audio) -> Audio:
        """Return the levelled sound."""
        if self.curve is None:
            return amplified(audio, self.gain_db)
        gain = np.float32(db_to_gain(self.gain_db))
        limited = tape.made(lambda sound, curve: sound * (gain * curve), audio.samples, self.curve)
        return Audio(limited, audio.sample_rate)

    def quieter(self, db: float) -> Levelling:
        """Return the same with less gain."""
        return replace(self, gain_db=self.gain_db - db)


@dataclass(frozen=True, slots=True, eq=False)
class Stems:
    """Stems of one shape in memory; ``circular`` ones are a loop."""

    stems: Sequence[Audio]
    circular: bool = False
    _mix: Audio = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_mix", _sum(self.stems))

    def loudness(self) -> Loudness:
        """Return the loudness of the sum."""
        return Loudness.of(self._mix)

    def peak(self, at_least: float) -> float:
        """Return the highest true peak of the sum and of every stem."""
        for signal in self._signals:
            at_least = true_peak(signal, at_least)
        return at_least

    def limited(self, ceiling_dbtp: float) -> Limited:
        """Hear the sum and every stem, so that one curve serves them all."""
        curve = gain_curve(self._signals, ceiling_dbtp, circular=self.circular)
        limited = tape.made(np.multiply, self._mix.samples, curve)
        loudness = Loudness.of(Audio(limited, self._mix.sample_rate))
        return Limited(loudness, -gain_to_db(float(curve.min(initial=1.0))), curve)

    @property
    def _signals(self) -> Sequence[Audio]:
        return (self._mix, *self.stems) if len(self.stems) > 1 else (self._mix,)


def _sum(stems: Sequence[Audio]) -> Audio:
    if len(stems) == 1:
        return stems[0]

    def added(first: Samples, second: Samples, *others: Samples) -> Samples:
        total = first + second
        for other in others:
            total += other
        return total

    return Audio(tape.made(added, *(stem.samples for stem in stems)), stems[0].sample_rate)


def find_levelling(material: Material, target: Target) -> Levelling:
    """Find the gain that brings a sound to its target with no true peak above the ceiling.

    A plain gain where that is enough. Else a limiter, whose loss of loudness is made up in a few
    nudges. It goes no deeper than 6 dB: what is then missing is told by a warning.
    """
    unity = material.loudness()
    if unity.integrated_lufs() == -math.inf:
        return Levelling(0.0, unity, warnings=("the mix is silent: no gain was applied",))
    gain_db = wanted_db = target.gain_db(unity)
    limit_dbtp = target.ceiling_dbtp - MARGIN_DB
    allowed_peak = db_to_gain(limit_dbtp - gain_db)
    peak = material.peak(allowed_peak)
    if peak <= allowed_peak:
        return Levelling(gain_db, unity, warnings=_held_back(unity, gain_db, target))

    # Up to this gain the limiter would have nothing to do.
    free_db = limit_dbtp - gain_to_db(peak)
    most_db = free_db + MOST_REDUCTION_DB
    gain_db = min(gain_db, most_db)
    # How much of the gain was heard so far, as the gain that would be wanted after it.
    last_gain_db, last_missing_db = free_db, wanted_db - free_db
    for nudges_left in reversed(range(MOST_NUDGES + 1)):
        limited = material.limited(limit_dbtp - gain_db)
        missing_db = target.gain_db(limited.loudness) - gain_db
        if abs(missing_db) < LUFS_TOLERANCE or gain_db == most_db or not nudges_left:
            break
        # The more is limited, the less of each decibel of gain is heard.
        heard = max(LEAST_HEARD, (last_missing_db - missing_db) / (gain_db - last_gain_db))
        last_gain_db, last_missing_db = gain_db, missing_db
        gain_db = min(gain_db + missing_db / heard, most_db)
    return Levelling(
        gain_db,
        limited.loudness,
        limit_dbtp - gain_db,
        limited.curve,
        limited.reduction_db,
        _shortfall(missing_db, target) or _held_back(limited.loudness, gain_db, target),
    )


def level_each(
    stems: Sequence[Audio], target: Target, *, circular: bool = False
) -> tuple[list[Audio], Levelling]:
    """Bring each of several stems to a target, and find what keeps their sum below the ceiling.

    The sum is louder than any of them: where it would need more than 6 dB of limiting, all are
    softer, and it is told.
    """
    levelled = [amplified(stem, _own_gain_db(Loudness.of(stem), target)) for stem in stems]
    material = Stems(levelled, circular)
    most_db = target.ceiling_dbtp - MARGIN_DB - gain_to_db(material.peak(0.0)) + MOST_REDUCTION_DB
    missing_db = max(0.0, -most_db)
    levelling = hold_gain(material, -missing_db, target.ceiling_dbtp)
    return levelled, replace(levelling, warnings=_stems_shortfall(missing_db, target))


def _own_gain_db(unity: Loudness, target: Target) -> float:
    """Return the gain of a stem alone: what the gate lets through depends on it in turn."""
    gain_db = 0.0
    for _ in range(1 + MOST_NUDGES):
        amplified = unity.amplified(gain_db)
        if amplified.integrated_lufs() == -math.inf:
            return gain_db
        gain_db += target.gain_db(amplified)
    return gain_db


def _stems_shortfall(missing_lu: float, target: Target) -> tuple[str, ...]:
    if missing_lu <= SHORTFALL_LU:
        return ()
    return (
        f"the stems are {missing_lu:.1f} LU quieter than the wanted {target.lufs:g} LUFS: "
        f"the peaks of their mix would need more than {MOST_REDUCTION_DB:g} dB of limiting "
        f"to stay below {target.ceiling_dbtp:g} dBTP",
    )


def hold_gain(material: Material, gain_db: float, ceiling_dbtp: float) -> Levelling:
    """Give a sound a gain that was found for several together; a limiter holds the ceiling."""
    unity = material.loudness()
    limit_dbtp = ceiling_dbtp - MARGIN_DB - gain_db
    if material.peak(db_to_gain(limit_dbtp)) <= db_to_gain(limit_dbtp):
        return Levelling(gain_db, unity)
    limited = material.limited(limit_dbtp)
    return Levelling(gain_db, limited.loudness, limit_dbtp, limited.curve, limited.reduction_db)


def gain_together_db(
    several: Sequence[Loudness], highest_peak: float, target: Target
) -> tuple[float, tuple[str, ...]]:
    """Return the one gain that brings several sounds to a target as one programme.

    So they keep their levels among each other. No maximum of any is above the target's, and none
    is limited by more than 6 dB: what is then missing is told. ``highest_peak`` is the highest
    true peak of any.
    """
    together = Loudness.together(several)
    if together.integrated_lufs() == -math.inf:
        return 0.0, ("all is silent: no gain was applied",)
    wanted_db = target.gain_db(together)
    most_db = target.ceiling_dbtp - MARGIN_DB - gain_to_db(highest_peak) + MOST_REDUCTION_DB
    gain_db = min(wanted_db, most_db)
    told = _shortfall(wanted_db - most_db, target) or _held_back(together, gain_db, target)
    return gain_db, told


def _shortfall(missing_lu: float, target: Target) -> tuple[str, ...]:
    if missing_lu <= SHORTFALL_LU:
        return ()
    return (
        f"the mix is {missing_lu:.1f} LU quieter than the wanted {target.lufs:g} LUFS: "
        f"its peaks would need more than {MOST_REDUCTION_DB:g} dB of limiting "
        f"to stay below {target.ceiling_dbtp:g} dBTP",
    )


def _held_back(unity: Loudness, gain_db: float, target: Target) -> tuple[str, ...]:
    """Tell where a maximum or the range, not the loudness, decides."""
    told = []
    missing_lu = target.lufs - unity.integrated_lufs() - gain_db
    if missing_lu > SHORTFALL_LU:
        told.append(
            f"the mix is {missing_lu:.1f} LU quieter than the wanted {target.lufs:g} LUFS: "
            "its loudest moments are as loud as they may be"
        )
    range_lu = unity.range_lu()
    if target.lra_max is not None and range_lu > target.lra_max:
        told.append(
            f"its loudness range is {range_lu:.1f} LU, above {target.lra_max:g}: "
            "a gain does not change it"
        )
    return tuple(told)
