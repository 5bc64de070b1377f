"""Sets for Ableton Live, unpacked and looked at; the program itself reads nothing here."""

from __future__ import annotations

import gzip
from dataclasses import replace
from fractions import Fraction
from xml.etree.ElementTree import Element

import pytest

from musicgen_daw.export import export
from musicgen_daw.formats import xml
from musicgen_daw.session import Session
from musicgen_daw.timeline import MeterChange, Span, TempoChange, TempoMap

ALL_POINTEES = ("AutomationTarget", "ModulationTarget", "Pointee")


def packed(session: Session) -> bytes:
    content = export(session, "ableton-set")[-1].content
    assert isinstance(content, bytes)
    return content


def song_of(session: Session) -> Element:
    root = xml.parse(gzip.decompress(packed(session)))
    assert (root.tag, root.attrib["MajorVersion"]) == ("Ableton", "5")
    (song,) = root
    return song


def told(element: Element, path: str) -> str:
    found = element.find(path)
    assert found is not None, path
    return found.attrib["Value"]


def events_of(song: Element, parameter: str) -> list[tuple[str, str]]:
    """The automation of a parameter of the master track, found as Live finds it: by its id."""
    target = song.find(f"MasterTrack/DeviceChain/Mixer/{parameter}/AutomationTarget")
    assert target is not None
    for envelope in song.findall("MasterTrack/AutomationEnvelopes/Envelopes/AutomationEnvelope"):
        if told(envelope, "EnvelopeTarget/PointeeId") == target.attrib["Id"]:
            events = envelope.find("Automation/Events")
            assert events is not None
            return [(event.attrib["Time"], event.attrib["Value"]) for event in events]
    raise AssertionError(f"{parameter} is not automated")


def clips_of(song: Element) -> dict[str, tuple[str, Element]]:
    """Each arranged clip by the path of its file, with the name of its track."""
    events = "DeviceChain/MainSequencer/Sample/ArrangerAutomation/Events/AudioClip"
    return {
        told(clip, "SampleRef/FileRef/RelativePath"): (told(track, "Name/UserName"), clip)
        for track in song.findall("Tracks/AudioTrack")
        for clip in track.findall(events)
    }


def test_the_head_of_the_file_tells_no_clock_and_the_same_session_gives_the_same_bytes(
    session: Session,
) -> None:
    content = packed(session)
    assert content[:8] == bytes.fromhex("1f8b0800 00000000")
    assert packed(session) == content


def test_every_chosen_stem_lies_at_its_beat_unwarped_and_whole(session: Session) -> None:
    clips = clips_of(song_of(session))
    assert set(clips) == {stem.path for placed in session.chosen() for stem in placed.stems}
    for placed in session.chosen():
        for stem in placed.stems:
            name, clip = clips[stem.path]
            assert name == stem.name
            start = Fraction(told(clip, "CurrentStart"))
            assert clip.attrib["Time"] == told(clip, "CurrentStart")
            # From its beat back to its sample.
            at_s = session.tempo_map.seconds_at(start)
            assert abs(at_s * 48_000 - placed.span.start_samples) < Fraction(1, 10**6)
            length_s = Fraction(placed.span.length_samples, 48_000)
            assert Fraction(told(clip, "Loop/LoopEnd")) == length_s
            assert told(clip, "IsWarped") == "false"
            assert told(clip, "Loop/LoopOn") == "false"
            assert told(clip, "SampleRef/DefaultDuration") == str(placed.span.length_samples)
            assert told(clip, "SampleRef/FileRef/RelativePathType") == "3"


def test_the_mix_is_there_and_switched_off_where_its_stems_are(session: Session) -> None:
    clips = clips_of(song_of(session))
    assert {path: told(clip, "Disabled") for path, (_, clip) in clips.items()} == {
        path: str("mix" in path).lower() for path in clips
    }


def test_a_tempo_is_a_step_and_a_meter_a_number(session: Session) -> None:
    song = song_of(session)
    assert told(song, "MasterTrack/DeviceChain/Mixer/Tempo/Manual") == "120"
    assert events_of(song, "Tempo") == [
        ("-63072000", "120"),
        ("8", "120"),
        ("8", "89.9999550000225"),
    ]
    assert events_of(song, "TimeSignature") == [("-63072000", "201"), ("8", "200")]


@pytest.mark.parametrize(
    ("numerator", "denominator", "number"),
    [(3, 4, "200"), (6, 8, "302"), (12, 8, "308"), (1, 16, "396"), (2, 2, "100"), (7, 4, "204")],
)
def test_meters_have_the_numbers_that_live_gives_them(
    session: Session, numerator: int, denominator: int, number: str
) -> None:
    meter = MeterChange(Fraction(0), numerator, denominator)
    odd = TempoMap((TempoChange(Fraction(0), 500_000),), (meter,))
    song = song_of(replace(session, tempo_map=odd))
    assert told(song, "MasterTrack/DeviceChain/Mixer/TimeSignature/Manual") == number


def test_cues_hits_and_ends_are_locators(session: Session) -> None:
    found = song_of(session).findall("Locators/Locators/Locator")
    marks = [
        (session.tempo_map.seconds_at(Fraction(told(one, "Time"))), told(one, "Name"))
        for one in found
    ]
    assert [(round(float(at_s), 6), name) for at_s, name in marks] == [
        (0, "1M1 Chase"),
        (2.5, "!! door slam"),
        (4, "END"),
        (6.000001, "1M2 Calm"),
        (6.666668, "! look"),
        (10.000003, "END"),
    ]
    assert [one.attrib["Id"] for one in found] == [str(number) for number in range(6)]


def test_no_two_parameters_share_an_id(session: Session) -> None:
    song = song_of(session)
    ids = [
        int(element.attrib["Id"])
        for element in song.iter()
        if element.tag.endswith(ALL_POINTEES) and "Id" in element.attrib
    ]
    assert len(ids) == len(set(ids)) > 90
    assert int(told(song, "NextPointeeId")) > max(ids)


def test_tracks_have_as_many_slots_as_there_are_scenes(session: Session) -> None:
    song = song_of(session)
    scenes = song.findall("Scenes/Scene")
    for track in song.findall("Tracks/AudioTrack"):
        for sequencer in ("MainSequencer", "FreezeSequencer"):
            slots = track.findall(f"DeviceChain/{sequencer}/ClipSlotList/ClipSlot")
            assert len(slots) == len(scenes) == 1


def test_overlapping_cues_lie_on_tracks_of_their_own(session: Session) -> None:
    chase, kept, calm = session.cues
    early = replace(calm, span=Span(chase.span.start_samples + 1, chase.span.end_samples + 1))
    song = song_of(replace(session, cues=(chase, kept, early)))
    names = [told(track, "Name/UserName") for track in song.findall("Tracks/AudioTrack")]
    assert sorted(names) == ["drums", "drums 2", "mix", "mix 2"]


def test_the_set_and_its_stems_are_one_project(session: Session) -> None:
    assert [file.path for file in export(session, "ableton-set")] == [
        "Ableton Project Info/about.txt",
        "Film.als",
    ]


def test_hostile_names_are_only_names(session: Session) -> None:
    cue = replace(session.sheet.cues[0], name='<a> & "b"\x00\ud800\n')
    sheet = replace(session.sheet, cues=(cue, *session.sheet.cues[1:]))
    song = song_of(replace(session, sheet=sheet))
    names = [told(one, "Name") for one in song.findall("Locators/Locators/Locator")]
    assert names[0] == '<a> & "b"'


def test_what_live_may_not_take_is_told(session: Session) -> None:
    def losses(tempo_map: TempoMap) -> list[str]:
        *_, file = export(replace(session, tempo_map=tempo_map), "ableton-set")
        return [loss.partition(":")[0] for loss in file.losses]

    first, others = "it is experimental", "it holds one take of each cue"
    assert losses(session.tempo_map) == [first, others]
    off_grid = TempoMap((TempoChange(Fraction(0), 500_000), TempoChange(Fraction(1, 3), 400_000)))
    assert losses(off_grid) == [first, "Live changes tempo on sixteenths", others]
    assert losses(TempoMap((TempoChange(Fraction(0), 6_000_000),))) == [
        first, "Live's tempos end at 20 and 999 bpm", others,
    ]  # fmt: skip
    long = TempoMap(meters=(MeterChange(Fraction(0), 100, 4),))
    assert losses(long)[1].startswith("Live has no meters with more than 99 beats")


def test_a_set_tells_the_licences_of_what_it_plays(session: Session) -> None:
    assert told(song_of(session), "Annotation") == "AI-generated; made by musicgen_daw"
    licensed = tuple(replace(cue, licence="CC-BY-NC-4.0") for cue in session.cues)
    annotation = told(song_of(replace(session, cues=licensed)), "Annotation")
    assert annotation == "AI-generated; made by musicgen_daw; CC-BY-NC-4.0"
