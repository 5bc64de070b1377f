"""Marker files, OpenTimelineIO, copies by place and guides: every stem and marker in its place."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

import pytest

from musicgen_daw.errors import UsageError
from musicgen_daw.export import CopyOf, export
from musicgen_daw.export.guides import MOST_ROWS, PROGRAMS
from musicgen_daw.export.sheet_formats import SHEET_FORMATS
from musicgen_daw.formats import edl
from musicgen_daw.session import Session
from musicgen_daw.timeline import FRAME_RATES, Cue, CueSheet, Hit, Span, Timecode, to_samples

RATE = 48_000


def text_of(session: Session, name: str, encoding: str = "utf-8") -> str:
    (file,) = export(session, name)
    assert isinstance(file.content, bytes)
    return file.content.decode(encoding)


def clips_of(timeline: dict[str, Any]) -> dict[str, tuple[float, float, bool]]:
    """Each clip by the path of its file: where it begins, how long it is, whether it plays."""
    found = {}
    for track in timeline["tracks"]["children"]:
        at = 0.0
        for item in track["children"]:
            length = item["source_range"]["duration"]["value"]
            if item["OTIO_SCHEMA"] == "Clip.1":
                url = item["media_reference"]["target_url"]
                found[unquote(url)] = at, length, item["enabled"]
            at += length
    return found


def test_otio_has_every_chosen_stem_on_its_sample(session: Session) -> None:
    clips = clips_of(json.loads(text_of(session, "otio")))
    assert set(clips) == {stem.path for placed in session.chosen() for stem in placed.stems}
    for placed in session.chosen():
        for stem in placed.stems:
            at, length, _ = clips[stem.path]
            assert (at, length) == (placed.span.start_samples, placed.span.length_samples)


def test_otio_plays_the_stems_or_their_mix_and_never_both(session: Session) -> None:
    clips = clips_of(json.loads(text_of(session, "otio")))
    assert {path: plays for path, (_, _, plays) in clips.items()} == {
        path: "drums" in path for path in clips
    }


def test_overlapping_cues_lie_on_tracks_of_their_own(session: Session) -> None:
    chase, kept, calm = session.cues
    early = replace(calm, span=Span(chase.span.start_samples + 1, chase.span.end_samples + 1))
    timeline = json.loads(text_of(replace(session, cues=(chase, kept, early)), "otio"))
    names = [track["name"] for track in timeline["tracks"]["children"]]
    assert sorted(names) == ["drums", "drums 2", "mix", "mix 2"]
    assert clips_of(timeline)[early.stems[0].path][0] == early.span.start_samples


def test_the_cues_of_a_list_follow_each_other(session: Session) -> None:
    alone = tuple(
        replace(cue, start_s=Fraction(0), end_s=cue.length_s, hits=()) for cue in session.sheet.cues
    )
    placed = tuple(
        replace(take, span=Span(0, take.span.length_samples), hits=()) for take in session.cues
    )
    listed = replace(session, sheet=replace(session.sheet, cues=alone, is_list=True), cues=placed)
    starts = sorted({at for at, _, _ in clips_of(json.loads(text_of(listed, "otio"))).values()})
    assert starts == [0, 5 * RATE]
    assert "5.0\t9.0" in text_of(listed, "audacity")


def test_otio_tells_what_it_leaves_out(session: Session) -> None:
    drop = Timecode(107_892, FRAME_RATES["29.97df"])
    (file,) = export(replace(session, start_timecode=drop, frame_rate=drop.rate), "otio")
    assert file.losses == (
        "OpenTimelineIO drops no labels: set the start timecode to 01:00:00;00 where it is read",
        "it holds one take of each cue: others are left out (1)",
    )


def test_otio_tells_who_made_the_music(session: Session) -> None:
    timeline = json.loads(text_of(session, "otio"))
    told = [
        item["metadata"]["musicgen_daw"]
        for track in timeline["tracks"]["children"]
        for item in track["children"]
        if item["OTIO_SCHEMA"] == "Clip.1"
    ]
    assert all(provenance["ai_generated"] is True for provenance in told)


def test_an_edl_has_cues_as_events_and_hits_as_locators(session: Session) -> None:
    listed = edl.parse(text_of(session, "edl"))
    assert [event.clip_name for event in listed.events] == ["1M1 Chase", "1M2 Calm"]
    assert [event.record_in for event in listed.events] == ["10:00:00:00", "10:00:06:00"]
    locators = [edl.Locator.of(comment) for comment in listed.events[0].comments[1:]]
    assert locators == [
        edl.Locator("10:00:00:00", "1M1 Chase", "BLUE"),
        edl.Locator("10:00:02:13", "!! door slam", "RED"),
        edl.Locator("10:00:04:00", "END", "BLUE"),
    ]


def test_a_list_of_video_frames_tells_how_far_times_move(session: Session) -> None:
    for name in ("edl", "resolve", "premiere"):
        (file,) = export(session, name)
        (loss,) = file.losses
        assert "4 of 6 times move, by up to 20 ms" in loss
    (file,) = export(session, "audacity")
    assert file.losses == ()


def test_resolve_gets_markers_as_long_as_their_cues(session: Session) -> None:
    listed = edl.parse(text_of(session, "resolve"))
    markers = [edl.ResolveMarker.of(event.comments[0]) for event in listed.events]
    assert [(m.name, m.video_frames) for m in markers if m] == [
        ("1M1 Chase", 100),
        ("!! door slam", 1),
        ("1M2 Calm", 100),
        ("! look", 1),
    ]


def test_premiere_gets_drop_frame_labels(session: Session) -> None:
    rate = FRAME_RATES["29.97df"]
    start = Timecode.parse("00:59:59;28", rate)
    text = text_of(replace(session, frame_rate=rate, start_timecode=start), "premiere", "utf-16")
    first = text.splitlines()[1].split("\t")
    assert first[:5] == ["1M1 Chase", "", "00:59:59;28", "01:00:03;28", "00:00:04;00"]


def test_reaper_counts_in_minutes_and_exact_seconds(session: Session) -> None:
    cue = Cue("a", "a", Fraction(59) + Fraction(1, 8), Fraction(119) + Fraction(1, 3))
    text = SHEET_FORMATS["reaper-csv"].encode(CueSheet("x", (cue,))).decode()
    assert text.splitlines()[1].startswith("R1,a:,0:59.125,1:59.333333333,1:00.208333333,")


@pytest.mark.parametrize("format_", ["edl", "resolve", "premiere", "protools"])
def test_a_format_of_video_frames_asks_for_the_rate(format_: str) -> None:
    cue = Cue("a", "a", Fraction(0), Fraction(1))
    with pytest.raises(UsageError, match="say --fps 25"):
        SHEET_FORMATS[format_].encode(CueSheet("x", (cue,)))


def test_each_edge_goes_to_the_nearest_video_frame_and_no_cue_vanishes() -> None:
    rate = FRAME_RATES["25"]
    cue = Cue("a", "a", Fraction("0.021"), Fraction("0.022"), hits=(Hit(Fraction("0.0215")),))
    sheet = CueSheet("x", (cue,), frame_rate=rate)
    (event,) = edl.parse(SHEET_FORMATS["edl"].encode(sheet).decode()).events
    assert (event.record_in, event.record_out) == ("00:00:00:01", "00:00:00:02")
    (told,) = (loss for loss in SHEET_FORMATS["edl"].losses(sheet) if "move" in loss)
    assert "3 of 3 times move, by up to 19 ms" in told


def test_copies_for_pro_tools_have_the_timecode_in_their_names(session: Session) -> None:
    files = export(session, "protools")
    assert [file.path for file in files] == [
        "protools/10.00.00.00_1M1_Chase_mix.wav",
        "protools/10.00.00.00_1M1_Chase_drums.wav",
        "protools/10.00.06.00_1M2_Calm_mix.wav",
        "protools/10.00.06.00_1M2_Calm_drums.wav",
    ]
    assert [file.content for file in files] == [
        CopyOf(stem.path) for placed in session.chosen() for stem in placed.stems
    ]


def test_copies_for_live_have_bar_beat_and_tempo_in_their_names(session: Session) -> None:
    of_one_tempo = replace(session.cues[2], tempo_map=session.tempo_map.window(6, 7))
    session = replace(session, cues=(*session.cues[:2], of_one_tempo))
    paths = [file.path for file in export(session, "ableton")]
    assert paths[0] == "ableton/bar001.1_1M1_Chase_mix.wav"
    assert paths[2] == "ableton/bar003.4_90bpm_1M2_Calm_mix.wav"


def test_a_guide_for_each_program_has_the_sessions_own_numbers(session: Session) -> None:
    files = export(session, "guide")
    assert len(files) == len(PROGRAMS) == 10
    for file in files:
        assert isinstance(file.content, bytes)
        text = file.content.decode()
        assert "48000 Hz" in text
        assert "10:00:00:00" in text
        assert "120 bpm in 4/4 at the start, then 2 changes" in text
        start_samples = to_samples(session.sheet.cues[1].start_s, RATE)
        assert f"| 1M2 Calm | 10:00:06:00 | {start_samples} | 3, 4 |" in text


def test_a_guide_stays_a_page_and_no_name_is_markup(session: Session) -> None:
    cues = tuple(
        Cue(str(number), "<b>|{name}*", Fraction(number), Fraction(number + 1))
        for number in range(500)
    )
    crowd = replace(session, sheet=replace(session.sheet, cues=cues), cues=())
    (page, *_) = export(crowd, "guide")
    assert isinstance(page.content, bytes)
    text = page.content.decode()
    assert f"and {500 - MOST_ROWS} more cues" in text
    assert r"\<b\>\|\{name\}\*" in text
