import io
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from musicgen_daw.cuesheets import SheetOptions, dawproject, read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSettings

TRANSPORT = (
    '<Transport><Tempo id="t" unit="bpm" value="120"/>'
    '<TimeSignature id="s" numerator="3" denominator="4"/></Transport>'
)


def markers(*pairs, unit=""):
    inner = "".join(f'<Marker time="{time}" name="{name}"/>\n' for time, name in pairs)
    return f"<Markers{unit}>\n{inner}</Markers>"


def points(*values, unit="beats", linear=()):
    inner = "".join(
        f'<RealPoint time="{time}" value="{bpm}"'
        f' interpolation="{"linear" if time in linear else "hold"}"/>'
        for time, bpm in values
    )
    return f'<TempoAutomation timeUnit="{unit}"><Target parameter="t"/>{inner}</TempoAutomation>'


def clips(time, duration, unit="beats"):
    clip = f'<Clip time="{time}" duration="{duration}"/>'
    return f'<Lanes timeUnit="{unit}"><Lanes track="a"><Clips>{clip}</Clips></Lanes></Lanes>'


def project(arrangement, transport=TRANSPORT):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Project version="1.0">'
        f'<Application name="x" version="1"/>{transport}\n'
        f"<Arrangement>{arrangement}</Arrangement></Project>"
    )


@pytest.fixture
def parse(zip_of):
    def parse(arrangement, transport=TRANSPORT, **options):
        members = {"metadata.xml": "<MetaData/>", "project.xml": project(arrangement, transport)}
        return dawproject.parse(zip_of(members), SheetOptions(**options))

    return parse


def test_markers_in_beats_follow_the_transport(parse, edges):
    sheet = parse(markers(("4", "1M1: brass"), ("8.0", "end")))
    assert edges(sheet) == [("1M1", 2, 4)]
    assert sheet.tempo_map.meters[0].numerator == 3
    assert sheet.cues[0].place == "project.xml line 4"


def test_a_comment_is_the_prompt_of_a_plain_name(parse):
    inner = markers(("0", "A"), ("4", "END")).replace('name="A"', 'name="A" comment="slow rain"')
    assert parse(inner).cues[0].settings.prompt == "slow rain"


def test_markers_in_seconds_and_in_lanes_are_read(parse, edges):
    inner = markers(("1.5", "A"), ("2.5e0", "END"), unit=' timeUnit="seconds"')
    assert edges(parse(inner)) == [("A", 1.5, 2.5)]
    in_lanes = inner.replace("Markers", "markers").replace(' timeUnit="seconds"', "")
    sheet = parse(f'<Lanes timeUnit="seconds"><Lanes>{in_lanes}</Lanes></Lanes>')
    assert edges(sheet) == [("A", 1.5, 2.5)]


def test_the_last_clip_ends_the_timeline(parse, edges):
    assert edges(parse(clips(0, 16) + markers(("4", "A")))) == [("A", 2, 8)]
    assert edges(parse(clips(0, 16, "seconds") + markers(("4", "A")))) == [("A", 2, 16)]


def test_tempo_automation_holds_or_ramps_over_beats(parse):
    lane = points(("0", "60"), ("8", "100"), ("24", "200"), linear=("8",))
    tempo_map = parse(markers(("0", "A bars=1")) + lane).tempo_map
    assert tempo_map.seconds_at(8) == 8
    assert float(tempo_map.seconds_at(12)) == pytest.approx(10.1421, abs=1e-4)
    assert tempo_map.tempos[-1].bpm == 200


def test_tempo_automation_in_seconds_changes_at_its_seconds(parse):
    lane = points(("0", "90"), ("10", "60"), ("20", "120"), unit="seconds", linear=("10",))
    tempo_map = parse(markers(("0", "A bars=1")) + lane).tempo_map
    assert float(tempo_map.beats_at(10)) == pytest.approx(15, abs=1e-5)
    assert float(tempo_map.beats_at(20)) == pytest.approx(30, abs=1e-5)
    assert float(tempo_map.beats_at(15)) == pytest.approx(15 + 75 * 5 / 60, abs=1e-5)


def test_signatures_change_where_their_automation_says(parse):
    lane = (
        '<TimeSignatureAutomation timeUnit="seconds"><Target parameter="s"/>'
        '<TimeSignaturePoint time="0" numerator="4" denominator="4"/>'
        '<TimeSignaturePoint time="4" numerator="7" denominator="8"/></TimeSignatureAutomation>'
    )
    meters = parse(markers(("0", "A bars=1")) + lane).tempo_map.meters
    assert [(m.at_beats, m.numerator) for m in meters] == [(0, 4), (8, 7)]


def test_beats_without_a_tempo_ask_for_one(parse, edges):
    with pytest.raises(CueSheetError, match="the project tells no tempo: set bpm") as caught:
        parse(markers(("4", "A"), ("8", "END")), "")
    assert caught.value.place.startswith("project.xml line ")
    defaults = CueSettings(bpm=Fraction(60))
    assert edges(parse(markers(("4", "A"), ("8", "END")), "", defaults=defaults)) == [("A", 4, 8)]


def test_what_is_damaged_is_left_out_and_told(parse, edges, told):
    lane = points(("0", "120"), ("x", "90"), ("8", "0"))
    sheet = parse(markers(("0", "A"), ("inf", "B"), ("4", "END")) + lane)
    assert edges(sheet) == [("A", 0, 2)]
    assert len([warning for warning in told(sheet) if "is left out" in warning]) == 3


def test_an_archive_that_is_no_project_is_refused(zip_of):
    for members in ({"project.xml": "<Project/>"}, {"project.xml": "<X><Arrangement/></X>"}):
        with pytest.raises(CueSheetError, match="has no arrangement"):
            dawproject.parse(zip_of(members), SheetOptions())
    with pytest.raises(CueSheetError, match=r"no project\.xml"):
        dawproject.parse(zip_of({"a": "b"}), SheetOptions())
    with pytest.raises(CueSheetError, match="damaged"):
        dawproject.parse(b"PK\x03\x04", SheetOptions())


def test_a_project_is_found_by_content(zip_of, write_sheet):
    content = zip_of({"audio/a.wav": "", "project.xml": project(markers(("4", "A bars=2")))})
    assert read(write_sheet(content, "song.zip")).cues[0].name == "A"


def test_a_project_with_hours_of_audio_is_read_without_it(tmp_path: Path, monkeypatch):
    path = tmp_path / "song.dawproject"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.xml", project(markers(("4", "A bars=2"))))
        archive.writestr("audio/a.wav", bytes(2**20))
    monkeypatch.setattr("musicgen_daw.cuesheets.MAX_HELD_BYTES", 2**19)
    assert read(path).cues[0].name == "A"
    with path.open("rb") as file:
        whole = io.BytesIO(file.read())
    assert dawproject.parse_file(whole, SheetOptions()).cues[0].name == "A"
