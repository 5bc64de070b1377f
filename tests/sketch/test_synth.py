"""From a composition to stems: lengths, places, sums, the same samples again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.composition import STEMS, Composition, Room, Voice
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.synth import INSTRUMENTS, perform
from musicgen_daw.sketch.synth.tone import frequency_of
from musicgen_daw.timeline import Hit, Note, Part, Score, TempoChange, TempoMap, to_samples

RATE = 16_000
DRY = {"reverb_send_db": None}


def note(start, length, pitch=60, velocity=100):
    return Note(Fraction(start), Fraction(length), pitch, velocity)


def composed(parts, voices, *, length_s=Fraction(2), tail_s=Fraction(1, 2), bpm=97, **more):
    tempo_map = more.pop("tempo_map", TempoMap.constant(bpm))
    score = Score(tempo_map, tuple(parts))
    return Composition(
        score, voices, length_s, tail_s, seed=7, style="test", key="C major", bpm=bpm, **more
    )


def band(**more):
    """A small piece on four stems."""
    parts = (
        Part("kit", "drums", 0, (note(0, 1, 36), note(1, 1, 38), note(2, 1, 46)), drums=True),
        Part("bass", "bass", 33, (note(0, 2, 36), note(2, 1, 43))),
        Part("strings", "pad", 48, (note(0, 3, 60), note(0, 3, 64))),
        Part("piano", "harmony", 0, (note(Fraction(1, 2), 1, 67), note(2, 1, 72))),
    )
    voices = {
        "kit": Voice("kit-acoustic", width=0.8),
        "bass": Voice("bass-electric", reverb_send_db=None, lowpass_hz=1500.0),
        "strings": Voice("string-ensemble", -6.0, width=0.9, highpass_hz=150.0),
        "piano": Voice("piano", pan=-0.4, delay_send_db=-12.0),
    }
    return composed(parts, voices, **more)


def alone(instrument, *notes, voice=None, **more):
    voice = voice or Voice(instrument, **DRY)
    part = Part("only", "fx", 0, notes)
    return composed((part,), {"only": replace(voice, instrument=instrument)}, **more)


def test_stems_come_in_the_order_of_the_table_and_only_those_in_use():
    stems = perform(band(), RATE)
    assert list(stems) == [stem for stem in STEMS if stem in {"drums", "bass", "pad", "harmony"}]


@pytest.mark.parametrize(
    ("sample_rate", "length_s"),
    [
        (8000, Fraction(1, 2)),
        (11_025, Fraction(1001, 1000)),
        (44_100, Fraction(7, 9)),
        (96_000, Fraction(1, 2)),
    ],
)
def test_every_stem_lasts_length_and_tail_to_the_sample(sample_rate, length_s):
    tail_s = Fraction(1, 7)
    stems = perform(band(length_s=length_s, tail_s=tail_s), sample_rate)
    for stem in stems.values():
        assert stem.sample_rate == sample_rate
        assert stem.samples.shape == (2, to_samples(length_s + tail_s, sample_rate))
        assert np.isfinite(stem.samples).all()
        assert stem.samples.any()


def test_the_same_composition_gives_the_same_bytes():
    first, second = perform(band(), RATE), perform(band(), RATE)
    assert all(first[stem].samples.tobytes() == second[stem].samples.tobytes() for stem in first)


def test_the_order_of_the_voices_changes_nothing():
    piece = band()
    turned = replace(piece, voices=dict(reversed(list(piece.voices.items()))))
    first, second = perform(piece, RATE), perform(turned, RATE)
    assert all(first[stem].samples.tobytes() == second[stem].samples.tobytes() for stem in first)


def test_another_seed_sounds_different():
    first, second = perform(band(), RATE), perform(replace(band(), seed=8), RATE)
    assert all(np.any(first[stem].samples != second[stem].samples) for stem in first)


def test_a_stem_sounds_the_same_whatever_the_others_play():
    piece = band(dynamics=((0.0, -3.0), (1.0, 0.0), (2.0, -6.0)))
    stems = perform(piece, RATE)
    for name, stem in stems.items():
        parts = tuple(
            part if part.stem == name else replace(part, notes=()) for part in piece.score.parts
        )
        solo = perform(replace(piece, score=replace(piece.score, parts=parts)), RATE)
        np.testing.assert_allclose(solo[name].samples, stem.samples, atol=2e-6)
        assert not any(solo[other].samples.any() for other in stems if other != name)


def test_a_part_without_notes_is_silence():
    piece = composed((Part("rest", "lead", 0, ()),), {"rest": Voice("flute")})
    assert not perform(piece, RATE)["lead"].samples.any()


@pytest.mark.parametrize("instrument", ["impact", "kit-cinematic", "kit-acoustic", "piano"])
def test_a_note_begins_on_its_sample_across_tempo_changes(instrument):
    tempo_map = TempoMap(
        (
            TempoChange(Fraction(0), 617_283),
            TempoChange(Fraction(3, 2), 433_333),
            TempoChange(Fraction(5, 2), 701_111),
        )
    )
    piece = alone(instrument, note(Fraction(8, 3), 1, 36), tempo_map=tempo_map)
    sound = perform(piece, 48_000)["fx"].samples
    level = np.abs(sound).max(axis=0)
    start = to_samples(tempo_map.seconds_at(Fraction(8, 3)), 48_000)
    assert not level[:start].any()
    risen = int(np.argmax(level >= 0.1 * level.max()))
    assert 0 <= risen - start < 48


def test_a_note_beyond_the_end_is_cut_and_one_after_it_is_not_heard():
    long = alone("drone", note(0, 400, 48), note(900, 1, 48))
    assert perform(long, RATE)["fx"].length_samples == to_samples(Fraction(5, 2), RATE)


def test_a_riser_is_silent_again_at_the_end_of_its_note():
    sound = perform(alone("riser", note(0, 2), bpm=120), RATE)["fx"].samples
    end = RATE
    assert np.abs(sound[:, end - 400 : end - 160]).max() > 0.05
    assert not sound[:, end:].any()
    early, late = np.std(sound[:, : end // 4]), np.std(sound[:, 3 * end // 4 : end - 160])
    assert late > 5 * early


@pytest.mark.parametrize("bpm", [4, 2000])
def test_extreme_tempos_are_played(bpm):
    notes = [note(index, 1, 48 + index) for index in range(20)]
    piece = alone("piano", *notes, bpm=bpm, voice=Voice("piano", delay_send_db=-6.0))
    assert np.isfinite(perform(piece, RATE)["fx"].samples).all()


def test_a_louder_note_is_louder_and_brighter():
    for instrument in ("piano", "brass", "string-ensemble", "mallet", "electric-piano"):
        soft, loud = (
            perform(alone(instrument, note(0, 1, 60, velocity), length_s=Fraction(1)), 32_000)[
                "fx"
            ].samples.mean(axis=0)
            for velocity in (40, 120)
        )
        assert np.std(loud) > 3 * np.std(soft)
        assert centroid_hz(loud, 32_000) > 1.1 * centroid_hz(soft, 32_000), instrument


def centroid_hz(sound, sample_rate):
    spectrum = np.abs(np.fft.rfft(sound))
    return np.sum(spectrum * np.fft.rfftfreq(len(sound), 1 / sample_rate)) / np.sum(spectrum)


def test_pan_keeps_the_power_and_width_opens_the_stage():
    powers = {}
    for pan in (-1.0, -0.5, 0.0, 1.0):
        voice = Voice("bass-sub", pan=pan, width=0.0, **DRY)
        sound = perform(alone("bass-sub", note(0, 2, 40), voice=voice), RATE)["fx"].samples
        powers[pan] = np.sum(np.square(sound, dtype=np.float64), axis=1)
    assert sum(powers[-0.5]) == pytest.approx(sum(powers[0.0]), rel=1e-3)
    assert powers[0.0][0] == pytest.approx(powers[0.0][1], rel=1e-3)
    assert powers[-1.0][1] < 1e-6 * powers[-1.0][0]
    assert powers[1.0][0] < 1e-6 * powers[1.0][1]
    sides = []
    for width in (0.0, 0.5, 1.0):
        voice = Voice("pad-warm", width=width, **DRY)
        left, right = perform(alone("pad-warm", note(0, 3), voice=voice), RATE)["fx"].samples
        sides.append(np.std(left - right) / np.std(left + right))
    assert sides[0] < 1e-6
    assert 0.2 < sides[1] < sides[2]


def heard_hz(stem, at_s, over_s):
    """The frequency of a plain low tone, from where it crosses zero upwards."""
    rate = stem.sample_rate
    heard = stem.samples[0, round(at_s * rate) : round((at_s + over_s) * rate)]
    rising = np.nonzero((heard[:-1] < 0) & (heard[1:] >= 0))[0]
    exact = rising - heard[rising] / (heard[rising + 1] - heard[rising])
    return rate * (len(exact) - 1) / (exact[-1] - exact[0])


@pytest.mark.parametrize(("gap", "slides"), [(0, True), (Fraction(1, 8), False)])
def test_a_bass_slides_from_a_note_that_it_is_tied_to_and_from_no_other(gap, slides):
    voice = Voice("bass-808", slides=True, **DRY)
    notes = (note(0, 1 - gap, 55, 40), note(1, 2, 67, 40))
    stem = perform(alone("bass-808", *notes, voice=voice, bpm=60), RATE)["fx"]
    under_way, there = heard_hz(stem, 1.045, 0.03), heard_hz(stem, 1.3, 0.5)
    assert there == pytest.approx(frequency_of(67), rel=1e-3)
    assert (under_way < 0.9 * there) == slides


def test_only_what_has_air_has_the_whole_of_the_spectrum():
    shares = {}
    for instrument in ("kit-acoustic", "flute"):
        piece = alone(instrument, note(0, 1, 46), length_s=Fraction(1))
        power = np.square(np.abs(np.fft.rfft(perform(piece, 48_000)["fx"].samples[0])))
        shares[instrument] = power[19_500:].sum() / power.sum()  # bins of 2/3 Hz: 13 kHz and above
    assert shares["kit-acoustic"] > 0.05
    assert shares["flute"] < 1e-6


def test_what_is_made_at_a_lower_rate_is_in_tune_and_in_time():
    stem = perform(alone("bass-sub", note(1, 2, 45), bpm=60), 48_000)["fx"]
    assert heard_hz(stem, 1.5, 0.5) == pytest.approx(frequency_of(45), rel=2e-4)
    risen = np.argmax(np.abs(stem.samples[0]) > 1e-3)
    assert 48_000 <= risen < 48_000 + 48 * 3


def test_gain_and_dynamics_are_in_decibels():
    quiet = Voice("flute", gain_db=-20.0, **DRY)
    plain = perform(alone("flute", note(0, 3)), RATE)["fx"].samples
    lower = perform(alone("flute", note(0, 3), voice=quiet), RATE)["fx"].samples
    np.testing.assert_allclose(lower, 0.1 * plain, atol=1e-6)
    lane = ((0.5, 0.0), (1.0, -40.0))
    faded = perform(alone("flute", note(0, 3), dynamics=lane), RATE)["fx"].samples
    np.testing.assert_allclose(faded[:, : RATE // 2], plain[:, : RATE // 2], atol=1e-6)
    np.testing.assert_allclose(faded[:, RATE:], 0.01 * plain[:, RATE:], atol=1e-6)


def test_the_delay_answers_after_the_rooms_beats():
    room = Room(delay_beats=Fraction(3, 4), delay_feedback=0.5)
    voice = Voice("kit-chip", width=0.0, reverb_send_db=None, delay_send_db=0.0)
    piece = alone("kit-chip", note(0, 1, 37), voice=voice, bpm=120, room=room)
    level = np.abs(perform(piece, RATE)["fx"].samples)
    beat = RATE * 3 // 8
    first, second = level[:, beat : beat + 300].max(1), level[:, 2 * beat : 2 * beat + 300].max(1)
    assert level[:, beat - 800 : beat - 2].max() < 1e-3
    assert first[0] > 0.1
    assert first[1] < 1e-3  # left first
    assert second[1] > 0.02
    assert second[0] < 1e-3  # then right


class Enough(Exception):
    """Nobody waits any more."""


@pytest.mark.parametrize("notes_played", [0, 1, 5, 9])
def test_a_performance_stops_where_its_check_raises(notes_played):
    checks = []

    def check():
        checks.append(None)
        if len(checks) > notes_played:
            raise Enough

    with pytest.raises(Enough):
        perform(band(), RATE, check)
    assert len(checks) == notes_played + 1


def test_a_check_that_lets_it_go_on_changes_no_sample():
    watched, alone = perform(band(), RATE, lambda: None), perform(band(), RATE)
    assert all(watched[stem].samples.tobytes() == alone[stem].samples.tobytes() for stem in alone)


@pytest.mark.parametrize("apart_s", [Fraction(3, 10), Fraction(1, 2), Fraction(69, 100)])
def test_an_impact_is_damped_before_the_next_one(apart_s):
    hits = tuple(Hit(Fraction(2) + index * apart_s, important=True) for index in range(3))
    asked = Commission("action", Fraction(5), 3, style="action-hybrid", hits=hits)
    sound = np.abs(perform(compose(asked), 48_000)["fx"].samples).max(axis=0)
    for hit in hits[1:]:
        start = to_samples(hit.at_s, 48_000)
        loudest = sound[start : start + 4800].max()
        assert 20 * np.log10(sound[start - 480 : start].max() / loudest) < -26
        assert np.argmax(sound[start - 480 : start + 4800] > 0.1 * loudest) - 480 in range(96)


@pytest.mark.parametrize("style", STYLES)
def test_no_stem_leans_to_one_side(style):
    hits = (Hit(Fraction(2), important=True), Hit(Fraction(3)))
    piece = compose(Commission("full energy", Fraction(5), 11, style=style, hits=hits))
    for name, stem in perform(piece, RATE).items():
        assert np.abs(stem.samples.mean(axis=1, dtype=np.float64)).max() < 2e-4, name


def test_an_unknown_instrument_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'string-ensemble'"):
        perform(alone("string-ensembel", note(0, 1)), RATE)


def test_an_unknown_stem_and_a_part_without_a_voice_are_refused():
    with pytest.raises(ValueError, match="did you mean 'drums'"):
        perform(composed((Part("kit", "drum", 0, ()),), {"kit": Voice("kit-chip")}), RATE)
    with pytest.raises(ValueError, match="'kit' has no voice"):
        perform(composed((Part("kit", "drums", 0, ()),), {}), RATE)


def test_the_table_of_instruments_can_not_be_changed():
    with pytest.raises(TypeError):
        INSTRUMENTS["kazoo"] = INSTRUMENTS["flute"]


def test_sound_is_the_same_wherever_it_lies(small_tapes, monkeypatch):
    in_files = perform(band(length_s=Fraction(40)), RATE)
    monkeypatch.undo()
    in_memory = perform(band(length_s=Fraction(40)), RATE)
    for name, stem in in_memory.items():
        assert stem.samples.tobytes() == in_files[name].samples.tobytes()


def test_memory_hardly_grows_with_the_length(small_tapes, allocated_bytes):
    def peak_bytes(seconds):
        piece = band(length_s=Fraction(seconds))
        beneath = Part("air", "fx", 0, (note(0, seconds),))  # lasts to the end
        parts = (*piece.score.parts, beneath)
        long = replace(
            piece,
            score=replace(piece.score, parts=parts),
            voices={**piece.voices, "air": Voice("texture-air")},
        )
        return allocated_bytes(lambda: perform(long, 8000))

    more_of_stems_bytes = 60 * 8000 * 5 * 2 * 4
    assert peak_bytes(80) - peak_bytes(20) < more_of_stems_bytes / 4
