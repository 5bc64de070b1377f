"""The document of an Ardour session; ``tests/external`` shows that Ardour reads it."""

from dataclasses import replace
from fractions import Fraction
from xml.etree.ElementTree import Element

import pytest

from musicgen_daw.errors import ExportError
from musicgen_daw.export import CopyOf, export
from musicgen_daw.export.ardour.lanes import lanes
from musicgen_daw.export.ardour.tempo import tempo_element
from musicgen_daw.export.arrangement import lay_out
from musicgen_daw.formats import xml
from musicgen_daw.session import Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    MeterChange,
    Span,
    TempoChange,
    TempoMap,
    Timecode,
)

SAMPLE = 282_240_000 // 48_000  # in superclocks


def document(session: Session) -> Element:
    file = export(session, "ardour")[0]
    assert isinstance(file.content, bytes)
    return xml.parse(file.content)


def found(root: Element, path: str) -> Element:
    element = root.find(path)
    assert element is not None, path
    return element


def test_the_folder_holds_the_document_and_copies_of_the_chosen_stems(session: Session) -> None:
    first, *copies = export(session, "ardour")
    assert first.path == "ardour/Film/Film.ardour"
    assert {file.path.rpartition("/")[2]: file.content for file in copies} == {
        "1M1_Chase_t2_mix.wav": CopyOf("stems/1M1 Chase/1M1 Chase_t2_mix.wav"),
        "1M1_Chase_t2_drums.wav": CopyOf("stems/1M1 Chase/1M1 Chase_t2_drums.wav"),
        "1M2_t1_mix.wav": CopyOf("stems/1M2/1M2_t1_mix.wav"),
        "1M2_t1_drums.wav": CopyOf("stems/1M2/1M2_t1_drums.wav"),
    }
    folders = {file.path.rpartition("/")[0] for file in copies}
    assert folders == {"ardour/Film/interchange/Film/audiofiles"}
    sources = {source.attrib["name"] for source in document(session).iter("Source")}
    assert sources == {file.path.rpartition("/")[2] for file in copies}


def test_files_of_one_name_in_two_folders_stay_apart(session: Session) -> None:
    calm = session.cues[2]
    stems = tuple(replace(stem, path=f"stems/{n}/a.wav") for n, stem in enumerate(calm.stems))
    _, *copies = export(replace(session, cues=(replace(calm, stems=stems),)), "ardour")
    assert [file.path.rpartition("/")[2] for file in copies] == ["a.wav", "a_2.wav"]


def test_regions_lie_on_their_samples_without_fades(session: Session) -> None:
    regions = document(session).findall("Playlists/Playlist/Region")
    lengths = [region.attrib["length"] for region in regions]
    assert lengths == [f"a{192_000 * SAMPLE}@a{at * SAMPLE}" for at in (0, 288_000)] * 2
    for region in regions:
        for fade in ("default-fade-in", "default-fade-out", "fade-in-active", "fade-out-active"):
            assert region.attrib[fade] == "0"


def test_a_rate_that_no_superclock_divides_is_rounded_once(session: Session) -> None:
    cue = replace(session.cues[2], span=Span(7, 50_007))
    root = document(replace(session, sample_rate=50_000, cues=(cue,)))
    region = found(root, "Playlists/Playlist/Region")
    assert region.attrib["length"] == f"a282240000@a{round(7 * 282_240_000 / 50_000)}"


def test_a_track_is_a_stem_of_all_cues_and_another_where_they_overlap(session: Session) -> None:
    chase, calm = session.cues[1:]
    assert [lane.name for lane in lanes(lay_out(session))] == ["mix", "drums"]
    over = replace(calm, span=Span(191_999, 383_999))
    laid = lanes(lay_out(replace(session, cues=(chase, over))))
    assert [(lane.name, len(lane.regions)) for lane in laid] == [
        ("mix", 1),
        ("mix 2", 1),
        ("drums", 1),
        ("drums 2", 1),
    ]
    after = replace(calm, span=Span(192_000, 384_000))
    laid = lanes(lay_out(replace(session, cues=(chase, after))))
    assert [(lane.name, len(lane.regions)) for lane in laid] == [("mix", 2), ("drums", 2)]


def test_a_mix_beside_its_stems_is_muted_and_one_alone_is_not(session: Session) -> None:
    chase, calm = session.cues[1:]
    alone = replace(calm, stems=calm.stems[:1])
    laid = lanes(lay_out(replace(session, cues=(chase, alone))))
    assert [(lane.name, lane.is_muted) for lane in laid] == [
        ("mix", True),
        ("drums", False),
        ("mix 2", False),
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [("a/b:c", "a-b-c"), ("Master", "Master 2"), ("click", "click 2"), ("\x00", "stem")],
)
def test_names_of_tracks_are_names_of_ports(session: Session, name: str, told: str) -> None:
    calm = session.cues[2]
    named = replace(calm, stems=(replace(calm.stems[0], name=name),))
    (lane,) = lanes(lay_out(replace(session, cues=(named,))))
    assert lane.name == told


def test_a_stem_of_one_channel_goes_to_both_sides_without_a_panner(session: Session) -> None:
    calm = session.cues[2]
    mono = replace(calm, stems=(replace(calm.stems[0], channels=1),))
    root = document(replace(session, cues=(mono,)))
    _, track = root.findall("Routes/Route")
    (port,) = track.findall("IO[@direction='Output']/Port")
    assert [element.attrib["other"] for element in port] == [
        "Master/audio_in 1",
        "Master/audio_in 2",
    ]


def test_cues_are_ranges_and_hits_are_marks(session: Session) -> None:
    told = [
        (place.attrib["name"], place.attrib["start"], place.attrib["end"], place.attrib["flags"])
        for place in document(session).findall("Locations/Location")
    ]
    assert told == [
        ("session", "a0", f"a{480_000 * SAMPLE}", "IsSessionRange"),
        ("1M1 Chase", "a0", f"a{192_000 * SAMPLE}", "IsRangeMarker"),
        ("!! door slam", f"a{120_000 * SAMPLE}", f"a{120_000 * SAMPLE}", "IsMark"),
        ("1M2 Calm", f"a{288_000 * SAMPLE}", f"a{480_000 * SAMPLE}", "IsRangeMarker"),
        ("! look", f"a{320_000 * SAMPLE}", f"a{320_000 * SAMPLE}", "IsMark"),
    ]


def test_every_frame_rate_has_a_way_to_count(session: Session) -> None:
    for rate in FRAME_RATES.values():
        root = document(replace(session, frame_rate=rate, start_timecode=Timecode(0, rate)))
        value = found(root, "Config/Option[@name='timecode-format']").attrib["value"]
        assert value.startswith("timecode_")
    offset = found(document(session), "Config/Option[@name='timecode-offset']")
    assert offset.attrib["value"] == str(36_000 * 48_000)


def test_steps_of_tempo_tell_superclocks_quarters_and_bars() -> None:
    tempo_map = TempoMap(
        (
            TempoChange(Fraction(0), 500_000),
            TempoChange(Fraction(9), 666_667),
            TempoChange(Fraction(31, 3), 500_000),
        ),
        (
            MeterChange(Fraction(0), 4, 4),
            MeterChange(Fraction(6), 3, 4),
            MeterChange(Fraction(9), 6, 8),
        ),
    )
    root = tempo_element(tempo_map)
    places = [
        (step.attrib["sclock"], step.attrib["quarters"], step.attrib["bbt"])
        for step in root.findall("Tempos/Tempo")
    ]
    assert places == [
        ("0", "0:0", "1|1|0"),
        (str(3 * 282_240_000), "6:0", "3|1|0"),  # a bar cut short counts
        (str(int(4.5 * 282_240_000)), "9:0", "4|1|0"),
        (str(round((4.5 + 4 / 3 * 0.666667) * 282_240_000)), "10:640", "4|3|640"),
    ]
    meters = [
        (step.attrib["divisions-per-bar"], step.attrib["note-value"], step.attrib["bbt"])
        for step in root.findall("Meters/Meter")
    ]
    assert meters == [("4", "4", "1|1|0"), ("3", "4", "3|1|0"), ("6", "8", "4|1|0")]


def test_ids_differ_and_the_same_session_is_the_same_bytes(session: Session) -> None:
    root = document(session)
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert int(root.attrib["id-counter"]) > max(map(int, ids))
    assert export(session, "ardour") == export(session, "ardour")


def test_what_is_lost_is_told_with_the_document(session: Session) -> None:
    at_50 = replace(session, frame_rate=FRAME_RATES["50"])
    assert export(at_50, "ardour")[0].losses == (
        "Ardour knows no 50 frames a second: it counts timecode in another rate",
        "it holds one take of each cue: others are left out (1)",
    )


def test_stems_in_mp3_are_refused(session: Session) -> None:
    stem = replace(session.cues[2].stems[0], path="stems/a/a_mix.mp3")
    only = replace(session, cues=(replace(session.cues[2], stems=(stem,)),))
    with pytest.raises(ExportError, match=r"Ardour plays no MP3 .* render with --format wav"):
        export(only, "ardour")
