"""From a request to what the engine makes, and back to a clip of exactly the length asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import torch
from torch import Tensor

from musicgen_daw.audio import Audio
from musicgen_daw.audio.resample import resample
from musicgen_daw.audio.stretching import stretch
from musicgen_daw.backends.guide_track import guide_track
from musicgen_daw.backends.musicgen.choices import SAMPLE_RATE
from musicgen_daw.errors import Rejected
from musicgen_daw.musicgen.chroma import chroma_of
from musicgen_daw.musicgen.engine import Engine, Passage
from musicgen_daw.musicgen.sampling import Sampling
from musicgen_daw.planning import ClipRequest
from musicgen_daw.timeline import to_samples

__all__ = ["Commissioned", "commission"]

SoundOf = Callable[[str], Audio]

PROMPT_S = 12
"""So much of an audio prompt is heard, its end: the rest would leave little room for music."""


@dataclass(frozen=True, slots=True)
class Commissioned:
    """A request with the passage that is to be made for it.

    ``prompted`` are the frames of its audio prompt, which stand before the music and are no part
    of the clip: a prompt may be the previous cue, or a click.
    """

    request: ClipRequest
    passage: Passage
    prompted: int

    def clip_of(self, codes: Tensor, engine: Engine) -> Audio:
        """Return the sound of the passage's codes: the clip that was asked for."""
        start = self.prompted * engine.config.frame_samples
        samples = engine.codec.decode(codes).numpy()
        end = start + _length_samples(self.request)
        return Audio(np.ascontiguousarray(samples[:, start:end]), SAMPLE_RATE)

    def blocks_of(self, engine: Engine) -> Generator[Audio, None, None]:
        """Yield the clip while it is made: of the engine's blocks what belongs to it."""
        start = self.prompted * engine.config.frame_samples
        end = start + _length_samples(self.request)
        place = 0
        with closing(engine.stream(self.passage)) as blocks:
            for block in blocks:
                samples = block.numpy()[:, max(0, start - place) : max(0, end - place)]
                place += block.shape[1]
                if samples.shape[1]:
                    yield Audio(np.ascontiguousarray(samples), SAMPLE_RATE)


def commission(request: ClipRequest, engine: Engine, sound_of: SoundOf) -> Commissioned:
    """Turn a request into what the engine makes.

    Raises:
        AudioError: for a sound that is not there, or is none.
        Rejected: for a prompt that is too long, or a guide that this checkpoint does not take.
        ValueError: for settings that mean nothing.
    """
    later = tuple(text for _, text in request.prompt_changes)
    for prompt in {request.prompt, request.negative, *later}:
        engine.text.tokens(prompt)
    sampling = Sampling(request.guidance, request.temperature, request.top_k, request.top_p)
    prompt_codes = _prompt_codes(request, engine, sound_of)
    prompted = 0 if prompt_codes is None else prompt_codes.shape[1]
    frames = -(-_length_samples(request) // engine.config.frame_samples)
    passage = Passage(
        request.prompt,
        prompted + max(1, frames),
        request.seed,
        request.negative,
        sampling,
        audio_prompt=prompt_codes,
        melody=_melody(request, engine, sound_of),
        bar_lines=_bar_lines(request, engine, prompted),
        prompt_changes=tuple(
            (prompted + _frame_at(at_s, engine), text) for at_s, text in request.prompt_changes
        ),
    )
    return Commissioned(request, passage, prompted)


def _length_samples(request: ClipRequest) -> int:
    return to_samples(request.length_s + request.tail_s, SAMPLE_RATE)


def _bar_lines(request: ClipRequest, engine: Engine, prompted: int) -> tuple[int, ...]:
    """Return the frames nearest to the bar lines: each rounded from its time, so none drifts."""
    tempo_map = request.tempo_map
    if tempo_map is None:
        return ()
    lines = tempo_map.bar_lines(0, tempo_map.beats_at(request.length_s + request.tail_s))
    return tuple(
        prompted + _frame_at(tempo_map.seconds_at(line), engine) for line in lines if line > 0
    )


def _frame_at(seconds: Fraction, engine: Engine) -> int:
    """Return the nearest frame to a moment."""
    return floor(seconds * SAMPLE_RATE / engine.config.frame_samples + Fraction(1, 2))


def _prompt_codes(request: ClipRequest, engine: Engine, sound_of: SoundOf) -> Tensor | None:
    """Return the codes of the end of the audio prompt: whole frames, up to its last sample."""
    guide = _guide(request, sound_of)
    if guide is None:
        return None
    sound = _in_channels(guide, engine.config.channels)
    frame_samples = engine.config.frame_samples
    frames = min(sound.shape[1], PROMPT_S * SAMPLE_RATE) // frame_samples
    if not frames:
        raise Rejected(f"an audio prompt lasts at least {frame_samples / SAMPLE_RATE:g} s")
    return engine.codec.encode(sound[:, -frames * frame_samples :])


def _guide(request: ClipRequest, sound_of: SoundOf) -> Audio | None:
    """Return the sound that the clip goes on from: a file, another clip, or a count-in."""
    if request.audio_prompt is not None:
        return sound_of(request.audio_prompt)
    if request.continues is not None:
        return _tail(sound_of(request.continues), request)
    if request.guide is None:
        return None
    if request.tempo_map is None:
        raise Rejected(f"a guide of {request.guide} needs a tempo")
    return guide_track(request.guide, request.tempo_map, request.key_signature, SAMPLE_RATE)


def _tail(sound: Audio, request: ClipRequest) -> Audio:
    """Return the end of the music that a clip goes on from, brought to the clip's tempo."""
    rate, factor = sound.sample_rate, request.continues_stretch
    end = sound.length_samples - to_samples(request.continues_less_s, rate)
    start = max(0, end - to_samples(PROMPT_S / factor, rate))
    return stretch(Audio(sound.samples[:, start : max(start, end)], rate), float(factor))


def _melody(request: ClipRequest, engine: Engine, sound_of: SoundOf) -> Tensor | None:
    if request.melody is None:
        return None
    shape = engine.config.melody
    if shape is None:
        raise Rejected("this checkpoint follows no melody: a melody checkpoint does")
    sound = _in_channels(sound_of(request.melody), 1)
    return chroma_of(sound[0], SAMPLE_RATE, shape.bins)


def _in_channels(sound: Audio, channels: int) -> Tensor:
    """Return a sound at the model's rate: the mean of its channels, or one of them twice."""
    samples = torch.from_numpy(resample(sound, SAMPLE_RATE).samples)
    if samples.shape[0] != channels:
        samples = samples.mean(0, keepdim=True).expand(channels, -1)
    return samples
