from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from musicgen_daw.errors import PlanError
from musicgen_daw.sketch import STEMS, Commission, Composition, compose
from musicgen_daw.sketch.compose import ENDINGS
from musicgen_daw.sketch.instruments import INSTRUMENTS
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.timeline import (
    MODES,
    Hit,
    IntensityLane,
    MeterChange,
    Note,
    Part,
    TempoChange,
    TempoMap,
    us_per_beat,
)

METERS: list[tuple[Any, ...]] = [
    (4, 4),
    (3, 4),
    (6, 8),
    (5, 4),
    (7, 8),
    (12, 8),
    (2, 2),
    (1, 4),
    (11, 8),
    (7, 16),
]
METERS += [(7, 8, (3, 2, 2)), (5, 4, (2, 3)), (9, 8, (2, 2, 2, 3)), (7, 4, (4, 3))]


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    """Any meter, a ritardando in some, a pickup or a second meter in some."""
    us = us_per_beat(draw(st.sampled_from([Fraction(18, 5), 40, 72, 96, 120, 171, 250, 400])))
    tempos = [TempoChange(Fraction(0), us)]
    if us < 3_000_000 and draw(st.booleans()):
        tempos += [TempoChange(Fraction(k, 4) + 3, us + 9_000 * k) for k in range(1, 12)]
    first = MeterChange(Fraction(0), *draw(st.sampled_from(METERS)))
    shape = draw(st.sampled_from(["plain", "pickup", "two meters"]))
    if shape == "pickup":
        return TempoMap(tuple(tempos), (first,), first.bar_beats / draw(st.integers(2, 4)))
    if shape == "two meters":
        second = MeterChange(Fraction(draw(st.integers(1, 30)), 2), *draw(st.sampled_from(METERS)))
        return TempoMap(tuple(tempos), (first, second))
    return TempoMap(tuple(tempos), (first,))


@st.composite
def commissions(draw: st.DrawFn) -> Commission:
    length_s = Fraction(draw(st.integers(500, 50_000)), 1000)
    at_s = st.integers(0, int(length_s * 1000) + 300).map(lambda ms: Fraction(ms, 1000))
    hits = draw(st.lists(st.builds(Hit, at_s, important=st.booleans()), max_size=5))
    if draw(st.booleans()):
        hits += [Hit(Fraction(0)), Hit(length_s - Fraction(1, 48_000)), Hit(length_s)]
    tonic, mode = (
        draw(st.sampled_from(["C", "D", "Eb", "F#", "A"])),
        draw(st.sampled_from(sorted(MODES))),
    )
    return Commission(
        prompt="",
        length_s=length_s,
        seed=draw(st.integers(0, 2**31 - 1)),
        tail_s=draw(st.sampled_from([Fraction(0), Fraction(5, 2)])),
        tempo_map=draw(st.none() | tempo_maps()),
        key=draw(st.none() | st.just(f"{tonic} {mode}")),
        style=draw(st.sampled_from(list(STYLES))),
        intensity=draw(st.none() | st.sampled_from(["0", "1", "0.1>0.9"]).map(IntensityLane.parse)),
        hits=tuple(hits),
        end=draw(st.sampled_from(ENDINGS)),
        kin_seed=draw(st.none() | st.just(7)),
        players=draw(st.none() | st.sampled_from(["strings only", "low drones", "no drums"])),
    )


def tense(key: str, length_s: Fraction, *hits: Hit) -> Commission:
    """Hits so early that nothing fits in before them."""
    return Commission("", length_s, 0, style="cinematic-tension", key=key, hits=hits, end="button")


def pitched(composition: Composition) -> Iterator[tuple[Part, Note]]:
    for part in composition.score.parts:
        if not part.drums and part.stem != "fx":
            yield from ((part, note) for note in part.notes)


def share_in_scale(composition: Composition) -> float:
    classes = Scale.parse(composition.key).classes
    inside = [note.pitch % 12 in classes for _, note in pitched(composition)]
    return sum(inside) / len(inside)


EARLY_HIT, SECOND_HIT = Hit(Fraction(1, 1000), important=True), Hit(Fraction(1, 500))
IN_A_PICKUP = TempoMap(
    (TempoChange(Fraction(0), 1_500_000),), (MeterChange(Fraction(0), 4, 4),), Fraction(4, 3)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(commissions())
@example(tense("C dorian", Fraction(1, 2), EARLY_HIT, SECOND_HIT))
@example(tense("C locrian", Fraction(3), EARLY_HIT))
@example(
    Commission("", Fraction(1, 2), 0, style="emotional-piano", tempo_map=IN_A_PICKUP, end="cut")
)
def test_any_commission_gives_a_sound_composition(commission: Commission) -> None:
    composition = compose(commission)
    tempo_map = composition.score.tempo_map
    assert commission.tempo_map in (None, tempo_map)
    end = tempo_map.beats_at(commission.length_s)
    assert any(pitched(composition))
    assert share_in_scale(composition) >= 0.98
    for part in composition.score.parts:
        assert part.stem in STEMS
        instrument = INSTRUMENTS[composition.voices[part.name].instrument]
        assert part.program == instrument.program
        assert list(part.notes) == sorted(part.notes, key=lambda n: (n.start_beats, n.pitch))
        sounding: dict[int, Fraction] = {}
        for note in part.notes:
            assert note.start_beats < end
            assert note.start_beats + note.length_beats <= end
            assert instrument.low <= note.pitch <= instrument.high
            assert note.start_beats >= sounding.get(note.pitch, 0)
            sounding[note.pitch] = note.start_beats + note.length_beats
    impacts = [n for p in composition.score.parts if p.name == "hits" for n in p.notes]
    asked = {tempo_map.beats_at(hit.at_s) for hit in commission.hits}
    assert [note.start_beats for note in impacts] == sorted(at for at in asked if at < end)


@settings(max_examples=10, deadline=None)
@given(commissions())
def test_the_same_commission_gives_the_same_composition(commission: Commission) -> None:
    assert compose(commission) == compose(commission)


@pytest.mark.parametrize("style", STYLES)
def test_seeds_differ_audibly(style: str) -> None:
    # So long that a narrow range of tempos holds several that make whole bars.
    heard = [
        compose(Commission("", Fraction(90), seed, style=style, key="D minor")) for seed in range(6)
    ]
    assert len({composition.bpm for composition in heard}) >= 4
    openings = {
        tuple(note.pitch for part, note in pitched(composition) if part.stem == "harmony")[:40]
        for composition in heard
    }
    assert len(openings) >= 5


@pytest.mark.parametrize("style", STYLES)
def test_intensity_switches_layers_on_one_harmony(style: str) -> None:
    def parts(level: str) -> dict[str, Part]:
        commission = Commission(
            "", Fraction(24), 3, style=style, intensity=IntensityLane.parse(level), end="loop"
        )
        return {part.name: part for part in compose(commission).score.parts}

    quiet, loud = parts("0.2"), parts("0.95")
    assert len(loud) > len(quiet)
    shared = next(
        name for name in quiet if name in loud and quiet[name].stem in ("harmony", "pad", "lead")
    )
    assert [n.pitch for n in quiet[shared].notes] == [n.pitch for n in loud[shared].notes]


@pytest.mark.parametrize("style", STYLES)
def test_bars_of_a_cue_vary(style: str) -> None:
    composition = compose(
        Commission("", Fraction(60), 2, style=style, tempo_map=TempoMap.constant(80))
    )
    bars: dict[int, list[tuple[str, Fraction, int]]] = {}
    for part, note in pitched(composition):
        bar, beat = divmod(note.start_beats, 4)
        bars.setdefault(int(bar), []).append((part.name, beat, note.pitch))
    assert len({tuple(sorted(bar)) for bar in bars.values()}) >= 0.6 * len(bars)


def test_a_chosen_tempo_makes_whole_bars() -> None:
    for seed in range(6):
        composition = compose(Commission("", Fraction(47), seed, style="chiptune"))
        tempo_map = composition.score.tempo_map
        bars = tempo_map.bars_between(0, Fraction(47))
        assert abs(bars - round(bars)) < Fraction(1, 1000)


@pytest.mark.parametrize("length_s", [10, 16, 30, Fraction(123, 4)])
def test_a_loop_lasts_whole_bars(length_s: Fraction) -> None:
    for style in STYLES:
        composition = compose(Commission("", Fraction(length_s), 1, style=style, end="loop"))
        tempo_map = composition.score.tempo_map
        bars = round(tempo_map.bars_between(0, Fraction(length_s)))
        # A tempo of whole microseconds may miss by some of them, less than a sample.
        miss_s = abs(tempo_map.seconds_at(tempo_map.beats_of(bars + 1)) - length_s)
        assert miss_s < Fraction(1, 48_000)


def test_a_loop_of_eight_seconds_is_exact() -> None:
    composition = compose(Commission("", Fraction(8), 1, style="chiptune", end="loop"))
    bars = composition.score.tempo_map.bars_between(0, Fraction(8))
    assert bars == round(bars)


def test_a_tempo_that_is_told_is_kept() -> None:
    composition = compose(Commission("chase, 131 bpm", Fraction(41), 5))
    assert composition.bpm == pytest.approx(131, rel=0.01)


def test_a_free_tempo_comes_near_the_hits() -> None:
    hits = tuple(Hit(Fraction(number)) for number in (5, 10, 15, 20))
    misses = []
    for given_hits in ((), hits):
        commissioned = [
            Commission("", Fraction(30), seed, style="chiptune", hits=given_hits)
            for seed in range(6)
        ]
        for commission in commissioned:
            tempo_map = compose(commission).score.tempo_map
            beats = [tempo_map.beats_at(hit.at_s) for hit in hits]
            misses.append(sum(float(abs(beat - round(beat))) for beat in beats))
    assert sum(misses[6:]) < 0.6 * sum(misses[:6])


REFUSED = "no drums no bass no strings no piano no pads no brass no choir no guitar no synth"


@pytest.mark.parametrize(
    "commission",
    [
        Commission(REFUSED, Fraction(1, 2), 1277869656, style="action-hybrid"),
        Commission(REFUSED, Fraction(1, 2), 5, style="cinematic-tension"),
        Commission(
            "drums only", Fraction(3, 13), 4, style="emotional-piano", continues=True,
            tempo_map=replace(TempoMap.constant(300, 2, 4), pickup_beats=Fraction(2, 3)),
        ),
    ],
)  # fmt: skip
def test_the_shortest_cue_sounds_whatever_is_refused(commission: Commission) -> None:
    assert any(part.notes for part in compose(commission).score.parts)


def test_twenty_minutes_are_composed() -> None:
    composition = compose(Commission("", Fraction(1200), 1, style="ambient-drone"))
    assert max(note.start_beats for _, note in pitched(composition)) > 900


@pytest.mark.parametrize(
    "commission",
    [
        Commission("", Fraction(9), 1, end="explode"),
        Commission("", Fraction(9), 1, style="yodelling"),
        Commission("", Fraction(9), 1, key="X"),
    ],
)
def test_what_does_not_exist_is_refused(commission: Commission) -> None:
    with pytest.raises(PlanError):
        compose(commission)
