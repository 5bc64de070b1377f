"""What is wrong with a sound, or may be: clipping, DC, silence at its ends, NaN, lost mono."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Samples

__all__ = ["Sound", "Tally"]

CLIPPED = 1 - 2.0**-15
"""The highest 16-bit sample: full scale, whatever the file's bit depth was on the way."""

CLIPPED_RUN_SAMPLES = 3
"""A waveform that is right may touch full scale; it doesn't stay there."""

LOUDEST = 1e6
"""Above it (+120 dBFS) a number is no sound but a fault, and its square may be infinite."""

SILENT_DBFS = -80.0
"""Below it a sound has not begun yet, or has ended."""

_AUDIBLE = np.float32(10 ** (SILENT_DBFS / 20))
_ROW_SAMPLES = 64  # so many products are added in single precision, the rest in double


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A piece without what is no sound, its highest absolute sample, and how much was no sound."""

    samples: Samples
    peak: float
    non_finite_samples: int = 0

    @classmethod
    def of(cls, piece: Samples) -> Sound:
        """Return a piece with silence in place of NaN, infinity and numbers as good as infinite."""
        peak = _peak(piece)
        if peak <= LOUDEST:
            return cls(piece, peak)
        # Written so that NaN fails.
        sound = np.abs(piece) <= LOUDEST
        cleaned = np.where(sound, piece, np.float32(0))
        return cls(cleaned, _peak(cleaned), int(piece.size - np.count_nonzero(sound)))


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted over a sound that comes in pieces; each piece gives a new tally.

    ``sums`` are those of each channel's samples. ``first_audible`` and ``last_audible`` are the
    samples at which any channel is first and last heard. ``runs`` tells for how many samples each
    channel has been at full scale when the last piece ended.
    """

    sums: tuple[float, ...]
    runs: tuple[int, ...]
    length_samples: int = 0
    sample_peak: float = 0.0
    energy: float = 0.0
    cross_energy: float = 0.0
    clipped_samples: int = 0
    clipped_runs: int = 0
    non_finite_samples: int = 0
    first_audible: int | None = None
    last_audible: int | None = None

    @classmethod
    def of_nothing(cls, channels: int) -> Tally:
        """Return the tally of a sound before it begins."""
        return cls((0.0,) * channels, (0,) * channels)

    def plus(self, sound: Sound) -> Tally:
        """Return the tally with a next piece, ``(channels, samples)``.

        Where the sound is cut decides the last bits of sums: cut it always alike.
        """
        piece = sound.samples
        if not piece.size:
            return self
        clipped, clipped_runs, runs = _clipped(piece, self.runs, sound.peak)
        first, last = self._audible(piece, sound.peak)
        stereo = len(piece) == 2
        return replace(
            self,
            sums=tuple(
                total + float(channel.sum(dtype=np.float64))
                for total, channel in zip(self.sums, piece, strict=True)
            ),
            runs=runs,
            length_samples=self.length_samples + piece.shape[1],
            sample_peak=max(self.sample_peak, sound.peak),
            energy=self.energy + (_dot(piece[0], piece[0]) + _dot(piece[1], piece[1]))
            if stereo
            else 0.0,
            cross_energy=self.cross_energy + _dot(piece[0], piece[1]) if stereo else 0.0,
            clipped_samples=self.clipped_samples + clipped,
            clipped_runs=self.clipped_runs + clipped_runs,
            non_finite_samples=self.non_finite_samples + sound.non_finite_samples,
            first_audible=first,
            last_audible=last,
        )

    @property
    def dc_offset(self) -> float:
        """The mean of the channel whose mean is farthest from zero, as a part of full scale."""
        if not self.length_samples:
            return 0.0
        return max(self.sums, key=abs) / self.length_samples

    @property
    def mono_loss_db(self) -> float | None:
        """How much softer the sum of left and right is than they are; ``None`` if not stereo.

        The same on both sides loses nothing, unlike sides lose 3 dB, opposite ones everything
        (``inf``). Silence loses nothing.
        """
        if len(self.sums) != 2:
            return None
        if not self.energy:
            return 0.0
        kept = 0.5 + self.cross_energy / self.energy
        return -10 * math.log10(kept) if kept > 1e-10 else math.inf

    def _audible(self, piece: Samples, peak: float) -> tuple[int | None, int | None]:
        if peak < _AUDIBLE:
            return self.first_audible, self.last_audible
        first = self.first_audible
        if first is None:
            first = self.length_samples + int(_heard(piece).argmax())
        return first, self.length_samples + _last_heard(piece)


def _peak(piece: Samples) -> float:
    """Return the highest absolute sample, NaN where there is any."""
    return float(np.maximum(piece.max(), -piece.min())) if piece.size else 0.0


def _heard(piece: Samples) -> NDArray[np.bool_]:
    return np.asarray(np.abs(piece).max(axis=0) >= _AUDIBLE)


def _last_heard(piece: Samples) -> int:
    """Return the last audible sample of a piece that has one, looking from its end."""
    length, span = piece.shape[1], 1024
    while True:
        heard = _heard(piece[:, -span:])
        if heard.any():
            return int(length - 1 - heard[::-1].argmax())
        span *= 8


def _clipped(piece: Samples, runs: Sequence[int], peak: float) -> tuple[int, int, tuple[int, ...]]:
    """Return the samples in runs at full scale, the runs, and those open at the end.

    A run that began in the piece before counts from its third sample on, wherever that is.
    """
    if peak < CLIPPED:
        return 0, 0, (0,) * len(piece)
    clipped = begun = 0
    open_runs = []
    for channel, run in zip(piece, runs, strict=True):
        full = np.concatenate(([False], np.abs(channel) >= CLIPPED, [False]))
        edges = np.flatnonzero(full[1:] != full[:-1]).reshape(-1, 2)
        earlier = np.where(edges[:, 0] == 0, run, 0)
        lengths = edges[:, 1] - edges[:, 0] + earlier
        long, told = lengths >= CLIPPED_RUN_SAMPLES, earlier >= CLIPPED_RUN_SAMPLES
        clipped += int((lengths[long] - np.where(told, earlier, 0)[long]).sum())
        begun += int(np.count_nonzero(long & ~told))
        ends_open = edges.size > 0 and int(edges[-1, 1]) == len(channel)
        open_runs.append(int(lengths[-1]) if ends_open else 0)
    return clipped, begun, tuple(open_runs)


def _dot(one: Samples, other: Samples) -> float:
    """Return the sum of products, without BLAS and its threads."""
    whole = len(one) // _ROW_SAMPLES * _ROW_SAMPLES
    rows = np.einsum(
        "rs,rs->r", one[:whole].reshape(-1, _ROW_SAMPLES), other[:whole].reshape(-1, _ROW_SAMPLES)
    )
    rest = np.einsum("s,s->", one[whole:], other[whole:])
    return float(rows.sum(dtype=np.float64)) + float(rest)
