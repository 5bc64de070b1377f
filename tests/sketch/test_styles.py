from collections import Counter
from fractions import Fraction

import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.chords import parse_chord
from musicgen_daw.sketch.composition import STEMS
from musicgen_daw.sketch.harmony import bars_of
from musicgen_daw.sketch.instruments import DRUM_KEYS, INSTRUMENTS
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.styles.pack import DrumLine, Groove, StylePack
from musicgen_daw.timeline import MODES, Meter

SIGNS = {"bass": "R3578a", "pattern": "123456789CSUA^v"}

METERS = (Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8, (3, 2, 2)))

packs = pytest.mark.parametrize("pack", STYLES.values(), ids=STYLES)


@packs
def test_a_pack_has_harmony_for_every_mode(pack: StylePack) -> None:
    assert {mode for harmony in pack.harmonies for mode in harmony.modes} == set(MODES)


@packs
def test_every_progression_of_a_pack_is_made_of_chords(pack: StylePack) -> None:
    for harmony in pack.harmonies:
        for mode in harmony.modes:
            key = Scale(0, mode)
            everything = (
                *harmony.progressions,
                *harmony.half,
                *harmony.full,
                *harmony.final,
                *harmony.turnaround,
                *harmony.hit,
            )
            for progression in everything:
                for bar in bars_of(progression):
                    for numeral in bar:
                        assert parse_chord(numeral, key).tones


@packs
def test_the_layers_of_a_pack_are_playable(pack: StylePack) -> None:
    names = [layer.part for layer in pack.layers]
    assert len(names) == len(set(names))
    for layer in pack.layers:
        instrument = INSTRUMENTS[layer.voice.instrument]
        assert layer.stem in STEMS
        assert (layer.role == "drums") == (instrument.family == "drums")
        if layer.role not in ("drums", "texture"):
            low, high = layer.compass
            assert max(low, instrument.low) + 11 <= min(high, instrument.high) + 1
        for patterns in (*layer.patterns.values(), *layer.answers.values()):
            assert set("".join(patterns)) <= set(SIGNS[layer.role] + ".-")
        assert ("4/4" in layer.patterns) == (layer.role in SIGNS)
        assert not layer.answers or ("4/4" in layer.answers and layer.by_bar)


@packs
def test_the_grooves_of_a_pack_are_written_for_drums_that_exist(pack: StylePack) -> None:
    assert any(groove.meter == "4/4" for groove in pack.grooves)
    for groove in pack.grooves:
        for line in (*groove.lines, *(line for fill in groove.fills for line in fill)):
            assert line.drum in DRUM_KEYS
            assert set(line.pattern) <= set("Xxog?23.")
        assert groove.crash in ("", *DRUM_KEYS)


@packs
def test_a_pack_plays_at_every_intensity(pack: StylePack) -> None:
    for intensity in (0.0, 0.3, 0.6, 1.0):
        playing = [layer for layer in pack.layers if layer.enters <= intensity < layer.leaves]
        assert any(layer.role in ("sustain", "pattern", "drone") for layer in playing)


@packs
def test_the_tonics_of_a_pack_are_keys(pack: StylePack) -> None:
    assert all(0 <= Scale.parse(tonic).tonic < 12 for tonic in pack.tonics)


def test_a_pattern_that_fills_no_whole_bar_is_refused() -> None:
    with pytest.raises(ValueError, match="15 long"):
        Groove(lines=(DrumLine("kick", "x.............."),))


@packs
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_a_pack_plays_in_other_meters(pack: StylePack, meter: Meter) -> None:
    composition = compose(
        Commission("full energy", Fraction(24), 3, style=pack.name, key="D minor", meter=meter)
    )
    classes = Scale.parse("D minor").classes
    pitches = [
        note.pitch for part in composition.score.parts if not part.drums for note in part.notes
    ]
    assert len({part.stem for part in composition.score.parts}) >= 3
    assert sum(pitch % 12 in classes for pitch in pitches) >= 0.98 * len(pitches)
    bar_beats = Fraction(4 * meter[0], meter[1])
    lines = {
        note.start_beats % bar_beats for part in composition.score.parts for note in part.notes
    }
    assert Fraction(0) in lines


def onset_shares(style: str, meter: Meter) -> Counter[Fraction]:
    """Return how many strokes of bass and drums begin where in the bar, in eighths."""
    commission = Commission("full energy", Fraction(20), 3, style=style, key="D minor", meter=meter)
    bar_beats = Fraction(4 * meter.numerator, meter.denominator)
    return Counter(
        2 * (note.start_beats % bar_beats)
        for part in compose(commission).score.parts
        if part.stem in ("bass", "drums")
        for note in part.notes
    )


@pytest.mark.parametrize("style", ["drum-and-bass", "folk"])
def test_bass_and_drums_stress_the_groups_that_are_chosen(style: str) -> None:
    long_first = onset_shares(style, Meter(7, 8, (3, 2, 2)))
    long_last = onset_shares(style, Meter(7, 8, (2, 2, 3)))
    assert long_first[Fraction(3)] + long_first[Fraction(5)] > (
        long_first[Fraction(2)] + long_first[Fraction(4)]
    )
    assert long_last[Fraction(2)] + long_last[Fraction(4)] > (
        long_last[Fraction(3)] + long_last[Fraction(5)]
    )


@packs
def test_only_basses_that_can_slide_are_asked_to(pack: StylePack) -> None:
    sliding = {layer.voice.instrument for layer in pack.layers if layer.voice.slides}
    assert sliding <= {"bass-808"}
