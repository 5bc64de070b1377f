"""Sound of another length at the same pitch."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.audio.stretching import stretch

RATE = 32_000


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_beats_lie_where_they_are_to_be_to_two_milliseconds(factor: float) -> None:
    pytest.importorskip("python_stretch", reason="it needs the extra 'stretch'")
    times_s = np.arange(RATE // 2) / RATE
    beat = np.sin(2 * np.pi * 1000 * times_s) * np.exp(-times_s / 0.01)
    line = np.concatenate([beat] * 8)[np.newaxis].astype(np.float32)
    stretched = np.abs(stretch(Audio(line, RATE), factor).samples[0])
    assert len(stretched) == round(8 * factor * RATE / 2)
    for number in range(2, 8):
        due = round(number * factor * RATE / 2)
        around = stretched[due - 3000 : due + 3000]
        heard = int(np.argmax(around > 0.3 * around.max())) - 3000
        assert abs(heard) < 0.002 * RATE
