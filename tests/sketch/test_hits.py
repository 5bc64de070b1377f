from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.hits import make_room, strikes
from musicgen_daw.sketch.instruments import DRUM_KEYS, INSTRUMENTS
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.synth import perform
from musicgen_daw.timeline import Hit, Note, TempoMap

S = Fraction


def cue(*hits: Hit, style: str = "action-hybrid", end: str = "ring", seed: int = 4) -> Composition:
    return compose(Commission("", S(20), seed, style=style, hits=hits, end=end))


def notes(composition: Composition, part: str) -> tuple[Note, ...]:
    return next((p.notes for p in composition.score.parts if p.name == part), ())


@pytest.mark.parametrize("style", STYLES)
def test_an_impact_begins_exactly_on_the_hit(style: str) -> None:
    composition = cue(Hit(S(2003, 300)), style=style)
    (impact,) = notes(composition, "hits")
    assert composition.score.tempo_map.seconds_at(impact.start_beats) == S(2003, 300)


def test_a_riser_stops_short_of_its_hit() -> None:
    composition = cue(Hit(S(8)))
    (riser,) = notes(composition, "risers")
    seconds_at = composition.score.tempo_map.seconds_at
    gap_s = S(8) - seconds_at(riser.start_beats + riser.length_beats)
    assert S(50, 1000) <= gap_s <= S(120, 1000)
    assert 1 <= riser.length_beats + composition.score.tempo_map.beats_at(gap_s) <= 4


def test_hits_close_to_each_other_or_to_the_start_get_no_riser() -> None:
    composition = cue(Hit(S(1)), Hit(S(8)), Hit(S(9)))
    assert len(notes(composition, "hits")) == 3
    assert len(notes(composition, "risers")) == 1


def test_important_hits_are_louder_and_get_a_chord() -> None:
    composition = cue(Hit(S(6)), Hit(S(12), important=True))
    plain, important = notes(composition, "hits")
    assert important.velocity > plain.velocity
    seconds_at = composition.score.tempo_map.seconds_at
    assert {seconds_at(note.start_beats) for note in notes(composition, "stinger")} == {S(12)}


@pytest.mark.parametrize("style", STYLES)
def test_the_harmony_sounds_anew_on_a_hit(style: str) -> None:
    hit = Hit(S(7113, 1000))
    composition = cue(hit, style=style)
    at = composition.score.tempo_map.beats_at(hit.at_s)
    struck = [p.name for p in composition.score.parts for n in p.notes if n.start_beats == at]
    assert len(set(struck) - {"hits", "hit drums", "stinger"}) >= 1


def test_nothing_sounds_in_the_gap_before_a_hit() -> None:
    composition = cue(Hit(S(7)), Hit(S(13), important=True))
    tempo_map = composition.score.tempo_map
    for at_s in (S(7), S(13)):
        gap, at = tempo_map.beats_at(at_s - S(8, 100)), tempo_map.beats_at(at_s)
        for part in composition.score.parts:
            instrument = composition.voices[part.name].instrument
            for note in () if instrument.startswith("texture") else part.notes:
                assert not (note.start_beats < at and note.start_beats + note.length_beats > gap)


@pytest.mark.parametrize(("before_gap_s", "pieces"), [(S(6, 100), 1), (S(8, 100), 2)])
def test_what_would_be_a_click_before_the_gap_is_left_out(
    before_gap_s: Fraction, pieces: int
) -> None:
    found = strikes([Hit(S(3))], TempoMap.constant(60), S(8))
    begun = found[0].gap - before_gap_s
    kept = make_room([Note(begun, S(1), 60, 90)], found)
    assert len(kept) == pieces
    assert kept[-1].start_beats == 3
    assert kept[-1].start_beats + kept[-1].length_beats == begun + 1


def test_the_accent_of_a_hit_takes_the_place_of_the_grooves_bass_drum() -> None:
    downbeat = Commission("", S(20), 4, style="house", tempo_map=TempoMap.constant(120))
    kick, boom = DRUM_KEYS["kick"], DRUM_KEYS["boom"]

    def struck_at_12_s(commission: Commission) -> tuple[bool, bool]:
        composition = compose(commission)
        places = {(n.start_beats, n.pitch) for n in notes(composition, "drums")}
        accents = {(n.start_beats, n.pitch) for n in notes(composition, "hit drums")}
        return (S(24), kick) in places, (S(24), boom) in accents

    assert struck_at_12_s(downbeat) == (True, False)
    assert struck_at_12_s(replace(downbeat, hits=(Hit(S(12)),))) == (False, True)


@pytest.mark.parametrize("style", STYLES)
def test_what_would_begin_just_before_the_first_hit_waits_for_it(style: str) -> None:
    composition = cue(Hit(S(1, 1000)), style=style)
    at = composition.score.tempo_map.beats_at(S(1, 1000))
    for part in composition.score.parts:
        if not composition.voices[part.name].instrument.startswith("texture"):
            assert all(note.start_beats >= at for note in part.notes)


@pytest.mark.parametrize("style", STYLES)
def test_the_chord_of_a_hit_lies_in_the_compass_of_its_instrument(style: str) -> None:
    for tonic in ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"):
        hits = (Hit(S(1), important=True), Hit(S(3), important=True))
        composition = compose(Commission("", S(4), 1, style=style, key=tonic, hits=hits))
        instrument = INSTRUMENTS[composition.voices["stinger"].instrument]
        pitches = [note.pitch for note in notes(composition, "stinger")]
        assert instrument.low <= min(pitches)
        assert max(pitches) <= instrument.high


def test_hits_outside_the_cue_are_left_out() -> None:
    composition = cue(Hit(S(20)), Hit(S(25)))
    assert notes(composition, "hits") == ()


def test_the_chord_changes_on_a_hit_inside_a_bar() -> None:
    tempo_map = TempoMap.constant(120)
    pads = []
    for hits in ((), (Hit(S(9)),)):
        composition = compose(
            Commission("", S(20), 4, style="action-hybrid", tempo_map=tempo_map, hits=hits)
        )
        pads.append(
            {n.pitch % 12 for n in notes(composition, "low strings") if n.start_beats == 18}
        )
    assert pads[0] == set()
    assert len(pads[1]) == 1


@pytest.mark.parametrize("style", ["cinematic-tension", "ambient-drone", "lofi"])
def test_the_accent_is_heard_within_two_milliseconds(style: str) -> None:
    hits = (Hit(S(2501, 1000), important=True), Hit(S(5)))
    composition = compose(Commission("", S(6), 4, style=style, hits=hits))
    fx = tuple(part for part in composition.score.parts if part.stem == "fx")
    alone = replace(composition, score=replace(composition.score, parts=fx))
    rate = 48_000
    level = np.abs(perform(alone, rate)["fx"].samples).max(axis=0)
    for hit in hits:
        at = round(hit.at_s * rate)
        around = level[at - rate * 8 // 100 : at + rate // 20]
        onset = int(np.argmax(around >= 0.1 * around.max())) - rate * 8 // 100
        assert abs(onset) <= rate * 2 // 1000
