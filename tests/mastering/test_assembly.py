"""Clips of a take put together: layers, and segments that are not as they were asked for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.audio.splice import join
from musicgen_daw.errors import AudioError
from musicgen_daw.mastering.assembly import Piece, assemble
from musicgen_daw.planning.segments import Segment, split
from musicgen_daw.timeline import TempoMap

RATE = 48_000


def tone(seconds: object, hz: float = 200.0, *, rate: int = RATE, channels: int = 1) -> Audio:
    times_s = np.arange(round(Fraction(str(seconds)) * rate)) / rate
    sine = 0.5 * np.sin(2 * np.pi * hz * times_s + 1)  # begins and ends on a step
    return Audio(np.repeat(sine[np.newaxis], channels, axis=0).astype(np.float32), rate)


def piece(segment: Segment, audio: Audio, layer: str = "") -> Piece:
    return Piece(layer, segment.start_s, segment.length_s + segment.tail_s, {"mix": audio})


def segment(start_s: object, end_s: object) -> Segment:
    return Segment(Fraction(str(start_s)), Fraction(str(end_s)))


def level(audio: Audio, start_s: float, end_s: float) -> float:
    """Return the root mean square of a stretch, of all channels."""
    stretch = audio.samples[
        :, round(start_s * audio.sample_rate) : round(end_s * audio.sample_rate)
    ]
    return float(np.sqrt(np.mean(stretch.astype(np.float64) ** 2)))


def widest_step(audio: Audio) -> float:
    return float(np.abs(np.diff(audio.samples, axis=1)).max())


CLICK = 0.1
"""A tone's samples are at most 0.02 apart, its uncut edges 0.42 from silence."""


def test_a_clip_alone_is_left_as_it_came() -> None:
    longer = tone(3.5)
    assert assemble([piece(segment(0, 3), longer)])["mix"] is longer


def test_what_exceeds_a_segment_is_cut_so_that_only_the_shared_bar_is_blended() -> None:
    segments = split(Fraction(50), Fraction(1), Fraction(20), TempoMap.constant(96))
    assert len(segments) == 3
    asked = [tone(s.length_s + s.tail_s, 200 + n) for n, s in enumerate(segments)]
    longer = [
        Audio(np.concatenate([a.samples, tone(0.5, 3000).samples], axis=1), RATE) for a in asked
    ]

    exact = assemble([piece(s, a) for s, a in zip(segments, asked, strict=True)])["mix"]
    trimmed = assemble([piece(s, a) for s, a in zip(segments, longer, strict=True)])["mix"]

    assert exact.length_samples == 51 * RATE
    assert trimmed.length_samples == round(51.5 * RATE)  # the last one keeps what it has
    assert np.array_equal(trimmed.samples[:, : exact.length_samples], exact.samples)


def test_segments_as_asked_are_joined_over_their_whole_overlap() -> None:
    first, second = tone(3), tone(4, 300)
    row = assemble([piece(segment(0, 3), first), piece(segment(2, 6), second)])["mix"]
    assert np.array_equal(row.samples, join([first, second], [0, 2 * RATE], 6 * RATE).samples)


@pytest.mark.parametrize("missing_s", ["0.5", "0.995", "1", "1.2"])
def test_a_short_segment_leaves_a_gap_of_its_own_size_without_a_click(missing_s: str) -> None:
    short = tone(3 - Fraction(missing_s))
    row = assemble([piece(segment(0, 3), short), piece(segment(2, 6), tone(4))])["mix"]

    assert row.length_samples == 6 * RATE
    assert level(row, 2.2, 6) == pytest.approx(0.5 / np.sqrt(2), rel=0.15)  # the next is whole
    gap_s = max(0.0, float(missing_s) - 1)
    assert np.count_nonzero(row.samples == 0) == pytest.approx(gap_s * RATE, abs=3)
    assert widest_step(row) < CLICK


@pytest.mark.parametrize("kept_s", ["0.3", "0.9"])
def test_a_last_segment_shorter_than_its_overlap_breaks_nothing(kept_s: str) -> None:
    row = assemble([piece(segment(0, 3), tone(3)), piece(segment(2, 6), tone(kept_s))])["mix"]

    assert row.length_samples == 3 * RATE
    assert level(row, 0, 2) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert widest_step(row) < CLICK


def test_a_middle_segment_shorter_than_its_overlap_is_followed_by_silence() -> None:
    segments = segment(0, 3), segment(2, 5), segment(4, 7)
    sounds = tone(3), tone(0.5), tone(3)
    row = assemble([piece(s, a) for s, a in zip(segments, sounds, strict=True)])["mix"]

    assert row.length_samples == 7 * RATE
    assert level(row, 3.01, 3.99) == 0
    assert level(row, 4.1, 7) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_segments_of_unlike_rates_and_channels_get_the_best_of_both() -> None:
    segments = segment(0, 3), segment(2, 5), segment(4, 7)
    sounds = (
        tone(3.5, rate=32_000),
        tone(3.5, rate=44_100, channels=2),
        tone(3.5, rate=16_000),
    )
    row = assemble([piece(s, a) for s, a in zip(segments, sounds, strict=True)])["mix"]

    assert (row.sample_rate, row.channels) == (44_100, 2)
    assert row.length_samples == round(7.5 * 44_100)
    assert np.array_equal(row.samples[0], row.samples[1])
    for start_s in (0.1, 2.1, 3.1, 4.1, 5.1):  # each at the same level, also in the seams
        assert level(row, start_s, start_s + 0.8) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_overlaps_are_counted_at_the_rate_of_the_row() -> None:
    third = Fraction(1, 3)  # a bar line that falls between two samples
    pieces = [
        Piece("", Fraction(0), 1 + third, {"mix": tone(2, rate=8_000)}),
        Piece("", 1 - third, Fraction(2), {"mix": tone(2, rate=16_000)}),
    ]
    (row,) = assemble(pieces).values()
    assert row.length_samples == 10_667 + 2 * 16_000


def test_each_layer_is_a_row_of_its_own() -> None:
    halves = segment(0, 3), segment(2, 5)
    rows = assemble(
        [
            *(piece(half, tone(3, 200), "low") for half in halves),
            *(piece(half, tone(3, 300, rate=96_000), "high") for half in halves),
        ]
    )
    assert [(name, row.sample_rate, row.seconds) for name, row in rows.items()] == [
        ("low", RATE, 5),
        ("high", 96_000, 5),
    ]


def test_a_layer_is_the_sum_of_a_clips_stems_mono_or_not() -> None:
    stems = {"drums": tone(1, channels=2), "bass": tone(1)}
    (layer,) = assemble([Piece("low", Fraction(0), Fraction(1), stems)]).values()
    assert layer.channels == 2
    assert np.allclose(layer.samples, 2 * tone(1, channels=2).samples)


def test_a_stem_that_only_some_segments_have_begins_and_ends_without_a_click() -> None:
    whole, part = tone(3), tone(3.4)
    rows = assemble(
        [
            Piece("", Fraction(0), Fraction(3), {"lead": whole}),
            Piece("", Fraction(2), Fraction(3), {"lead": whole, "drums": part}),
            Piece("", Fraction(4), Fraction(3), {"lead": whole}),
        ]
    )
    drums = rows["drums"]
    assert drums.length_samples == 5 * RATE  # the surplus is cut: it is not the last segment
    assert level(drums, 0, 2) == 0
    assert abs(drums.samples[0, 2 * RATE]) < 0.2
    assert abs(drums.samples[0, -1]) < 0.01
    assert rows["lead"].length_samples == 7 * RATE


def test_channels_that_can_not_be_mixed_are_told_with_the_segment() -> None:
    pieces = [piece(segment(0, 3), tone(3, channels=2)), piece(segment(2, 5), tone(3, channels=6))]
    with pytest.raises(AudioError, match="'mix, segment 1' has 2 channels"):
        assemble(pieces)
