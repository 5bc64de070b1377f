"""The session finds its takes."""

from fractions import Fraction

import pytest

from musicgen_daw.session import PlacedCue, Session
from musicgen_daw.timeline import FRAME_RATES, Cue, CueSheet, Span, TempoMap, Timecode

SHEET = CueSheet(
    "s", (Cue("a", "A", Fraction(0), Fraction(1)), Cue("b", "B", Fraction(1), Fraction(2)))
)
RATE = FRAME_RATES["25"]


def take(cue_id: str, number: int, verdict: str | None = None) -> PlacedCue:
    return PlacedCue(cue_id, cue_id, number, Span(0, 1), 0, (), verdict=verdict)  # type: ignore[arg-type]


def session(*cues: PlacedCue) -> Session:
    return Session("s", 48_000, SHEET, cues, TempoMap(), RATE, Timecode(0, RATE))


def test_takes_come_in_order() -> None:
    placed = session(take("a", 2), take("b", 1), take("a", 1))
    assert [found.take for found in placed.takes_of(SHEET.cues[0])] == [1, 2]
    assert placed.sheet_cue(placed.cues[1]) is SHEET.cues[1]


@pytest.mark.parametrize(
    ("verdicts", "chosen"),
    [
        ([None, None], 1),
        (["reject", None], 2),
        ([None, "keep"], 2),
        (["reject", "lock"], 2),
        (["reject", "reject"], 1),
        (["keep", "lock"], 1),
    ],
)
def test_the_kept_take_is_chosen_else_the_first_not_rejected(
    verdicts: list[str | None], chosen: int
) -> None:
    cues = [take("a", number, verdict) for number, verdict in enumerate(verdicts, start=1)]
    assert [placed.take for placed in session(*cues).chosen()] == [chosen]


def test_chosen_takes_come_in_the_order_of_the_sheet() -> None:
    assert [placed.id for placed in session(take("b", 1), take("a", 1)).chosen()] == ["a", "b"]


def test_a_placed_cue_must_be_in_the_sheet() -> None:
    with pytest.raises(ValueError, match="'c' is placed but not in the sheet"):
        session(take("c", 1))
