"""Each chunk byte by byte."""

import math
import struct
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.audio import Levels, Pcm
from musicgen_daw.export.wav import acid, bext, cue, fmt, info, ixml, smpl
from musicgen_daw.export.wav.bext import Bext
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.export.wav.info import Info
from musicgen_daw.export.wav.ixml import Ixml
from musicgen_daw.timeline import FRAME_RATES, MeterChange, Span, TempoChange, TempoMap

LEVELS = Levels(-18.004, -14.5, -15.25, 6.5, -1.05, -1.2)
SILENCE = Levels(-math.inf, -math.inf, -math.inf, 0.0, -math.inf, -math.inf)


def pcm(channels: int, bit_depth: str) -> Pcm:
    dtype = np.float32 if bit_depth == "32f" else np.int32
    return Pcm(np.zeros((channels, 4), dtype), 48_000, bit_depth)  # type: ignore[arg-type]


# -- fmt ---------------------------------------------------------------------------------------


def test_the_format_of_24_bit_stereo_is_plain() -> None:
    assert fmt.encode(pcm(2, "24")).body.hex(" ") == (
        "01 00 "  # integers
        "02 00 "  # two channels
        "80 bb 00 00 "  # 48000 Hz
        "00 65 04 00 "  # 288000 bytes a second
        "06 00 "  # six bytes for both channels
        "18 00"  # 24 bits
    )


def test_the_format_of_floats_says_so_and_has_no_extension() -> None:
    body = fmt.encode(pcm(1, "32f")).body
    assert struct.unpack("<HHIIHHH", body) == (3, 1, 48_000, 192_000, 4, 32, 0)


def test_six_channels_are_extensible_with_speakers() -> None:
    body = fmt.encode(pcm(6, "24")).body
    assert body[:2].hex() == "feff"
    assert body[16:].hex(" ") == (
        "16 00 "  # 22 bytes follow
        "18 00 "  # 24 valid bits
        "3f 00 00 00 "  # front left, right, centre, low frequency, back left, right
        "01 00 00 00 00 00 10 00 80 00 00 aa 00 38 9b 71"  # KSDATAFORMAT_SUBTYPE_PCM
    )


# -- bext --------------------------------------------------------------------------------------


def test_bext_has_its_fields_where_the_standard_puts_them() -> None:
    body = bext.encode(
        Bext(
            description="1M1 Chase - mix",
            originator="musicgen_daw",
            originator_reference="MGD0123",
            origination=datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC),
            time_reference_samples=172_800_000 + 2**32,
            levels=LEVELS,
            coding_history=("A=PCM,F=48000,W=24,M=stereo,T=musicgen_daw",),
        )
    ).body
    assert body[:16] == b"1M1 Chase - mix\0"
    assert body[256:269] == b"musicgen_daw\0"
    assert body[288:296] == b"MGD0123\0"
    assert body[320:338] == b"2031-02-0304:05:06"
    assert body[338:348].hex(" ") == (
        "00 b8 4c 0a 01 00 00 00 "  # 172800000 + 2**32 samples since midnight
        "02 00"  # version 2
    )
    assert body[348:412] == bytes(64)  # no UMID
    assert body[412:422].hex(" ") == (
        "f8 f8 "  # -18.00 LUFS
        "8a 02 "  # 6.50 LU
        "97 ff "  # -1.05 dBTP
        "56 fa "  # -14.50 LUFS momentary
        "0b fa"  # -15.25 LUFS short-term
    )
    assert body[422:602] == bytes(180)
    assert body[602:] == b"A=PCM,F=48000,W=24,M=stereo,T=musicgen_daw\r\n"


def test_no_clock_leaves_date_and_time_blank() -> None:
    assert bext.encode(Bext()).body[320:338] == bytes(18)


@pytest.mark.parametrize("levels", [None, Levels(*[math.nan] * 6)])
def test_unknown_levels_are_7fff_and_never_zero(levels: Levels | None) -> None:
    assert bext.encode(Bext(levels=levels)).body[412:422].hex() == "ff7f" * 5


def test_silence_has_no_loudness_but_a_range() -> None:
    assert Bext(levels=SILENCE).loudness_fields == (0x7FFF, 0, 0x7FFF, 0x7FFF, 0x7FFF)


@pytest.mark.parametrize(
    "fields",
    [{"description": "é"}, {"originator": "x" * 33}, {"time_reference_samples": -1}],
)
def test_bext_refuses_what_its_fields_cannot_hold(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Bext(**fields)  # type: ignore[arg-type]


# -- iXML --------------------------------------------------------------------------------------


def made_ixml(**changes: object) -> ElementTree.Element:
    values = {
        "project": "Film",
        "scene": "1M1",
        "take": 2,
        "note": "tense strings",
        "track_names": ("mix L", "mix R"),
        "sample_rate": 48_000,
        "bit_depth": 24,
        "bext": Bext("d", "o", "r", None, 2**32 + 7, LEVELS, ("A=PCM",)),
        "frame_rate": FRAME_RATES["29.97df"],
    }
    body = ixml.encode(Ixml(**{**values, **changes})).body  # type: ignore[arg-type]
    assert body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    return ElementTree.fromstring(body)  # noqa: S314  # written a line above


def test_ixml_tells_cue_take_and_tracks() -> None:
    root = made_ixml()
    assert (root.findtext("PROJECT"), root.findtext("SCENE"), root.findtext("TAKE")) == (
        "Film",
        "1M1",
        "2",
    )
    assert root.findtext("TRACK_LIST/TRACK_COUNT") == "2"
    assert [track.findtext("NAME") for track in root.iter("TRACK")] == ["mix L", "mix R"]
    assert root.find("LOCATION") is None


def test_ixml_places_the_file_as_bext_does() -> None:
    root = made_ixml()
    for place in ("SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT", "BEXT/BWF_TIME_REFERENCE"):
        high, low = ("_HIGH", "_LOW") if "BWF" in place else ("_HI", "_LO")
        assert (root.findtext(place + high), root.findtext(place + low)) == ("1", "7")
    assert root.findtext("SPEED/TIMECODE_RATE") == "30000/1001"
    assert root.findtext("SPEED/TIMECODE_FLAG") == "DF"
    assert root.findtext("BEXT/BWF_LOUDNESS_VALUE") == "-18.00"


def test_ixml_leaves_out_a_frame_rate_that_is_not_known() -> None:
    speed = made_ixml(frame_rate=None).find("SPEED")
    assert speed is not None
    assert speed.find("TIMECODE_RATE") is None
    assert speed.find("MASTER_SPEED") is None
    assert speed.findtext("FILE_SAMPLE_RATE") == "48000"


def test_ixml_leaves_out_levels_that_are_not_known() -> None:
    assert made_ixml(bext=Bext()).find("BEXT/BWF_LOUDNESS_VALUE") is None


def test_ixml_escapes_text_and_drops_control_characters() -> None:
    hostile = "</PROJECT><script>\x1b[31m & \ud800\ufffe\u202e\n„Ü“"
    assert made_ixml(project=hostile).findtext("PROJECT") == "</PROJECT><script>[31m & „Ü“"


# -- cue, smpl, acid, INFO ---------------------------------------------------------------------


def test_cue_points_and_labels_share_numbers() -> None:
    points, labels = cue.encode([Marker(1000, "door"), Marker(24, "Ü", 8)], 2000)
    assert points.body.hex(" ") == (
        "02 00 00 00 "  # two points, in the order of time
        "01 00 00 00 18 00 00 00 64 61 74 61 00 00 00 00 00 00 00 00 18 00 00 00 "
        "02 00 00 00 e8 03 00 00 64 61 74 61 00 00 00 00 00 00 00 00 e8 03 00 00"
    )
    assert labels.body.hex(" ") == (
        "61 64 74 6c "  # "adtl"
        "6c 61 62 6c 07 00 00 00 01 00 00 00 c3 9c 00 00 "  # "labl" 1: "Ü" in UTF-8, pad
        "6c 74 78 74 14 00 00 00 "  # "ltxt"
        "01 00 00 00 08 00 00 00 72 67 6e 20 00 00 00 00 00 00 00 00 "  # 1: 8 samples, "rgn "
        "6c 61 62 6c 09 00 00 00 02 00 00 00 64 6f 6f 72 00 00"  # "labl" 2: "door", pad
    )


def test_a_note_follows_its_label() -> None:
    _, labels = cue.encode([Marker(0, "a", note="why")], 2)
    assert labels.body.endswith(b"note\x08\0\0\0\x01\0\0\0why\0")


def test_no_marker_makes_no_chunk() -> None:
    assert cue.encode([], 100) == ()


@pytest.mark.parametrize("marker", [Marker(100, "x"), Marker(-1, "x"), Marker(90, "x", 11)])
def test_a_marker_outside_the_file_is_refused(marker: Marker) -> None:
    with pytest.raises(ValueError, match="outside the file"):
        cue.encode([marker], 100)


def test_a_loop_ends_on_its_last_sample() -> None:
    assert smpl.encode(Span(0, 96_000), 96_000, 48_000).body.hex(" ") == (
        "00 00 00 00 00 00 00 00 "  # no manufacturer, no product
        "61 51 00 00 "  # 20833 ns a sample
        "3c 00 00 00 "  # middle C
        "00 00 00 00 00 00 00 00 00 00 00 00 "  # no detune, no SMPTE offset
        "01 00 00 00 00 00 00 00 "  # one loop, no more data
        "00 00 00 00 00 00 00 00 "  # loop 0, forward
        "00 00 00 00 ff 76 01 00 "  # from 0 to 95999, inclusive
        "00 00 00 00 00 00 00 00"  # no fraction, for ever
    )


@pytest.mark.parametrize("loop", [Span(0, 101), Span(50, 51), Span(-1, 50), Span(5, 5)])
def test_a_loop_that_does_not_fit_the_file_is_refused(loop: Span) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        smpl.encode(loop, 100, 48_000)


def test_a_whole_loop_of_one_tempo_is_an_acid_loop() -> None:
    loop = acid.loop_of(TempoMap.constant(90, 3, 4), 192_000, 48_000)
    assert loop is not None
    assert acid.encode(loop).body.hex(" ") == (
        "04 00 00 00 "  # stretch
        "3c 00 00 80 00 00 00 00 "  # middle C, and two constants
        "06 00 00 00 "  # six beats
        "04 00 03 00 "  # of 3/4
        "fa ff b3 42"  # 89.99996 bpm, as MIDI's whole microseconds have it
    )


@pytest.mark.parametrize(
    ("tempo_map", "length_samples"),
    [
        (TempoMap.constant(120), 96_001),
        (TempoMap.constant(120), 12_000),
        (
            TempoMap((TempoChange(Fraction(0), 500_000), TempoChange(Fraction(2), 500_001))),
            96_000,
        ),
        (
            TempoMap(meters=(MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(2), 3, 4))),
            96_000,
        ),
    ],
    ids=["not whole", "half a beat", "two tempos", "two meters"],
)
def test_other_loops_are_not_for_stretching(tempo_map: TempoMap, length_samples: int) -> None:
    assert acid.loop_of(tempo_map, length_samples, 48_000) is None


def test_info_leaves_out_what_is_empty() -> None:
    body = info.encode(Info(title="Ü", comment="\x07", copyright="")).body
    assert body == b"INFO" + b"INAM\x03\0\0\0\xc3\x9c\0\0"


# -- readers that know of no pad byte ----------------------------------------------------------


@pytest.mark.parametrize("length", range(2))
def test_no_chunk_is_of_an_odd_length(length: int) -> None:
    odd_history = Bext("", "", "", None, 0, coding_history=("x" * length,))
    assert len(bext.encode(odd_history).body) % 2 == 0
    told = Ixml("p", "s", 1, "x" * length, ["t"], 48_000, 24, odd_history)
    assert len(ixml.encode(told).body) % 2 == 0
