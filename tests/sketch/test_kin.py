"""Takes that are siblings of the first one, and layers that are of one music."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.timeline import Note, TempoMap

S = Fraction
FIRST = Commission("", S(16), 40, theme="village", theme_seed=3)

styles = pytest.mark.parametrize("style", STYLES)


def sibling(first: Commission) -> Commission:
    return replace(first, seed=first.seed + 1, kin_seed=first.seed)


def pitched(composition: Composition) -> Counter[tuple[str, Fraction, int]]:
    return Counter(
        (part.name, note.start_beats, note.pitch)
        for part in composition.score.parts
        if not part.drums and part.stem != "fx"
        for note in part.notes
    )


def bars_of(notes: tuple[Note, ...]) -> Iterator[tuple[Fraction, ...]]:
    """The rhythm of every bar of 4/4."""
    bars: dict[int, list[Fraction]] = {}
    for note in notes:
        bars.setdefault(int(note.start_beats // 4), []).append(note.start_beats % 4)
    yield from (tuple(sorted(set(bar))) for bar in bars.values())


@styles
def test_takes_share_key_tempo_and_bars_and_are_no_copies(style: str) -> None:
    first = replace(FIRST, style=style)
    takes = [compose(first), compose(sibling(first))]
    assert takes[0].key == takes[1].key
    assert takes[0].score.tempo_map == takes[1].score.tempo_map
    one, other = map(pitched, takes)
    alike = (one & other).total() / min(one.total(), other.total())
    assert alike < 0.75
    classes = Scale.parse(takes[0].key).classes
    assert sum(pitch % 12 in classes for _, _, pitch in other.elements()) >= 0.98 * other.total()


def test_takes_sing_the_same_motif() -> None:
    first = replace(FIRST, style="chiptune", tempo_map=TempoMap.constant(120), length_s=S(32))
    rhythms = []
    for commission in (first, sibling(first)):
        lead = next(p for p in compose(commission).score.parts if p.name == "lead")
        rhythms.append(set(bars_of(lead.notes)))
    assert len(rhythms[0] & rhythms[1]) >= 2


def test_takes_open_with_the_same_chords() -> None:
    first = replace(FIRST, style="house", length_s=S(32), key="C minor")
    roots = []
    for commission in (first, sibling(first), replace(first, seed=77)):
        bass = next(p for p in compose(commission).score.parts if p.name == "bass")
        bars: dict[int, int] = {}
        for note in bass.notes:
            bars.setdefault(int(note.start_beats // 4), note.pitch % 12)
        roots.append([bars.get(bar) for bar in range(3)])
    assert roots[0] == roots[1] != roots[2]


def test_words_of_a_layer_say_who_plays_and_change_nothing_else() -> None:
    whole = Commission("tense cinematic strings, F minor", S(16), 5)
    drones = replace(whole, players="low drones only")
    made = [compose(whole), compose(drones)]
    assert (made[0].style, made[0].key) == (made[1].style, made[1].key)
    assert made[0].score.tempo_map == made[1].score.tempo_map
    assert pitched(made[0]) != pitched(made[1])
    alone = compose(replace(whole, prompt="low drones only, F minor"))
    assert alone.style != made[0].style
