"""Tempo and downbeat, from how regularly onsets come back. Steady tempos only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.analysis.harmony import chord_changes
from musicgen_daw.analysis.onsets import Onsets, find_onsets
from musicgen_daw.audio import Audio

__all__ = ["Downbeat", "Tempo", "find_downbeat", "find_rhythm", "find_tempo"]

Values = NDArray[np.float64]

SLOWEST_BPM, FASTEST_BPM = 40.0, 240.0
USUAL_BPM = 120.0

_SPREAD_OCTAVES = 0.8
_HARMONICS = 8
_TEMPO_HARMONICS = 4
_OVERSAMPLING = 32
_NEARBY = 0.08
_NEARBY_SHARE = 0.4
_STEADY = 0.01
_SHORTEST_S = 4.0

# How regular onsets at random times are: 0.03 in 24 s, and less the longer they last.
_CHANCE_S = 0.72

_FEWEST_BARS = 3
_REACH_BEATS = 0.1
_WEIGHTY = 0.25
_SURE_MARGIN = 3.0
_CHORD_WEIGHT = 2.0
_LEAST_CHORD_CHANGE = 0.03


@dataclass(frozen=True, slots=True)
class Tempo:
    """Quarter notes a minute, and how sure that is, from 0 to 1; at 0 there may be no beat."""

    bpm: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Downbeat:
    """Where the first whole bar begins, in seconds from the start, and how sure that is."""

    at_s: float
    confidence: float


def find_rhythm(
    audio: Audio, near_bpm: float | None = None, bar_beats: float = 4.0
) -> tuple[Tempo, Downbeat]:
    """Return tempo and downbeat of a sound; without a tempo there is no downbeat."""
    onsets = find_onsets(audio)
    tempo = find_tempo(onsets, near_bpm)
    if not tempo.confidence:
        return tempo, Downbeat(0.0, 0.0)
    return tempo, find_downbeat(audio, onsets, tempo.bpm, bar_beats)


def find_tempo(onsets: Onsets, near_bpm: float | None = None) -> Tempo:
    """Return the tempo of a sound.

    Music at 80 bpm is also music at 160. With ``near_bpm`` the beat nearest to it is told, and
    one within 8 % of it is preferred to others that are as regular. A tempo that is not the same
    in both halves of the sound gets no confidence.
    """
    if onsets.seconds < _SHORTEST_S or not onsets.strengths.any():
        return Tempo(near_bpm or USUAL_BPM, 0.0)
    spectrum = _Spectrum.of(onsets.strengths, onsets.frame_rate_hz)
    bpm = spectrum.best_bpm(near_bpm or USUAL_BPM)
    if near_bpm is not None:
        bpm = _in_octave_of(near_bpm, bpm)
        nearby = spectrum.best_bpm_within(near_bpm, _NEARBY)
        if spectrum.strength(nearby) >= _NEARBY_SHARE * spectrum.strength(bpm):
            bpm = nearby
    bpm = spectrum.best_bpm_within(bpm, _STEADY)
    if not _is_steady(onsets, bpm):
        return Tempo(bpm, 0.0)
    chance = _CHANCE_S / onsets.seconds
    return Tempo(bpm, _confidence(spectrum.regularity(bpm) / chance - 1))


def find_downbeat(audio: Audio, onsets: Onsets, bpm: float, bar_beats: float) -> Downbeat:
    """Return the first downbeat of a sound whose tempo is known.

    Bars begin where bass, accents and new chords fall together, bar after bar.
    """
    beat_s = 60 / bpm
    per_bar = round(2 * bar_beats)
    slots = _half_beats(onsets, beat_s)
    begins_s, ends_s = _lasts_s(onsets)
    slots = slots[(slots > begins_s - beat_s / 4) & (slots < ends_s + beat_s / 4)]
    if len(slots) < _FEWEST_BARS * per_bar or per_bar < 2:
        return Downbeat(0.0, 0.0)
    reach_s = _REACH_BEATS * beat_s
    accents = (
        _standard(_strongest(onsets.strengths, onsets.frame_rate_hz, slots, reach_s))
        + _standard(_strongest(onsets.low, onsets.frame_rate_hz, slots, reach_s))
        + _CHORD_WEIGHT * _standard(chord_changes(audio, slots, beat_s), _LEAST_CHORD_CHANGE)
    )
    by_place = [accents[place::per_bar] for place in range(per_bar)]
    means = np.array([float(values.mean()) for values in by_place])
    order = np.argsort(means)
    best, second = int(order[-1]), int(order[-2])
    spread = math.sqrt(sum(float(by_place[place].var(ddof=1)) for place in (best, second)))
    error = spread / math.sqrt(len(slots) / per_bar)
    margin = (means[best] - means[second]) / error if error else 0.0
    at_s = slots[best] + _late_s(onsets, slots[best::2], reach_s)
    bar_s = per_bar * beat_s / 2
    return Downbeat(float(at_s) % bar_s, 1 - math.exp(-((margin / _SURE_MARGIN) ** 2)))


@dataclass(frozen=True, slots=True, eq=False)
class _Spectrum:
    """The share of the onsets' variance that a sine of each frequency explains."""

    shares: Values
    step_hz: float

    @classmethod
    def of(cls, strengths: Values, frame_rate_hz: float) -> _Spectrum:
        centred = strengths - strengths.mean()
        points = 1 << math.ceil(math.log2(_OVERSAMPLING * len(centred)))
        power = np.abs(np.fft.rfft(centred, points)) ** 2
        total = len(centred) * float(np.vdot(centred, centred))
        return cls(power / max(total, 1e-30), frame_rate_hz / points)

    def _harmonics(self, bpms: Values, count: int) -> Values:
        places = np.outer(np.arange(1, count + 1), bpms / 60 / self.step_hz)
        shares = np.interp(places, np.arange(len(self.shares)), self.shares, right=0.0)
        return np.asarray(shares.sum(axis=0))

    def strength(self, bpm: float) -> float:
        return float(self._harmonics(np.array([bpm]), _TEMPO_HARMONICS)[0])

    def regularity(self, bpm: float) -> float:
        """Return the share of the variance that comes back beat after beat."""
        return 2 * float(self._harmonics(np.array([bpm]), _HARMONICS)[0])

    def best_bpm(self, usual_bpm: float) -> float:
        """Return the strongest tempo, of which those near the usual one count more."""
        bpms = self._grid(SLOWEST_BPM, FASTEST_BPM)
        octaves = np.log2(bpms / usual_bpm)
        usual = np.exp(-0.5 * (octaves / _SPREAD_OCTAVES) ** 2)
        return float(bpms[np.argmax(self._harmonics(bpms, _TEMPO_HARMONICS) * usual)])

    def best_bpm_within(self, bpm: float, share: float) -> float:
        bpms = self._grid(bpm * (1 - share), bpm * (1 + share))
        return float(bpms[np.argmax(self._harmonics(bpms, _TEMPO_HARMONICS))])

    def _grid(self, low_bpm: float, high_bpm: float) -> Values:
        return np.arange(low_bpm, high_bpm, 60 * self.step_hz / 4)


def _is_steady(onsets: Onsets, bpm: float) -> bool:
    """Tell whether both halves have the tempo of the whole, as well as it can be seen in them."""
    half = len(onsets.strengths) // 2
    # A half shows a tempo to a part of the one beat more or less that it could hold.
    allowed = max(_STEADY, 0.1 * 60 / bpm / (onsets.seconds / 2))
    found = [
        _Spectrum.of(part, onsets.frame_rate_hz).best_bpm_within(bpm, 4 * allowed)
        for part in (onsets.strengths[:half], onsets.strengths[half:])
    ]
    return all(abs(part / bpm - 1) <= allowed for part in found)


def _in_octave_of(near_bpm: float, bpm: float) -> float:
    return float(bpm * 2.0 ** -round(math.log2(bpm / near_bpm)))


def _confidence(excess: float) -> float:
    return 1 - math.exp(-max(0.0, excess) / 2)


def _half_beats(onsets: Onsets, beat_s: float) -> Values:
    """Return the times of all half beats, the on-beats among them where onsets are strongest."""
    rate_hz = onsets.frame_rate_hz
    both = _standard(onsets.strengths) + _standard(onsets.low)
    frames = _frames(both)
    phases = np.arange(0, beat_s, 0.5 / rate_hz)
    levels = [
        float(np.interp(np.arange(phase, onsets.seconds, beat_s) * rate_hz, frames, both).mean())
        for phase in phases
    ]
    phase = float(phases[int(np.argmax(levels))]) % (beat_s / 2)
    return np.arange(phase, onsets.seconds - beat_s / 4, beat_s / 2)


def _lasts_s(onsets: Onsets) -> tuple[float, float]:
    """Return the times of the first and of the last onset of some weight."""
    weighty = np.flatnonzero(onsets.strengths > _WEIGHTY * np.quantile(onsets.strengths, 0.99))
    first, last = (weighty[0], weighty[-1]) if weighty.size else (0, len(onsets.strengths))
    return int(first) / onsets.frame_rate_hz, int(last) / onsets.frame_rate_hz


def _frames(values: Values) -> Values:
    return np.arange(len(values), dtype=np.float64)


def _strongest(values: Values, rate_hz: float, times_s: Values, reach_s: float) -> Values:
    """Return the highest value within reach of each time."""
    reach = max(1, round(reach_s * rate_hz))
    padded = np.pad(values, reach)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    frames = np.clip(np.round(times_s * rate_hz).astype(int), 0, len(values) - 1)
    return np.asarray(around[frames])


def _late_s(onsets: Onsets, beats_s: Values, reach_s: float) -> float:
    """Return by how much the onsets at beats come late, on the whole."""
    rate_hz = onsets.frame_rate_hz
    offsets_s = np.arange(-reach_s, reach_s, 0.1 / rate_hz)
    places = (beats_s[:, np.newaxis] + offsets_s) * rate_hz
    levels = np.interp(places, _frames(onsets.strengths), onsets.strengths).mean(axis=0)
    return float(offsets_s[int(np.argmax(levels))])


def _standard(values: Values, least: float = 0.0) -> Values:
    """Return values about 0 in units of their spread, or of ``least`` where that is more."""
    deviation = max(float(values.std()), least)
    return (values - values.mean()) / deviation if deviation else np.zeros_like(values)
