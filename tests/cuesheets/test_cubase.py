"""Archives as Cubase writes them, in small; the values are in the places where it has them."""

import math
from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, cubase, read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSettings, FrameRate

TEMPOS = [("120", "0", ""), ("100", "1920", ""), ("200", "9600", "1"), ("135", "11520", "")]
SETUP = {"FrameType": "3", "SampleRate": "48000"}


def value(name, text, kind="float"):
    return f'<{kind} name="{name}" value="{text}"/>'


def event(kind, **values):
    inner = "".join(value(name, text) for name, text in values.items())
    return f'<obj ID="1" class="{kind}">\n{inner}</obj>\n'


def marker(start, name, length="0"):
    kind = "MMarkerEvent" if length == "0" else "MRangeMarkerEvent"
    return event(kind, Start=start, Length=length, Name=name)


def tempo_track(tempos=TEMPOS, signatures=(("0", "4", "4"),)):
    tempo_events = [
        event("MTempoEvent", BPM=bpm, PPQ=ppq, **({"Func": func} if func else {}))
        for bpm, ppq, func in tempos
    ]
    meter_events = [
        event("MTimeSignatureEvent", Bar=bar, Numerator=over, Denominator=under)
        for bar, over, under in signatures
    ]
    return (
        '<obj ID="2" class="MTempoTrackEvent" name="Tempo Track">'
        f'<list name="TempoEvent" type="obj">{"".join(tempo_events)}</list></obj>'
        '<obj ID="3" class="MSignatureTrackEvent" name="Signature Track">'
        f'<list name="SignatureEvent" type="obj">{"".join(meter_events)}</list></obj>'
    )


def track(*markers, domain="0", inside=""):
    return (
        '<obj ID="4" class="MMarkerTrackEvent"><obj ID="5" class="MListNode" name="Node">'
        f'<member name="Domain">{value("Type", domain, "int")}{inside}</member>'
        f'<list name="Events" type="obj">{"".join(markers)}</list></obj></obj>\n'
    )


def archive(*tracks, setup=SETUP, start="3600"):
    told = "".join(value(name, text, "int") for name, text in setup.items())
    at = f'<member name="Start">{value("Time", start)}<member name="Domain">'
    at += f"{value('Type', '1', 'int')}{value('Period', '1')}</member></member>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<tracklist2>\n'
        f'<list name="track" type="obj">{"".join(tracks)}</list>\n'
        f'<obj class="PArrangeSetup" name="Setup">{at}{told}</obj></tracklist2>'
    )


def parse(text, **options):
    return cubase.parse(text.encode(), SheetOptions(**options))


def test_cycle_markers_are_cues_with_true_lengths(edges):
    cycle, point = marker("1920", "1M1 Chase: brass", "960"), marker("2160", "door")
    sheet = parse(archive(track(cycle, point, inside=tempo_track())))
    half_beats = 60 * 16 / 100 * math.log(1 + 2 / 16)
    ((name, start, end),) = edges(sheet)
    assert (name, start) == ("1M1 Chase", 2)
    assert end == pytest.approx(2 + half_beats, abs=2e-6)
    assert [hit.name for hit in sheet.cues[0].hits] == ["door"]
    assert sheet.cues[0].place.startswith("line ")


def test_markers_in_bars_and_in_seconds_of_one_place_agree():
    after_ramp_s = 2 + 9.6 * math.log(2) + 4 * 60 / 200
    musical = track(marker("11520", "A", "480"), inside=tempo_track())
    linear = track(marker(str(after_ramp_s), "B", "1"), domain="1", inside=value("Period", "1"))
    in_bars, in_seconds = sorted(parse(archive(musical, linear)).cues, key=lambda cue: cue.name)
    assert float(in_bars.start_s) == pytest.approx(float(in_seconds.start_s), abs=5e-6)
    assert in_seconds.length_s == 1


def test_the_setup_tells_rate_start_and_frame_rate():
    sheet = parse(archive(track(marker("0", "A", "480"), inside=tempo_track())))
    assert (str(sheet.frame_rate), str(sheet.start_timecode)) == ("25", "01:00:00:00")
    assert sheet.sample_rate == 48_000


@pytest.mark.parametrize(("frame_type", "rate"), [("12", "23.976"), ("6", "29.97df"), ("2", "24")])
def test_frame_types_are_known(frame_type, rate):
    text = archive(
        track(marker("0", "A", "480"), inside=tempo_track()), setup={"FrameType": frame_type}
    )
    assert parse(text).frame_rate == FrameRate.named(rate)


def test_an_unknown_frame_type_is_told(told):
    text = archive(track(marker("0", "A", "480"), inside=tempo_track()), setup={"FrameType": "13"})
    assert "none that timecode has: say --fps" in told(parse(text))[0]


def test_signatures_count_bars(edges):
    signatures = [("0", "4", "4"), ("2", "3", "4"), ("4", "6", "8")]
    inside = tempo_track([("60", "0", "")], signatures)
    sheet = parse(archive(track(marker("0", "A", "480"), inside=inside)))
    assert [(m.at_beats, m.numerator, m.denominator) for m in sheet.tempo_map.meters] == [
        (0, 4, 4),
        (8, 3, 4),
        (14, 6, 8),
    ]


def test_a_musical_track_without_tempo_asks_for_one(edges):
    text = archive(track(marker("480", "A", "480")))
    with pytest.raises(CueSheetError, match=r"no tempo track: set bpm in reel\.toml") as caught:
        parse(text, title="reel")
    assert caught.value.place.startswith("line ")
    assert edges(parse(text, defaults=CueSettings(bpm=Fraction(60)))) == [("A", 1, 2)]


def test_what_is_damaged_is_left_out_and_told(edges, told):
    broken = [("120", "0", ""), ("fast", "480", ""), ("0", "960", "")]
    inside = tempo_track(broken, [("0", "4", "0"), ("x", "4", "4")])
    sheet = parse(
        archive(track(marker("0", "A", "480"), marker("soon", "B"), inside=inside), start="later")
    )
    assert edges(sheet) == [("A", 0, 0.5)]
    words = ("tempo event", "tempo is", "signature", "signature", "setup", "marker")
    for word, warning in zip(words, told(sheet), strict=False):
        assert word in warning


def test_an_archive_is_found_by_content(write_sheet):
    path = write_sheet(archive(track(marker("0", "A", "480"), inside=tempo_track())), "a.xml")
    assert read(path).cues[0].name == "A"


def test_an_archive_without_markers_is_refused():
    with pytest.raises(CueSheetError, match="the track archive has no marker"):
        parse(archive())
