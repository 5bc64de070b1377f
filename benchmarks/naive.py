"""The mastering job as somebody writes it in an afternoon: pydub, scipy and pyloudnorm.

python naive.py OUT FILES…
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pyloudnorm
from scipy.signal import resample_poly

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

import soundfile

LUFS = -16.0
CEILING_DBFS = -1.0


def main() -> None:
    """Master each file in turn."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for path in map(Path, sys.argv[2:]):
        segment = AudioSegment.from_wav(path).set_channels(2).fade_in(50).fade_out(50)
        samples = np.array(segment.get_array_of_samples(), np.float64).reshape(-1, 2) / 2**15
        samples = resample_poly(samples, 3, 2, axis=0)
        loudness = pyloudnorm.Meter(48_000).integrated_loudness(samples)
        samples *= 10 ** ((LUFS - loudness) / 20)
        samples = np.clip(samples, *(sign * 10 ** (CEILING_DBFS / 20) for sign in (-1, 1)))
        soundfile.write(out / path.name, samples, 48_000, subtype="PCM_24")


if __name__ == "__main__":
    main()
