"""DAWproject files, held against the public schemas where those are."""

import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from lxml import etree

from musicgen_daw.export import Archive, CopyOf, dawproject, export
from musicgen_daw.formats import xml
from musicgen_daw.session import Session
from musicgen_daw.timeline import Span, TempoMap

BESIDE = Path(__file__).parents[2].parent / "shared" / "schemas"
SCHEMAS = Path(os.environ.get("MUSICGEN_DAW_SCHEMAS", BESIDE)) / "dawproject"

BOTH_FLAVOURS = pytest.mark.parametrize("nested", [False, True], ids=["flat", "nested"])


def project(session: Session, *, nested: bool = False) -> Element:
    return xml.parse(dawproject.project_xml(session, nested=nested))


def found(root: Element, path: str) -> Element:
    element = root.find(path)
    assert element is not None, path
    return element


def clips(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield each clip that lies on a track, with the name of the track."""
    names = {track.attrib["id"]: track.attrib["name"] for track in root.iter("Track")}
    for lanes in root.findall("Arrangement/Lanes/Lanes"):
        for clip in lanes.findall("Clips/Clip"):
            yield names[lanes.attrib["track"]], clip


@BOTH_FLAVOURS
@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"no schemas in {SCHEMAS}")
def test_both_documents_are_valid(session: Session, nested: bool) -> None:
    without_cues = replace(session, sheet=replace(session.sheet, cues=()), cues=())
    unmade = replace(session, cues=())
    looped = replace(session, cues=(replace(session.cues[2], loop_samples=Span(0, 192_000)),))
    for told in (session, without_cues, unmade, looped):
        archive = dawproject.archive(told, nested=nested)
        for (name, content), schema in zip(
            archive.members[:2], ("MetaData.xsd", "Project.xsd"), strict=True
        ):
            assert name == schema.replace(".xsd", ".xml").lower()
            assert isinstance(content, bytes)
            judge = etree.XMLSchema(etree.parse(SCHEMAS / schema))
            judge.assertValid(etree.fromstring(content))


def test_the_archive_holds_the_chosen_takes_stems(session: Session) -> None:
    (file,) = export(session, "dawproject")
    assert file.path == "Film.dawproject"
    assert isinstance(file.content, Archive)
    assert file.content.members[2:] == tuple(
        (f"audio/{path}", CopyOf(f"stems/{path}"))
        for path in (
            "1M1 Chase/1M1 Chase_t2_mix.wav",
            "1M1 Chase/1M1 Chase_t2_drums.wav",
            "1M2/1M2_t1_mix.wav",
            "1M2/1M2_t1_drums.wav",
        )
    )
    inside = {name for name, _ in file.content.members}
    content = dict(file.content.members)["project.xml"]
    assert isinstance(content, bytes)
    told = [element.attrib["path"] for element in xml.parse(content).iter("File")]
    assert len(told) == 4
    assert set(told) <= inside


@BOTH_FLAVOURS
def test_clips_lie_at_their_seconds_unstretched(session: Session, nested: bool) -> None:
    laid = list(clips(project(session, nested=nested)))
    assert [(name, clip.attrib["time"], clip.attrib["duration"]) for name, clip in laid] == [
        ("1M1 Chase mix", "0", "4"),
        ("1M1 Chase drums", "0", "4"),
        ("1M2 Calm mix", "6", "4"),
        ("1M2 Calm drums", "6", "4"),
    ]
    for _, clip in laid:
        assert (clip.find("Clips/Clip/Audio") is not None) == nested
        assert (clip.find("Audio") is not None) != nested
        for inner in clip.iter("Clip"):
            assert inner.attrib["contentTimeUnit"] == inner.attrib["fadeTimeUnit"] == "seconds"
            assert (inner.attrib["playStart"], inner.attrib["fadeInTime"]) == ("0", "0")
        (audio,) = clip.iter("Audio")
        assert audio.attrib["sampleRate"] == "48000"
        assert audio.attrib["duration"] == "4"
    root = project(session, nested=nested)
    assert found(root, "Arrangement/Lanes").attrib["timeUnit"] == "seconds"
    assert not list(root.iter("Warps"))


def test_a_place_between_decimals_is_still_on_its_sample(session: Session) -> None:
    span = Span(288_001, 480_002)
    root = project(replace(session, cues=(replace(session.cues[2], span=span),)))
    for _, clip in clips(root):
        assert abs(Fraction(clip.attrib["time"]) * 48_000 - 288_001) < Fraction(1, 10**6)


def test_tracks_are_in_the_folder_of_their_cue_and_go_to_the_master(session: Session) -> None:
    structure = found(project(session), "Structure")
    folders = [track for track in structure if track.attrib["contentType"] == "tracks"]
    assert [folder.attrib["name"] for folder in folders] == ["1M1 Chase", "1M2 Calm"]
    (master,) = [
        channel for channel in structure.iter("Channel") if channel.attrib["role"] == "master"
    ]
    for folder in folders:
        for track in folder:
            channel = found(track, "Channel")
            assert [element.tag for element in channel] == ["Mute", "Pan", "Volume"]
            assert channel.attrib["destination"] == master.attrib["id"]
            is_mix = track.attrib["name"].endswith(" mix")
            assert found(channel, "Mute").attrib["value"] == str(is_mix).lower()


def test_tempo_and_meter_hold_from_step_to_step(session: Session) -> None:
    root = project(session)
    tempo, meter = found(root, "Transport/Tempo"), found(root, "Transport/TimeSignature")
    assert tempo.attrib["value"] == "120"
    points = found(root, "Arrangement/TempoAutomation")
    assert found(points, "Target").attrib["parameter"] == tempo.attrib["id"]
    assert [point.attrib for point in points.findall("RealPoint")] == [
        {"time": "0", "value": "120", "interpolation": "hold"},
        {"time": "4", "value": "89.999955000022", "interpolation": "hold"},
    ]
    points = found(root, "Arrangement/TimeSignatureAutomation")
    assert found(points, "Target").attrib["parameter"] == meter.attrib["id"]
    assert [point.attrib for point in points.findall("TimeSignaturePoint")] == [
        {"time": "0", "numerator": "4", "denominator": "4"},
        {"time": "4", "numerator": "3", "denominator": "4"},
    ]
    constant = project(replace(session, tempo_map=TempoMap.constant(100)))
    assert len(constant.findall("Arrangement/TempoAutomation/RealPoint")) == 1


def test_starts_hits_and_ends_are_markers(session: Session) -> None:
    markers = found(project(session), "Arrangement/Markers")
    assert markers.attrib["timeUnit"] == "seconds"
    assert [(marker.attrib["time"], marker.attrib["name"]) for marker in markers] == [
        ("0", "1M1 Chase"),
        ("2.5", "!! door slam"),
        ("4", "END"),
        ("6.000001", "1M2 Calm"),
        ("6.666668", "! look"),
        ("10.000003", "END"),
    ]


def test_a_loop_tells_where_it_repeats(session: Session) -> None:
    loop = replace(session.cues[2], loop_samples=Span(0, session.cues[2].span.length_samples))
    for _, clip in clips(project(replace(session, cues=(loop,)))):
        assert (clip.attrib["loopStart"], clip.attrib["loopEnd"]) == ("0", "4")


def test_ids_begin_with_a_letter_and_count_up(session: Session) -> None:
    root = project(session)
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert sorted(ids, key=lambda told: int(told[2:])) == [f"id{n}" for n in range(len(ids))]
    assert dawproject.project_xml(session) == dawproject.project_xml(session)


def test_hostile_names_are_only_names(session: Session) -> None:
    cue = replace(session.sheet.cues[0], name='<a> & "b"\x00\ud800\n')
    sheet = replace(session.sheet, cues=(cue, *session.sheet.cues[1:]))
    structure = found(project(replace(session, sheet=sheet)), "Structure")
    assert structure[0].attrib["name"] == '<a> & "b"'


def test_the_metadata_tell_title_licence_and_maker(session: Session) -> None:
    licensed = replace(session.cues[1], licence="CC0-1.0")
    told = replace(session, cues=(session.cues[0], licensed, session.cues[2]))
    (name, content), *_ = dawproject.archive(told).members
    assert name == "metadata.xml"
    assert isinstance(content, bytes)
    root = xml.parse(content)
    assert [(element.tag, element.text) for element in root] == [
        ("Title", "Film"),
        ("Copyright", "CC0-1.0"),
        ("Comment", "AI-generated; made by musicgen_daw"),
    ]


def test_what_is_lost_is_told(session: Session) -> None:
    assert dawproject.losses(session) == (
        "DAWproject tells no timecode: set the start of the project to 10:00:00:00",
        "it holds one take of each cue: others are left out (1)",
    )
    one_each = replace(session, cues=session.cues[1:])
    at_zero = replace(one_each, start_timecode=replace(session.start_timecode, video_frames=0))
    assert dawproject.losses(at_zero) == ()
