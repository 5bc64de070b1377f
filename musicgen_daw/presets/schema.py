"""What a preset says: frozen values that check themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from musicgen_daw.timeline import IntensityLane

__all__ = ["ENDINGS", "Effect", "Generation", "Master", "Preset", "StemMix"]

ENDINGS = ("button", "ring", "fade", "cut", "loop")
"""How a cue may end: a short last chord, one that rings out, a fade, a cut, or a seamless loop."""


@dataclass(frozen=True, slots=True)
class Generation:
    """How a clip is generated; ``None`` leaves the choice to the cue or the generator."""

    backend: str | None = None
    model: str | None = None
    takes: int = 1
    bpm: float | None = None
    key: str | None = None
    meter: tuple[int, int] | None = None
    style: str | None = None
    intensity: IntensityLane | None = None
    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 0.0
    audio_prompt: str | None = None
    melody: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """A pedalboard effect by its own name, with its parameters in its own units."""

    effect: str
    parameters: Mapping[str, float | int | bool | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StemMix:
    """How one stem goes into the mix."""

    gain_db: float = 0.0
    mute: bool = False


@dataclass(frozen=True, slots=True)
class Master:
    """How a cue is mastered. ``lufs`` is the integrated loudness of the cue's mix."""

    lufs: float = -18.0
    ceiling_dbtp: float = -1.0
    fade_in_ms: float = 0.0
    fade_out_ms: float = 0.0
    end: str = "ring"
    tail_s: float = 0.0
    chain: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """A named way to make music: words, generation, layers, stems, mastering."""

    name: str
    title: str = ""
    description: str = ""
    prompt: str = "{prompt}"
    negative: str = ""
    generation: Generation = field(default_factory=Generation)
    layers: Mapping[str, str] = field(default_factory=dict)
    stems: Mapping[str, StemMix] = field(default_factory=dict)
    master: Master = field(default_factory=Master)
