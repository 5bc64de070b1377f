"""From a generator's clip to the WAV file that a caller gets. Pure."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.audio.levels import check_finite
from musicgen_daw.audio.quantise import quantise
from musicgen_daw.audio.splice import fade
from musicgen_daw.backends.base import Clip
from musicgen_daw.export.stems import Provenance
from musicgen_daw.export.wav import info, wav
from musicgen_daw.timeline import to_samples

__all__ = ["mix_of", "to_wav"]

_FADE_S = Fraction(20, 1000)
_FULL_SCALE = 1 - 2.0**-20  # room for the dither


def to_wav(clip: Clip, duration_s: Fraction, provenance: Provenance, dither_seed: int) -> bytes:
    """Return the clip's mix as a 24-bit WAV of exactly ``duration_s``; same clip, same bytes.

    A longer clip is cut and a shorter one ends in silence, each after a short fade. One that
    passes full scale is turned down.

    Raises:
        AudioError: for samples that are no numbers.
        ValueError: for stems that don't fit each other.
    """
    mix = _fit(mix_of(clip), duration_s)
    peak = check_finite(mix, "the clip")
    if peak > _FULL_SCALE:
        mix = Audio(mix.samples * np.float32(_FULL_SCALE / peak), mix.sample_rate)
    comment = info.Info(
        software="musicgen_daw", comment=provenance.sentence(), copyright=provenance.licence
    )
    file = io.BytesIO()
    wav.write(file, quantise(mix, "24", dither_seed), [info.encode(comment)])
    return file.getvalue()


def mix_of(clip: Clip) -> Audio:
    """Return the clip's own mix, else the sum of its stems."""
    if "mix" in clip.stems:
        return clip.stems["mix"]
    stems = tuple(clip.stems.values())
    if not stems:
        raise ValueError("a clip without sound")
    total = stems[0].samples.copy()
    for stem in stems[1:]:
        total += stem.samples
    return Audio(total, stems[0].sample_rate)


def _fit(mix: Audio, duration_s: Fraction) -> Audio:
    """Cut or fill; the sound's own end is faded, since few generators end in silence."""
    length = to_samples(duration_s, mix.sample_rate)
    sound = Audio(mix.samples[:, :length], mix.sample_rate)
    faded = fade(sound, out_samples=to_samples(_FADE_S, mix.sample_rate)).samples
    missing = length - sound.length_samples
    return Audio(np.pad(faded, ((0, 0), (0, missing))), mix.sample_rate)
