"""The plan: every clip of every cue, with seed, key and price, before anything is made.

CueSheet × presets × flags  ->  Plan > PlannedCue > PlannedTake > PlannedClip > ClipRequest
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from musicgen_daw.planning.options import Output
from musicgen_daw.planning.request import Capabilities, Choice, ClipRequest
from musicgen_daw.presets import Master, Preset
from musicgen_daw.timeline import Cue, CueSheet, SheetWarning, TempoMap, Timecode

__all__ = ["Expectation", "Plan", "PlannedClip", "PlannedCue", "PlannedTake"]


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One clip and its place: ``start_s`` counts from the start of the cue.

    ``layer`` is ``""`` for a clip that brings its own stems. ``request`` is ``None`` for a clip
    of a kept take that today's sheet would no longer ask for: it is only in the store.
    """

    layer: str
    start_s: Fraction
    key: str
    request: ClipRequest | None


@dataclass(frozen=True, slots=True)
class PlannedTake:
    """One take of a cue. ``fixed``: a listener kept or locked it, so it is used as it is."""

    take: int
    seed: int
    fixed: bool
    clips: tuple[PlannedClip, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a clip is measured against, whatever its generator was told; ``None`` where it isn't."""

    bpm: Fraction | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedCue:
    """A cue with all that is settled about it.

    ``tempo_map`` has beat 0 at the start of the cue and is ``None`` where no tempo is told.
    ``choice`` is the model of its generator that it wants.
    ``timecode`` is that of its start, ``None`` in a sheet that is a list.
    ``tail_s`` is the exact tail of the finished files; a request's may be longer.
    ``expected`` is what its clips have to hit. ``continues`` is the id of the cue from whose end
    its music goes on.
    """

    cue: Cue
    preset: Preset
    prompt: str
    negative: str
    master: Master
    backend: str
    capabilities: Capabilities
    tail_s: Fraction
    tempo_map: TempoMap | None
    timecode: Timecode | None
    takes: tuple[PlannedTake, ...]
    choice: Choice = field(default_factory=Choice)
    continues: str | None = None
    expected: Expectation = field(default_factory=Expectation)

    @property
    def bars(self) -> Fraction | None:
        """The length in bars, ``None`` where no tempo is told."""
        return None if self.tempo_map is None else self.tempo_map.bars_between(0, self.cue.length_s)

    @property
    def clips(self) -> Iterator[PlannedClip]:
        """All clips of all takes, in order."""
        return (clip for take in self.takes for clip in take.clips)


@dataclass(frozen=True, slots=True)
class Plan:
    """A sheet, ready to be made. ``warnings`` are those of planning, not the sheet's own.

    ``cues`` are all of the sheet, ``chosen`` those that are to be worked on. ``guides`` tells where
    the sound files are that requests name by the digest of their content: the paths as the sheet,
    a preset or a flag has them.
    """

    sheet: CueSheet
    cues: tuple[PlannedCue, ...]
    chosen: tuple[PlannedCue, ...]
    output: Output
    warnings: tuple[SheetWarning, ...]
    guides: Mapping[str, str] = field(default_factory=dict)

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of the generators of all chosen cues, in the order of their first cue."""
        return tuple(dict.fromkeys(cue.capabilities.licence for cue in self.chosen))
