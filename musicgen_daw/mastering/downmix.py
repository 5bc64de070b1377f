"""Fewer channels: what each loudspeaker of the smaller layout gets.

Source: ITU-R BS.775-3, Annex 4 (the low-frequency channel is left out).
"""

from __future__ import annotations

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.errors import AudioError

__all__ = ["downmix"]

_HALF = 0.5**0.5
_TO_STEREO: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {
    2: ((1, 0), (0, 1)),
    3: ((1, 0, _HALF), (0, 1, _HALF)),
    4: ((1, 0, _HALF, 0), (0, 1, 0, _HALF)),
    5: ((1, 0, _HALF, _HALF, 0), (0, 1, _HALF, 0, _HALF)),
    6: ((1, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF)),
}


def downmix(channels: int, wanted: int) -> Samples:
    """Return the matrix ``(wanted, channels)`` to stereo or mono; mono is the mean of stereo.

    Raises:
        AudioError: where there is none.
    """
    if wanted not in (1, 2) or channels not in _TO_STEREO or wanted > channels:
        raise AudioError(f"{channels} channels can't be made {wanted}")
    matrix = np.array(_TO_STEREO[channels], np.float32)
    return matrix if wanted == 2 else matrix.mean(axis=0, keepdims=True)
