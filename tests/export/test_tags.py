"""Tags of stems that are no WAV files, read back by other libraries and programs."""

import io
import json
import shutil
import struct
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile

from musicgen_daw.audio import Pcm
from musicgen_daw.audio.codecs import encode
from musicgen_daw.export.stems import Provenance, StemTags, file_tags
from musicgen_daw.export.tags import write_tags
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import aiff
from musicgen_daw.timeline import FRAME_RATES, Span, TempoMap, Timecode

RATE, LENGTH = 48_000, 96_001
FORMATS = ("aiff", "flac", "mp3", "ogg")
TAGS = StemTags(
    project="Film",
    cue="1M1 Jagd über\nalles",
    stem="mix",
    take=2,
    start_samples=480,
    start_timecode=Timecode.parse("01:00:00:00", FRAME_RATES["25"]),
    provenance=Provenance("sketch", "v1", 12, "brass 漢 = loud", "CC0"),
    loop=Span(4_800, 90_000),
    tempo_map=TempoMap.constant(Fraction(120)),
    markers=(Marker(48_000, "slam"), Marker(96_000, "Übergang")),
)


def sound() -> Pcm:
    samples = np.arange(2 * LENGTH, dtype=np.int32).reshape(2, LENGTH) % 20_000 - 10_000
    return Pcm(samples, RATE, "16")


def tagged(format_: str, tags: StemTags = TAGS) -> bytes:
    file, pcm = io.BytesIO(), sound()
    encode(pcm, format_, file)
    write_tags(file, format_, file_tags(tags, pcm))
    return file.getvalue()


def told(format_: str) -> dict[str, str]:
    """Every text of a file by name, as mutagen reads it."""
    read: Any = mutagen.File(io.BytesIO(tagged(format_)))
    if format_ in ("flac", "ogg"):
        return {name.upper(): values[0] for name, values in read.tags.items()}
    texts = {frame.desc: frame.text[0] for frame in read.tags.getall("TXXX")}
    names = {"TITLE": "TIT2", "ALBUM": "TALB", "COPYRIGHT": "TCOP", "BPM": "TBPM"}
    return {**texts, **{name: str(read.tags[frame].text[0]) for name, frame in names.items()}}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_tells_what_it_is_and_where_it_comes_from(format_: str) -> None:
    texts = told(format_)
    assert texts["TITLE"] == "1M1 Jagd über alles - mix (take 2)"
    assert texts["ALBUM"] == "Film"
    assert texts["AI_GENERATED"] == "TRUE"
    assert (texts["GENERATOR"], texts["MODEL"], texts["SEED"]) == ("sketch", "v1", "12")
    assert texts["PROMPT"] == "brass 漢 = loud"
    assert texts["LICENCE"] == texts["COPYRIGHT"] == "CC0"
    assert texts["BPM"] == "120"
    assert texts["TIME_REFERENCE"] == str(3600 * RATE + 480)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_tags_give_the_same_bytes(format_: str) -> None:
    assert tagged(format_) == tagged(format_)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_sound_stays_as_it_was(format_: str) -> None:
    plain = io.BytesIO()
    encode(sound(), format_, plain)
    before, _ = soundfile.read(io.BytesIO(plain.getvalue()), dtype="int32")
    after, rate = soundfile.read(io.BytesIO(tagged(format_)), dtype="int32")
    assert rate == RATE
    assert np.array_equal(before, after)


@pytest.mark.parametrize("format_", ["flac", "ogg"])
def test_a_game_engine_finds_the_loop_in_the_comments(format_: str) -> None:
    assert told(format_)["LOOPSTART"] == "4800"
    assert told(format_)["LOOPLENGTH"] == "85200"


def test_flac_has_its_markers_to_the_sample() -> None:
    sheet = mutagen.File(io.BytesIO(tagged("flac"))).cuesheet
    assert [track.start_offset for track in sheet.tracks] == [0, 48_000, 96_000, LENGTH]
    assert not sheet.compact_disc


def test_more_markers_than_a_flac_cue_sheet_holds_are_still_chapters() -> None:
    many = replace(TAGS, markers=tuple(Marker(number, f"m{number}") for number in range(400)))
    read = mutagen.File(io.BytesIO(tagged("flac", many)))
    assert len(read.cuesheet.tracks) == 255
    assert read.tags["CHAPTER399NAME"] == ["m397"]


def test_aiff_has_markers_and_the_loop_between_two_of_them() -> None:
    content = tagged("aiff")
    assert struct.unpack(">I", content[4:8])[0] == len(content) - 8
    chunks = dict(aiff_chunks(content))
    count, marks = struct.unpack(">H", chunks[b"MARK"][:2])[0], chunks[b"MARK"][2:]
    places, names, at = {}, {}, 0
    for _ in range(count):
        number, place = struct.unpack(">hI", marks[at : at + 6])
        length = marks[at + 6]
        places[number], names[number] = place, marks[at + 7 : at + 7 + length].decode("ascii")
        at += 6 + (length + 2) // 2 * 2
    assert at == len(marks)
    assert list(names.values()) == ["bar 1 (4/4)", "slam", "Ubergang", "loop start", "loop end"]
    mode, start, end = struct.unpack(">3h", chunks[b"INST"][8:14])
    assert (mode, places[start], places[end]) == (1, 4_800, 90_000)


def aiff_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 12
    while at < len(content):
        size = struct.unpack(">I", content[at + 4 : at + 8])[0]
        found.append((content[at : at + 4], content[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    assert at == len(content)
    return found


def test_chunks_are_only_added_to_aiff() -> None:
    with pytest.raises(ValueError, match="no AIFF file"):
        aiff.append_chunks(io.BytesIO(b"RIFF0000WAVE"), [])
    with pytest.raises(ValueError, match="holds 32767 markers"):
        aiff.markers([aiff.AiffMarker(0, "")] * 40_000)


def test_mp3_has_chapters() -> None:
    tags = mutagen.File(io.BytesIO(tagged("mp3"))).tags
    chapters = {frame.sub_frames["TIT2"].text[0]: frame for frame in tags.getall("CHAP")}
    assert {name: frame.start_time for name, frame in chapters.items()} == {
        "bar 1 (4/4)": 0,
        "slam": 1000,
        "Übergang": 2000,
    }
    assert tags.version == (2, 3, 0)


def test_an_unknown_format_has_no_tags() -> None:
    with pytest.raises(ValueError, match="unknown format 'wma'"):
        write_tags(io.BytesIO(), "wma", file_tags(TAGS, sound()))


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize("format_", ["flac", "ogg", "mp3"])
def test_ffprobe_reads_tags_and_chapters(format_: str, tmp_path: Path) -> None:
    path = tmp_path / f"stem.{format_}"
    path.write_bytes(tagged(format_))
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams",
         "-show_chapters", str(path)],
        capture_output=True, check=True,
    )  # fmt: skip
    values = json.loads(shown.stdout)
    texts = {**values["format"].get("tags", {}), **values["streams"][0].get("tags", {})}
    assert {name.upper(): text for name, text in texts.items()}["AI_GENERATED"] == "TRUE"
    starts = sorted(float(chapter["start_time"]) for chapter in values["chapters"])
    assert starts == [0, 1, 2]
