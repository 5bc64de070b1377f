"""AAF files, read back by pyaaf2."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from musicgen_daw.errors import ExportError
from musicgen_daw.export import MonoOf, export
from musicgen_daw.formats import riff
from musicgen_daw.session import Session
from musicgen_daw.timeline import FRAME_RATES, Span, Timecode

aaf2 = pytest.importorskip("aaf2", reason="the extra 'aaf' is not installed")


def content_of(session: Session) -> bytes:
    content = export(session, "aaf")[-1].content
    assert isinstance(content, bytes)
    return content


@pytest.fixture
def opened(session: Session, tmp_path: Path) -> Iterator[Any]:
    path = tmp_path / "film.aaf"
    path.write_bytes(content_of(session))
    with aaf2.open(str(path)) as file:
        yield file


def composition_of(file: Any) -> Any:
    (mob,) = file.content.toplevel()
    return mob


def tracks_of(mob: Any) -> dict[str, Any]:
    """Each sound track by its name: its pan, and its clips by URL with start and length."""
    found = {}
    for slot in mob.slots:
        if slot.media_kind != "Sound":
            continue
        assert slot.edit_rate == 48_000
        pan, segment = None, slot.segment
        if segment.__class__.__name__ == "OperationGroup":
            assert segment.operation.name == "Mono Audio Pan"
            (pan,) = [float(parameter.value) for parameter in segment.parameters]
            (segment,) = segment.segments
        found[slot.name] = pan, dict(clips_of(segment))
    return found


def clips_of(sequence: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    reached = 0
    for component in sequence.components:
        if component.__class__.__name__ == "SourceClip":
            source = component.mob.slot_at(1).segment.mob
            with_scheme, relative = (
                unquote(locator["URLString"].value) for locator in source.descriptor.locator
            )
            assert with_scheme == f"file:///aaf/{relative}"
            assert source.descriptor.length == component.length
            yield relative, (reached, component.length)
        reached += component.length
    assert reached == sequence.length


def test_every_channel_of_every_stem_lies_on_its_sample(opened: Any, session: Session) -> None:
    calm = session.cues[2].span
    assert tracks_of(composition_of(opened)) == {
        f"drums {side}": (
            pan,
            {
                f"media/1M1_Chase_drums_{side}.wav": (0, 192_000),
                f"media/1M2_Calm_drums_{side}.wav": (calm.start_samples, calm.length_samples),
            },
        )
        for side, pan in (("L", 0), ("R", 1))
    }


def test_a_place_in_the_middle_of_nowhere_is_kept(session: Session, tmp_path: Path) -> None:
    one = replace(session, cues=(replace(session.cues[2], span=Span(300_001, 480_002)),))
    (tmp_path / "one.aaf").write_bytes(content_of(one))
    with aaf2.open(str(tmp_path / "one.aaf")) as file:
        _, clips = tracks_of(composition_of(file))["drums R"]
    assert clips == {"media/1M2_Calm_drums_R.wav": (300_001, 180_001)}


def test_mono_stems_are_not_panned(session: Session, tmp_path: Path) -> None:
    calm = session.cues[2]
    mono = replace(calm, stems=tuple(replace(stem, channels=1) for stem in calm.stems))
    both = replace(session, cues=(*session.cues[:2], mono))
    (tmp_path / "mono.aaf").write_bytes(content_of(both))
    with aaf2.open(str(tmp_path / "mono.aaf")) as file:
        pans = {name: pan for name, (pan, _) in tracks_of(composition_of(file)).items()}
    assert pans == {"drums L": 0, "drums R": 1, "drums 2": None}


def test_the_start_timecode_has_a_track(session: Session, tmp_path: Path) -> None:
    rate = FRAME_RATES["29.97df"]
    start = Timecode.parse("01:00:00;00", rate)
    (tmp_path / "df.aaf").write_bytes(content_of(replace(session, start_timecode=start)))
    with aaf2.open(str(tmp_path / "df.aaf")) as file:
        (slot,) = [slot for slot in composition_of(file).slots if slot.media_kind == "Timecode"]
        told = slot.segment
        assert (told.start, told.fps, told.drop) == (107_892, 30, True)
        assert str(slot.edit_rate) == "30000/1001"


def test_cues_and_hits_are_markers(opened: Any) -> None:
    (slot,) = [slot for slot in composition_of(opened).slots if slot.name == "Markers"]
    assert slot.edit_rate == 48_000
    assert [
        (mark["Position"].value, mark.length, mark["Comment"].value)
        for mark in slot.segment.components
    ] == [
        (0, 192_000, "1M1 Chase"),
        (120_000, 0, "!! door slam"),
        (288_000, 192_000, "1M2 Calm"),
        (320_000, 0, "! look"),
    ]


def test_the_same_session_gives_the_same_bytes(session: Session) -> None:
    assert content_of(session) == content_of(session)


def test_ids_come_from_what_they_stand_for(session: Session, tmp_path: Path) -> None:
    calm = session.cues[2]
    stems = tuple(replace(stem, sha256="ef" * 32) for stem in calm.stems)
    changed = replace(session, cues=(*session.cues[:2], replace(calm, stems=stems)))
    ids = []
    for one in (session, changed):
        (tmp_path / "one.aaf").write_bytes(content_of(one))
        with aaf2.open(str(tmp_path / "one.aaf")) as file:
            ids.append({(mob.name, str(mob.mob_id)) for mob in file.content.mobs})
    kept = {name for name, _ in ids[0] & ids[1]}
    assert kept == {"1M1 Chase - drums L", "1M1 Chase - drums R"}  # neither the calm nor the film


def test_no_two_mobs_share_an_id_and_none_tells_a_clock(opened: Any) -> None:
    mobs = list(opened.content.mobs)
    assert len({str(mob.mob_id) for mob in mobs}) == len(mobs) == 1 + 2 * 4
    assert {mob["CreationTime"].value.year for mob in mobs} == {1980}
    assert opened.header["LastModified"].value.year == 1980


def test_the_files_are_described_as_they_are_written(opened: Any) -> None:
    (source, *_) = opened.content.sourcemobs()
    summary = bytes(source.descriptor["Summary"].value)
    parsed = riff.parse(summary)
    chunk = parsed.first(b"fmt ")
    assert chunk is not None
    assert chunk.body(summary) == bytes.fromhex("0100 0100 80bb0000 80320200 0300 1800")
    assert summary.endswith(b"data" + (3 * source.descriptor.length).to_bytes(4, "little"))


def test_the_file_is_one_that_strict_readers_open(session: Session) -> None:
    content = content_of(session)
    assert len(content) % 4096 == 0
    assert content[68:72] == b"\xfe\xff\xff\xff"  # the end of a chain, and no free sector


def test_the_media_tell_their_time_and_their_maker(session: Session) -> None:
    media = export(session, "aaf")[:-1]
    assert [file.path for file in media] == [
        f"aaf/media/{cue}_drums_{side}.wav" for side in "LR" for cue in ("1M1_Chase", "1M2_Calm")
    ]
    mono = media[3].content
    assert isinstance(mono, MonoOf)
    assert (mono.path, mono.channel) == ("stems/1M2/1M2_t1_drums.wav", 1)
    chunks = {chunk.id: chunk.body for chunk in mono.chunks}
    reference = int.from_bytes(chunks[b"bext"][338:346], "little")
    assert reference == 36_000 * 48_000 + session.cues[2].span.start_samples
    assert b"AI_GENERATED" in chunks[b"iXML"]
    contents = [file.content for file in media]
    references = {told.chunks[0].body[288:320] for told in contents if isinstance(told, MonoOf)}
    assert len(references) == 4


def test_hostile_names_are_only_names(session: Session, tmp_path: Path) -> None:
    cue = replace(session.sheet.cues[0], name='../<a> & "b"\x00\ud800\n')
    sheet = replace(session.sheet, cues=(cue, *session.sheet.cues[1:]))
    placed = tuple(replace(take, name=cue.name) for take in session.cues[:2])
    hostile = replace(session, title="\ud800/..", sheet=sheet, cues=(*placed, session.cues[2]))
    for file in export(hostile, "aaf"):
        assert file.path.startswith("aaf/")
        assert ".." not in file.path


def test_what_is_lost_is_told_once(session: Session) -> None:
    *media, file = export(session, "aaf")
    assert not any(one.losses for one in media)
    assert [loss.partition(":")[0] for loss in file.losses] == [
        "it is experimental",
        "AAF holds no tempo",
        "the mixes are left out where their stems are there",
        "it holds one take of each cue",
    ]


def test_without_the_library_the_remedy_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "musicgen_daw.export.aaf.composition", raising=False)
    monkeypatch.setitem(sys.modules, "aaf2", None)
    with pytest.raises(ExportError, match=r"pip install 'musicgen-daw\[aaf\]'"):
        export(session, "aaf")
