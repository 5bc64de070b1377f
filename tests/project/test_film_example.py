"""The film example, checked from outside: by other people's readers and meters."""

from __future__ import annotations

from fractions import Fraction

import mido
import numpy as np
import pyloudnorm
import pytest
import soundfile
import soxr
import wavinfo

pytestmark = pytest.mark.slow  # a whole reel is rendered

RATE = 48_000
HOUR = 3600 * RATE


def seconds_of(path, beats: int) -> Fraction:
    """Seconds of a position in beats, computed from the MIDI file with mido alone."""
    midi = mido.MidiFile(path)
    tempos, tick = [], 0
    for message in midi.tracks[0]:
        tick += message.time
        if message.type == "set_tempo":
            tempos.append((tick, message.tempo))
    end = beats * midi.ticks_per_beat
    edges = [min(at, end) for at, _ in tempos[1:]] + [end]
    us = sum((edge - min(at, end)) * tempo for (at, tempo), edge in zip(tempos, edges, strict=True))
    return Fraction(us, midi.ticks_per_beat * 1_000_000)


@pytest.mark.parametrize(
    ("name", "start_beats", "end_beats", "tail_s"),
    [
        ("1M1 Stairwell", 0, 32, 0),
        ("1M2 Chase", 32, 84, 0),
        ("1M3 Engine room", 84, 108, 3),
        ("1M4 Hideout", 96, 156, 2),
        ("1M5 Getaway", 168, 216, 0),
    ],
)
def test_every_file_has_the_samples_that_the_tempo_map_demands(
    chase, name, start_beats, end_beats, tail_s
) -> None:
    start, end = (seconds_of(chase.sheet, beats) for beats in (start_beats, end_beats))
    first, past = (int(edge * RATE + Fraction(1, 2)) for edge in (start, end))
    tail = int((end + tail_s) * RATE + Fraction(1, 2)) - past
    stems = [stem for cue, _, stem in chase.stems() if cue["name"] == name]
    assert len(stems) >= 5
    for stem in stems:
        path = chase.output / stem["path"]
        assert soundfile.info(path).frames == past - first + tail
        assert wavinfo.WavInfoReader(str(path)).bext.time_reference == HOUR + first


def test_an_independent_meter_reads_the_loudness_that_was_asked(chase) -> None:
    for cue, _, stem in chase.mixes():
        samples, rate = soundfile.read(chase.output / stem["path"])
        measured = pyloudnorm.Meter(rate).integrated_loudness(samples)
        assert measured == pytest.approx(stem["asked_lufs"], abs=0.3), cue["name"]


def test_no_true_peak_passes_the_ceiling_by_an_independent_measure(chase) -> None:
    for cue, _, stem in chase.mixes():
        samples, rate = soundfile.read(chase.output / stem["path"])
        fine = soxr.resample(samples, rate, 8 * rate, quality="VHQ")
        peak_dbtp = 20 * np.log10(np.abs(fine).max())
        assert peak_dbtp <= stem["asked_ceiling_dbtp"], cue["name"]


def test_the_stems_sum_to_the_mix_exactly(chase) -> None:
    for cue, take, mix in chase.mixes():
        parts = [stem for stem in take["stems"] if stem["name"] != "mix"]
        total = sum(
            soundfile.read(chase.output / stem["path"], dtype="int32")[0].astype(np.int64)
            for stem in parts
        )
        written = soundfile.read(chase.output / mix["path"], dtype="int32")[0]
        assert np.array_equal(total, written), cue["name"]


def test_a_hit_is_heard_within_two_milliseconds(chase) -> None:
    heard = 0
    for cue, take, stem in chase.stems():
        if stem["name"] != "fx":
            continue
        samples, rate = soundfile.read(chase.output / stem["path"])
        level = np.abs(samples).max(axis=1)
        for hit in cue["hits"]:
            at = hit["at_samples"] - take["start_samples"]
            around = level[max(0, at - rate // 20) : at + rate // 10]
            rise = int(np.argmax(around >= 0.1 * around.max())) + max(0, at - rate // 20)
            assert abs(rise - at) <= 0.002 * rate, (cue["name"], hit["name"])
            heard += 1
    assert heard == 7


def test_nothing_is_silent_or_clipped(chase) -> None:
    for _, _, stem in chase.mixes():
        samples, rate = soundfile.read(chase.output / stem["path"])
        windows = np.abs(samples[: len(samples) // rate * rate]).max(axis=1).reshape(-1, rate // 10)
        assert (windows.max(axis=1) < 1e-4).mean() < 0.2
        assert np.abs(samples).max() < 1


def test_the_midi_file_holds_tempo_markers_and_parts(chase) -> None:
    made, sheet = mido.MidiFile(chase.output / "chase.mid"), mido.MidiFile(chase.sheet)
    assert tempo_changes(made) == tempo_changes(sheet)
    markers = [m.text for m in made.tracks[0] if m.type == "marker"]
    assert any(text.startswith("1M2 Chase") for text in markers)
    assert sum(m.type == "note_on" for track in made.tracks for m in track) > 500
    assert made.length == pytest.approx(sum_of_lengths(chase), abs=1)


def tempo_changes(midi: mido.MidiFile) -> list[tuple[float, int]]:
    """Beats and tempos where the tempo really changes."""
    changes, tick = [(0.0, 0)], 0
    for message in midi.tracks[0]:
        tick += message.time
        if message.type == "set_tempo" and message.tempo != changes[-1][1]:
            changes.append((tick / midi.ticks_per_beat, message.tempo))
    return changes[1:]


def sum_of_lengths(chase) -> float:
    return max(cue["end_s"] for cue in chase.manifest["cues"])
