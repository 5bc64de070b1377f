"""libebur128 measures in a stem's samples what its bext chunk tells of them.

Debian has it: ``apt-get install libebur128-1``.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile
import wavinfo
from numpy.typing import NDArray

from musicgen_daw.audio import Audio, Pcm, measure
from musicgen_daw.export.stems import Provenance, StemTags, stem_chunks
from musicgen_daw.export.wav import wav
from musicgen_daw.timeline import FRAME_RATES, Timecode

LIBRARY = find_library("ebur128")
pytestmark = pytest.mark.skipif(
    LIBRARY is None, reason="libebur128 is not installed: apt-get install libebur128-1"
)

RATE = 48_000
ALL = 0b111111
"""Every mode: integrated, range, true peak, and what they need."""


class Measured(NamedTuple):
    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float


@contextmanager
def meter(channels: int, sample_rate: int) -> Iterator[tuple[Any, Any]]:
    library = ctypes.CDLL(LIBRARY)
    library.ebur128_init.restype = ctypes.c_void_p
    library.ebur128_init.argtypes = [ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
    state = ctypes.c_void_p(library.ebur128_init(channels, sample_rate, ALL))
    try:
        yield library, state
    finally:
        library.ebur128_destroy(ctypes.byref(state))


def measured(samples: NDArray[np.float32], sample_rate: int) -> Measured:
    """Measure samples of the shape ``(samples, channels)``."""
    frames = np.ascontiguousarray(samples, np.float32)
    with meter(frames.shape[1], sample_rate) as (library, state):
        library.ebur128_add_frames_float(
            state, ctypes.c_void_p(frames.ctypes.data), ctypes.c_size_t(len(frames))
        )

        def told(function: str, *arguments: Any) -> float:
            value = ctypes.c_double()
            assert getattr(library, function)(state, *arguments, ctypes.byref(value)) == 0
            return value.value

        channels = range(frames.shape[1])
        peak = max(told("ebur128_true_peak", ctypes.c_uint(channel)) for channel in channels)
        return Measured(
            told("ebur128_loudness_global"),
            told("ebur128_loudness_range"),
            20 * float(np.log10(peak)),
        )


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    """Ten seconds of noise in steps of level, with the chunks of a stem."""
    noise = np.random.default_rng(3).normal(0, 0.05, (2, 10 * RATE))
    steps = np.repeat(10 ** (np.array([0, -8, 3, -14, 5]) / 20), 2 * RATE)
    samples = np.rint(noise * steps * 2**23).astype(np.int32)
    sound = Audio((samples / 2**23).astype(np.float32), RATE)
    tags = StemTags(
        project="Film",
        cue="1M1",
        stem="mix",
        take=1,
        start_samples=0,
        start_timecode=Timecode(0, FRAME_RATES["25"]),
        provenance=Provenance("sketch"),
        levels=measure(sound),
    )
    pcm, file = Pcm(samples, RATE, "24"), io.BytesIO()
    wav.write(file, pcm, stem_chunks(tags, pcm))
    path = tmp_path / "stem.wav"
    path.write_bytes(file.getvalue())
    return path


def test_the_levels_that_a_stem_tells_are_those_of_libebur128(stem: Path) -> None:
    read: Any = wavinfo.WavInfoReader(str(stem))
    samples, rate = soundfile.read(stem, dtype="float32", always_2d=True)
    judged = measured(samples, rate)
    assert read.bext.loudness_value == pytest.approx(judged.integrated_lufs, abs=0.02)
    # Its windows are a second apart, ours a tenth of one; EBU Tech 3342 allows 1 LU.
    assert read.bext.loudness_range == pytest.approx(judged.range_lu, abs=0.5)
    assert read.bext.max_true_peak == pytest.approx(judged.true_peak_dbtp, abs=0.2)


def test_a_sound_that_is_louder_by_a_tenth_of_a_decibel_is_seen(stem: Path) -> None:
    read: Any = wavinfo.WavInfoReader(str(stem))
    samples, rate = soundfile.read(stem, dtype="float32", always_2d=True)
    louder = measured(samples * np.float32(10 ** (0.1 / 20)), rate)
    assert louder.integrated_lufs - read.bext.loudness_value == pytest.approx(0.1, abs=0.03)
