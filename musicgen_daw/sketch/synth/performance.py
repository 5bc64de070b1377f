"""From a composition to its stems."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from musicgen_daw.audio import Audio, Samples, tape
from musicgen_daw.errors import did_you_mean
from musicgen_daw.sketch.composition import STEMS, Composition, Voice
from musicgen_daw.sketch.synth.drums.general_midi import BASS_DRUMS, CLOSED_HATS, OPEN_HAT
from musicgen_daw.sketch.synth.instruments import instrument_named
from musicgen_daw.sketch.synth.room import echo, reverberate
from musicgen_daw.sketch.synth.stage import colour, duck, place, shape_dynamics
from musicgen_daw.sketch.synth.tone import Bench, Instrument, Signal, Tone, frequency_of
from musicgen_daw.timeline import Note, Part, to_samples

__all__ = ["perform"]

HIGHEST_PITCH = 0.4
"""The highest fundamental, as a share of the sample rate."""

Check = Callable[[], object]
"""Is called between notes and stretches; raises to stop."""

PlayerOf = Callable[[Part, Voice], Instrument]
"""Gives the instrument that plays a part with its voice."""

RING_BEATS = Fraction(64)
"""Longer than any cymbal rings: how long an open hi-hat lasts that nothing closes."""


def perform(
    composition: Composition,
    sample_rate: int = 48_000,
    check: Check | None = None,
    player_of: PlayerOf | None = None,
) -> dict[str, Audio]:
    """Play a composition: one stereo stem for each that its parts name, in the order of STEMS.

    Every stem lasts ``length_s + tail_s`` to the sample and carries its own share of reverb,
    delay and dynamics, so the mix is the plain sum of the stems. A note that goes on beyond the
    end is cut there. The same composition gives the same samples. ``check`` is called many times
    a second and may raise to stop the performance. ``player_of`` tells who plays a part, where that
    is not the instrument that its voice names.

    Raises:
        ValueError: for a part without a voice, or an unknown instrument or stem.
    """
    _refuse_impossible(composition)
    check = check or _go_on
    player_of = player_of or _named_by_voice
    used = {part.stem for part in composition.score.parts}
    names = [stem for stem in STEMS if stem in used]
    length = to_samples(composition.length_s + composition.tail_s, sample_rate)
    bench = Bench(sample_rate, composition.seed)
    stems = [tape.blank((2, length)) for _ in names]
    reverb_sends = tape.blank((len(names), length))
    for name, stem, reverb_send in zip(names, stems, reverb_sends, strict=True):
        _perform_stem(composition, name, stem, reverb_send, bench, check, player_of)
    wet = [index for index, send in enumerate(reverb_sends) if send.any()]
    if wet:
        for row, index in enumerate(wet):
            if row != index:
                reverb_sends[row] = reverb_sends[index]
        sends = reverb_sends[: len(wet)]
        rng = np.random.Generator(np.random.PCG64([bench.seed, zlib.crc32(b"room")]))
        reverberate(
            [stems[index] for index in wet], sends, composition.room, sample_rate, rng, check
        )
    shape_dynamics(stems, composition.dynamics, sample_rate)
    return {name: Audio(stem, sample_rate) for name, stem in zip(names, stems, strict=True)}


def _go_on() -> None:
    """Let a performance that nobody watches go on."""


def _named_by_voice(_: Part, voice: Voice) -> Instrument:
    return instrument_named(voice.instrument)


def _refuse_impossible(composition: Composition) -> None:
    for part in composition.score.parts:
        if part.stem not in STEMS:
            hint = did_you_mean(part.stem, STEMS)
            raise ValueError(f"part {part.name!r} is on an unknown stem {part.stem!r}{hint}")
        if part.name not in composition.voices:
            raise ValueError(f"part {part.name!r} has no voice")
        instrument_named(composition.voices[part.name].instrument)


def _perform_stem(
    composition: Composition,
    name: str,
    stem: Samples,
    reverb_send: Signal,
    bench: Bench,
    check: Check,
    player_of: PlayerOf,
) -> None:
    """Play the parts of one stem into it, and into its reverb send."""
    delay_send: Signal | None = None
    played = tape.blank(stem.shape)
    for index, part in enumerate(composition.score.parts):
        if part.stem != name or not part.notes:
            continue
        voice = composition.voices[part.name]
        if voice.delay_send_db is not None and delay_send is None:
            delay_send = tape.blank(reverb_send.shape)
        played[...] = 0.0
        _play_part(composition, index, part, played, bench, check, player_of(part, voice))
        check()
        colour(played, voice, bench.sample_rate)
        if voice.duck_db:
            duck(played, _bass_drum(composition, bench.sample_rate), voice.duck_db,
                 bench.sample_rate)  # fmt: skip
        place(played, voice, stem, reverb_send, delay_send)
    if delay_send is not None:
        room = composition.room
        delay_s = float(composition.score.tempo_map.seconds_at(room.delay_beats))
        echo(stem, delay_send, delay_s, room.delay_feedback, bench.sample_rate)


def _bass_drum(composition: Composition, sample_rate: int) -> list[int]:
    """Return where the bass drum is struck, in samples."""
    seconds_at = composition.score.tempo_map.seconds_at
    return [
        to_samples(seconds_at(note.start_beats), sample_rate)
        for part in composition.score.parts
        if part.drums
        for note in part.notes
        if note.pitch in BASS_DRUMS
    ]


def _play_part(
    composition: Composition,
    index: int,
    part: Part,
    played: Samples,
    bench: Bench,
    check: Check,
    instrument: Instrument,
) -> None:
    """Add every note of a part where it begins."""
    slid_from = replace(part, slides=composition.voices[part.name].slides).slid_from()
    seconds_at = composition.score.tempo_map.seconds_at
    length = played.shape[1]
    seeds = np.random.SeedSequence([bench.seed, index]).generate_state(len(part.notes), np.uint64)
    turns: dict[int, int] = {}
    numbered = enumerate(zip(part.notes, _ends_beats(part), seeds, strict=True))
    for number, (note, end_beats, seed) in numbered:
        start = to_samples(seconds_at(note.start_beats), bench.sample_rate)
        if start >= length:
            continue
        check()
        end = min(length, to_samples(seconds_at(end_beats), bench.sample_rate))
        turn = turns[note.pitch] = turns.get(note.pitch, -1) + 1
        pitch = _sounding(note.pitch, bench.sample_rate)
        before = slid_from.get(number)
        tone = Tone(pitch, note.velocity, max(1, end - start), turn, int(seed), before)
        sound = instrument.play(tone, bench)
        audible = min(sound.shape[1], length - start)
        played[:, start : start + audible] += sound[:, :audible]


def _sounding(pitch: int, sample_rate: int) -> int:
    """Return the pitch, or its highest octave below what the sample rate can hold."""
    while frequency_of(pitch) > HIGHEST_PITCH * sample_rate:
        pitch -= 12
    return pitch


def _ends_beats(part: Part) -> list[Fraction]:
    """Return where each note ends; an open hi-hat sounds until the next closed one."""
    ends = [note.start_beats + note.length_beats for note in part.notes]
    if not part.drums:
        return ends
    latest = max(ends, default=Fraction(0)) + RING_BEATS
    closed_beats = latest
    by_start = sorted(
        range(len(ends)), key=lambda i: float(part.notes[i].start_beats), reverse=True
    )
    for position in by_start:
        note: Note = part.notes[position]
        if note.pitch in CLOSED_HATS:
            closed_beats = note.start_beats
        elif note.pitch == OPEN_HAT and closed_beats > note.start_beats:
            ends[position] = closed_beats
    return ends
