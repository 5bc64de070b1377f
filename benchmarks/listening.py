"""What can be measured of a finished cue, each by a tool that is not ours where there is one.

Levels by pyloudnorm and soxr, beats, key and features by librosa, spectra by an FFT, files by
soundfile, notes by mido. Nothing here imports the composer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import librosa
import mido
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Sound = NDArray[np.float64]
"""Samples ``(channels, samples)``."""

HOP = 128
"""A fine grid: at 22 050 Hz librosa's usual one has steps of four per cent near 120 bpm."""
ANALYSIS_RATE = 22_050
STRETCH_BEATS = 8
"""Over so many beats a step of the grid is 0.2 % at 172 bpm."""

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How much each degree is heard in a key (Krumhansl, Cognitive Foundations of Musical Pitch)."""

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class Colour:
    """The colour of a mix: what a style pack tells the ranges of."""

    tilt_db: float
    """Slope of the power spectrum from 100 Hz to 10 kHz, in dB an octave; pink noise has -3."""
    crest_db: float
    """Peak against RMS."""
    width: float
    """RMS of the side against that of the middle."""
    air_db: float
    """Power above 6 kHz against all power."""


def read(path: Path) -> tuple[Sound, int]:
    """Return a file's samples ``(channels, samples)`` and its rate."""
    samples, rate = soundfile.read(path, always_2d=True)
    return samples.T, rate


def colour(mix: Sound, rate: int) -> Colour:
    """Return tilt, crest, width and air of a stereo mix."""
    left, right = mix
    middle, side = (left + right) / 2, (left - right) / 2
    frequencies, power = spectrum(mix, rate)
    octaves = np.log2(frequencies[1:])
    edges = np.arange(np.log2(100), np.log2(10_000), 1 / 3)
    places = np.digitize(octaves, edges)
    bands = [10 * np.log10(power[1:][places == n].mean() + 1e-20) for n in range(1, len(edges))]
    tilt = np.polyfit(edges[:-1] + 1 / 6, bands, 1)[0]
    air = power[frequencies > 6000].sum() / max(power.sum(), 1e-20)
    return Colour(
        tilt_db=float(tilt),
        crest_db=float(20 * np.log10(np.abs(mix).max() / rms(mix))),
        width=float(rms(side) / max(rms(middle), 1e-9)),
        air_db=float(10 * np.log10(max(air, 1e-12))),
    )


def spectrum(mix: Sound, rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies and the mean power at each, over all channels."""
    size = 8192
    mono_frames = [
        np.lib.stride_tricks.sliding_window_view(channel, size)[:: size // 2] for channel in mix
    ]
    window = np.hanning(size)
    power = sum((np.abs(np.fft.rfft(frames * window)) ** 2).mean(axis=0) for frames in mono_frames)
    return np.fft.rfftfreq(size, 1 / rate), np.asarray(power)


def rms(sound: Sound) -> float:
    """Return the root mean square over all channels."""
    return float(np.sqrt(np.mean(np.square(sound))))


def true_peak_db(mix: Sound, rate: int) -> float:
    """Return the highest peak between the samples, in dBTP, of the sound eight times as fine."""
    fine = soxr.resample(mix.T, rate, 8 * rate, quality="VHQ")
    return float(20 * np.log10(max(np.abs(fine).max(), 1e-9)))


def silent_share(mix: Sound, rate: int) -> float:
    """Return the share of twentieths of a second below -60 dBFS."""
    step = rate // 20
    whole = mix[:, : mix.shape[1] // step * step].reshape(mix.shape[0], -1, step)
    levels = np.sqrt(np.square(whole).mean(axis=(0, 2)))
    return float((levels < 1e-3).mean())


def rise_ms(stem: Sound, rate: int, at_s: float) -> float:
    """Return how far from a moment the stem reaches a tenth of the peak around it, in ms."""
    at, around = round(at_s * rate), rate // 20
    first = max(0, at - around)
    level = np.abs(stem[:, first : at + around]).max(axis=0)
    return (int(np.argmax(level >= 0.1 * level.max())) + first - at) / rate * 1000


def clicks(stem: Sound, rate: int) -> int:
    """Count the places where a stem without drums has a burst of a millisecond above 14 kHz.

    One that stands 40 dB above what is around it, and above -60 dBFS, is an edge and no note.
    """
    step = rate // 1000
    from scipy.signal import butter, sosfilt  # it comes with librosa

    high = sosfilt(butter(4, 14_000, "highpass", fs=rate, output="sos"), stem)
    whole = high[:, : high.shape[1] // step * step].reshape(high.shape[0], -1, step)
    level = np.sqrt(np.square(whole).mean(axis=(0, 2)))
    padded = np.pad(level, 50, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 101), axis=1)
    return int((level > 100 * around + 1e-3).sum())


def tempo_bpm(mix: Sound, rate: int) -> float:
    """Return the tempo of the beats that librosa tracks: the median slope over all stretches.

    A hit off the grid makes the tracker change from the beats to what lies between them, without a
    change of tempo; a line through all of the beats would bend there.
    """
    mono = librosa.resample(mix.mean(axis=0), orig_sr=rate, target_sr=ANALYSIS_RATE)
    _, frames = librosa.beat.beat_track(
        y=mono, sr=ANALYSIS_RATE, hop_length=HOP, tightness=400, trim=False
    )
    if len(frames) <= STRETCH_BEATS:
        return 0.0
    times = frames * HOP / ANALYSIS_RATE
    return float(60 * STRETCH_BEATS / np.median(times[STRETCH_BEATS:] - times[:-STRETCH_BEATS]))


def tempo_ratio(found_bpm: float, asked_bpm: float) -> tuple[float, bool]:
    """Return how far a tempo is from the asked one, and whether it was of another level of it.

    Trackers follow halves, doubles and triplets of what people count.
    """
    levels = (1, 2, 1 / 2, 3, 1 / 3, 3 / 2, 2 / 3, 4, 1 / 4)
    errors = [abs(found_bpm / (asked_bpm * level) - 1) for level in levels]
    best = int(np.argmin(errors))
    return errors[best], best != 0


def key_ranks(mix: Sound, rate: int) -> list[str]:
    """Return the keys, the likeliest first, as ``C`` or ``Cm``: chroma against key profiles."""
    mono = librosa.resample(mix.mean(axis=0), orig_sr=rate, target_sr=ANALYSIS_RATE)
    chroma = librosa.feature.chroma_cqt(y=mono, sr=ANALYSIS_RATE, hop_length=2048).mean(axis=1)
    scores = {
        f"{_NAMES[tonic]}{sign}": float(np.corrcoef(chroma, np.roll(profile, tonic))[0, 1])
        for sign, profile in (("", _MAJOR), ("m", _MINOR))
        for tonic in range(12)
    }
    return sorted(scores, key=lambda name: -scores[name])


def relative_of(key: str) -> str:
    """Return the relative minor of a major key, and the other way round."""
    tonic = _NAMES.index(key.removesuffix("m"))
    return _NAMES[(tonic + 3) % 12] if key.endswith("m") else f"{_NAMES[(tonic + 9) % 12]}m"


def features(mix: Sound, rate: int) -> NDArray[np.float64]:
    """Return what tells styles apart: MFCC, spectral contrast, and how the rhythm is made."""
    mono = librosa.resample(mix.mean(axis=0), orig_sr=rate, target_sr=ANALYSIS_RATE)
    mfcc = librosa.feature.mfcc(y=mono, sr=ANALYSIS_RATE, n_mfcc=20)
    contrast = librosa.feature.spectral_contrast(y=mono, sr=ANALYSIS_RATE)
    onset = librosa.onset.onset_strength(y=mono, sr=ANALYSIS_RATE, hop_length=512)
    tempogram = librosa.feature.tempogram(onset_envelope=onset, sr=ANALYSIS_RATE, hop_length=512)
    lags = tempogram.mean(axis=1)[4:200:4]
    flatness = librosa.feature.spectral_flatness(y=mono)
    return np.concatenate(
        [
            mfcc.mean(axis=1),
            mfcc.std(axis=1),
            contrast.mean(axis=1),
            lags,
            [onset.mean(), onset.std(), np.log(flatness.mean() + 1e-9)],
        ]
    )


def notes_of(path: Path) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Return the notes of a MIDI file as ``(tick, pitch)`` by part, without the drums'."""
    parts: dict[str, list[tuple[int, int]]] = {}
    for track in mido.MidiFile(path).tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity and message.channel != 9:
                parts.setdefault(track.name, []).append((tick, message.note))
    return parts


def share_of_classes(notes: Mapping[str, Sequence[tuple[int, int]]], classes: set[int]) -> float:
    """Return how many of the notes belong to some pitch classes."""
    pitches = [pitch for part in notes.values() for _, pitch in part]
    return sum(pitch % 12 in classes for pitch in pitches) / max(len(pitches), 1)


def told_apart(samples: Sequence[tuple[str, int, NDArray[np.float64]]]) -> float:
    """Return how often the nearest centroid names the style, each seed left out in turn.

    ``samples`` are ``(style, seed, features)``.
    """
    seeds = sorted({seed for _, seed, _ in samples})
    right = 0
    for left_out in seeds:
        known = [sample for sample in samples if sample[1] != left_out]
        table = np.array([values for *_, values in known])
        mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
        styles = sorted({style for style, *_ in known})
        centroids = np.array(
            [
                np.mean([(v - mean) / spread for s, _, v in known if s == style], axis=0)
                for style in styles
            ]
        )
        for style, seed, values in samples:
            if seed == left_out:
                distances = np.linalg.norm(centroids - (values - mean) / spread, axis=1)
                right += styles[int(np.argmin(distances))] == style
    return right / len(samples)
