"""What a player makes of a tune: runs, notes before the beat, breaths, chords that change."""

from dataclasses import replace
from fractions import Fraction

from musicgen_daw.sketch.chords import parse_chord
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.embellish import Sung, embellished
from musicgen_daw.sketch.form import Measure, Phrase
from musicgen_daw.sketch.harmony import ChordSpan, Harmonisation
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import MelodyRules

F = Fraction
KEY = Scale(0, "major")
PLAIN = MelodyRules(ornaments=0.0)


def bar(number: int) -> Measure:
    return Measure(
        number, F(4 * number), F(4 * number + 4), F(4), (4, 4, 4, 4), 0.5, 0, number,
        last_in_phrase=number == 1,
    )  # fmt: skip


def harmony(*numerals: str) -> Harmonisation:
    spans = [
        ChordSpan(F(4 * number), F(4 * number + 4), parse_chord(numeral, KEY))
        for number, numeral in enumerate(numerals)
    ]
    return Harmonisation(spans, None, "")


def played(
    *notes: tuple[float, float, int], rules: MelodyRules = PLAIN, is_last: bool = True,
    chords: tuple[str, ...] = ("I", "I"),
) -> list[Sung]:  # fmt: skip
    """Notes of start, length and degree over two bars, as they are played."""
    sung = [Sung(F(start), F(length), degree, 1.0) for start, length, degree in notes]
    phrase = Phrase(0, "A", (bar(0), bar(1)), is_last)
    return embellished(sung, phrase, rules, KEY, harmony(*chords), Dice("x"))


def places(notes: list[Sung]) -> list[tuple[float, float, int]]:
    return [(float(note.start), float(note.length), note.degree) for note in notes]


def test_a_note_before_the_beat_takes_its_eighth_from_the_note_before() -> None:
    rules = replace(PLAIN, pushes=1.0)
    assert places(played((0, 2, 35), (2, 2, 36), (4, 4, 35), rules=rules)) == [
        (0, 1.5, 35), (1.5, 2, 36), (3.5, 4.5, 35),
    ]  # fmt: skip


def test_a_note_that_follows_at_once_is_not_pushed() -> None:
    rules = replace(PLAIN, pushes=1.0)
    assert places(played((0, 0.5, 35), (0.5, 0.5, 36), (1, 3, 37), rules=rules))[2][0] == 1


def test_a_run_walks_a_leap_by_step_up_to_the_note_it_leads_to() -> None:
    rules = replace(PLAIN, runs=1.0)
    assert places(played((0, 2, 35), (2, 6, 39), rules=rules)) == [
        (0, 0.5, 35), (0.5, 0.5, 36), (1, 0.5, 37), (1.5, 0.5, 38), (2, 6, 39),
    ]  # fmt: skip


def test_a_phrase_without_room_for_a_note_has_no_tune() -> None:
    assert played(rules=replace(PLAIN, runs=1.0)) == []


def test_no_run_sets_out_after_a_rest() -> None:
    rules = replace(PLAIN, runs=1.0)
    assert len(played((0, 1, 35), (2, 6, 39), rules=rules)) == 2


def test_a_phrase_leaves_room_for_a_breath_unless_it_is_the_last_one() -> None:
    assert places(played((0, 4, 35), (4, 4, 37), is_last=False))[-1] == (4, 3, 37)
    assert places(played((0, 4, 35), (4, 4, 37)))[-1] == (4, 4, 37)


def test_a_note_that_rubs_against_the_next_chord_moves_into_it_by_step() -> None:
    held = played((0, 8, 35), chords=("I", "V"))  # C over C major, then G major
    assert places(held) == [(0, 4, 35), (4, 4, 34)]
    assert places(played((0, 8, 39), chords=("I", "V"))) == [(0, 8, 39)]  # G is in both


def test_a_held_note_a_semitone_above_a_tone_of_its_chord_falls_to_it() -> None:
    fourth = played((0, 2, 38), (2, 2, 39), (4, 4, 35))  # F over C major
    assert places(fourth) == [(0, 1, 38), (1, 1, 37), (2, 2, 39), (4, 4, 35)]
    assert fourth[1].strength < fourth[0].strength
    passing = ((0, 0.5, 38), (0.5, 0.5, 39), (1, 7, 39))
    assert places(played(*passing)) == list(passing)


def test_a_suspension_that_falls_as_it_is_written_stays() -> None:
    suspended = ((0, 2, 38), (2, 2, 37), (4, 4, 35))
    assert places(played(*suspended)) == list(suspended)


def test_a_grace_is_short_however_long_its_note_is() -> None:
    graced = played((0, 4, 35), (4, 4, 37), rules=replace(PLAIN, ornaments=1.0))
    assert places(graced)[:2] == [(0, 3.5, 35), (3.5, 0.5, 36)]


def test_a_phrase_grows_to_its_second_half_and_comes_back() -> None:
    strengths = [note.strength for note in played(*((beat, 1, 35) for beat in range(8)))]
    loudest = strengths.index(max(strengths))
    assert 4 <= loudest <= 5
    assert strengths[: loudest + 1] == sorted(strengths[: loudest + 1])
    assert strengths[loudest:] == sorted(strengths[loudest:], reverse=True)
