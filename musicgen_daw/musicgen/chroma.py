"""The tune of a sound as the melody models read it: its loudest pitch class, eight times a second.

Source: the feature extractor of transformers' MusicgenMelody, and audiocraft's before it.
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["HOP_SAMPLES", "chroma_of"]

HOP_SAMPLES = 4096
"""From one frame of chroma to the next; the published models know no other."""

_WINDOW_SAMPLES = 4 * HOP_SAMPLES


def chroma_of(sound: Tensor, sample_rate: int, bins: int) -> Tensor:
    """Return which of ``bins`` pitch classes is loudest: ``(samples,)`` to ``(frames, bins)``.

    Frames are centred on their samples. Silence counts as the first pitch class.
    """
    missing = max(0, _WINDOW_SAMPLES - len(sound))
    sound = functional.pad(sound, (missing // 2, missing - missing // 2))
    spectrum = torch.stft(
        sound,
        _WINDOW_SAMPLES,
        HOP_SAMPLES,
        window=torch.hann_window(_WINDOW_SAMPLES),
        return_complex=True,
    )
    energies = _pitch_classes(sample_rate, bins) @ spectrum.abs().square()
    return functional.one_hot(energies.argmax(0), bins).float()


@functools.cache
def _pitch_classes(sample_rate: int, bins: int) -> Tensor:
    """Return how much each frequency counts for each pitch class, ``(bins, frequencies)``."""
    from transformers.audio_utils import chroma_filter_bank

    filters = chroma_filter_bank(
        num_frequency_bins=_WINDOW_SAMPLES, num_chroma=bins, sampling_rate=sample_rate, tuning=0
    )
    return torch.from_numpy(filters).float()
