from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from musicgen_daw.audio import Samples, tape

MIB = 2**20
Peak = Callable[[Callable[[], object]], int]


@pytest.fixture(autouse=True)
def ten_megabytes_held(small_tapes: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tape, "MOST_HELD_BYTES", 10 * MIB)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does, and fail where it never does."""
    until_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def stereo_of(size_bytes: int) -> Samples:
    return tape.blank((2, size_bytes // 8))


def test_all_tapes_together_hold_so_much_and_no_more(allocated_bytes: Peak) -> None:
    tapes: list[Samples] = []
    peak = allocated_bytes(lambda: tapes.extend(stereo_of(4 * MIB) for _ in range(12)))
    assert 8 * MIB <= peak < 8.5 * MIB
    for number, each in enumerate(tapes):
        each += np.float32(number)
    tape.let_go()
    assert [float(each.min()) for each in tapes] == [float(each.max()) for each in tapes]
    assert [float(each[1, -1]) for each in tapes] == list(map(float, range(12)))


def test_what_is_no_longer_used_makes_room_in_memory(allocated_bytes: Peak) -> None:
    first = [stereo_of(4 * MIB), stereo_of(4 * MIB)]
    assert allocated_bytes(lambda: stereo_of(4 * MIB)) < MIB
    view = first.pop()[:, 10:]
    assert allocated_bytes(lambda: stereo_of(4 * MIB)) < MIB, "a part of it is still used"
    del view
    assert allocated_bytes(lambda: stereo_of(4 * MIB)) >= 4 * MIB


def test_files_are_without_a_name_and_closed_with_their_last_user(tmp_path: Path) -> None:
    before = open_files()
    several = [stereo_of(12 * MIB)[:, 5:] for _ in range(3)]
    assert list(tmp_path.iterdir()) == []
    assert open_files() >= before + 2 or not before
    several.clear()
    wait_until(lambda: open_files() <= before)


def open_files() -> int:
    """How many files this process has open, 0 where the system doesn't tell."""
    told = Path("/proc/self/fd")
    return len(list(told.iterdir())) if told.exists() else 0


def test_where_no_file_can_be_had_there_is_memory(
    disk_full_after: Callable[[int], AbstractContextManager[None]],
) -> None:
    with disk_full_after(2 * MIB):
        samples = stereo_of(12 * MIB)
    samples[:, -1] = 1.0
    assert samples.sum() == 2.0


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of memory")
def test_what_is_not_worked_on_takes_no_memory_and_comes_back() -> None:
    before = resident_bytes()
    samples = stereo_of(160 * MIB)
    samples[...] = 0.25
    wait_until(lambda: resident_bytes() < before + 80 * MIB)
    assert float(samples.mean()) == 0.25


def test_nobody_looks_after_files_that_are_gone() -> None:
    samples = stereo_of(12 * MIB)
    assert "tape" in {thread.name for thread in threading.enumerate()}
    del samples
    wait_until(lambda: "tape" not in {thread.name for thread in threading.enumerate()})


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("length", [0, 1, 65_536, 200_001])
def test_what_is_made_in_stretches_is_made_as_at_once(length: int) -> None:
    one, other = np.random.default_rng(1).standard_normal((2, 2, length)).astype(np.float32)
    made = tape.made(lambda a, b, c: a * b + c, one, other, other[0])
    np.testing.assert_array_equal(made, one * other + other[0])
    assert made.dtype == np.float32


def test_a_copy_is_filled_up_with_silence() -> None:
    samples = np.ones((2, 70_000), np.float32)
    longer = tape.copied(samples, 140_000)
    assert longer.shape == (2, 140_000)
    assert longer[:, :70_000].all()
    assert not longer[:, 70_000:].any()
    assert tape.copied(samples) is not samples


def test_pieces_are_recorded_one_after_the_other_up_to_the_end() -> None:
    pieces = [np.full((2, length), length, np.float32) for length in (3, 5, 4)]
    whole = np.concatenate(pieces, axis=1)
    np.testing.assert_array_equal(tape.recorded(pieces, 2, 100), whole)
    np.testing.assert_array_equal(tape.recorded(pieces, 2, 10), whole[:, :10])
