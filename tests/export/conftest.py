"""A small session: two cues over a tempo change, one of them with a score."""

from fractions import Fraction

import pytest

from musicgen_daw.session import PlacedClip, PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    MeterChange,
    Note,
    Part,
    Score,
    Span,
    TempoChange,
    TempoMap,
    Timecode,
)

MAP = TempoMap(
    (TempoChange(Fraction(0), 500_000), TempoChange(Fraction(8), 666_667)),
    (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(8), 3, 4)),
)

CHASE = Cue(
    "1M1 Chase",
    "1M1 Chase",
    Fraction(0),
    Fraction(4),
    CueSettings(preset="action-hybrid", prompt="brass stabs, relentless", seed=12),
    hits=(Hit(Fraction(5, 2), "door slam", important=True),),
)
CALM = Cue(
    "1M2",
    "1M2 Calm",
    MAP.seconds_at(11),
    MAP.seconds_at(17),
    CueSettings(prompt="=HYPERLINK(1)", intensity=None, loop=True, tail=Fraction(1, 2)),
    hits=(Hit(MAP.seconds_at(12), "look"),),
)


@pytest.fixture
def sheet() -> CueSheet:
    return CueSheet(
        "Film",
        (CHASE, CALM),
        MAP,
        FRAME_RATES["25"],
        Timecode.parse("10:00:00:00", FRAME_RATES["25"]),
    )


@pytest.fixture
def score() -> Score:
    drums = Part("kit", "drums", 0, (Note(Fraction(0), Fraction(1, 4), 36, 100),), drums=True)
    bass = Part(
        "bass",
        "bass",
        33,
        (
            Note(Fraction(0), Fraction(2), 40, 90),
            Note(Fraction(1), Fraction(1), 40, 80),
            Note(Fraction(4, 3), Fraction(1, 3), 43, 70),
        ),
    )
    return Score(MAP.window(CALM.start_s, CALM.end_s), (drums, bass))


def placed(cue: Cue, take: int, **more: object) -> PlacedCue:
    span = Span.between(cue.start_s, cue.end_s, 48_000)
    path = f"stems/{cue.id}/{cue.id}_t{take}_mix.wav"
    stems = (
        PlacedStem("mix", path, "ab" * 32, 2, -18.0, -1.04, asked_lufs=-18.0),
        PlacedStem("drums", path.replace("mix", "drums"), "cd" * 32, 2, None, None),
    )
    return PlacedCue(cue.id, cue.name, take, span, 0, stems, cue.hits, **more)  # type: ignore[arg-type]


@pytest.fixture
def session(sheet: CueSheet, score: Score) -> Session:
    return Session(
        "Film",
        48_000,
        sheet,
        (
            placed(
                CHASE,
                1,
                preset="action-hybrid",
                prompt="brass stabs, relentless",
                seed=12,
                backend="sketch",
                licence="CC0-1.0",
                clips=(
                    PlacedClip(
                        "",
                        Fraction(0),
                        "k1",
                        '{"backend":"sketch","model":null,"prompt":"brass","seed":12}',
                        {"request_id": "job-1", "cost_usd": "0.04"},
                    ),
                ),
                understood={"style": "hybrid"},
                asked={"lufs": -18.0},
                facts={"cost_usd": "0"},
            ),
            placed(CHASE, 2, seed=13, verdict="keep"),
            placed(CALM, 1, read_score=lambda: score),
        ),
        MAP,
        FRAME_RATES["25"],
        Timecode.parse("10:00:00:00", FRAME_RATES["25"]),
    )
