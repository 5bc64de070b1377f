"""Sheets made for the tests: MIDI files by mido, tables by hand."""

import io

import mido
import pytest


@pytest.fixture
def write_midi(tmp_path):
    """Write a MIDI file of ``(tick, message)`` tracks and return its path."""

    def write(*tracks, midi_type=1, ticks_per_beat=480, name="reel.mid"):
        path = tmp_path / name
        path.write_bytes(midi_bytes(*tracks, midi_type=midi_type, ticks_per_beat=ticks_per_beat))
        return path

    return write


@pytest.fixture
def write_sheet(tmp_path):
    """Write a text or bytes under a name and return its path."""

    def write(content, name="reel.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def midi_bytes(*tracks, midi_type=1, ticks_per_beat=480):
    file = mido.MidiFile(type=midi_type, ticks_per_beat=ticks_per_beat, charset="utf-8")
    for events in tracks:
        track = mido.MidiTrack()
        file.tracks.append(track)
        last_tick = 0
        for tick, message in events:
            message.time, last_tick = tick - last_tick, tick
            track.append(message)
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()
