"""Flaws of a clip that make it suspect but not unusable; what is unusable the store refuses.

A flaw is grave where a listener would miss music: such a clip is made again with another seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio, tape
from musicgen_daw.backends.base import Clip
from musicgen_daw.execution.musicality import listen
from musicgen_daw.planning import Capabilities, ClipRequest, Expectation

__all__ = ["Finding", "Flaw", "examine"]

_SHORT_S = 0.1
_GRAVE_S = 0.5
_GRAVE_SHARE = 0.05
_SILENT = 10 ** (-80 / 20)
_QUIET = 10 ** (-40 / 20)
"""Brought to a usual level, its noise would be heard."""
_FADED = 10 ** (-60 / 20)
"""Below its peak by this much, a clip is over."""
_DC = 0.02
_FULL_SCALE = 0.9999
_CLIPPED_SHARE = 1e-3
_BLOCK_S = 0.05
_NOISE_S = 1.0
_NOISE_LEVEL = 10 ** (-40 / 20)
_NOISY, _MUSICAL = 1.0, 0.5
"""The power of the difference of neighbouring samples, over their power: 2 for white noise."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a clip; ``text`` goes on after "the clip"."""

    text: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found. ``lacking_s`` is how much of the asked length has no sound.

    ``heard`` tells in words what was heard of what was listened for.
    """

    flaws: tuple[Flaw, ...]
    lacking_s: float
    heard: Mapping[str, str] = field(default_factory=dict)

    @property
    def grave(self) -> tuple[str, ...]:
        """The grave flaws, in words."""
        return tuple(flaw.text for flaw in self.flaws if flaw.is_grave)


def examine(
    request: ClipRequest,
    clip: Clip,
    capabilities: Capabilities,
    expected: Expectation = Expectation(),
) -> Finding:
    """Return what a listener should know about a new clip.

    Grave are silence, more than half a second or a twentieth missing of the asked length, an end
    more than half a second and a twentieth early, and what is clearly not as ``expected``. How a
    clip ends is looked at only where its generator does not compose the ending, which may well be
    a rest or a cymbal. A burst of noise there, and clipping, are grave where such a generator's
    next try costs nothing.
    """
    first = next(iter(clip.stems.values()))
    asked_s = float(request.length_s)
    flaws = list(_flaws_of_format(first, capabilities))
    missing_s = max(0.0, asked_s - float(first.seconds))
    if missing_s > _SHORT_S:
        grave = missing_s > _GRAVE_S or missing_s > _GRAVE_SHARE * asked_s
        flaws.append(Flaw(f"is {missing_s:.2f} s shorter than asked", grave))
    lacking_s = missing_s
    if all(_peak(stem) < _SILENT for stem in clip.stems.values()):
        flaws.append(Flaw("is silent", is_grave=True))
        lacking_s = asked_s
    elif not capabilities.obeys_tempo:
        silent_s = _silent_end_s(clip.stems, request.length_s)
        lacking_s += silent_s
        if silent_s > _GRAVE_S:
            grave = silent_s > _GRAVE_SHARE * asked_s
            flaws.append(Flaw(f"is silent for its last {silent_s:.2f} s", grave))
        flaws += [
            Flaw(f"ends in a burst of noise in stem {name!r}", is_grave=not capabilities.paid)
            for name, stem in clip.stems.items()
            if _ends_in_noise(stem, request.length_s + request.tail_s)
        ]
    tries_again = not capabilities.paid and not capabilities.obeys_tempo
    flaws += _flaws_of_level(clip.stems, clipping_is_grave=tries_again)
    is_heard = expected != Expectation() and lacking_s < asked_s
    heard = tuple(listen(_mix(clip.stems), expected)) if is_heard else ()
    flaws += [Flaw(one.miss, is_grave=True) for one in heard if one.miss]
    return Finding(tuple(flaws), lacking_s, {one.name: one.found for one in heard})


def _flaws_of_format(first: Audio, capabilities: Capabilities) -> Iterator[Flaw]:
    promised = capabilities.native_rate
    if promised is not None and first.sample_rate != promised:
        yield Flaw(f"has {first.sample_rate} Hz where its generator promises {promised} Hz")


def _mix(stems: Mapping[str, Audio]) -> Audio:
    """Return all stems together, in one channel."""
    first, *others = stems.values()
    mix = tape.blank((1, first.length_samples))
    for here in tape.stretches(first.length_samples):
        mix[0, here] = first.samples[:, here].mean(axis=0)
        for stem in others:
            mix[0, here] += stem.samples[:, here].mean(axis=0)
    return Audio(mix, first.sample_rate)


def _flaws_of_level(stems: Mapping[str, Audio], *, clipping_is_grave: bool) -> Iterator[Flaw]:
    peak = max(map(_peak, stems.values()))
    if _SILENT <= peak < _QUIET:
        yield Flaw(f"peaks at only {20 * math.log10(peak):.0f} dBFS")
    for name, stem in stems.items():
        if np.abs(stem.samples.mean(axis=1, dtype=np.float64)).max() > _DC:
            yield Flaw(f"has a DC offset in stem {name!r}")
        if _is_clipped(stem):
            yield Flaw(f"is clipped in stem {name!r}", is_grave=clipping_is_grave)


def _peak(stem: Audio) -> float:
    return float(max(stem.samples.max(), -stem.samples.min()))


def _is_clipped(stem: Audio) -> bool:
    """Sound may pass full scale in float and be turned down; samples that stand on it are cut."""
    if not _FULL_SCALE <= _peak(stem) <= 1:
        return False
    return bool(np.mean(np.abs(stem.samples) >= _FULL_SCALE) > _CLIPPED_SHARE)


def _silent_end_s(stems: Mapping[str, Audio], asked_s: Fraction) -> float:
    """Return for how long before the end, or the asked end, nothing is heard any more."""
    first = next(iter(stems.values()))
    end = min(first.length_samples, round(asked_s * first.sample_rate))
    audible_end = 0
    floor = max(_SILENT, _FADED * max(_peak(stem) for stem in stems.values()))
    for stem in stems.values():
        block = _block_samples(stem)
        # A constant offset is no sound, so the swing counts and not the level.
        swings = _blocks(stem.samples[:, :end], block).std(axis=2).max(axis=0)
        heard = np.flatnonzero(swings > floor)
        if heard.size:
            audible_end = max(audible_end, (int(heard[-1]) + 1) * block)
    silent = end - audible_end
    return silent / first.sample_rate if silent >= _block_samples(first) else 0.0


def _ends_in_noise(stem: Audio, asked_s: Fraction) -> bool:
    """Tell whether the last second that is used turns to hiss that is heard, after music."""
    block = _block_samples(stem)
    mono = stem.samples[:, : round(asked_s * stem.sample_rate)].mean(axis=0, keepdims=True)
    blocks = _blocks(mono, block)[0]
    last = round(_NOISE_S / _BLOCK_S)
    if len(blocks) <= 2 * last:
        return False
    power = _power(blocks)
    hiss = _power(np.diff(blocks, axis=1))
    hissing = hiss / np.maximum(power, _SILENT**2)
    noisy = (hissing[-last:] > _NOISY) & (power[-last:] > _NOISE_LEVEL**2)
    lasts = bool((noisy[1:] & noisy[:-1]).any())  # one block may be a drum
    return lasts and float(np.median(hissing[:-last])) < _MUSICAL


def _power(blocks: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.mean(blocks**2, axis=1, dtype=np.float64))


def _block_samples(stem: Audio) -> int:
    return max(2, round(_BLOCK_S * stem.sample_rate))


def _blocks(samples: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Return the samples of each channel in whole blocks; what is left over is left out."""
    channels, length = samples.shape
    count = length // block
    return samples[:, : count * block].reshape(channels, count, block)
