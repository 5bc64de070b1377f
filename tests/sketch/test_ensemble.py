"""Players who hear each other."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.instruments import DRUM_KEYS
from musicgen_daw.timeline import IntensityLane, Note, Part, TempoMap

KICK = DRUM_KEYS["kick"]


def parts(style: str, seed: int) -> dict[str, Part]:
    commission = Commission(
        "", Fraction(24), seed, style=style, theme_seed=seed, end="cut",
        tempo_map=TempoMap.constant(120), intensity=IntensityLane.parse("0.7"),
    )  # fmt: skip
    return {part.name: part for part in compose(commission).score.parts}


def together(one: Part, other: Part) -> Iterator[tuple[Note, Note, float]]:
    """Pairs of notes that sound at once, and for how many beats."""
    for note in one.notes:
        for heard in other.notes:
            start = max(note.start_beats, heard.start_beats)
            end = min(note.start_beats + note.length_beats, heard.start_beats + heard.length_beats)
            if end > start:
                yield note, heard, float(end - start)


@pytest.mark.parametrize(
    ("style", "first", "second"),
    [("chiptune", "lead", "second voice"), ("uplifting", "bells", "guitar line")],
)
def test_two_tunes_at_once_hardly_ever_rub(style: str, first: str, second: str) -> None:
    shared = rubbing = 0.0
    for seed in range(4):
        playing = parts(style, seed)
        if first not in playing or second not in playing:
            continue
        for note, heard, beats in together(playing[first], playing[second]):
            shared += beats
            rubbing += beats * ((note.pitch - heard.pitch) % 12 in (1, 2, 10, 11))
    assert shared > 40
    assert rubbing < 0.09 * shared


def test_the_bass_drum_of_trap_strikes_with_the_808_and_nowhere_else() -> None:
    for seed in range(3):
        playing = parts("trap", seed)
        kicks = {note.start_beats for note in playing["drums"].notes if note.pitch == KICK}
        assert len(kicks) > 20
        assert kicks == {note.start_beats for note in playing["808"].notes}


def test_the_bass_drum_of_other_styles_keeps_its_own_groove() -> None:
    playing = parts("house", 1)
    kicks = {note.start_beats for note in playing["drums"].notes if note.pitch == KICK}
    assert {Fraction(beat) for beat in range(8)} <= kicks


def test_a_tune_changes_hands_between_phrases_only() -> None:
    commission = Commission(
        "", Fraction(60), 3, style="trap", theme_seed=3, end="cut",
        tempo_map=TempoMap.constant(144), intensity=IntensityLane.parse("0.45>0.95"),
    )  # fmt: skip
    singing = {
        part.name: {note.start_beats // 16 for note in part.notes}
        for part in compose(commission).score.parts
        if part.name in ("flute", "lead")
    }
    assert len(singing["flute"]) >= 2
    assert len(singing["lead"]) >= 3
    assert max(singing["flute"]) < min(singing["lead"])
