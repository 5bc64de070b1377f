"""The signs of patterns, as notes."""

import itertools
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest

from musicgen_daw.sketch import compose
from musicgen_daw.sketch.commission import Commission
from musicgen_daw.sketch.composition import Voice
from musicgen_daw.sketch.form import Measure
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.styles.pack import Layer
from musicgen_daw.timeline import Hit, IntensityLane, Note, TempoMap


def written(monkeypatch: pytest.MonkeyPatch, pattern: str, **changes: object) -> list[Note]:
    """What a guitar plays of a pattern in the first bar of four in C major, 120 bpm."""
    layer = Layer(
        "guitar", "harmony", "pattern", Voice("guitar-steel"), (48, 72), {"4/4": (pattern,)}, 4
    )
    pack = replace(STYLES["folk"], layers=(replace(layer, **changes),), grooves=())
    monkeypatch.setitem(STYLES, "folk", pack)
    composition = compose(
        Commission(
            "", Fraction(8), 1, style="folk", key="C major", end="cut",
            tempo_map=TempoMap.constant(120),
        )
    )  # fmt: skip
    (part,) = composition.score.parts
    return [note for note in part.notes if note.start_beats < 4]


def test_a_run_climbs_and_falls_by_steps_of_the_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = written(monkeypatch, "1^^^^vv.........")
    key = Scale.parse("C major")
    degrees = [key.degree_near(note.pitch) for note in notes]
    assert [degree - degrees[0] for degree in degrees] == [0, 1, 2, 3, 4, 3, 2]


def test_a_strummed_chord_sounds_string_by_string(monkeypatch: pytest.MonkeyPatch) -> None:
    down = written(monkeypatch, "C---------------", strum_steps=Fraction(1, 8))
    gaps = [after.start_beats - note.start_beats for note, after in itertools.pairwise(down)]
    assert gaps == [Fraction(1, 32)] * 3
    assert [note.pitch for note in down] == sorted(note.pitch for note in down)
    assert len({note.start_beats + note.length_beats for note in down}) == 1


def test_a_stroke_from_above_begins_with_the_highest_string_and_is_lighter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notes = written(monkeypatch, "C-------U-------", strum_steps=Fraction(1, 8))
    down, up = notes[:4], notes[4:]
    assert [note.pitch for note in up] == [note.pitch for note in reversed(down)]
    assert up[0].velocity < down[0].velocity


def measure(groups: tuple[int, ...], swing: Fraction, swung_steps: int) -> Measure:
    return Measure(
        0, Fraction(0), Fraction(sum(groups), 4), Fraction(sum(groups), 4), groups, 0.5, 0, 0,
        last_in_phrase=False, swing=swing, swung_steps=swung_steps,
    )  # fmt: skip


def test_swung_eighths_are_triplets_and_the_sixteenths_between_move_with_them() -> None:
    swung = measure((4, 4, 4, 4), Fraction(1, 3), 2)
    assert swung.grid[:5] == (0, Fraction(1, 3), Fraction(2, 3), Fraction(5, 6), 1)
    assert swung.grid[-1] == 4


def test_swung_sixteenths_leave_the_eighths_alone() -> None:
    swung = measure((4, 4, 4), Fraction(1, 4), 1)
    assert swung.grid[:3] == (0, Fraction(5, 16), Fraction(1, 2))


def test_eighths_in_threes_do_not_swing() -> None:
    assert measure((6, 6), Fraction(1, 3), 2).grid == measure((6, 6), Fraction(0), 2).grid


def test_the_tune_of_a_jazz_trio_swings() -> None:
    composition = compose(
        Commission("", Fraction(40), 3, style="jazz-trio", tempo_map=TempoMap.constant(140))
    )
    tune = next(part for part in composition.score.parts if part.name == "piano line")
    places = Counter(note.start_beats % 1 for note in tune.notes)
    assert places[Fraction(2, 3)] > 2 * places[Fraction(1, 2)]  # only graces fall half way


@pytest.mark.parametrize("style", ["lofi", "action-hybrid", "chiptune"])
def test_a_part_tells_the_intensity_from_which_on_it_plays(style: str) -> None:
    def parts(intensity: str) -> dict[str, float | None]:
        lane = IntensityLane.parse(intensity)
        commission = Commission("", Fraction(16), 3, style=style, end="loop", intensity=lane)
        return {part.name: part.enters for part in compose(commission).score.parts}

    full = parts("1")
    assert all(enters is not None and 0 <= enters <= 1 for enters in full.values())
    half = parts("0.5")
    assert {name for name, enters in full.items() if enters <= 0.5} <= set(half)
    assert max(half.values()) <= 0.5
    assert parts("1").keys() - half.keys() or max(full.values()) <= 0.5


def test_parts_that_mark_hits_and_gestures_follow_no_intensity() -> None:
    gesture = compose(Commission("", Fraction(2), 3, style="lofi")).score.parts
    struck = Commission("", Fraction(9), 3, style="lofi", hits=(Hit(Fraction(5), important=True),))
    marks = [part for part in compose(struck).score.parts if part.name in ("hits", "hit drums")]
    assert {part.enters for part in (*gesture, *marks)} == {None}
    assert marks
