"""From a composition to its stems."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from musicgen_daw.audio import Audio, Samples
from musicgen_daw.errors import did_you_mean
from musicgen_daw.sketch.composition import STEMS, Composition, Voice
from musicgen_daw.sketch.synth.drums.general_midi import BASS_DRUMS, CLOSED_HATS, OPEN_HAT
from musicgen_daw.sketch.synth.instruments import instrument_named
from musicgen_daw.sketch.synth.rates import Resampler
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


@dataclass(frozen=True, slots=True)
class _Player:
    """Who plays a part, and which of the score it is: its notes take their chance from that."""

    number: int
    part: Part
    voice: Voice
    instrument: Instrument


@dataclass(frozen=True, slots=True, eq=False)
class _Desk:
    """Where the parts of one sample rate are mixed: each stem ``(2, samples)``, and its send."""

    bench: Bench
    stems: list[Samples]
    sends: Samples

    @classmethod
    def of(cls, sample_rate: int, seed: int, stems: int, length: int) -> _Desk:
        """Return a desk at rest."""
        return cls(
            Bench(sample_rate, seed),
            [np.zeros((2, length), np.float32) for _ in range(stems)],
            np.zeros((stems, length), np.float32),
        )


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
    full = low = _Desk.of(sample_rate, composition.seed, len(names), length)
    if rates.factor > 1:
        low_length = rates.low_length(length)
        low = _Desk.of(rates.low_rate, composition.seed, len(names), low_length)
    stage = _Stage(composition, sample_rate, check)
    for number, name in enumerate(names):
        here = [player for player in players if player.part.stem == name]
        stage.play([player for player in here if player.instrument.airy], full, number)
        stage.play([player for player in here if not player.instrument.airy], low, number)
    if low is not full:
        for send, low_send in zip(full.sends, low.sends, strict=True):
            if send.any():
                low_send += rates.lowered(send[None])[0]
    _reverberate(low, composition, check)
    if low is not full:
        for stem, low_stem in zip(full.stems, low.stems, strict=True):
            rates.add_raised(low_stem, stem)
    shape_dynamics(full.stems, composition.dynamics, sample_rate)
    return {name: Audio(stem, sample_rate) for name, stem in zip(names, full.stems, strict=True)}


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
        _Player(number, part, composition.voices[part.name], player_of(part, voice))
        for number, part in enumerate(composition.score.parts)
        if part.notes
        for voice in [composition.voices[part.name]]
    ]


def _reverberate(desk: _Desk, composition: Composition, check: Check) -> None:
    """Add to the stems of a desk the room that they stand in."""
    wet = [number for number, send in enumerate(desk.sends) if send.any()]
    if not wet:
        return
    sends = desk.sends if len(wet) == len(desk.sends) else desk.sends[wet]
    rng = np.random.Generator(np.random.PCG64([desk.bench.seed, zlib.crc32(b"room")]))
    stems = [desk.stems[number] for number in wet]
    reverberate(stems, sends, composition.room, desk.bench.sample_rate, rng, check)


class _Stage:
    """Plays the parts of a composition at one desk or another."""

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

    def play(self, players: Sequence[_Player], desk: _Desk, number: int) -> None:
        """Play the parts of one stem into it, and into its reverb send."""
        if not players:
            return
        stem, reverb_send = desk.stems[number], desk.sends[number]
        delay_send: Signal | None = None
        rate = desk.bench.sample_rate
        played = np.empty_like(stem)
        for player in players:
            voice = player.voice
            if voice.delay_send_db is not None and delay_send is None:
                delay_send = np.zeros_like(reverb_send)
            played[...] = 0.0
            self._play_part(player, played, desk.bench)
            self._check()
            colour(played, voice, rate)
            if voice.duck_db:
                duck(played, self._bass_drum(rate), voice.duck_db, rate)
            place(played, voice, stem, reverb_send, delay_send)
        if delay_send is not None:
            room = self._composition.room
            delay_s = float(self._composition.score.tempo_map.seconds_at(room.delay_beats))
            echo(stem, delay_send, delay_s, room.delay_feedback, rate)

    def _at(self, beats: Fraction, rate: int) -> int:
        """Return the first sample of a rate that is not before a beat's own sample."""
        sample = self._sample_at(*beats.as_integer_ratio())  # fractions are slow to look up
        return -(-sample * rate // self._sample_rate)

    def _bass_drum(self, rate: int) -> list[int]:
        """Return where the bass drum is struck, in samples."""
        return [
            self._at(note.start_beats, rate)
            for part in self._composition.score.parts
            if part.drums
            for note in part.notes
            if note.pitch in BASS_DRUMS
        ]

    def _play_part(self, player: _Player, played: Samples, bench: Bench) -> None:
        """Add every note of a part where it begins."""
        part, rate = player.part, bench.sample_rate
        tied = _tied(part) if player.voice.slides else {}
        length = played.shape[1]
        chance = np.random.SeedSequence([bench.seed, player.number])
        seeds = chance.generate_state(len(part.notes), np.uint64)
        turns: dict[int, int] = {}
        tones: list[tuple[int, Tone]] = []
        numbered = enumerate(zip(part.notes, _ends_beats(part), seeds, strict=True))
        for number, (note, end_beats, seed) in numbered:
            start = self._at(note.start_beats, rate)
            if start >= length:
                continue
            end = min(length, self._at(end_beats, rate))
            turn = turns[note.pitch] = turns.get(note.pitch, -1) + 1
            pitch = _sounding(note.pitch, rate)
            tone = Tone(
                pitch, note.velocity, max(1, end - start), turn, int(seed), tied.get(number)
            )
            tones.append((start, tone))
        # The longest first: what is made for a long note has a short one in it.
        for start, tone in sorted(tones, key=lambda each: -each[1].length_samples):
            self._check()
            sound = player.instrument.play(tone, bench)
            audible = min(sound.shape[1], length - start)
            played[:, start : start + audible] += sound[:, :audible]


def _tied(part: Part) -> dict[int, int]:
    """Return, by the number of a note, the other pitch that ends on the instant it begins."""
    ending = {note.start_beats + note.length_beats: note.pitch for note in part.notes}
    return {
        number: ending[note.start_beats]
        for number, note in enumerate(part.notes)
        if ending.get(note.start_beats, note.pitch) != note.pitch
    }


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
