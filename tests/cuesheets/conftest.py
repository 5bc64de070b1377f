"""Sheets made for the tests: MIDI files by mido, tables by hand."""

import io
import zipfile

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


@pytest.fixture
def edges():
    """Return a sheet's cues as ``(name, start, end)`` in seconds."""
    return lambda sheet: [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


@pytest.fixture
def told():
    """Return the warnings of a sheet as text."""
    return lambda sheet: [str(warning) for warning in sheet.warnings]


@pytest.fixture
def zip_of():
    """Return the bytes of a zip archive of named members."""
    return zip_bytes


def zip_bytes(members, compression=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


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
