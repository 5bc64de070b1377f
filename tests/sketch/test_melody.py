from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.chords import parse_chord
from musicgen_daw.sketch.composition import Voice
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.embellish import Sung
from musicgen_daw.sketch.form import Form, shape
from musicgen_daw.sketch.harmony import ChordSpan, Harmonisation
from musicgen_daw.sketch.melody import sing
from musicgen_daw.sketch.motif import Motif, make_motif
from musicgen_daw.sketch.rhythm import onsets
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import Layer, MelodyRules
from musicgen_daw.timeline import IntensityLane, TempoMap

C_MAJOR = Scale(0, "major")


def tune(composition: Composition, part: str) -> list[int]:
    return [n.pitch for p in composition.score.parts if p.name == part for n in p.notes]


def piano(seed: int, theme: str = "hero", theme_seed: int = 0) -> Composition:
    return compose(
        Commission(
            "", Fraction(64), seed, style="emotional-piano", key="C major", theme=theme,
            theme_seed=theme_seed, tempo_map=TempoMap.constant(60),
        )
    )  # fmt: skip


def test_a_motif_comes_from_its_theme_alone() -> None:
    assert make_motif("hero", 1) == make_motif("hero", 1)
    motifs = {make_motif("hero", seed) for seed in range(20)}
    assert len(motifs) >= 18


def test_a_motif_has_a_degree_for_every_note_of_its_rhythm() -> None:
    for seed in range(30):
        motif = make_motif("", seed)
        for rhythm, contour in zip(motif.rhythms, motif.contours, strict=True):
            assert len(onsets(rhythm)) == len(contour)


def test_a_melody_moves_mostly_by_step() -> None:
    steps = [
        abs(b - a)
        for seed in range(8)
        for pitches in [tune(piano(seed), "right hand")]
        for a, b in pairwise(pitches)
    ]
    assert sum(step <= 4 for step in steps) / len(steps) > 0.7
    assert max(steps) <= 16


def test_takes_share_the_rhythm_of_the_motif() -> None:
    for seed in range(4):
        notes = next(p.notes for p in piano(seed).score.parts if p.name == "right hand")
        rhythm = [onset.step for onset in onsets(make_motif("hero", 0).rhythms[0])]
        bars: dict[int, list[int]] = {}
        for note in notes:
            bar, beat = divmod(note.start_beats, 4)
            bars.setdefault(int(bar), []).append(int(beat * 4))
        assert any(set(rhythm) <= set(steps) for steps in bars.values())


FOUR_CHORDS = Harmonisation(
    [
        ChordSpan(Fraction(4 * bar), Fraction(4 * bar + 4), parse_chord(numeral, C_MAJOR))
        for bar, numeral in enumerate(("I", "vi", "IV", "V") * 4)
    ],
    parse_chord("I", C_MAJOR),
    "",
)


def lines(seed: int, stretch: int = 1, **changes: Any) -> tuple[Form, Motif, list[list[Sung]]]:
    """A form of A A B A in C major, a motif, and what is sung of it over four chords in turn."""
    form = shape(
        TempoMap.constant(120), Fraction(32), "cut", IntensityLane(), felt_bpm=(100, 140),
        phrase_bars=4, sections=("AABA",),
    )  # fmt: skip
    motif, dice = make_motif("hero", seed), Dice("tune", seed)
    rules = MelodyRules(stretch=stretch)
    layer = Layer("tune", "lead", "melody", Voice("flute"), (60, 84), melody=rules)
    return form, motif, [
        sing(motif, phrase, layer, C_MAJOR, FOUR_CHORDS, dice, **changes)
        for phrase in form.phrases
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_the_theme_returns_in_its_place_and_what_differs_lies_higher(seed: int) -> None:
    form, _, sung = lines(seed)
    opening = [[note.degree for note in notes if note.start < phrase.measures[2].start]
               for phrase, notes in zip(form.phrases, sung, strict=True)]  # fmt: skip
    assert opening[0] == opening[1] == opening[3] != opening[2]
    _, _, lifted = lines(seed, lift=3)
    assert lifted[0] == sung[0]
    assert sum(n.degree for n in lifted[2]) > sum(n.degree for n in sung[2])


@pytest.mark.parametrize("seed", range(6))
def test_a_theme_keeps_the_turns_of_its_motif(seed: int) -> None:
    form, motif, sung = lines(seed)
    bar = [note.degree for note in sung[0] if note.start < form.phrases[0].measures[0].end]
    kept = [(b > a) - (b < a) for a, b in pairwise(bar)]
    assert kept == [(b > a) - (b < a) for a, b in pairwise(motif.contours[0])]


@pytest.mark.parametrize("stretch", [1, 2, 4])
def test_no_long_note_of_a_theme_lies_a_semitone_above_a_tone_of_its_chord(stretch: int) -> None:
    for seed in range(12):
        _, _, sung = lines(seed, stretch=stretch)
        for note in (each for notes in sung for each in notes):
            chord = FOUR_CHORDS.chord_at(note.start)
            assert note.length < 1 or not chord.rubs(C_MAJOR.pitch(note.degree))


@pytest.mark.parametrize("seed", range(6))
def test_a_phrase_ends_by_step_on_a_tone_of_its_chord_and_the_last_one_beside_the_tonic(
    seed: int,
) -> None:
    _, _, sung = lines(seed)
    for notes in sung:
        assert abs(notes[-1].degree - notes[-2].degree) == 1
        assert C_MAJOR.pitch(notes[-1].degree) % 12 in (7, 11, 2)  # of V
    assert sung[-1][-1].degree % 7 in (1, 6)


def test_a_tune_never_rests_for_two_phrases_and_sings_at_the_end() -> None:
    for seed in range(6):
        bars = {int(note.start_beats // 4) for part in piano(seed).score.parts
                if part.name == "right hand" for note in part.notes}  # fmt: skip
        silent = [bar for bar in range(14) if bar not in bars]
        assert all(set(range(bar, bar + 6)) - set(silent) for bar in silent)
        assert max(bars) >= 14
