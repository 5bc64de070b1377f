"""Patterns by phrase and by bar, answers to the tune, and chords ahead of their beat."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.chords import parse_chord
from musicgen_daw.sketch.composition import Voice
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import shape
from musicgen_daw.sketch.harmony import ChordSpan, Harmonisation
from musicgen_daw.sketch.motif import make_motif
from musicgen_daw.sketch.players import play
from musicgen_daw.sketch.rhythm import onsets
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.sheet import Sheet
from musicgen_daw.sketch.singing import resting
from musicgen_daw.sketch.strokes import strokes
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.styles.pack import Layer, MelodyRules
from musicgen_daw.timeline import IntensityLane, Note, TempoMap

KEY = Scale(0, "major")
STOCK = ("C---------------", "....C-----------", "C-------C-------", "..C-------------")
ANSWERS = ("........S.......", "..........S.S...", "............S...")
TUNE = Layer("tune", "lead", "melody", Voice("flute"), melody=MelodyRules(rests=0.4))


def sheet(*hits: float, tune: Layer | None = TUNE) -> Sheet:
    """Eight phrases of four bars, a chord a bar."""
    lines = sorted({*range(0, 128, 4), *hits})
    spans = [
        ChordSpan(Fraction(first), Fraction(last),
                  parse_chord(("I", "vi", "IV", "V")[int(first) // 4 % 4], KEY),
                  struck=first in hits)
        for first, last in pairwise([*lines, 128])
    ]  # fmt: skip
    form = shape(
        TempoMap.constant(120), Fraction(64), "cut", IntensityLane(), felt_bpm=(100, 140),
        phrase_bars=4, sections=("AABA",),
    )  # fmt: skip
    return Sheet(
        form, Harmonisation(spans, None, ""), KEY, make_motif("", 1), STYLES["folk"], Dice("x"),
        tune=tune,
    )  # fmt: skip


def part(*patterns: str, by_bar: bool = False, answers: tuple[str, ...] = ()) -> Layer:
    return Layer(
        "piano", "harmony", "pattern", Voice("piano"), (48, 72), {"4/4": patterns}, 3,
        by_bar=by_bar, answers={"4/4": answers} if answers else {},
    )  # fmt: skip


def rows(made: Sheet, layer: Layer, active: list[bool] | None = None) -> dict[int, set[int]]:
    """The steps that are struck in every bar."""
    found: dict[int, set[int]] = {}
    for stroke in strokes(made, layer, active or [True] * 32, Dice("bars")):
        found.setdefault(stroke.measure.index, set()).add(stroke.step)
    return found


def steps(*patterns: str) -> list[set[int]]:
    return [{onset.step for onset in onsets(pattern)} for pattern in patterns]


def struck(notes: list[Note], at: float) -> tuple[set[int], set[Fraction]]:
    """The pitch classes that begin at a beat, and where they end."""
    begun = [note for note in notes if note.start_beats == at]
    return {n.pitch % 12 for n in begun}, {n.start_beats + n.length_beats for n in begun}


def test_a_chord_ahead_of_its_beat_is_the_one_to_come_and_is_held_into_it() -> None:
    notes = play(sheet(), part("C-------......A-"))
    assert struck(notes, 0) == ({0, 4, 7}, {2})
    assert struck(notes, 3.5) == ({9, 0, 4}, {4})  # the stroke on the beat follows
    assert struck(play(sheet(), part("..............A-")), 3.5) == ({9, 0, 4}, {5})


def test_a_chord_that_a_hit_strikes_comes_with_the_hit() -> None:
    notes = play(sheet(4), part("..............A-"))
    assert struck(notes, 3.5) == ({0, 4, 7}, {4})
    assert struck(notes, 7.5)[0] == {5, 9, 0}


def test_no_chord_is_held_on_into_a_bar_that_the_layer_does_not_play() -> None:
    active = [number < 2 for number in range(32)]
    last = list(strokes(sheet(), part("..............A-"), active, Dice("x")))[-1]
    assert (last.start, last.end, last.chord_at) == (7.5, 8, 7.5)


def test_a_part_that_is_drawn_by_bar_never_plays_one_bar_twice_in_a_row() -> None:
    found = rows(sheet(tune=None), part(*STOCK, by_bar=True))
    assert all(one != other for one, other in pairwise(found[bar] for bar in range(32)))
    phrases = {tuple(map(tuple, (found[bar + place] for place in range(4))))
               for bar in range(0, 32, 4)}  # fmt: skip
    assert len(phrases) >= 7
    assert len({frozenset(bar) for bar in rows(sheet(), part(*STOCK)).values()}) <= 3


def test_answers_stand_where_the_tune_rests_or_holds_its_note() -> None:
    made = sheet()
    rests = resting(made.form, TUNE, made.dice.child("tune"))
    assert rests
    for bar, found in rows(made, part(*STOCK, by_bar=True, answers=ANSWERS)).items():
        answers = bar // 4 in rests or bar % 2 == 1
        assert found in steps(*(ANSWERS if answers else STOCK))


def test_who_comps_plays_the_same_in_whatever_bars_the_layer_is_heard() -> None:
    layer = part(*STOCK, by_bar=True, answers=ANSWERS)
    whole = rows(sheet(), layer)
    later = rows(sheet(), layer, [number >= 9 for number in range(32)])
    assert later == {bar: found for bar, found in whole.items() if bar >= 9}


def test_a_part_that_is_drawn_by_bar_has_patterns_of_one_bar() -> None:
    with pytest.raises(ValueError, match="isn't one bar"):
        part(STOCK[0] * 2, by_bar=True)


@pytest.mark.parametrize("seed", range(4))
def test_the_piano_of_a_jazz_trio_comps_anew_in_every_phrase(seed: int) -> None:
    commission = Commission(
        "", Fraction(48), seed, style="jazz-trio", end="cut", tempo_map=TempoMap.constant(120)
    )
    comping = next(p for p in compose(commission).score.parts if p.name == "comping")
    bars: dict[int, set[Fraction]] = {}
    for note in comping.notes:
        bars.setdefault(int(note.start_beats // 4), set()).add(note.start_beats % 4)
    rhythms = [frozenset(bars.get(bar, ())) for bar in range(24)]
    assert len(set(rhythms)) >= 10
    assert len({tuple(rhythms[bar : bar + 4]) for bar in range(0, 24, 4)}) == 6
    assert any(n.start_beats % 4 > 3 and n.start_beats % 4 + n.length_beats > 4
               for n in comping.notes)  # fmt: skip
