"""Markers and loops of a file that is mastered into one of another format."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from musicgen_daw.audio import Pcm
from musicgen_daw.audio.codecs import encode
from musicgen_daw.cuesheets import read
from musicgen_daw.export.found_places import places_in_chunks, places_of_tags
from musicgen_daw.export.found_tags import FoundTags, find_tags
from musicgen_daw.export.tags import FileTags, write_tags
from musicgen_daw.export.wav import cue, smpl, wav
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.mastering.targets import Target
from musicgen_daw.project.delivery import Delivery, plan_files
from musicgen_daw.project.mastering import FailedFile, master_files
from musicgen_daw.timeline import Span

RATE = 48_000
LENGTH = RATE
MARKERS = (Marker(4_801, "Öffnung"), Marker(12_000, "Hit"))
LOOP = Span(1_001, 40_007)
FORMATS = ["wav", "aiff", "flac", "ogg", "mp3"]


def sound():
    samples = np.random.default_rng(1).integers(-3000, 3000, (1, LENGTH), dtype=np.int32)
    return Pcm(samples, RATE, "16")


def file_of(folder, file_format, markers=MARKERS, loop=LOOP, more=()):
    path = folder / f"from-{file_format}.{file_format}"
    with path.open("w+b") as file:
        if file_format == "wav":
            chunks = [*cue.encode(markers, LENGTH), smpl.encode(loop, LENGTH, RATE), *more]
            wav.write(file, sound(), chunks)
            return path
        encode(sound(), file_format, file)
        tags = FileTags("T", "", "", "", "", "", LENGTH, RATE, loop=loop, markers=markers)
        write_tags(file, file_format, tags)
    return path


def mastered(path, file_format, sample_rate=None):
    delivery = Delivery(Target(-20.0, -1.0), file_format=file_format, sample_rate=sample_rate)
    jobs = plan_files([path], path.parent / "out", delivery)
    (result,) = master_files(jobs, delivery)
    assert not isinstance(result, FailedFile), result
    return result


def places_in(path, sample_rate=RATE):
    container = path.suffix[1:]
    if container != "wav":
        return places_of_tags(find_tags(path, container), sample_rate, sample_rate)
    content = path.read_bytes()
    found = riff.parse(content).chunks
    return places_in_chunks(Chunk(chunk.id, chunk.body(content)) for chunk in found)


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_markers_and_loop_go_from_each_format_to_each(tmp_path, source, target):
    result = mastered(file_of(tmp_path, source), target)
    found = places_in(result.path)
    within = RATE // 1000 if {"ogg", "mp3"} & {source, target} else 0
    for marker, expected in zip(found.markers, MARKERS, strict=True):
        assert abs(marker.at_samples - expected.at_samples) <= within
    ascii_only = target == "aiff" and source != "aiff"
    assert found.markers[0].name in ("Öffnung", "Offnung" if ascii_only else "Öffnung")
    assert found.markers[1].name == "Hit"
    # A stem of ours that is an MP3 has no loop; one that comes from elsewhere keeps it.
    assert found.loop == (None if source == "mp3" else LOOP)
    assert not [w for w in result.warnings if "marker" in w or "loop" in w]


@pytest.mark.parametrize("target", ["aiff", "flac", "ogg", "mp3"])
def test_places_move_with_the_sample_rate(tmp_path, target):
    result = mastered(file_of(tmp_path, "wav"), target, sample_rate=24_000)
    found = places_in(result.path, 24_000)
    within = 24 if target in ("ogg", "mp3") else 0
    assert abs(found.markers[0].at_samples - 2_401) <= within
    assert found.loop == Span(501, 20_004)


def test_the_markers_that_arrive_are_read_as_a_cue_sheet(tmp_path):
    from_flac = mastered(file_of(tmp_path, "flac"), "wav")
    from_wav = mastered(file_of(tmp_path, "wav"), "aiff")
    for path, names in ((from_flac.path, ["Öffnung", "Hit"]), (from_wav.path, ["Offnung", "Hit"])):
        sheet = read(path)
        assert [each.name for each in sheet.cues][:2] == names
        assert sheet.cues[1].start_s * RATE == 12_000


def test_places_past_the_end_are_left_out_and_told(tmp_path):
    path = file_of(
        tmp_path, "aiff", (Marker(10, "a"), Marker(LENGTH, "b"), Marker(LENGTH + 9, "c"))
    )
    result = mastered(path, "wav")
    assert [marker.name for marker in places_in(result.path).markers] == ["a"]
    assert result.warnings == ("2 markers past its end: left out",)


def test_places_past_the_end_of_a_wav_are_left_out_of_the_next_one_and_told(tmp_path):
    """Where the sound is cut off, say, and what a writer put before it tells of all of it."""
    outside = [
        *cue.encode((Marker(9, "a", 20), Marker(LENGTH, "b", 5), Marker(70_000, "c")), 90_000),
        smpl.encode(Span(LENGTH - 1, 80_000), 90_000, RATE),
    ]
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        wav.write(file, sound(), outside)
    result = mastered(path, "wav")
    found = places_in(result.path)
    assert (found.markers, found.loop) == ((Marker(9, "a", 20),), None)
    assert result.warnings == (
        "2 markers past its end: left out",
        "1 loop past its end: left out",
    )
    assert mastered(result.path, "wav").warnings == ()


def test_lengths_notes_and_strange_loops_are_told_where_a_format_has_none(tmp_path):
    path = file_of(tmp_path, "wav", (Marker(10, "a", length_samples=5, note="n"),))
    assert mastered(path, "aiff").warnings == (
        "its region lengths, marker notes can't be kept in aiff: use --format wav",
    )
    alternating = Chunk(b"smpl", struct.pack("<15I", *[0] * 7, 1, 0, 0, 1, 5, 99, 0, 0))
    with path.open("wb") as file:
        wav.write(file, sound(), [alternating])
    assert mastered(path, "flac").warnings == (
        "its loop points can't be kept in flac: use --format wav",
    )


def test_a_loop_without_an_end_lasts_until_the_file_s():
    tags = FoundTags(comments=(("LoopStart", "100"),))
    assert places_of_tags(tags, RATE, 1_000).loop == Span(100, 1_000)
    ended = FoundTags(comments=(("LOOP_START", "100"), ("LOOP_END", "900")))
    assert places_of_tags(ended, RATE, 1_000).loop == Span(100, 900)


@pytest.mark.parametrize("comments", [(("LOOPSTART", "9" * 16),), (("CHAPTER001", "1:2"),)])
def test_comments_that_tell_no_place_are_none(comments):
    found = places_of_tags(FoundTags(comments=comments), RATE, 1_000)
    assert (found.markers, found.loop) == ((), None)
