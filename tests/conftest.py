"""What holds for all tests, and music whose tempo and bar lines are known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from musicgen_daw.audio import Audio
from musicgen_daw.timeline import TempoMap

# No test fails because a machine is busy. The rest stays as it is: on CI the examples are fixed.
settings.register_profile(
    "unhurried",
    parent=settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

RATE = 48_000


@cache
def _played(style: str, bpm: float, seed: int, seconds: int) -> Audio:
    from musicgen_daw.sketch import compose, synth  # slow to load, and few tests need them
    from musicgen_daw.sketch.commission import Commission

    commission = Commission(
        prompt=style,
        length_s=Fraction(seconds),
        seed=seed,
        tempo_map=TempoMap.constant(bpm),
        style=style,
        end="cut",
    )
    stems = synth.perform(compose(commission), sample_rate=RATE)
    mix = np.sum([stem.samples for stem in stems.values()], axis=0, dtype=np.float32)
    return Audio(mix[:, : seconds * RATE], RATE)


@pytest.fixture(scope="session")
def played() -> Callable[..., Audio]:
    """Returns sketched music of a style and tempo; bar 1 begins at its first sample."""
    return lambda style, bpm, seed=11, seconds=20: _played(style, bpm, seed, seconds)


def _clicks(
    bpm: float, *, seconds: float = 20.0, rate: int = RATE, bar: int = 4, first_s: float = 0.0
) -> Audio:
    """Return short bursts on every beat, with a kick under the first of each bar."""
    rng = np.random.default_rng(5)
    samples = np.zeros((1, round(seconds * rate)), np.float32)
    burst = rng.standard_normal(rate // 20) * np.exp(-np.arange(rate // 20) / (rate * 0.008))
    kick = np.sin(2 * np.pi * 60 * np.arange(rate // 8) / rate) * np.exp(
        -np.arange(rate // 8) / (rate * 0.04)
    )
    beats = int((seconds - first_s) * bpm / 60)
    for beat in range(beats):
        at = round((first_s + beat * 60 / bpm) * rate)
        for sound in (0.3 * burst, *((0.8 * kick,) if beat % bar == 0 else ())):
            end = min(at + len(sound), samples.shape[1])
            samples[0, at:end] += sound[: end - at].astype(np.float32)
    return Audio(samples, rate)


@pytest.fixture(scope="session")
def clicks() -> Callable[..., Audio]:
    """Returns clicks at a tempo, a kick on each downbeat."""
    return _clicks
