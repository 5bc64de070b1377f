"""Labels of video frames. Drop frame skips the labels ;00 and ;01 of each minute but the tenth."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.timeline import FRAME_RATES, FrameRate, Timecode

rates = st.sampled_from(list(FRAME_RATES.values()))


@pytest.mark.parametrize(
    ("label", "rate", "video_frames"),
    [
        ("00:00:00:00", "25", 0),
        ("01:00:00:00", "25", 90_000),
        ("01:00:00:00", "23.976", 86_400),
        ("00:00:59;29", "29.97df", 1799),
        ("00:01:00;02", "29.97df", 1800),
        ("00:02:00;02", "29.97df", 3598),
        ("00:10:00;00", "29.97df", 17_982),
        ("01:00:00;00", "29.97df", 107_892),
        ("23:59:59;29", "29.97df", 2_589_407),
        ("00:01:00;04", "59.94df", 3600),
        ("01:00:00;00", "59.94df", 215_784),
    ],
)
def test_a_label_counts_video_frames_and_a_count_gives_the_label(label, rate, video_frames):
    timecode = Timecode.parse(label, FrameRate.named(rate))
    assert timecode.video_frames == video_frames
    assert str(timecode) == label


@pytest.mark.parametrize("name", ["29.97df", "30df", "59.94df"])
def test_all_drop_frame_labels_of_a_day_tile_its_video_frames(name):
    rate = FrameRate.named(name)
    expected = 0
    for minute in range(24 * 60):
        first = rate.dropped_labels if minute % 10 else 0
        edges = ((0, first), (0, rate.nominal - 1), (1, 0), (59, rate.nominal - 1))
        for second, frame in edges:
            timecode = Timecode.from_fields(minute // 60, minute % 60, second, frame, rate)
            assert timecode.video_frames == expected + second * rate.nominal + frame - first
            label = f"{minute // 60:02}:{minute % 60:02}:{second:02};{frame:02}"
            assert str(Timecode(timecode.video_frames, rate)) == label
        expected += 60 * rate.nominal - first


def test_drop_frame_skips_two_labels_each_minute_but_the_tenth():
    rate = FrameRate.named("29.97df")
    for skipped in ("00:01:00;00", "00:01:00;01", "00:09:00;00", "01:11:00;01"):
        with pytest.raises(ValueError, match="does not exist in drop frame"):
            Timecode.parse(skipped, rate)
    assert Timecode.parse("00:10:00;01", rate).video_frames == 17_983


@given(st.integers(0, 24 * 3600 * 60), rates)
def test_every_label_is_read_back_as_its_video_frame(video_frames, rate):
    timecode = Timecode(video_frames, rate)
    assert Timecode.parse(str(timecode), rate) == timecode


@given(st.integers(0, 24 * 3600 * 60), rates)
def test_the_frame_shown_when_a_frame_begins_is_that_frame(video_frames, rate):
    timecode = Timecode(video_frames, rate)
    assert Timecode.at(timecode.seconds, rate) == timecode
    assert Timecode.at(timecode.seconds - Fraction(1, 10**9), rate).video_frames == video_frames - 1


def test_an_hour_of_drop_frame_is_an_hour_within_four_milliseconds():
    hour = Timecode.parse("01:00:00;00", FrameRate.named("29.97df"))
    assert abs(hour.seconds - 3600) < Fraction(4, 1000)


@pytest.mark.parametrize(
    ("text", "rate", "reason"),
    [
        ("1:2:3", "25", "is no timecode"),
        ("00:00:00:25", "25", "is no timecode at 25"),
        ("00:60:00:00", "25", "is no timecode at 25"),
        ("00:00:00;10", "25", "25 fps drops none"),
        ("٠٠:00:00:00", "25", "is no timecode"),
        ("", "25", "is no timecode"),
    ],
)
def test_a_text_that_is_no_timecode_is_refused(text, rate, reason):
    with pytest.raises(ValueError, match=reason):
        Timecode.parse(text, FrameRate.named(rate))


def test_a_negative_position_is_written_with_a_sign():
    assert str(Timecode(-26, FrameRate.named("25"))) == "-00:00:01:01"


def test_an_unknown_frame_rate_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown frame rate '26': use one of 23\.976, 24"):
        FrameRate.named("26")
