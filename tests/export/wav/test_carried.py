"""Chunks that go on to a file of another rate."""

from __future__ import annotations

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.audio import Levels
from musicgen_daw.export.places import Places
from musicgen_daw.export.wav import bext, cue, info, ixml, smpl
from musicgen_daw.export.wav.bext import Bext
from musicgen_daw.export.wav.carried import Change, carried, past_the_end
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.export.wav.info import Info
from musicgen_daw.export.wav.ixml import Ixml
from musicgen_daw.formats.riff import Chunk, FoundChunk, parse_list
from musicgen_daw.timeline import Span

LEVELS = Levels(-16.0, -12.5, -14.25, 6.5, -1.05, -1.2)
CHANGE = Change(32_000, 48_000, 64_000, 96_000, 24, "A=PCM,F=48000,W=24,M=mono,T=us", LEVELS)
SAME_RATE = Change(48_000, 48_000, 96_000, 96_000, 24, "A=PCM", LEVELS)

BROADCAST = Bext(
    description="Door",
    originator="Somebody",
    originator_reference="REF1",
    origination=datetime(2024, 5, 6, 7, 8, 9),  # noqa: DTZ001  # a chunk has no time zone
    time_reference_samples=3_200_000_001,
    coding_history=("A=PCM,F=32000",),
)


def one(chunk, change=CHANGE):
    (moved,) = carried([chunk], change)
    assert moved.id == chunk.id
    return moved.body


def test_a_broadcast_chunk_keeps_its_words_and_moves_its_time():
    before = bext.encode(BROADCAST).body
    after = one(bext.encode(BROADCAST))
    assert after[:338] == before[:338]
    assert struct.unpack_from("<QH", after, 338) == (4_800_000_002, 2)
    assert struct.unpack_from("<5h", after, 412) == (-1600, 650, -105, -1250, -1425)
    assert after[602:] == b"A=PCM,F=32000\r\nA=PCM,F=48000,W=24,M=mono,T=us\r\n"


def test_a_broadcast_chunk_of_the_first_version_learns_of_loudness():
    old = bytearray(bext.encode(BROADCAST).body)
    struct.pack_into("<H", old, 346, 0)
    assert struct.unpack_from("<H", one(Chunk(b"bext", bytes(old))), 346) == (2,)


def test_the_size_of_a_broadcast_chunk_does_not_depend_on_the_levels():
    unknown = Change(32_000, 48_000, 64_000, 96_000, 24, CHANGE.coding_history, None)
    body = one(bext.encode(BROADCAST), unknown)
    assert len(body) == len(one(bext.encode(BROADCAST)))
    assert body[412:422].hex() == "ff7f" * 5


def test_ixml_moves_its_time_and_tells_the_new_rate_and_loudness():
    old = ixml.encode(
        Ixml("Film", "1M1", 2, "a < b", ["L"], 32_000, 16, Bext(levels=LEVELS), None, {"A": "ü"})
    ).body
    old = old.replace(
        b"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>0<", b"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>64000<"
    ).replace(b"-16.00", b"-30.00")
    new = one(Chunk(b"iXML", old)).decode("utf-8")
    for tag, text in {
        "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI": "0",
        "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO": "96000",
        "FILE_SAMPLE_RATE": "48000",
        "TIMESTAMP_SAMPLE_RATE": "48000",
        "AUDIO_BIT_DEPTH": "24",
        "BWF_LOUDNESS_VALUE": "-16.00",
        "NOTE": "a &lt; b",
        "A": "ü",
    }.items():
        assert f"<{tag}>{text}</{tag}>" in new


def test_markers_and_regions_move_with_the_rate():
    chunks = cue.encode([Marker(3200, "door"), Marker(32_000, "scene", 16_000)], 64_000)
    points, labels = carried(chunks, CHANGE)
    assert struct.unpack_from("<II4sIII", points.body, 4) == (1, 4800, b"data", 0, 0, 4800)
    assert struct.unpack_from("<II", points.body, 28) == (2, 48_000)
    found = FoundChunk(labels.id, 0, len(labels.body))
    names = {label.id: label.body(labels.body) for label in parse_list(labels.body, found)[1]}
    assert struct.unpack_from("<II", names[b"ltxt"]) == (2, 24_000)
    assert names[b"labl"][4:] == b"scene\0"


@given(
    start=st.integers(0, 63_000),
    length=st.integers(10, 900),
    rates=st.tuples(*[st.sampled_from([22_050, 32_000, 44_100, 48_000, 96_000])] * 2),
)
def test_a_loop_stays_where_it_was_and_inside_the_file(start, length, rates):
    old_rate, new_rate = rates
    new_length = (2 * 64_000 * new_rate + old_rate) // (2 * old_rate)
    change = Change(old_rate, new_rate, 64_000, new_length, 24, "A=PCM")
    body = one(smpl.encode(Span(start, start + length), 64_000, old_rate), change)
    first, last = struct.unpack_from("<II", body, 36 + 8)
    assert abs(first / new_rate - start / old_rate) <= 0.51 / new_rate
    assert abs((last + 1) / new_rate - (start + length) / old_rate) <= 0.51 / new_rate
    assert 0 <= first <= last < new_length
    assert struct.unpack_from("<I", body, 8)[0] == (1_000_000_000 + new_rate // 2) // new_rate


def test_a_loop_over_the_whole_file_stays_one():
    body = one(smpl.encode(Span(0, 64_000), 64_000, 32_000))
    assert struct.unpack_from("<II", body, 36 + 8) == (0, 95_999)


def test_what_is_unknown_goes_on_and_what_tells_of_the_old_samples_does_not():
    kept = [Chunk(b"_PMX", b"<xmp/>"), info.encode(Info(title="A")), Chunk(b"acid", bytes(24))]
    left = [Chunk(name, b"1234") for name in (b"fmt ", b"fact", b"PEAK", b"JUNK", b"levl")]
    assert list(carried([*kept, *left], CHANGE)) == kept


@pytest.mark.parametrize("chunk_id", [b"bext", b"cue ", b"smpl", b"iXML", b"LIST"])
@given(body=st.binary(max_size=700))
def test_a_broken_chunk_breaks_nothing(chunk_id, body):
    body = b"adtl" + body if chunk_id == b"LIST" else body
    chunks = [Chunk(chunk_id, body)]
    points, loops = past_the_end(chunks, CHANGE)
    assert len(carried(chunks, CHANGE)) == 1 or points + loops > 0


def test_at_the_same_rate_places_stay():
    chunks = (*cue.encode([Marker(5, "a", 7)], 96_000), smpl.encode(Span(3, 9), 96_000, 48_000))
    assert carried(chunks, SAME_RATE) == chunks


def test_a_point_past_the_end_takes_its_labels_along_and_nobody_else_s():
    points, labels = carried(
        cue.encode([Marker(7, "in", 9, "n"), Marker(64_000, "out", 5, "n")], 99_000), CHANGE
    )
    assert struct.unpack_from("<II", points.body) == (1, 1)
    assert len(points.body) == 28
    assert b"in\0" in labels.body
    assert b"out" not in labels.body
    assert labels.body.count(b"note") == labels.body.count(b"ltxt") == 1
    assert carried(cue.encode([Marker(64_000, "out")], 99_000), CHANGE) == ()


def test_the_last_samples_are_inside_at_a_lower_rate_too():
    change = Change(48_000, 8000, 96_000, 16_000, 24, "A=PCM")
    markers = [Marker(95_999, "last"), Marker(96_000, "past")]
    chunks = [*cue.encode(markers, 99_000), smpl.encode(Span(95_998, 96_000), 99_000, 48_000)]
    points, _, loop = carried(chunks, change)
    assert struct.unpack_from("<III", points.body) == (1, 1, 15_999)
    assert struct.unpack_from("<II", loop.body, 36 + 8) == (15_999, 15_999)
    assert past_the_end(chunks, change) == (1, 0)
    assert Places(tuple(markers)).moved(change).markers == (Marker(15_999, "last"),)


def test_a_point_that_is_told_by_its_position_alone_is_where_that_is():
    body = struct.pack("<I", 2) + b"".join(
        struct.pack("<II4sIII", number, position, b"data", 0, 0, 0)
        for number, position in ((1, 32_000), (2, 64_000))
    )
    moved = one(Chunk(b"cue ", body))
    assert struct.unpack_from("<III", moved) == (1, 1, 48_000)


def test_a_loop_past_the_end_leaves_the_pitch_that_a_sampler_is_told():
    body = one(smpl.encode(Span(64_000, 90_000), 99_000, 32_000, unity_note=69))
    assert struct.unpack("<9I", body) == (0, 0, 20_833, 69, 0, 0, 0, 0, 0)


def test_a_loop_that_is_short_from_the_first_stays_as_it_is():
    loop = struct.pack("<6I", 0, 0, 9, 9, 0, 0)
    body = struct.pack("<9I", 0, 0, 20_833, 60, 0, 0, 0, 1, 0) + loop
    assert one(Chunk(b"smpl", body), SAME_RATE) == body
