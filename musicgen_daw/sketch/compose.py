"""Commission → composition: the composer's work from the words to the last note."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from musicgen_daw.errors import PlanError, did_you_mean
from musicgen_daw.sketch.bending import bent
from musicgen_daw.sketch.brief import Brief, understand
from musicgen_daw.sketch.clock import continued, tempo_map_for
from musicgen_daw.sketch.commission import Commission
from musicgen_daw.sketch.composition import Composition, Voice
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.endings import dynamics, last_chord, plays_last_chord
from musicgen_daw.sketch.ensemble import together
from musicgen_daw.sketch.form import shape
from musicgen_daw.sketch.harmony import harmonise
from musicgen_daw.sketch.hits import (
    Strike,
    accents,
    impacts,
    led_up,
    make_room,
    risers,
    stabs,
    strikes,
    undoubled,
)
from musicgen_daw.sketch.instruments import DRUM_KEYS, INSTRUMENTS
from musicgen_daw.sketch.motif import make_motif
from musicgen_daw.sketch.orchestrate import orchestrate, transposed
from musicgen_daw.sketch.players import play
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.sections import arched, calm_sections, sections
from musicgen_daw.sketch.sheet import Sheet
from musicgen_daw.sketch.stinger import gesture
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.styles.pack import Layer, StylePack
from musicgen_daw.timeline import IntensityLane, Note, Part, Score, TempoMap

__all__ = ["ENDINGS", "compose"]

ENDINGS = ("button", "ring", "fade", "cut", "loop")
"""How a cue may end."""

_CLOSE = 1e-6
"""Beats within which floats leave the decision to fractions."""

_ACCENTS = (DRUM_KEYS["boom"], DRUM_KEYS["crash"])
"""What a kit adds to a hit, …"""

_STANDS_BACK = (*_ACCENTS, DRUM_KEYS["kick"])
"""… and what of a groove it takes the place of."""

_CALMER = 0.2
"""How much lower the intensity of a calm section is: enough that most styles lose a layer."""

_STINGER_S = 3
"""Shorter cues are one gesture instead of phrases."""

_CUT_STINGER_S = 1
"""The same for cues that are cut: two seconds of music between two others are music."""


def compose(commission: Commission) -> Composition:
    """Compose a cue: the same commission gives the same notes everywhere.

    Raises:
        PlanError: for a style, key or ending that does not exist.
    """
    if commission.end not in ENDINGS:
        known = ", ".join(ENDINGS)
        hint = did_you_mean(commission.end, ENDINGS)
        raise PlanError(f"unknown ending {commission.end!r}{hint}: use one of {known}")
    brief, pack, key, tempo_map = _ground(commission)
    dice, kin = Dice("cue", commission.seed), _kin(commission)
    forms = sections(commission.length_s, kin.child("form"))
    lane = commission.intensity or _lane(brief, pack, commission.end, len(forms), kin.child("arc"))
    tempo_map = bent(
        tempo_map, (hit.at_s for hit in commission.hits), commission.length_s, commission.fit_hits
    )
    form = shape(
        tempo_map, commission.length_s, commission.end, lane, felt_bpm=pack.tempo_bpm,
        phrase_bars=pack.phrase_bars, sections=forms, swing=pack.swing,
        swung_steps=pack.swung_steps,
    )  # fmt: skip
    found = strikes(commission.hits, tempo_map, commission.length_s)
    harmonised = partial(
        harmonise, form, pack, key, [strike.at for strike in found], loop=commission.end == "loop"
    )
    harmony = harmonised(dice=kin.child("harmony"))
    if commission.kin_seed is not None:
        harmony = harmonised(dice=dice.child("harmony"), opening=harmony.opening)
    motif = make_motif(commission.theme, commission.theme_seed)
    leader = commission.leader if commission.continues else None
    played = dice if leader is None else Dice("cue", leader.seed)
    led = tuple(strike.at for strike, _ in led_up(found))
    who = _who_plays(commission, brief)
    layers = orchestrate(pack, who, _least(lane), played.child("layers"))
    if commission.kin_seed is not None:
        layers = transposed(layers, dice.child("registers"))
    tune = next((layer for layer in layers if layer.role == "melody"), None)
    sheet = Sheet(form, harmony, key, motif, pack, played.child("players"), led, tune)
    parts = _body(sheet, layers, commission, found)
    parts += _hit_parts(sheet, found, who, layers)
    return Composition(
        score=Score(tempo_map, tuple(part for part, _ in parts)),
        voices={part.name: voice for part, voice in parts},
        length_s=commission.length_s,
        tail_s=commission.tail_s,
        seed=commission.seed,
        style=pack.name,
        key=str(key),
        bpm=float(tempo_map.tempos[0].bpm),
        room=pack.room,
        dynamics=dynamics(form, commission.end, commission.length_s, commission.tail_s),
        understood={**brief.understood, **who.understood},
        ignored=tuple(dict.fromkeys((*brief.ignored, *who.ignored))),
    )


def _who_plays(commission: Commission, brief: Brief) -> Brief:
    """Return what the words say of the players."""
    if commission.players is None:
        return brief
    return understand(commission.players, commission.negative, style=brief.style)


def _ground(commission: Commission) -> tuple[Brief, StylePack, Scale, TempoMap]:
    """Return what stands before the first note: words, style, key and tempo."""
    brief = understand(
        commission.prompt, commission.negative,
        style=commission.style, key=commission.key, meter=commission.meter,
        tempo_map=commission.tempo_map,
    )  # fmt: skip
    pack = STYLES[brief.style]
    dice = _kin(commission)
    key = _key(brief, pack, dice.child("key"))
    if commission.mode is not None:
        key = Scale(key.tonic, commission.mode)
    if commission.leader is None:
        return brief, pack, key, tempo_map_for(commission, brief, pack, dice.child("tempo"))
    _, _, led_key, led_map = _ground(replace(commission.leader, leader=None))
    if brief.tonic is None:
        key = Scale(led_key.tonic, brief.mode or led_key.mode)
    if commission.tempo_map is None and brief.bpm is None and brief.meter is None:
        into_s = commission.leader.length_s if commission.leader_s is None else commission.leader_s
        led_map = continued(led_map, into_s)
        return brief, pack, key, led_map
    return brief, pack, key, tempo_map_for(commission, brief, pack, dice.child("tempo"))


def _key(brief: Brief, pack: StylePack, dice: Dice) -> Scale:
    """Return the key: what was said of it, the rest drawn from what suits the style."""
    tonic = Scale.parse(dice.pick(pack.tonics)).tonic if brief.tonic is None else brief.tonic
    # The first modes of a pack are its own; others are drawn now and then, dark for dark.
    home = Scale(tonic, pack.harmonies[0].modes[0])
    other = Scale(tonic, dice.pick(pack.harmonies).modes[0])
    usual = other if dice.chance(0.4) and other.is_minor >= home.is_minor else home
    return Scale(tonic, brief.mode or usual.mode)


def _kin(commission: Commission) -> Dice:
    """Return the stream of what all takes of a cue have in common."""
    seed = commission.seed if commission.kin_seed is None else commission.kin_seed
    return Dice("cue", seed)


def _lane(
    brief: Brief, pack: StylePack, ending: str, section_count: int, dice: Dice
) -> IntensityLane:
    """Return the shape of the intensity: around the level that was said, or the style's own."""
    level = pack.intensity if brief.intensity is None else brief.intensity
    if brief.arc is not None:
        return arched([brief.arc], level)
    arcs = [dice.pick(pack.arcs) for _ in range(section_count)]
    for number, is_calm in enumerate(calm_sections(section_count, dice)):
        if is_calm:
            arcs[number] = tuple(offset - _CALMER for offset in arcs[number])
    if ending == "loop":
        halved = [tuple(offset / 2 for offset in arc) for arc in arcs]
        halved[0] = (0.0, *halved[0][1:])
        halved[-1] = (*halved[-1][:-1], 0.0)
        arcs = halved
    return arched(arcs, level)


def _least(lane: IntensityLane) -> float:
    return min(intensity for _, intensity in lane.points)


def _body(
    sheet: Sheet, layers: Sequence[Layer], commission: Commission, found: Sequence[Strike]
) -> list[tuple[Part, Voice]]:
    """Return the part of every layer, from the first note to the last chord."""
    written = _written(sheet, layers, commission)
    is_gesture = _is_gesture(commission)
    pitched = [layer.role not in ("drums", "texture") for layer in layers]
    if not any(itertools.compress(written, pitched) if any(pitched) else written):
        # A cue that is over before the first beat of its phrase is one gesture too.
        written, is_gesture = gesture(sheet, layers), True
    parts = []
    for layer, notes in zip(layers, written, strict=True):
        # Textures are too faint to hide a hit, and too slow to begin anew.
        roomy = notes if layer.role == "texture" else make_room(notes, found)
        if layer.role == "drums":
            roomy = undoubled(roomy, found, _STANDS_BACK)
        part = _part(layer.part, layer.stem, layer.voice, roomy, sheet.form.end)
        if part.notes:
            # In a gesture all play together, however intense it is.
            part = replace(part, enters=None if is_gesture else layer.enters)
            parts.append((part, layer.voice))
    return parts


def _written(sheet: Sheet, layers: Sequence[Layer], commission: Commission) -> list[list[Note]]:
    """Return what every layer plays: its phrases, or its part of the gesture of a stinger."""
    if _is_gesture(commission):
        return gesture(sheet, layers, is_cut=commission.end == "cut")
    written = together(sheet, layers, [play(sheet, layer) for layer in layers])
    for layer, notes in zip(layers, written, strict=True):
        if plays_last_chord(layer, notes, sheet.form):
            notes += last_chord(layer, notes, sheet.form, sheet.harmony, commission.end)
    return written


def _is_gesture(commission: Commission) -> bool:
    longest_s = _CUT_STINGER_S if commission.end == "cut" else _STINGER_S
    is_short = commission.length_s < longest_s
    return is_short and commission.end != "loop" and not commission.continues


def _hit_parts(
    sheet: Sheet, found: Sequence[Strike], brief: Brief, layers: Sequence[Layer]
) -> list[tuple[Part, Voice]]:
    """Return the parts that mark the hits: impacts, risers, stinger chords, drum accents."""
    pack, form = sheet.pack, sheet.form
    kit = next((layer.voice for layer in layers if layer.role == "drums"), None)
    drums = _ACCENTS if kit and "drums" not in brief.unwanted else ()
    impact = Voice("impact", pack.impact_gain_db, width=0.6, reverb_send_db=-24, highpass_hz=18)
    riser = Voice("riser", gain_db=pack.riser_gain_db, width=0.8, reverb_send_db=None)
    wanted = (
        ("hits", "fx", impact, impacts(found, form, sheet.key)),
        ("risers", "fx", riser, risers(found, form, sheet.key)),
        (
            "stinger",
            "harmony",
            pack.stab,
            stabs(found, form, sheet.harmony, INSTRUMENTS[pack.stab.instrument].low),
        ),
        ("hit drums", "drums", kit or impact, accents(found, drums)),
    )
    return [
        (_part(name, stem, voice, notes, form.end), voice)
        for name, stem, voice, notes in wanted
        if notes
    ]


def _part(name: str, stem: str, voice: Voice, notes: Iterable[Note], end: Fraction) -> Part:
    """Return a part of notes that end with the cue and never overlap on one pitch."""
    instrument = INSTRUMENTS[voice.instrument]
    sounding: dict[int, int] = {}
    kept: list[Note] = []
    ends: dict[int, float] = {}
    last = float(end)
    for note in sorted(notes, key=_place):
        # Floats sort out the many notes that are clear of each other; fractions decide the rest.
        start = float(note.start_beats)
        stop = start + float(note.length_beats)
        if stop > last - _CLOSE:
            if note.start_beats >= end:
                break
            note = replace(note, length_beats=min(note.length_beats, end - note.start_beats))
        if ends.get(note.pitch, 0.0) > start + _CLOSE:
            index = sounding[note.pitch]
            before = kept[index]
            room = note.start_beats - before.start_beats
            if room == 0:  # one stroke is enough: the longer and the louder of the two
                longest = max(note.length_beats, before.length_beats)
                loudest = max(note.velocity, before.velocity)
                kept[index] = Note(note.start_beats, longest, note.pitch, loudest)
                continue
            kept[index] = replace(before, length_beats=room)
        sounding[note.pitch], ends[note.pitch] = len(kept), stop
        kept.append(note)
    drums = instrument.family == "drums"
    return Part(name, stem, instrument.program, tuple(kept), drums, voice.slides)


def _place(note: Note) -> tuple[float, int]:
    """Sort by floats: several times quicker than by fractions, and equal ones stay equal."""
    return float(note.start_beats), note.pitch
