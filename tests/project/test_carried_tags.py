"""What tags, pictures and markers become when a file is mastered; mutagen reads them back."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, CueSheet, CueSheetTrack, CueSheetTrackIndex, Picture
from mutagen.oggvorbis import OggVorbis

from musicgen_daw.formats import aiff
from musicgen_daw.formats.aiff import AiffMarker
from musicgen_daw.mastering.targets import Target
from musicgen_daw.project.delivery import Delivery, plan_files
from musicgen_daw.project.mastering import FailedFile, master_files

RATE = 48_000
DELIVERY = Delivery(Target(-20.0, -1.0))
COVER = b"\x89PNG" + bytes(range(256))
COMMENTS = [
    ("TITLE", "Öl"),
    ("ARTIST", "One"),
    ("ARTIST", "Two"),
    ("MOOD", "dark"),
    ("LOOPSTART", "4800"),
    ("REPLAYGAIN_TRACK_GAIN", "-3 dB"),
]
KEPT = [("TITLE", "Öl"), ("ARTIST", "One"), ("ARTIST", "Two"), ("MOOD", "dark")]


def mastered(path, **wishes):
    delivery = replace(DELIVERY, **wishes)
    (result,) = master_files(plan_files([path], path.parent / "out", delivery), delivery)
    assert not isinstance(result, FailedFile), result
    soundfile.info(result.path)
    return result


def noise(path):
    samples = 0.1 * np.random.default_rng(1).standard_normal((RATE, 2))
    soundfile.write(path, samples, RATE)
    return path


def picture():
    made = Picture()
    made.data, made.type, made.mime, made.desc = COVER, 3, "image/png", "front"
    return made


@pytest.fixture
def flac(tmp_path):
    path = noise(tmp_path / "a.flac")
    tagged = FLAC(path)
    tagged.add_tags() if tagged.tags is None else tagged.tags.clear()
    tagged.tags.extend(COMMENTS)
    tagged.add_picture(picture())
    sheet = CueSheet(None)
    sheet.compact_disc = False
    track = CueSheetTrack(1, 12_000)
    track.indexes.append(CueSheetTrackIndex(1, 0))
    sheet.tracks += [track, CueSheetTrack(255, RATE)]
    tagged.metadata_blocks.append(sheet)
    tagged.save()
    return path


@pytest.fixture
def mp3(tmp_path):
    path = noise(tmp_path / "a.mp3")
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=3, text=["Öl"]))
    tags.add(id3.TXXX(encoding=3, desc="MOOD", text=["dark"]))
    tags.add(id3.APIC(encoding=3, mime="image/png", type=3, desc="front", data=COVER))
    tags.add(id3.PRIV(owner="me", data=b"123"))
    tags.save(path)
    return path


@pytest.fixture
def aif(tmp_path):
    path = noise(tmp_path / "a.aiff")
    tags = io.BytesIO()
    frames = id3.ID3()
    frames.add(id3.TIT2(encoding=3, text=["Öl"]))
    frames.save(tags)
    with path.open("r+b") as file:
        markers = aiff.markers([AiffMarker(2400, "hit"), AiffMarker(RATE, "end")])
        chunks = [markers, aiff.text(b"ANNO", "a note"), (b"ID3 ", tags.getvalue())]
        aiff.append_chunks(file, chunks)
    return path


def test_flac_keeps_comments_picture_and_cue_sheet_in_their_new_places(flac):
    result = mastered(flac, sample_rate=96_000)
    found = FLAC(result.path)
    assert list(found.tags) == [*KEPT, ("LOOPSTART", "9600")]
    (cover,) = found.pictures
    assert (cover.data, cover.mime, cover.desc) == (COVER, "image/png", "front")
    assert [track.start_offset for track in found.cuesheet.tracks] == [24_000, 96_000]
    assert result.warnings == ()


def test_comments_and_pictures_go_from_flac_to_ogg_and_back(flac):
    result = mastered(flac, file_format="ogg")
    tags = OggVorbis(result.path).tags
    assert [each for each in tags if each[0] != "METADATA_BLOCK_PICTURE"][:4] == KEPT
    assert Picture(base64.b64decode(tags["METADATA_BLOCK_PICTURE"][0])).data == COVER
    assert result.warnings == ()
    assert tags["CHAPTER001"] == ["00:00:00.250"]
    back = mastered(result.path, file_format="flac")
    assert list(FLAC(back.path).tags)[:4] == KEPT
    assert FLAC(back.path).pictures[0].data == COVER


def test_mp3_keeps_every_frame(mp3):
    found = id3.ID3(mastered(mp3).path)
    assert found["TIT2"].text == ["Öl"]
    assert found["TXXX:MOOD"].text == ["dark"]
    assert found["APIC:front"].data == COVER
    assert found["PRIV:me:123"].data == b"123"


def test_frames_become_comments_and_what_is_none_is_told(mp3):
    result = mastered(mp3, file_format="flac")
    found = FLAC(result.path)
    assert list(found.tags) == [("TITLE", "Öl"), ("MOOD", "dark")]
    assert found.pictures[0].data == COVER
    assert result.warnings == ("its ID3 frame PRIV can't be kept in flac",)


def test_comments_become_frames(flac):
    found = id3.ID3(mastered(flac, file_format="mp3").path)
    assert found["TPE1"].text == ["One", "Two"]
    assert found["TXXX:MOOD"].text == ["dark"]
    assert found["APIC:front"].data == COVER
    assert "TXXX:REPLAYGAIN_TRACK_GAIN" not in found


def test_aiff_keeps_its_chunks_and_markers_move_with_the_rate(aif):
    result = mastered(aif, sample_rate=96_000)
    with result.path.open("rb") as file:
        chunks = dict(aiff.other_chunks(file))
    assert struct.unpack_from(">HHI", chunks[b"MARK"]) == (2, 1, 4800)
    assert struct.unpack_from(">HI", chunks[b"MARK"], 12) == (2, 96_000)
    assert chunks[b"ANNO"] == b"a note"
    assert AIFF(result.path).tags["TIT2"].text == ["Öl"]
    assert result.warnings == ()


def test_markers_of_aiff_are_told_where_there_are_none(aif):
    assert "its markers can't be kept in opus" in mastered(aif, file_format="opus").warnings


def test_pictures_are_told_where_there_are_none(flac):
    (warning,) = mastered(flac, file_format="wav").warnings
    assert warning == "its pictures can't be kept in wav"


@pytest.mark.parametrize("name", ["flac", "mp3", "aif"])
def test_tags_that_are_broken_keep_no_file_from_being_mastered(name, request):
    path = request.getfixturevalue(name)
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(3)
    for trial in range(12):
        broken = bytearray(content)
        start = 12 if name != "aif" else broken.rindex(b"MARK")
        for at in rng.integers(start, start + 300, 4):
            broken[min(at, len(broken) - 1)] ^= int(rng.integers(1, 256))
        hurt = path.with_name(f"{trial}{path.suffix}")
        hurt.write_bytes(broken)
        jobs = plan_files([hurt], path.parent / "out", DELIVERY)
        (result,) = master_files(jobs, DELIVERY)  # a clear error, or the file
        assert not isinstance(result, FailedFile) or "\n" not in str(result.error)
