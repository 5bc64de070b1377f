"""Mastering 32 kHz clips to 48 kHz, 24 bit, against reading, resampling and writing alone."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import soundfile
import soxr
from measure import Row, in_turns

from musicgen_daw.audio import Audio
from musicgen_daw.audio.resample import resample
from musicgen_daw.export.wav import wav
from musicgen_daw.mastering import master_cue
from musicgen_daw.presets import Master
from musicgen_daw.sketch import Commission, compose, perform

CLIPS = 8
SECONDS = 30
THREADS = 2
MASTER = Master(lufs=-16.0, ceiling_dbtp=-1.0, fade_in_ms=50, fade_out_ms=50)


def clips() -> list[bytes]:
    """Return stereo WAV files of real music at 32 kHz, of several styles."""
    styles = ("lofi", "cinematic-tension", "chiptune", "ambient-drone")
    files = []
    for number in range(CLIPS):
        style = styles[number % len(styles)]
        stems = perform(compose(Commission("", Fraction(SECONDS), seed=number, style=style)))
        mix = np.sum([audio.samples for audio in stems.values()], axis=0, dtype=np.float32)
        file = io.BytesIO()
        low = resample(Audio(mix, 48_000), 32_000)
        soundfile.write(file, low.samples.T, 32_000, subtype="FLOAT", format="WAV")
        files.append(file.getvalue())
    return files


def master(content: bytes) -> None:
    """Do the whole job on one clip."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    mastered = master_cue(
        {"mix": Audio(np.ascontiguousarray(samples.T), rate)},
        MASTER,
        sample_rate=48_000,
        bit_depth="24",
        length_samples=SECONDS * 48_000,
        tail_samples=0,
    )
    wav.write(io.BytesIO(), mastered.mix)


def floor(content: bytes) -> None:
    """Read, resample and write one clip: what no mastering can go below."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    soundfile.write(
        io.BytesIO(), soxr.resample(samples, rate, 48_000), 48_000, subtype="PCM_24", format="WAV"
    )


def rows() -> list[Row]:
    """Time all clips on two threads."""
    files = clips()
    with ThreadPoolExecutor(THREADS) as pool:
        master_s, floor_s = in_turns(
            lambda: list(pool.map(master, files)), lambda: list(pool.map(floor, files)), rounds=5
        )
    return [
        Row(
            f"mastering {CLIPS} stereo clips of {SECONDS} s, {THREADS} threads",
            f"{CLIPS * SECONDS / master_s:.0f} x real time",
            f"{master_s / floor_s:.1f} x read + soxr + write ({CLIPS * SECONDS / floor_s:.0f} x)",
            "> 300 x real time",
        )
    ]
