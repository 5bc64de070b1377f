"""Who sings: a tune over the phrases of a cue, with the pickups that lead into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.embellish import Sung, embellished
from musicgen_daw.sketch.form import Form, Measure, Phrase
from musicgen_daw.sketch.melody import sing
from musicgen_daw.sketch.rhythm import BAR_STEPS, onsets
from musicgen_daw.sketch.sheet import Sheet, compass_of, mean_intensity
from musicgen_daw.sketch.styles.pack import Layer
from musicgen_daw.sketch.touch import Touch
from musicgen_daw.timeline import Note

__all__ = ["play_melody", "resting"]

_LIFT = 6
"""Degrees by which a tune would rise from intensity 0 to 1."""

_LEAST_HELD = 4
"""Steps that are left to the note before a pickup, …"""

_BREATH = Fraction(3, 4)
"""… of which it sounds so much."""

_WEAKEST, _RISE = 0.6, 0.05
"""How strong the first note of a pickup is, and by how much each one after it is stronger."""


def resting(form: Form, layer: Layer, dice: Dice) -> frozenset[int]:
    """Return the phrases in which a tune rests: never two in a row, nor the last one."""
    found: set[int] = set()
    for phrase in form.phrases:
        may_rest = phrase.index - 1 not in found and not phrase.is_last
        if may_rest and dice.child("phrase", phrase.index).chance(layer.melody.rests):
            found.add(phrase.index)
    return frozenset(found)


def play_melody(sheet: Sheet, layer: Layer, active: list[bool], dice: Dice) -> list[Note]:
    """Sing every phrase in which the layer plays; some phrases rest.

    Louder phrases lie a little higher, but those with the theme. A pickup leads into some.
    """
    touch = Touch(sheet.form, sheet.pack.looseness, layer, dice)
    notes: list[Note] = []
    compass = compass_of(layer)
    usual = mean_intensity(list(sheet.form.measures))
    rests = resting(sheet.form, layer, dice)
    for phrase in sheet.form.phrases:
        if phrase.index in rests or not active[phrase.measures[0].index]:
            continue
        lift = round(_LIFT * (mean_intensity(phrase.measures) - usual))
        sung = sing(sheet.motif, phrase, layer, sheet.key, sheet.harmony, dice, lift)
        draw = dice.child("phrase", phrase.index)
        sung = embellished(sung, phrase, layer.melody, sheet.key, sheet.harmony, draw)
        lead = _pickup(sheet, layer, phrase, active, notes, sung, dice)
        if lead and notes:
            notes[-1] = _left_early(notes[-1], lead[0].start)
        place = 0
        for note in (*lead, *sung):
            while note.start >= phrase.measures[place].end and place + 1 < len(phrase.measures):
                place += 1
            pitch = sheet.key.pitch(note.degree)
            while pitch > compass[1]:
                pitch -= 12
            while pitch < compass[0]:
                pitch += 12
            velocity = touch.velocity(phrase.measures[place], note.strength)
            notes.append(Note(note.start, note.length, pitch, velocity))
    return notes


def _pickup(
    sheet: Sheet,
    layer: Layer,
    phrase: Phrase,
    active: Sequence[bool],
    before: Sequence[Note],
    sung: Sequence[Sung],
    dice: Dice,
) -> list[Sung]:
    """Return the notes that lead into a phrase, if any: in the bar before it, where that has room.

    All phrases of a kind are led into, or none. The first one never is, nor one that begins with a
    hit or right after one, nor one before which the layer doesn't play.
    """
    line = phrase.measures[0].start
    if not phrase.index or not sung or sung[0].start != line:
        return []
    bar = sheet.form.phrases[phrase.index - 1].measures[-1]
    is_led = dice.child("pickup", phrase.kind).chance(layer.melody.pickups)
    if not (is_led and active[bar.index] and bar.is_whole):
        return []
    free = bar.start
    if before:
        free = max(free, before[-1].start_beats + _LEAST_HELD * bar.step_beats)
    lead = _led(sheet, layer, bar, sung[0].degree)
    lead = [note for note in lead if note.start >= free]
    return [] if lead and sheet.harmony.is_struck(lead[0].start, line) else lead


def _led(sheet: Sheet, layer: Layer, bar: Measure, goal: int) -> list[Sung]:
    """Return the pickup of the motif to a degree: by step, or over tones of the chord to come.

    It is turned over where it would leave the compass.
    """
    low, high = (sheet.key.degree_near(pitch) for pitch in layer.compass)
    approach = sheet.motif.approach
    if approach and not low <= goal + min(approach) <= goal + max(approach) <= high:
        approach = tuple(-offset for offset in approach)
    head = sum(bar.groups) - BAR_STEPS // 2
    found = [each for each in onsets(sheet.motif.lead) if head + each.step >= 0]
    chord = sheet.harmony.chord_at(bar.end)
    led: list[Sung] = []
    after = goal
    for number, onset in reversed(list(enumerate(found))):
        degree = goal + approach[number - len(found)]
        while abs(degree - after) > 1 and sheet.key.pitch(degree) % 12 not in chord.classes:
            degree += 1 if degree < after else -1
        start = bar.at(head + onset.step)
        length = bar.at(head + onset.step + onset.length) - start
        led.append(Sung(start, length, degree, _WEAKEST + _RISE * number))
        after = degree
    return led[::-1]


def _left_early(note: Note, at: Fraction) -> Note:
    """Return a note that ends before another one begins, with a breath between."""
    most = (at - note.start_beats) * _BREATH
    return replace(note, length_beats=min(note.length_beats, most))
