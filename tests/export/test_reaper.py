"""REAPER projects, read back by the library ``rpp`` and by our own reader of the nested text."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import rpp
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.export import export, reaper
from musicgen_daw.formats import rpp as own_rpp
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSheet,
    Hit,
    MeterChange,
    Span,
    TempoChange,
    TempoMap,
    Timecode,
)


def project(session: Session) -> Any:
    return rpp.loads(reaper.encode(session))


def lines(block: Any, kind: str) -> list[list[str]]:
    return [line[1:] for line in block if isinstance(line, list) and line[0] == kind]


def words(block: Any, kind: str) -> list[str]:
    (found,) = lines(block, kind)
    return found


def tracks(session: Session) -> dict[str, Any]:
    """Return the tracks by folder and name."""
    folder, found = "", {}
    for track in project(session).findall("TRACK"):
        (name,) = words(track, "NAME")
        if words(track, "ISBUS") == ["1", "1"]:
            folder = name
            found[folder] = track
        else:
            found[f"{folder}/{name}"] = track
    return found


def test_the_project_tells_rate_start_and_frame_rate(session: Session) -> None:
    root = project(session)
    assert words(root, "SAMPLERATE")[:2] == ["48000", "1"]
    assert words(root, "PROJOFFS") == ["36000", "0", "0"]
    assert words(root, "TIMEMODE")[3:5] == ["25", "0"]
    assert words(root, "TIMELOCKMODE") == ["0"]


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        ("23.976", ["24", "2"]),
        ("24", ["24", "0"]),
        ("29.97", ["30", "2"]),
        ("29.97df", ["30", "1"]),
        ("30", ["30", "0"]),
        ("30df", ["30", "0"]),
        ("50", ["50", "0"]),
        ("59.94", ["60", "2"]),
    ],
)
def test_frame_rates_are_a_number_and_a_way_to_count(rate: str, told: list[str]) -> None:
    assert list(reaper.frame_rate_line(FRAME_RATES[rate]).words[4:6]) == told


def test_a_frame_rate_that_reaper_lacks_is_told(session: Session) -> None:
    assert reaper.losses(session) == ()
    unknown = replace(session, frame_rate=FRAME_RATES["59.94df"])
    assert reaper.losses(unknown) == (
        "REAPER may not know 59.94df frames a second: it shows 60 then",
    )


def test_the_start_of_a_pulled_down_rate_is_in_real_seconds(session: Session) -> None:
    start = Timecode.parse("01:00:00:00", FRAME_RATES["23.976"])
    root = project(replace(session, start_timecode=start))
    assert words(root, "PROJOFFS")[0] == "3603.6"


def test_tempo_and_meter_are_points_that_hold(session: Session) -> None:
    root = project(session)
    assert words(root, "TEMPO") == ["120", "4", "4"]
    assert lines(root.find("TEMPOENVEX"), "PT") == [
        ["0", "120", "1", "262148", "0", "1"],
        ["4", "89.9999550000225", "1", "262147", "0", "1"],
    ]


def test_a_meter_that_cuts_a_bar_short_says_so() -> None:
    meters = (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(6), 6, 8))
    tempos = (TempoChange(Fraction(0), 500_000), TempoChange(Fraction(1), 400_000))
    _, envelope = reaper.tempo_lines(TempoMap(tempos, meters))
    assert isinstance(envelope, own_rpp.Block)
    points = [line.words[1:] for line in envelope.lines("PT")]
    assert points == [
        ("0", "120", "1", "262148", "0", "1"),
        ("0.5", "150", "1"),
        ("2.5", "150", "1", str(8 << 16 | 6), "0", "5"),
    ]


def test_cues_are_regions_and_hits_are_markers(session: Session) -> None:
    markers = lines(project(session), "MARKER")
    regions = [marker for marker in markers if marker[3] == "1"]
    assert [region[:3] for region in regions] == [
        ["1", "0", "1M1 Chase"],
        ["1", "4", ""],
        ["2", "6.000001", "1M2 Calm"],
        ["2", "10.000003", ""],
    ]
    hits = [marker for marker in markers if marker[3] == "0"]
    assert hits == [["1", "2.5", "!! door slam", "0"], ["2", "6.666668", "! look", "0"]]


def test_each_cue_is_a_folder_of_its_stems(session: Session) -> None:
    found = tracks(session)
    assert list(found) == [
        "1M1 Chase",
        "1M1 Chase/mix",
        "1M1 Chase/drums",
        "1M2 Calm",
        "1M2 Calm/mix",
        "1M2 Calm/drums",
    ]
    folders = [words(track, "ISBUS") for track in found.values()]
    assert folders == [["1", "1"], ["0", "0"], ["2", "-1"]] * 2
    assert {words(track, "BEAT")[0] for track in found.values()} == {"0"}  # time
    muted = [name for name, track in found.items() if words(track, "MUTESOLO")[0] == "1"]
    assert muted == ["1M1 Chase/mix", "1M2 Calm/mix"]


def test_the_takes_of_a_stem_are_takes_of_one_item_and_the_chosen_one_plays(
    session: Session,
) -> None:
    (item,) = tracks(session)["1M1 Chase/drums"].findall("ITEM")
    files = [words(source, "FILE")[0] for source in item.findall("SOURCE")]
    assert files == [
        "stems/1M1 Chase/1M1 Chase_t1_drums.wav",
        "stems/1M1 Chase/1M1 Chase_t2_drums.wav",
    ]
    assert lines(item, "TAKE") == [["SEL"]]  # the second
    (item,) = tracks(session)["1M2 Calm/drums"].findall("ITEM")
    assert lines(item, "TAKE") == []


def test_a_stem_that_the_chosen_take_lacks_is_silent(session: Session) -> None:
    first, second, calm = session.cues
    chosen = replace(second, stems=second.stems[:1])
    found = tracks(replace(session, cues=(first, chosen, calm)))
    (item,) = found["1M1 Chase/drums"].findall("ITEM")
    assert words(item, "MUTE")[0] == "1"
    (item,) = found["1M1 Chase/mix"].findall("ITEM")
    assert words(item, "MUTE")[0] == "0"


def test_items_lie_on_their_samples_and_have_no_fades(session: Session) -> None:
    (item,) = tracks(session)["1M2 Calm/mix"].findall("ITEM")
    assert words(item, "POSITION") == ["6"]
    assert words(item, "LENGTH") == ["4"]
    assert words(item, "FADEIN") == words(item, "FADEOUT") == ["1", "0", "0"]
    assert words(item, "LOOP") == ["0"]


def test_a_loop_that_is_the_whole_file_repeats_when_drawn_longer(session: Session) -> None:
    calm = replace(session.cues[2], loop_samples=Span(0, session.cues[2].span.length_samples))
    (item,) = tracks(replace(session, cues=(calm,)))["1M2 Calm/mix"].findall("ITEM")
    assert words(item, "LOOP") == ["1"]
    inside = replace(calm, loop_samples=Span(100, 200))
    (item,) = tracks(replace(session, cues=(inside,)))["1M2 Calm/mix"].findall("ITEM")
    assert words(item, "LOOP") == ["0"]


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".wav", "WAVE"), (".flac", "FLAC"), (".ogg", "VORBIS"), (".mp3", "MP3")]
)
def test_the_kind_of_source_follows_the_file(session: Session, suffix: str, kind: str) -> None:
    stem = replace(session.cues[2].stems[0], path=f"stems/a/a_mix{suffix}")
    only = replace(session.cues[2], stems=(stem,))
    (item,) = tracks(replace(session, cues=(only,)))["1M2 Calm/mix"].findall("ITEM")
    assert [list(source.attrib) for source in item.findall("SOURCE")] == [[kind]]


def test_the_same_session_is_the_same_bytes_and_every_id_is_another(session: Session) -> None:
    (file,) = export(session, "reaper")
    assert file.path == "Film.rpp"
    assert export(session, "reaper") == [file]
    assert isinstance(file.content, bytes)
    text = file.content.decode()
    ids = [line.split()[-1] for line in text.splitlines() if "GUID" in line or "<TRACK" in line]
    assert len(ids) == len(set(ids)) == 6 + 4 + 6


NAMES = st.text(max_size=20) | st.just("\ud800 <\"'`> \n&")
SAMPLES = st.integers(0, 12 * 3600 * 192_000)


@given(
    name=NAMES,
    start=SAMPLES,
    length=st.integers(1, 10**9),
    rate=st.sampled_from([44_100, 48_000, 192_000]),
)
def test_whatever_a_cue_is_called_it_reads_back_on_its_sample(
    name: str, start: int, length: int, rate: int
) -> None:
    cue = Cue(
        "a",
        name,
        Fraction(start, rate),
        Fraction(start + length, rate),
        hits=(Hit(Fraction(start, rate), name),),
    )
    stem = PlacedStem(name, "stems/a/a 'b' `c`.wav", "", 2, None, None)
    placed = PlacedCue("a", name, 1, Span(start, start + length), 0, (stem,))
    timecode = Timecode(0, FRAME_RATES["25"])
    session = Session(
        name, rate, CueSheet(name, (cue,)), (placed,), TempoMap(), FRAME_RATES["25"], timecode
    )
    (written,) = export(session, "reaper")
    assert isinstance(written.content, bytes)
    read = own_rpp.parse(written.content.decode())
    assert not read.faults
    assert len([line for line in read.root.lines("MARKER") if len(line.words) >= 5]) == 3
    _, track = read.root.blocks("TRACK")
    (item,) = track.blocks("ITEM")
    for kind, samples in (("POSITION", start), ("LENGTH", length)):
        (line,) = item.lines(kind)
        assert abs(Fraction(line.words[1]) * rate - samples) < Fraction(1, 10**6)
    (source,) = item.blocks("SOURCE")
    (file,) = source.lines("FILE")
    assert file.words == ("FILE", "stems/a/a 'b' `c`.wav")
