"""From a generated stem to one of exactly the right rate, length and edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Audio, Samples, tape
from musicgen_daw.audio.levels import amplified, check_finite, db_to_gain
from musicgen_daw.audio.resample import resample
from musicgen_daw.audio.splice import crossfade_loop, fade, wrap_tail
from musicgen_daw.errors import AudioError
from musicgen_daw.mastering.chain import run_chain, run_sends
from musicgen_daw.presets.schema import Master, StemMix
from musicgen_daw.timeline import TempoMap

__all__ = ["LOOP_CROSSFADE_MS", "Shape", "shape_stem", "with_equal_channels"]

HEAD_EDGE_MS = 0.5
"""How long a head that begins with a step is rounded; more would soften an attack there."""

TAIL_EDGE_MS = 5.0
"""How long a tail that is cut off is rounded: enough to hide the cut."""

LOOP_CROSSFADE_MS = 50.0
"""How long a loop's head is blended with what follows its end."""

SHORT_MS = 50.0
"""A stem that lacks more than this is worth a warning."""

_SILENT_DBFS = -80.0


@dataclass(frozen=True, slots=True)
class Shape:
    """The rate and length of all stems of a cue.

    ``rings_out`` says that what follows a loop's end is the ring of its last notes.
    ``tempo_map`` has beat 0 at the cue's start, for what moves in bars.
    """

    sample_rate: int
    length_samples: int
    tail_samples: int = 0
    rings_out: bool = False
    tempo_map: TempoMap | None = None

    def __post_init__(self) -> None:
        if self.length_samples < 1 or self.tail_samples < 0:
            raise ValueError("a cue needs a positive length and a tail that is not negative")

    def samples(self, milliseconds: float) -> int:
        """Return a stretch of time in samples."""
        return round(milliseconds * self.sample_rate / 1000)


def shape_stem(
    audio: Audio, name: str, master: Master, stem_mix: StemMix, shape: Shape
) -> tuple[Audio, tuple[str, ...]]:
    """Return a stem as it goes into the mix, not yet levelled, with warnings.

    It is resampled, brought to its own gain, sent through the effects chain and the sends, and
    fitted: cut, or filled up with silence, to the cue's length and tail; a loop to its length
    alone.

    Raises:
        AudioError: for NaN or infinite samples, naming the stem.
        PresetError: for an effects chain that pedalboard does not take.
    """
    check_finite(audio, f"stem {name!r}")
    audio = resample(audio, shape.sample_rate)
    if stem_mix.gain_db:
        audio = amplified(audio, stem_mix.gain_db)
    warnings = _short_warning(audio, name, shape)
    audio = run_chain(audio, master.chain, shape.tempo_map)
    audio = run_sends(audio, master.sends, stem_mix.sends, shape.tempo_map)
    if master.end == "loop":
        loop, seam_warnings = _looped(audio, name, shape)
        return loop, warnings + seam_warnings
    return _edged(audio, master, shape), warnings


def with_equal_channels(stems: Mapping[str, Audio]) -> dict[str, Audio]:
    """Return stems with mono ones doubled where any is stereo, so that they add up.

    Raises:
        AudioError: for stems with other channel counts that differ.
    """
    channels = max(stem.channels for stem in stems.values())
    for name, stem in stems.items():
        if stem.channels not in (1, channels):
            raise AudioError(
                f"stem {name!r} has {stem.channels} channels and another has {channels}: "
                "only mono can be mixed with them"
            )
    return {
        name: stem
        if stem.channels == channels
        else Audio(np.repeat(stem.samples, channels, axis=0), stem.sample_rate)
        for name, stem in stems.items()
    }


def _short_warning(audio: Audio, name: str, shape: Shape) -> tuple[str, ...]:
    missing = shape.length_samples - audio.length_samples
    if missing <= shape.samples(SHORT_MS):
        return ()
    seconds = missing / shape.sample_rate
    return (f"stem {name!r} is {seconds:.2f} s shorter than its cue: filled up with silence",)


def _edged(audio: Audio, master: Master, shape: Shape) -> Audio:
    """Cut or fill up a stem, with the asked fades, or else edges that hide a step.

    The fades belong to the sound: where it ends early, the fade-out ends there.
    """
    sounding = Audio(
        audio.samples[:, : shape.length_samples + shape.tail_samples], audio.sample_rate
    )
    fade_in = shape.samples(master.fade_in_ms)
    fade_out = shape.samples(master.fade_out_ms)
    tail_edge = shape.samples(TAIL_EDGE_MS)
    if not fade_in and not _is_silent(sounding.samples[:, :1]):
        fade_in = shape.samples(HEAD_EDGE_MS)
    if not fade_out and not _is_silent(sounding.samples[:, -tail_edge:]):
        fade_out = tail_edge
    return _filled(fade(sounding, fade_in, fade_out), shape.length_samples + shape.tail_samples)


def _looped(audio: Audio, name: str, shape: Shape) -> tuple[Audio, tuple[str, ...]]:
    """Turn a stem into one turn of a loop, whose end leads into its head."""
    length = shape.length_samples
    if shape.rings_out or audio.length_samples < length:
        return wrap_tail(audio, length), ()
    overlap = min(shape.samples(LOOP_CROSSFADE_MS), audio.length_samples - length, length // 2)
    edge = shape.samples(TAIL_EDGE_MS)
    if overlap >= edge:
        return crossfade_loop(audio, length, overlap), ()
    turn = Audio(audio.samples[:, :length], audio.sample_rate)
    warning = (
        f"stem {name!r} ends where its loop ends: the seam is faded, as nothing follows to blend"
    )
    return fade(turn, shape.samples(HEAD_EDGE_MS), edge), (warning,)


def _filled(audio: Audio, length_samples: int) -> Audio:
    missing = length_samples - audio.length_samples
    if not missing:
        return audio
    return Audio(tape.copied(audio.samples, length_samples), audio.sample_rate)


def _is_silent(samples: Samples) -> bool:
    return float(np.abs(samples).max(initial=0.0)) < db_to_gain(_SILENT_DBFS)
