"""Standard MIDI Files by the byte: what is right is read, what is wrong is read around."""

import io
from contextlib import suppress
from fractions import Fraction

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import smf

HEADER = bytes.fromhex(
    "4d546864"  # MThd
    "00000006"  # six bytes follow
    "0000"  # format 0
    "0001"  # one track
    "0060"  # 96 ticks to a quarter note
)
END = bytes.fromhex("00 ff 2f 00")
MARKER_A = bytes.fromhex("60 ff 06 01 41")  # 96 ticks later, a marker "A"
NOTE = bytes.fromhex("00 90 3c 40 60 3c 00")  # on, and off in running status after 96 ticks


def track(content: bytes, length: int | None = None) -> bytes:
    return b"MTrk" + (len(content) if length is None else length).to_bytes(4) + content


def markers(file: smf.Smf) -> list[tuple[int, bytes]]:
    return [(event.tick, event.payload) for event in file.events if event.kind == smf.MARKER]


def test_meta_events_have_absolute_ticks_and_byte_offsets():
    content = HEADER + track(NOTE + MARKER_A + MARKER_A + END)
    file = smf.parse(content)
    assert markers(file) == [(192, b"A"), (288, b"A")]
    assert file.track_ticks == (288,)
    assert file.faults == ()
    assert all(content[event.byte] == 0xFF for event in file.events)


def test_running_status_goes_on_after_a_meta_event():
    file = smf.parse(HEADER + track(NOTE + MARKER_A + bytes.fromhex("00 3c 40") + END))
    assert file.faults == ()


def test_sysex_and_chunks_of_other_kinds_are_passed_over():
    sysex = bytes.fromhex("00 f0 03 7e 7f f7")
    content = HEADER + b"XFIH" + bytes.fromhex("00000002 ffff") + track(sysex + MARKER_A + END)
    file = smf.parse(content)
    assert (markers(file), file.faults) == ([(96, b"A")], ())


def test_smpte_division_counts_ticks_in_a_second():
    division = bytes.fromhex("e7 28")  # -25 frames, 40 ticks each: milliseconds
    file = smf.parse(HEADER[:12] + division + track(END))
    assert (file.ticks_per_beat, file.ticks_per_second) == (None, 1000)
    drop = smf.parse(HEADER[:12] + bytes.fromhex("e3 64") + track(END))
    assert drop.ticks_per_second == Fraction(30_000, 1001) * 100


def test_a_riff_wrapper_is_passed_over():
    inner = HEADER + track(MARKER_A + END)
    content = b"RIFF" + (12 + len(inner)).to_bytes(4, "little") + b"RMIDdata" + bytes(4) + inner
    file = smf.parse(content)
    assert (markers(file), file.faults) == ([(96, b"A")], ())


FAULTY = {
    "a track that ends before its length": (
        HEADER + track(MARKER_A + END[:-1], length=9),
        [(18, "points to byte 31"), (30, "ends inside an event")],
    ),
    "bytes before the header": (b"junk" + HEADER + track(MARKER_A + END), [(0, "4 bytes before")]),
    "a stray byte without status": (
        HEADER + track(MARKER_A + bytes.fromhex("00 15 00") + END),
        [(28, "byte 0x15 belongs to no event")],
    ),
    "a data byte above 127": (
        HEADER + track(MARKER_A + bytes.fromhex("00 90 3c c8") + END),
        [(29, "data byte above 127")],
    ),
    "a system message": (
        HEADER + track(MARKER_A + bytes.fromhex("00 f8") + END),
        [(28, "message 0xf8")],
    ),
    "a number of five bytes": (
        HEADER + track(MARKER_A + bytes.fromhex("ff ff ff ff 7f") + END),
        [(27, "longer than four bytes")],
    ),
    "a meta event longer than its track": (
        HEADER + track(MARKER_A + bytes.fromhex("00 ff 06 7f 42")),
        [(28, "ends 126 bytes behind")],
    ),
    "a track length that is too short": (
        HEADER + track(MARKER_A + NOTE + END, length=7),
        [(18, "where no chunk begins")],
    ),
    "a wrong number of tracks": (
        HEADER[:10] + b"\0\5" + HEADER[12:] + track(MARKER_A + END),
        [(10, "promises 5 tracks, the file has 1")],
    ),
    "bytes between the chunks": (
        HEADER + bytes(11) + track(MARKER_A + END),
        [(14, "11 bytes that are no chunk")],
    ),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_told_with_its_byte_and_what_is_readable_is_kept(fault):
    content, told = FAULTY[fault]
    file = smf.parse(content)
    assert markers(file) == [(96, b"A")]
    assert [found.byte for found in file.faults] == [byte for byte, _ in told]
    for found, (_, message) in zip(file.faults, told, strict=True):
        assert message in found.message


def test_a_track_length_that_is_too_long_does_not_swallow_the_next_track():
    content = HEADER[:11] + b"\2" + HEADER[12:]
    content += track(END, length=10) + track(MARKER_A + END)
    assert markers(smf.parse(content)) == [(96, b"A")]


@pytest.mark.parametrize(
    ("content", "reason", "place"),
    [
        (b"", "the file is empty", None),
        (b"RIFF\0\0\0\0WAVE", "not a MIDI file", "byte 0"),
        (HEADER[:13], "not a MIDI file", "byte 0"),
        (HEADER[:12] + b"\0\0", "0 ticks to a beat", "byte 12"),
        (HEADER[:12] + b"\x80\x28", "impossible", "byte 12"),
        (HEADER + bytes(smf.MAX_BYTES), "too many for a cue sheet", None),
        (HEADER + track(b"") * (smf.MAX_TRACKS + 1), "too many tracks", "byte 524302"),
    ],
)
def test_what_is_no_midi_file_is_refused(content, reason, place):
    with pytest.raises(CueSheetError, match=reason) as caught:
        smf.parse(content)
    assert caught.value.place == place


def test_more_meta_events_than_a_sheet_has_are_refused(monkeypatch):
    monkeypatch.setattr("musicgen_daw.formats.smf.MAX_META_EVENTS", 1000)
    smf.parse(HEADER + track(b"\0\xff\x06\0" * 1000))
    with pytest.raises(CueSheetError, match="more than 1000 meta events are too many") as caught:
        smf.parse(HEADER + track(b"\0\xff\x06\0" * 1001))
    assert caught.value.place == "byte 4023"


def test_many_faults_are_not_told_one_by_one():
    file = smf.parse(HEADER + track(b"\0\xf8" * 1000 + END))
    assert len(file.faults) == smf.MAX_FAULTS + 1


@given(st.binary(max_size=300))
def test_any_tail_of_bytes_is_read_or_refused(tail):
    with suppress(CueSheetError):
        file = smf.parse(HEADER + b"MTrk" + tail)
        assert all(event.byte < len(HEADER) + 4 + len(tail) for event in file.events)


names = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)


@given(st.lists(st.tuples(st.integers(0, 10_000), names), max_size=20))
def test_what_mido_writes_is_read_as_mido_reads_it(written):
    file = mido.MidiFile(ticks_per_beat=480)
    for kind in ("marker", "cue_marker"):
        file.tracks.append(mido.MidiTrack())
        for delta, text in written:
            file.tracks[-1].append(mido.MetaMessage(kind, text=text, time=delta))
            file.tracks[-1].append(mido.Message("note_on", note=60, time=1))
    stream = io.BytesIO()
    file.save(file=stream)
    ours = smf.parse(stream.getvalue())
    theirs = mido.MidiFile(file=io.BytesIO(stream.getvalue()))
    assert ours.faults == ()
    assert ours.track_ticks == tuple(sum(m.time for m in track) for track in theirs.tracks)
    assert [
        event.payload for event in ours.events if event.kind in (smf.MARKER, smf.CUE_POINT)
    ] == [m.text.encode("latin-1") for t in theirs.tracks for m in t if "marker" in m.type]
