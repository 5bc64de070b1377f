"""The pickups that lead a tune into its phrases."""

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
from musicgen_daw.sketch.motif import Motif, make_motif
from musicgen_daw.sketch.rhythm import onsets
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.sheet import Sheet
from musicgen_daw.sketch.singing import play_melody
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.styles.pack import Layer, MelodyRules
from musicgen_daw.timeline import IntensityLane, Note, TempoMap

KEY = Scale(0, "major")
PLAIN = Motif(
    ("x---x---x---x---", "x-------x-------"), ((0, 1, 2, 1), (0, 1)), "....x-x-", (-2, -1)
)
LINES = (16, 32, 48)


def harmony(*hits: float) -> Harmonisation:
    """A chord a bar, in 16 bars; a chord sounds anew on every hit."""
    lines = sorted({*range(0, 64, 4), *hits})
    numerals = ("I", "vi", "IV", "V")
    spans = [
        ChordSpan(Fraction(first), Fraction(last), parse_chord(numerals[int(first) // 4 % 4], KEY),
                  struck=first in hits)
        for first, last in pairwise([*lines, 64])
    ]  # fmt: skip
    return Harmonisation(spans, None, "")


def tune(
    motif: Motif = PLAIN, *hits: float, silent: tuple[int, ...] = (), pickups: float = 1.0
) -> list[Note]:
    """A tune in four phrases of four bars, of which it doesn't play the ``silent`` ones."""
    form = shape(
        TempoMap.constant(120), Fraction(32), "cut", IntensityLane(), felt_bpm=(100, 140),
        phrase_bars=4, sections=("AABA",),
    )  # fmt: skip
    rules = MelodyRules(rests=0, ornaments=0, pickups=pickups)
    layer = Layer("tune", "lead", "melody", Voice("flute"), (60, 84), melody=rules)
    sheet = Sheet(form, harmony(*hits), KEY, motif, STYLES["folk"], Dice("sheet"))
    active = [measure.phrase not in silent for measure in form.measures]
    return play_melody(sheet, layer, active, Dice("tune"))


def before(notes: list[Note], line: int) -> list[Note]:
    return [note for note in notes if line - 1 <= note.start_beats < line]


def test_a_pickup_leads_into_every_phrase_but_the_first() -> None:
    notes = tune()
    assert min(note.start_beats for note in notes) == 0
    for line in LINES:
        lead = before(notes, line)
        assert [note.start_beats for note in lead] == [line - 1, line - Fraction(1, 2)]
        first = next(note for note in notes if note.start_beats == line)
        goal = KEY.degree_near(first.pitch)
        assert [KEY.degree_near(note.pitch) - goal for note in lead] == [-2, -1]
        assert lead[0].velocity < first.velocity


def test_without_pickups_phrases_begin_on_their_bars() -> None:
    assert not any(before(tune(pickups=0.0), line) for line in LINES)


@pytest.mark.parametrize("hit", [31.25, 31.75, 32])
def test_no_pickup_leads_over_a_hit_or_into_one(hit: float) -> None:
    leads = [len(before(tune(PLAIN, hit), line)) for line in LINES]
    assert leads == [2, 0, 2]


def test_no_pickup_sounds_where_the_layer_does_not_play() -> None:
    notes = tune(silent=(1,))
    assert not any(16 <= note.start_beats < 32 for note in notes)
    assert len(before(notes, 48)) == 2


@pytest.mark.parametrize("seed", range(12))
def test_the_note_before_a_pickup_is_held_for_a_while_and_left_with_a_breath(seed: int) -> None:
    notes = tune(make_motif("hero", seed))
    starts = {note.start_beats for note in notes}
    for note, after in pairwise(notes):
        assert note.start_beats + note.length_beats <= after.start_beats
    for line in LINES:
        lead = before(notes, line)
        assert lead
        last = notes[notes.index(lead[0]) - 1]
        assert Fraction(3, 4) <= last.length_beats < lead[0].start_beats - last.start_beats
        assert line in starts


@pytest.mark.parametrize("seed", range(24))
def test_a_pickup_walks_by_step_or_over_tones_of_the_chord_to_come(seed: int) -> None:
    notes, chords = tune(make_motif("hero", seed)), harmony()
    for line in LINES:
        lead = before(notes, line)
        goal = next(note for note in notes if note.start_beats == line)
        for note, after in pairwise([*lead, goal]):
            apart = abs(KEY.degree_near(note.pitch) - KEY.degree_near(after.pitch))
            assert apart <= 1 or note.pitch % 12 in chords.chord_at(line).classes
            assert note.pitch % 12 in KEY.classes


@pytest.mark.parametrize(
    ("style", "part"), [("folk", "fiddle"), ("orchestral-adventure", "horn theme")]
)
def test_a_theme_has_one_pickup_in_every_style(style: str, part: str) -> None:
    composition = compose(
        Commission("", Fraction(64), 2, style=style, theme="hero", theme_seed=5, end="cut",
                   tempo_map=TempoMap.constant(120), intensity=IntensityLane.parse("0.65"))
    )  # fmt: skip
    notes = list(next(p.notes for p in composition.score.parts if p.name == part))
    leads = [[8 + 4 * (n.start_beats - line) for n in before(notes, line)]
             for line in range(16, 128, 16)]  # fmt: skip
    heard = [lead for lead in leads if lead]
    assert len(heard) >= 3
    expected = [onset.step for onset in onsets(make_motif("hero", 5).lead)]
    assert all(lead == expected for lead in heard)


def test_a_theme_with_and_without_pickups_is_the_same_theme() -> None:
    led, plain = tune(), tune(pickups=0.0)
    for line in (0, *LINES):
        assert [note.pitch for note in led if line <= note.start_beats < line + 4] == [
            note.pitch for note in plain if line <= note.start_beats < line + 4
        ]
