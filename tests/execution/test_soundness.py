from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.analysis.tonality import find_key
from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip
from musicgen_daw.execution.musicality import SURE
from musicgen_daw.execution.soundness import Finding, examine
from musicgen_daw.planning import Capabilities, ClipRequest, Expectation
from musicgen_daw.timeline import Key

RATE = 8000
REQUEST = ClipRequest("test", "1", "x", Fraction(1), seed=1)
TONE = 0.5 * np.sin(np.arange(RATE) * 0.3)
LONG = np.tile(TONE, 10)


def found(
    samples: object,
    sample_rate: int = RATE,
    *,
    asked_s: int | Fraction = 1,
    tail_s: int = 0,
    composes: bool = False,
    paid: bool = False,
) -> Finding:
    request = ClipRequest("test", "1", "x", Fraction(asked_s), seed=1, tail_s=Fraction(tail_s))
    clip = Clip({"mix": Audio(np.atleast_2d(np.asarray(samples, np.float32)), sample_rate)})
    return examine(request, clip, Capabilities(native_rate=RATE, obeys_tempo=composes, paid=paid))


def told(samples: object, sample_rate: int = RATE, **asked: int) -> list[str]:
    return [flaw.text for flaw in found(samples, sample_rate, **asked).flaws]


def silent_from(samples: np.ndarray, start_s: float) -> np.ndarray:
    changed = samples.copy()
    changed[round(start_s * RATE) :] = 0
    return changed


def noise_from(samples: np.ndarray, start_s: float, end_s: float = 1e9) -> np.ndarray:
    changed, start = samples.copy(), round(start_s * RATE)
    end = min(len(samples), round(end_s * RATE))
    changed[start:end] = np.random.default_rng(1).normal(0, 0.2, end - start)
    return changed


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


# -- what is grave -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("samples", "lacking_s"),
    [
        (0 * LONG, 10.0),
        (np.zeros(1), 10.0),
        (LONG[: RATE * 9], 1.0),
        (silent_from(LONG, 8.0), 2.0),
        (silent_from(LONG + 0.01, 8.0)[: RATE * 9], 2.0),
    ],
    ids=["silent", "one sample", "short", "ends early", "short and ends early"],
)
def test_music_that_is_missing_is_grave(samples: np.ndarray, lacking_s: float) -> None:
    finding = found(samples, asked_s=10)
    assert finding.grave
    assert finding.lacking_s == pytest.approx(lacking_s, abs=0.06)


@pytest.mark.parametrize(
    ("samples", "is_grave_if_free"),
    [
        (LONG + 0.1, False),
        (LONG[: round(RATE * 9.7)], False),
        (LONG * 0.01, False),
        (np.clip(LONG * 3, -1, 1), True),
        (noise_from(LONG, 9.2), True),
    ],
    ids=["DC", "a little short", "quiet", "clipped", "noise"],
)
def test_what_can_be_heard_with_is_told_and_grave_at_most_where_another_try_is_free(
    samples: np.ndarray, is_grave_if_free: bool
) -> None:
    for paid in (False, True):
        finding = found(samples, asked_s=10, paid=paid)
        assert finding.flaws
        assert bool(finding.grave) is (is_grave_if_free and not paid)


def test_a_clip_that_is_far_too_quiet_is_told() -> None:
    assert told(TONE * 0.01) == ["peaks at only -46 dBFS"]
    assert told(TONE * 0.021) == []


# -- tempo and key -------------------------------------------------------------------------------


def heard(sound: Audio, expected: Expectation, **capable: bool) -> Finding:
    request = ClipRequest("test", "1", "x", sound.seconds, seed=1)
    return examine(request, Clip({"mix": sound}), Capabilities(**capable), expected)


def test_a_clear_miss_of_the_tempo_is_grave_and_a_hit_is_told(clicks) -> None:
    asked = Expectation(bpm=Fraction(120))
    hit, near, miss = (heard(clicks(bpm), asked) for bpm in (120, 123, 97))
    assert hit.grave == near.grave == ()
    assert hit.heard["tempo"].startswith("120.0 bpm (confidence ")
    assert miss.grave == ("plays at 97.0 bpm, not at 120",)


def test_an_octave_is_no_miss(clicks) -> None:
    assert heard(clicks(60), Expectation(bpm=Fraction(120))).grave == ()


def test_a_clear_miss_of_the_key_is_grave_and_a_near_one_is_not(played) -> None:
    sound = played("chiptune", 100)
    found_key = find_key(sound)
    assert found_key.confidence > SURE
    nearest = Key((found_key.key.tonic + 7) % 12, found_key.key.mode)
    far = Key((found_key.key.tonic + 6) % 12, found_key.key.mode)
    assert heard(sound, Expectation(key=str(nearest))).grave == ()
    (miss,) = heard(sound, Expectation(key=str(far))).grave
    assert miss == f"is in {found_key.key}, not in {far}"


def test_what_has_neither_beat_nor_key_misses_none() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, (1, 12 * RATE)).astype(np.float32)
    finding = heard(Audio(noise, RATE), Expectation(Fraction(120), "C major"))
    assert finding.grave == ()
    assert set(finding.heard) == {"tempo", "key"}


def test_nothing_is_listened_for_unasked(clicks) -> None:
    assert heard(clicks(97), Expectation()).heard == {}
    silent = heard(Audio.silence(10 * RATE, RATE, 1), Expectation(Fraction(120), "C major"))
    assert (silent.grave, silent.heard) == (("is silent",), {})


def test_a_short_clip_may_lack_a_twentieth() -> None:
    assert found(LONG[: RATE * 2 - 900], asked_s=2).grave
    assert not found(LONG[: RATE * 2 - 700], asked_s=2).grave
    assert found(LONG[: RATE * 10 - 4100], asked_s=10).grave


def test_a_long_clip_may_end_in_a_rest() -> None:
    finding = found(silent_from(np.tile(LONG, 3), 29.0), asked_s=30)
    assert [flaw.text for flaw in finding.flaws] == ["is silent for its last 1.00 s"]
    assert finding.grave == ()
    assert found(silent_from(np.tile(LONG, 3), 28.0), asked_s=30).grave


# -- the ending --------------------------------------------------------------------------------


def test_a_fade_is_over_where_nobody_hears_it() -> None:
    fading = LONG * np.exp(-np.arange(len(LONG)) / RATE * 2)
    assert 5 < found(fading, asked_s=10).lacking_s < 8


def test_silence_with_an_offset_is_silence() -> None:
    assert found(silent_from(LONG, 5.0) + 0.01, asked_s=10).lacking_s == pytest.approx(5, abs=0.1)


def test_what_follows_the_asked_length_is_no_matter() -> None:
    assert told(silent_from(LONG, 8.0), asked_s=8) == []
    assert told(noise_from(LONG, 8.5), asked_s=8) == []
    assert told(noise_from(LONG, 8.5), asked_s=8, tail_s=1) != []


def test_a_burst_of_noise_at_the_end_is_told() -> None:
    assert told(noise_from(LONG, 9.5), asked_s=10) == ["ends in a burst of noise in stem 'mix'"]


@pytest.mark.parametrize(
    "samples",
    [
        noise_from(LONG, 4.0, 5.0),
        noise_from(LONG, 0.0),
        noise_from(LONG, 9.90, 9.95),
        noise_from(LONG, 9.5) * 0.03,
    ],
    ids=["in the middle", "all along", "one hit", "below hearing"],
)
def test_other_noise_is_music(samples: np.ndarray) -> None:
    assert told(samples, asked_s=10) == []


def test_an_ending_that_is_composed_is_as_it_is_meant() -> None:
    assert found(silent_from(LONG, 5.0), asked_s=10, composes=True) == Finding((), 0.0)
    assert found(noise_from(LONG, 9.5), asked_s=10, composes=True).flaws == ()


@pytest.mark.parametrize("samples", [1, 2, 399, 400, 401, 16_001])
@pytest.mark.parametrize("rate", [1, 7, 8000, 384_000])
def test_any_length_and_rate_can_be_examined(samples: int, rate: int) -> None:
    sound = np.resize(TONE, samples)
    found(sound, rate, asked_s=Fraction(1, 3))
    heard(Audio(sound[np.newaxis].astype(np.float32), rate), Expectation(Fraction(97), "C minor"))
