from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip
from musicgen_daw.execution.soundness import suspicions
from musicgen_daw.planning import Capabilities, ClipRequest

REQUEST = ClipRequest("test", "1", "x", Fraction(1), seed=1)
TONE = 0.5 * np.sin(np.arange(8000) * 0.3)


def told(samples: object, sample_rate: int = 8000) -> list[str]:
    clip = Clip({"mix": Audio(np.atleast_2d(np.asarray(samples, np.float32)), sample_rate)})
    return list(suspicions(REQUEST, clip, Capabilities(native_rate=8000)))


@pytest.mark.parametrize(
    ("samples", "suspicion"),
    [
        (0 * TONE, "is silent"),
        (TONE + 0.1, "has a DC offset in stem 'mix'"),
        (np.clip(TONE * 3, -1, 1), "is clipped in stem 'mix'"),
        (TONE[:7000], "is 0.12 s shorter than asked"),
    ],
)
def test_a_defect_is_told(samples: object, suspicion: str) -> None:
    assert told(samples) == [suspicion]


def test_another_rate_than_promised_is_told() -> None:
    assert told(np.tile(TONE, 2), 16_000) == ["has 16000 Hz where its generator promises 8000 Hz"]


def test_sound_beyond_full_scale_in_float_is_no_defect() -> None:
    assert told(TONE * 3) == []


def test_a_hosted_clip_may_be_a_few_milliseconds_short() -> None:
    assert told(TONE[: 8000 - 160]) == []
