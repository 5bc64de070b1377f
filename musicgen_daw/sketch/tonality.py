"""How clearly chords speak for a key, as listeners hear it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.sketch.scales import Scale

__all__ = ["clarity"]

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each pitch class above the tonic fits, as rated by listeners.

Source: Krumhansl & Kessler, Psychological Review 89 (1982).
"""


def clarity(weights: Sequence[float], key: Scale) -> float:
    """Return the lead of a key over every other one, from -2 to 2; below 0 another fits better.

    ``weights`` tells how much of each of the twelve pitch classes is heard. Modes are judged as
    major or minor, by their third.
    """
    heard = _standardised(np.asarray(weights, np.float64))
    fits = np.array(
        [
            [float(np.dot(heard, np.roll(profile, tonic))) for tonic in range(12)]
            for profile in (_standardised(np.array(_MAJOR)), _standardised(np.array(_MINOR)))
        ]
    )
    own = fits[int(key.is_minor), key.tonic]
    fits[int(key.is_minor), key.tonic] = -np.inf
    return float(own - fits.max())


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values with mean 0 and length 1, so that a dot product is a correlation."""
    centred = values - values.mean()
    length = float(np.linalg.norm(centred))
    return np.asarray(centred / length if length else centred, np.float64)
