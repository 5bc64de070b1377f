from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.analysis.onsets import find_onsets
from musicgen_daw.audio import Audio


def starts(onsets, times_s):
    """Return where the strongest frame near each time lies, between frames, in seconds."""
    found = []
    for at_s in times_s:
        middle = round(at_s * onsets.frame_rate_hz)
        near = onsets.strengths[middle - 5 : middle + 6]
        frame = int(np.argmax(near))
        before, top, after = near[frame - 1 : frame + 2]
        between = 0.5 * (before - after) / (before - 2 * top + after)
        found.append((middle - 5 + frame + between) / onsets.frame_rate_hz)
    return np.array(found)


@pytest.mark.parametrize("rate", [16_000, 32_000, 44_100, 48_000, 96_000])
def test_an_onset_is_found_where_it_is_at_every_rate(clicks, rate):
    times_s = 0.4103 + np.arange(1, 30) * 0.6
    audio = clicks(100, rate=rate, first_s=0.4103)
    errors_s = starts(find_onsets(audio), times_s) - times_s
    assert abs(errors_s.mean()) < 0.003
    assert np.abs(errors_s).max() < 0.005


def test_a_gain_changes_no_onset(clicks):
    audio = clicks(100)
    loud, soft = find_onsets(audio), find_onsets(Audio(audio.samples * np.float32(0.01), 48_000))
    np.testing.assert_allclose(loud.strengths, soft.strengths, atol=1e-3)


def test_channels_out_of_phase_do_not_hide_each_other(clicks):
    mono = clicks(100).samples
    audio = Audio(np.concatenate([mono, -mono]), 48_000)
    np.testing.assert_allclose(
        find_onsets(audio).strengths, find_onsets(clicks(100)).strengths, atol=1e-6
    )


def test_a_steady_tone_begins_only_once():
    samples = 0.3 * np.sin(2 * np.pi * 300 * np.arange(4 * 48_000) / 48_000)
    samples[:48_000] = 0
    onsets = find_onsets(Audio(samples[np.newaxis].astype(np.float32), 48_000))
    assert int(np.argmax(onsets.strengths)) == pytest.approx(100, abs=1)
    later = onsets.strengths[110:390]
    assert later.max() < 0.01 * onsets.strengths.max()


@pytest.mark.parametrize("length", [0, 1, 100, 48_000])
def test_silence_of_any_length_has_no_onsets(length):
    onsets = find_onsets(Audio.silence(length, 48_000))
    assert not onsets.strengths.any()
    assert len(onsets.strengths) == -(-length // 480)
