"""Sessions for DAWs, read as cue sheets by our own readers."""

import io
import zipfile
from collections.abc import Callable
from fractions import Fraction

from hypothesis import given, note
from hypothesis import strategies as st

from musicgen_daw.cuesheets import ardour as ardour_reader
from musicgen_daw.cuesheets import dawproject as dawproject_reader
from musicgen_daw.cuesheets import reaper as reaper_reader
from musicgen_daw.cuesheets.reader import SheetOptions
from musicgen_daw.export import Archive, export
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

RATE = 48_000


def content(session: Session, name: str) -> bytes:
    """Return the session file of an exporter, its copies of stems left out."""
    file = export(session, name)[0]
    if isinstance(file.content, bytes):
        return file.content
    assert isinstance(file.content, Archive)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for path, part in file.content.members:
            if isinstance(part, bytes):
                archive.writestr(path, part)
    return zipped.getvalue()


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Draw cues in the order of time, with hits, over steps of tempo and meter."""
    tempos, meters, at_beats = [], [], Fraction(0)
    for bars in draw(st.lists(st.integers(1, 4), min_size=1, max_size=5)):
        us_per_beat = draw(st.integers(200_000, 2_000_000))
        if not tempos or tempos[-1].us_per_beat != us_per_beat:
            tempos.append(TempoChange(at_beats, us_per_beat))
        meter = MeterChange(at_beats, draw(st.integers(1, 12)), draw(st.sampled_from([2, 4, 8])))
        if not meters or (meters[-1].numerator, meters[-1].denominator) != (
            meter.numerator,
            meter.denominator,
        ):
            meters.append(meter)
        at_beats += bars * meters[-1].bar_beats
    cues, free_samples = [], 0
    for number in range(draw(st.integers(1, 5))):
        start = free_samples + draw(st.integers(0, 10**7))
        length = draw(st.integers(RATE, 10**7))
        free_samples = start + length
        hits = tuple(
            Hit(Fraction(start + at, RATE), f"hit {at}", important=at % 2 == 0)
            for at in draw(st.lists(st.integers(1, length - 1), max_size=3, unique=True))
        )
        name = f"1M{number + 1} {draw(st.sampled_from(['Chase', 'Café & Co', 'a <b>']))}"
        cues.append(
            Cue(
                name,
                name,
                Fraction(start, RATE),
                Fraction(free_samples, RATE),
                hits=tuple(sorted(hits)),
            )
        )
    rate = FRAME_RATES["25"]
    start = Timecode(draw(st.integers(0, 20 * 3600 * 25)), rate)
    placed = tuple(
        PlacedCue(
            cue.id,
            cue.name,
            1,
            Span.between(cue.start_s, cue.end_s, RATE),
            0,
            (PlacedStem("mix", f"stems/{cue.id}/mix.wav", "", 2, None, None),),
        )
        for cue in cues
    )
    tempo_map = TempoMap(tuple(tempos), tuple(meters))
    sheet = CueSheet("Film", tuple(cues), tempo_map, rate, start)
    return Session("Film", RATE, sheet, placed, tempo_map, rate, start)


READERS: dict[str, Callable[[bytes, SheetOptions], CueSheet]] = {
    "reaper": reaper_reader.parse,
    "dawproject": dawproject_reader.parse,
    "dawproject-nested": dawproject_reader.parse,
    "ardour": ardour_reader.parse,
}


@given(session=sessions())
def test_cues_hits_tempo_and_timecode_come_back(session: Session) -> None:
    for name, parse in READERS.items():  # to draw a session takes longer than to write it
        note(name)
        assert_same(parse(content(session, name), SheetOptions()), session, name)


def assert_same(read: CueSheet, session: Session, name: str) -> None:
    assert [cue.name for cue in read.cues] == [cue.name for cue in session.sheet.cues]
    for cue, told in zip(read.cues, session.sheet.cues, strict=True):
        assert round(cue.start_s * RATE) == told.start_s * RATE
        assert round(cue.end_s * RATE) == told.end_s * RATE
        assert [(round(hit.at_s * RATE), hit.name, hit.important) for hit in cue.hits] == [
            (hit.at_s * RATE, hit.name, hit.important) for hit in told.hits
        ]
    assert read.tempo_map == session.tempo_map
    if not name.startswith("dawproject"):  # which has no place for it
        assert read.start_timecode == session.start_timecode or not (
            session.start_timecode.video_frames
        )
        assert read.frame_rate == session.frame_rate
        assert read.sample_rate == RATE
