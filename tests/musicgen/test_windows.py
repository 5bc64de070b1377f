"""Where the windows of long music lie."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.musicgen.windows import STRIDE_FRAMES, WINDOW_FRAMES, windows

KEPT = WINDOW_FRAMES - STRIDE_FRAMES


def spans(*arguments: object, **options: object) -> list[tuple[int, int]]:
    return [(window.start, window.end) for window in windows(*arguments, **options)]


def test_up_to_thirty_seconds_are_one_window() -> None:
    assert spans(1) == [(0, 1)]
    assert spans(1500, range(0, 1500, 96)) == [(0, 1500)]


def test_without_bars_every_window_keeps_twelve_seconds_and_adds_eighteen() -> None:
    assert spans(1501) == [(0, 1500), (900, 1501)]
    assert spans(4000) == [(0, 1500), (900, 2400), (1800, 3300), (2700, 4000)]


def test_windows_begin_and_stop_on_bar_lines() -> None:
    bars = [96 * bar for bar in range(60)]  # 125 bpm, 4/4
    found = spans(5000, bars)
    assert found == [(0, 1440), (768, 2208), (1536, 2976), (2304, 3744), (3072, 4512), (3840, 5000)]
    assert all(start % 96 == 0 for start, _ in found)
    assert all(end % 96 == 0 for _, end in found[:-1])


def test_bars_that_are_too_long_change_nothing() -> None:
    assert spans(4000, [3999]) == spans(4000)


def test_a_window_stops_where_the_prompt_changes_and_the_next_one_hears_what_was() -> None:
    found = windows(2000, changes=[700, 1100])
    assert [(window.start, window.end, window.new_from) for window in found] == [
        (0, 700, 0),
        (100, 1100, 700),
        (500, 2000, 1100),
    ]
    bars = windows(2000, range(0, 2000, 96), [672])
    assert [(window.start, window.end) for window in bars] == [(0, 672), (0, 1440), (768, 2000)]


@given(
    frames=st.integers(1, 20_000),
    bar=st.integers(1, 3000),
    pickup=st.integers(0, 500),
    changes=st.lists(st.integers(1, 20_000), max_size=5).map(sorted),
)
def test_windows_cover_everything_and_keep_enough(
    frames: int, bar: int, pickup: int, changes: list[int]
) -> None:
    found = windows(frames, range(pickup, frames, bar), changes)
    assert (found[0].start, found[-1].end) == (0, frames)
    assert all(window.frames <= WINDOW_FRAMES for window in found)
    for before, after in pairwise(found):
        assert before.start <= after.start <= max(0, before.end - KEPT)
        assert after.new_from == before.end < after.end
    inside = {change for change in changes if change < frames}
    assert inside <= {window.new_from for window in found}


def test_a_stride_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a stride of 40 frames is none for windows of 40"):
        windows(100, longest=40, stride=40)
