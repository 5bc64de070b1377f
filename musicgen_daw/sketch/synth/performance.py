"""From a composition to its stems."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import numpy as np

from musicgen_daw.audio import Audio, Samples, tape
from musicgen_daw.errors import did_you_mean
from musicgen_daw.sketch.composition import STEMS, Composition, Room, Voice
from musicgen_daw.sketch.synth.drums.general_midi import BASS_DRUMS, CLOSED_HATS, OPEN_HAT
from musicgen_daw.sketch.synth.instruments import instrument_named
from musicgen_daw.sketch.synth.rates import Resampler
from musicgen_daw.sketch.synth.room import echo, reverberate
from musicgen_daw.sketch.synth.stage import Ducking, Line, place, shape_dynamics
from musicgen_daw.sketch.synth.tone import Bench, Instrument, Signal, Tone, frequency_of
from musicgen_daw.timeline import Note, Part, to_samples

__all__ = ["perform"]

HIGHEST_PITCH = 0.4
"""The highest fundamental, as a share of the sample rate."""

AIRLESS_HZ = 5_000.0
"""Behind a low-pass at most so high, no instrument has air."""

Check = Callable[[], object]
"""Is called between notes and stretches; raises to stop."""

PlayerOf = Callable[[Part, Voice], Instrument]
"""Gives the instrument that plays a part with its voice."""

RING_BEATS = Fraction(64)
"""Longer than any cymbal rings: how long an open hi-hat lasts that nothing closes."""


@dataclass(frozen=True, slots=True)
class _Player:
    """Who plays a part, and which of the score it is: its notes take their chance from that."""

    number: int
    part: Part
    voice: Voice
    instrument: Instrument

    @property
    def is_airy(self) -> bool:
        """Whether anything is heard of it that a lower rate would lose."""
        lowpass_hz = self.voice.lowpass_hz
        return self.instrument.airy and (lowpass_hz is None or lowpass_hz > AIRLESS_HZ)


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
    players = _players(composition, player_of or _named_by_voice)
    used = {part.stem for part in composition.score.parts}
    names = [stem for stem in STEMS if stem in used]
    length = to_samples(composition.length_s + composition.tail_s, sample_rate)
    rates = Resampler(sample_rate)
    stage = _Stage(composition, sample_rate, check)
    # What has no air is made at a lower rate, and so is the room: half of the work.
    bench = Bench(sample_rate, composition.seed)
    low_bench = Bench(rates.low_rate, composition.seed)
    low_stems = [tape.blank((2, rates.low_length(length))) for _ in names]
    low_sends = tape.blank((len(names), rates.low_length(length)))
    airy_stems: dict[str, Samples] = {}
    for name, low_stem, low_send in zip(names, low_stems, low_sends, strict=True):
        here = [player for player in players if player.part.stem == name]
        stage.play([one for one in here if not one.is_airy], low_bench, low_stem, low_send)
        if airy := [one for one in here if one.is_airy]:
            airy_stems[name], send = tape.blank((2, length)), tape.blank((1, length))
            stage.play(airy, bench, airy_stems[name], send[0])
            if send.any():
                low_send += rates.lowered(send)[0]
    _reverberate(low_stems, low_sends, composition.room, low_bench, check)
    stems: dict[str, Samples] = {}
    for name, low_stem in zip(names, low_stems, strict=True):
        check()
        stem = airy_stems.get(name)
        stems[name] = (
            rates.raised(low_stem, length, onto=stem) if stem is None or low_stem.any() else stem
        )
    shape_dynamics(list(stems.values()), composition.dynamics, sample_rate)
    return {name: Audio(stem, sample_rate) for name, stem in stems.items()}


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


def _players(composition: Composition, player_of: PlayerOf) -> list[_Player]:
    """Return who plays each part that has notes."""
    return [
        _Player(number, part, voice, player_of(part, voice))
        for number, part in enumerate(composition.score.parts)
        if part.notes
        for voice in [composition.voices[part.name]]
    ]


def _reverberate(
    stems: Sequence[Samples], sends: Samples, room: Room, bench: Bench, check: Check
) -> None:
    """Add to the stems that send something to the room what comes back from it."""
    wet = [number for number, send in enumerate(sends) if send.any()]
    if wet:
        for row, number in enumerate(wet):
            if row != number:
                sends[row] = sends[number]
        sends = sends[: len(wet)]
        rng = np.random.Generator(np.random.PCG64([bench.seed, zlib.crc32(b"room")]))
        heard = [stems[number] for number in wet]
        reverberate(heard, sends, room, bench.sample_rate, rng, check)


class _Stage:
    """Plays the parts of a composition at one sample rate or another."""

    def __init__(self, composition: Composition, sample_rate: int, check: Check) -> None:
        self._composition = composition
        self._sample_rate = sample_rate
        self._check = check
        seconds_at = composition.score.tempo_map.seconds_at
        self._sample_at = cache(
            lambda numerator, denominator: to_samples(
                seconds_at(Fraction(numerator, denominator)), sample_rate
            )
        )

    def play(
        self, players: Sequence[_Player], bench: Bench, stem: Samples, reverb_send: Signal
    ) -> None:
        """Play parts into their stem ``(2, samples)``, and into its reverb send."""
        delay_send: Signal | None = None
        rate, line = bench.sample_rate, Line(stem.shape[1])
        for player in players:
            voice = player.voice
            if voice.delay_send_db is not None and delay_send is None:
                delay_send = tape.blank(reverb_send.shape)
            self._play_part(player, line, bench)
            self._check()
            ducking = self._ducking(voice, rate)
            place(line, voice, rate, ducking, stem, reverb_send, delay_send)
        if delay_send is not None:
            room = self._composition.room
            delay_s = float(self._composition.score.tempo_map.seconds_at(room.delay_beats))
            echo(stem, delay_send, delay_s, room.delay_feedback, rate)

    def _at(self, beats: Fraction, rate: int) -> int:
        """Return the first sample of a rate that is not before a beat's own sample."""
        sample = self._sample_at(*beats.as_integer_ratio())  # fractions are slow to look up
        return -(-sample * rate // self._sample_rate)

    def _ducking(self, voice: Voice, rate: int) -> Ducking | None:
        """Return how a voice gives way to the bass drum, ``None`` where it doesn't."""
        if not voice.duck_db:
            return None
        strokes = [
            self._at(note.start_beats, rate)
            for part in self._composition.score.parts
            if part.drums
            for note in part.notes
            if note.pitch in BASS_DRUMS
        ]
        return Ducking(strokes, voice.duck_db, rate)

    def _play_part(self, player: _Player, line: Line, bench: Bench) -> None:
        """Add every note of a part to its line."""
        part, rate = player.part, bench.sample_rate
        slid_from = replace(part, slides=player.voice.slides).slid_from()
        chance = np.random.SeedSequence([bench.seed, player.number])
        seeds = chance.generate_state(len(part.notes), np.uint64)
        turns: dict[int, int] = {}
        tones: list[tuple[int, Tone]] = []
        numbered = enumerate(zip(part.notes, _ends_beats(part), seeds, strict=True))
        for number, (note, end_beats, seed) in numbered:
            start = self._at(note.start_beats, rate)
            if start >= line.length:
                continue
            end = min(line.length, self._at(end_beats, rate))
            turn = turns[note.pitch] = turns.get(note.pitch, -1) + 1
            pitch = _sounding(note.pitch, rate)
            tone = Tone(
                pitch, note.velocity, max(1, end - start), turn, int(seed), slid_from.get(number)
            )
            tones.append((start, tone))
        # The longest first: what is made for a long note has a short one in it.
        for start, tone in sorted(tones, key=lambda each: -each[1].length_samples):
            self._check()
            line.add(player.instrument.play(tone, bench), start)


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
