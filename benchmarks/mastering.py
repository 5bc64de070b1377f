"""Mastering, against reading, resampling and writing the same files: what nothing can go below."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import soundfile
import soxr
from measure import Row, in_turns

from musicgen_daw.audio import Audio
from musicgen_daw.audio.codecs import decode, encode_float_wav
from musicgen_daw.audio.resample import resample
from musicgen_daw.export.wav import wav
from musicgen_daw.mastering import MasteredCue, master_cue
from musicgen_daw.mastering.shaping import Shape
from musicgen_daw.presets import Master
from musicgen_daw.sketch import Commission, compose, perform

CLIPS = 8
SECONDS = 30
THREADS = 2
STEMS = 6
CLIP_RATE = 32_000
SAMPLE_RATE = 48_000
ROUNDS = 7
STYLES = ("lofi", "cinematic-tension", "chiptune", "ambient-drone")

SOFT_LUFS = -24.0
"""Most music has peaks that let it be this loud, as one channel, without a limiter."""

LOUD_LUFS = -16.0
"""All music needs a limiter here."""

Files = Mapping[str, bytes]
Stems = Mapping[str, Audio]


def rows() -> list[Row]:
    """Time mono clips that need no limiter, clips that do, and a cue with its stems."""
    pieces = [piece(number) for number in range(CLIPS)]
    clips = [mono_clip(stems) for stems in pieces]
    cues = [six_stems(stems) for stems in pieces[:THREADS]]
    return [
        row(f"{CLIPS} mono clips at {SOFT_LUFS:g} LUFS", clips, SOFT_LUFS, "< 2.5 x"),
        row(f"{CLIPS} mono clips at {LOUD_LUFS:g} LUFS", clips, LOUD_LUFS, "< 4 x"),
        row(f"{len(cues)} cues of {STEMS} stereo stems and mix", cues, SOFT_LUFS, ""),
    ]


def row(what: str, jobs: Sequence[Files], lufs: float, target: str) -> Row:
    """Time all jobs on two threads, in turns with their floor."""
    limited = sum(master(files, lufs).reduction_db > 0 for files in jobs)
    with ThreadPoolExecutor(THREADS) as pool:

        def on_threads(work: Callable[[Files], object]) -> Callable[[], object]:
            return lambda: list(pool.map(work, jobs))

        master_s, floor_s = in_turns(
            on_threads(lambda files: master(files, lufs)), on_threads(floor), ROUNDS
        )
    sound_s = len(jobs) * SECONDS
    return Row(
        f"mastering {what}, {SECONDS} s each, {limited} limited, {THREADS} threads",
        f"{sound_s / master_s:.0f} x real time",
        f"{master_s / floor_s:.1f} x read + soxr + write ({sound_s / floor_s:.0f} x)",
        target,
    )


def master(files: Files, lufs: float) -> MasteredCue:
    """Do the whole job on one cue: read, master with its mix, write all as 24 bit."""
    mastered = master_cue(
        {name: decode(content) for name, content in files.items()},
        Master(lufs=lufs, ceiling_dbtp=-1.0, fade_in_ms=50, fade_out_ms=50),
        Shape(SAMPLE_RATE, SECONDS * SAMPLE_RATE),
        bit_depth="24",
    )
    for pcm in (*mastered.stems.values(), mastered.mix):
        wav.write(io.BytesIO(), pcm)
    return mastered


def floor(files: Files) -> None:
    """Read, resample and write the same files, and one more for the mix of several."""
    contents = list(files.values())
    for content in contents if len(contents) == 1 else [*contents, contents[0]]:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
        if rate != SAMPLE_RATE:
            samples = soxr.resample(samples, rate, SAMPLE_RATE)
        soundfile.write(io.BytesIO(), samples, SAMPLE_RATE, subtype="PCM_24", format="WAV")


def piece(number: int) -> Stems:
    """Return the stems of real music, another style and seed for each number."""
    style = STYLES[number % len(STYLES)]
    return perform(compose(Commission("", Fraction(SECONDS), seed=number, style=style)))


def mono_clip(stems: Stems) -> Files:
    """Return a mono mix at the rate that models generate."""
    mix = np.sum([audio.samples.mean(axis=0) for audio in stems.values()], axis=0)
    audio = Audio(mix[np.newaxis].astype(np.float32), SAMPLE_RATE)
    return {"mix": encode_float_wav(resample(audio, CLIP_RATE))}


def six_stems(stems: Stems) -> Files:
    """Return six stereo stems at the output rate, parts again where a piece has fewer."""
    parts = [*stems.values()] * STEMS
    return {f"stem {n}": encode_float_wav(audio) for n, audio in enumerate(parts[:STEMS], 1)}
