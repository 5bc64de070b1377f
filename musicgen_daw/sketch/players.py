"""The players: what each role of a layer plays over form and harmony."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from musicgen_daw.sketch.bassline import BassLine
from musicgen_daw.sketch.chords import voice
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.drumming import drum_notes
from musicgen_daw.sketch.form import Form, Measure
from musicgen_daw.sketch.instruments import INSTRUMENTS
from musicgen_daw.sketch.sheet import Sheet, compass_of, mean_intensity
from musicgen_daw.sketch.singing import play_melody
from musicgen_daw.sketch.strokes import strokes
from musicgen_daw.sketch.styles.pack import Layer, Role
from musicgen_daw.sketch.touch import Touch, weight_of
from musicgen_daw.timeline import Note

__all__ = ["play"]


def play(sheet: Sheet, layer: Layer) -> list[Note]:
    """Return the notes of a layer in the body of the cue."""
    active = [_is_active(sheet.form, measure, layer) for measure in sheet.form.measures]
    return _PLAYERS[layer.role](sheet, layer, active, sheet.dice.child(layer.part))


def _is_active(form: Form, measure: Measure, layer: Layer) -> bool:
    """Return whether the intensity lets a layer play.

    It is decided for two measures at a time, of a tune for a phrase: nobody takes over inside one.
    """
    measures = form.phrases[measure.phrase].measures
    if layer.role != "melody":
        measures = measures[measure.place // 2 * 2 : measure.place // 2 * 2 + 2]
    return layer.enters <= mean_intensity(measures) < layer.leaves


def _runs(form: Form, active: list[bool]) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield start and end of every stretch of measures in which a layer plays."""
    start: Fraction | None = None
    end = Fraction(0)
    for measure, playing in zip(form.measures, active, strict=True):
        if playing:
            start = max(measure.start, Fraction(0)) if start is None else start
            end = measure.end
        elif start is not None:
            yield start, end
            start = None
    if start is not None:
        yield start, end


def _play_sustain(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Hold every chord; tones that stay are tied over."""
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    measures = list(sheet.form.measures)
    notes: list[Note] = []
    for start, end in _runs(sheet.form, active):
        held: dict[int, Note] = {}
        before: tuple[int, ...] | None = None
        place = 0
        for span in sheet.harmony.spans[sheet.harmony.index_at(start) :]:
            first, last = max(span.start, start), min(span.end, end)
            if first >= end:
                break
            while place + 1 < len(measures) and measures[place].end <= first:
                place += 1
            before = voice(span.chord, compass_of(layer), layer.voices, before, spread=layer.spread)
            velocity = touch.velocity(measures[place], 0.9)
            sounding: dict[int, Note] = {}
            for pitch in before:
                tied = None if span.struck else held.pop(pitch, None)
                onset = tied.start_beats if tied else first
                strength = tied.velocity if tied else velocity
                sounding[pitch] = Note(onset, last - onset, pitch, strength)
            notes += held.values()
            held = sounding
        notes += held.values()
    return notes


def _play_pattern(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Play chords and broken chords by pattern."""
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    voicings: dict[int, tuple[int, ...]] = {}
    before: tuple[int, ...] | None = None
    notes: list[Note] = []
    for measure, step, start, end, sign, chord_at in strokes(sheet, layer, active, dice):
        index = sheet.harmony.index_at(chord_at)
        if index not in voicings:
            chord = sheet.harmony.spans[index].chord
            before = voice(chord, compass_of(layer), layer.voices, before, spread=layer.spread)
            voicings[index] = before
        weight = {"S": 1.0, "U": 0.4}.get(sign) or weight_of(measure, step)
        if sign == "S":
            end = start + (end - start) * Fraction(3, 5)
        standing = notes[-1].pitch if notes else None
        pitches = _struck(sheet, layer, voicings[index], sign, standing)
        # A chord is held until the harmony changes, not over the change.
        stop = min(end, sheet.harmony.spans[index].end)
        velocity = touch.velocity(measure, weight)
        length = stop - start
        if not layer.strum_steps:  # arithmetic with fractions is slow
            notes += [Note(start, length, pitch, velocity) for pitch in pitches]
            continue
        late = min(layer.strum_steps * measure.step_beats, length / (2 * len(pitches)))
        notes += [
            Note(start + number * late, length - number * late, pitch, velocity)
            for number, pitch in enumerate(pitches)
        ]
    return notes


def _struck(
    sheet: Sheet, layer: Layer, voicing: tuple[int, ...], sign: str, standing: int | None
) -> tuple[int, ...]:
    """Return what a sign of a pattern plays, in the order of the strings."""
    if sign in "CSUA":
        return voicing[::-1] if sign == "U" else voicing
    top = INSTRUMENTS[layer.voice.instrument].high
    if sign in "^v":
        degree = sheet.key.degree_near(voicing[0] if standing is None else standing)
        pitch = sheet.key.pitch(degree + (1 if sign == "^" else -1))
        low, _ = compass_of(layer)
        return (pitch - 12 if pitch > top else pitch + 12 if pitch < low else pitch,)
    octave, number = divmod(int(sign) - 1, len(voicing))
    pitch = voicing[number] + 12 * octave
    return (pitch if pitch <= top else pitch - 12,)


def _play_bass(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Play the bass by pattern: roots, fifths, octaves and steps towards the next root."""
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    line = BassLine(sheet.key, sheet.harmony, compass_of(layer))
    notes: list[Note] = []
    for measure, step, start, end, sign, _ in strokes(sheet, layer, active, dice):
        index = sheet.harmony.index_at(start)
        pitch = line.pitch(sign, index, notes[-1].pitch if notes else None)
        velocity = touch.velocity(measure, weight_of(measure, step))
        stop = min(end, sheet.harmony.spans[index].end)
        notes.append(Note(start, stop - start, pitch, velocity))
    return notes


def _play_drone(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Hold tonic and fifth through whole phrases."""
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    low, _ = compass_of(layer)
    tonic = sheet.key.degree_near(low + (sheet.key.tonic - low) % 12)
    pitches = [sheet.key.pitch(tonic + degree) for degree in (0, 4, 7)[: layer.voices]]
    notes = []
    for start, end in _runs(sheet.form, active):
        for phrase in sheet.form.phrases:
            first = max(phrase.measures[0].start, start)
            last = min(phrase.measures[-1].end, end)
            if first < last:
                velocity = touch.velocity(phrase.measures[0], 0.8)
                notes += [Note(first, last - first, pitch, velocity) for pitch in pitches]
    return notes


def _play_texture(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Lie under the music without a beginning or an end of its own."""
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    low, _ = compass_of(layer)
    pitch = low + (sheet.key.tonic - low) % 12
    first = next(sheet.form.measures)
    return [Note(start, end - start, pitch, touch.velocity(first, 0.7))
            for start, end in _runs(sheet.form, active)]  # fmt: skip


def _play_drums(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Play the grooves of the style."""
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    return drum_notes(sheet.form, sheet.pack.grooves, active, sheet.hits, touch.velocity, dice)


_PLAYERS: Mapping[Role, Callable[[Sheet, Layer, list[bool], Dice], list[Note]]] = {
    "sustain": _play_sustain,
    "pattern": _play_pattern,
    "bass": _play_bass,
    "melody": play_melody,
    "drone": _play_drone,
    "texture": _play_texture,
    "drums": _play_drums,
}
