"""Cues, hits and the sheet that holds them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction

from musicgen_daw.settings import BitDepth
from musicgen_daw.timeline.intensity import IntensityLane
from musicgen_daw.timeline.meter import Meter
from musicgen_daw.timeline.tempo import TempoMap
from musicgen_daw.timeline.timecode import FrameRate, Timecode

__all__ = ["Cue", "CueSettings", "CueSheet", "Hit", "SheetWarning"]

_BESIDE_BEATS = Fraction(1, 256)
"""Nearer to a bar line than any note is long. Where a sheet tells seconds, their decimals and the
whole microseconds of a tempo put a bar line up to half a microsecond a beat off."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A moment of the picture inside a cue, ``at_s`` seconds after the start of the sheet.

    One with a ``prompt`` begins a section of the cue: those words rule from there on. So do the
    levels of its ``intensity``, evenly from there to the next hit that has some, or to the end.
    """

    at_s: Fraction
    name: str = ""
    important: bool = False
    prompt: str = ""
    intensity: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CueSettings:
    """What a marker's text or a row of a sheet sets for one cue; ``None`` is "not said".

    The same keys work in a marker (``key=value``), as columns of a CSV sheet and in
    ``SHEET.toml``. ``tail``, ``fade_in`` and ``fade_out`` are seconds. The length keys ``beats``,
    ``bars`` and ``seconds`` are spent by the reader, which turns them into ``Cue.end_s``.
    """

    preset: str | None = None
    prompt: str | None = None
    seed: int | None = None
    takes: int | None = None
    backend: str | None = None
    beats: Fraction | None = None
    bars: Fraction | None = None
    seconds: Fraction | None = None
    tail: Fraction | None = None
    bpm: Fraction | None = None
    key: str | None = None
    meter: Meter | None = None
    style: str | None = None
    intensity: IntensityLane | None = None
    theme: str | None = None
    loop: bool | None = None
    end: str | None = None
    transition: str | None = None
    fade_in: Fraction | None = None
    fade_out: Fraction | None = None
    lufs: float | None = None
    audio_prompt: str | None = None
    melody: str | None = None
    soundfont: str | None = None

    def filled_from(self, other: CueSettings) -> CueSettings:
        """Return these settings with what they don't say taken from ``other``."""
        unsaid = {
            name: value
            for name in _SETTINGS
            if (value := getattr(other, name)) is not None and getattr(self, name) is None
        }
        return replace(self, **unsaid) if unsaid else self


_SETTINGS = tuple(each.name for each in fields(CueSettings))


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of the sheet that gets music.

    ``id`` is the identity under which takes are kept. ``tempo_map`` is the cue's own, with beat 0
    at the start of the cue, where the cue sets its tempo or meter itself; otherwise ``None``, and
    the sheet's map rules. ``place`` says where in the file the cue stands, for messages.
    """

    id: str
    name: str
    start_s: Fraction
    end_s: Fraction
    settings: CueSettings = field(default_factory=CueSettings)
    hits: tuple[Hit, ...] = ()
    tempo_map: TempoMap | None = None
    place: str = ""

    def __post_init__(self) -> None:
        if self.start_s < 0:
            raise ValueError(f"cue {self.name!r} starts before the sheet")
        if self.end_s <= self.start_s:
            raise ValueError(f"cue {self.name!r} has no length")

    @property
    def length_s(self) -> Fraction:
        """The exact length of the cue in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class SheetWarning:
    """Something in a sheet that was read in spite of a fault, and where it stands."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True, slots=True)
class CueSheet:
    """Cues on one timeline, or, where ``is_list``, cues that stand alone at second 0 each.

    ``tempo_map`` is ``None`` where the sheet tells no tempo: then the preset or the generator
    chooses. ``start_timecode`` is the timecode of second 0. ``defaults`` are settings for the
    whole sheet, which a preset overrides; ``Cue.settings`` holds only what the cue says itself.
    """

    title: str
    cues: tuple[Cue, ...]
    tempo_map: TempoMap | None = None
    frame_rate: FrameRate | None = None
    start_timecode: Timecode | None = None
    is_list: bool = False
    seed: int | None = None
    sample_rate: int | None = None
    bit_depth: BitDepth | None = None
    file_format: str | None = None
    warnings: tuple[SheetWarning, ...] = ()
    defaults: CueSettings = field(default_factory=CueSettings)

    def __post_init__(self) -> None:
        twins = [
            cue_id for cue_id, count in Counter(cue.id for cue in self.cues).items() if count > 1
        ]
        if twins:
            raise ValueError(f"cue id {twins[0]!r} is used more than once")

    def tempo_map_of(self, cue: Cue) -> TempoMap | None:
        """Return the cue's tempo map with beat 0 at its start, or ``None`` where none is told.

        A start that is off a bar line by rounding is on it: a pickup of a hair is none.
        """
        if cue.tempo_map is not None or self.tempo_map is None:
            return cue.tempo_map
        return self.tempo_map.window(_on_bar_line(cue, self.tempo_map), cue.end_s)


def _on_bar_line(cue: Cue, tempo_map: TempoMap) -> Fraction:
    """Return the start of a cue, or the bar line that it stands beside."""
    start = tempo_map.beats_at(cue.start_s)
    bar = tempo_map.bar_at(start).bar
    for line in (tempo_map.beats_of(bar), tempo_map.beats_of(bar + 1)):
        if 0 < abs(line - start) <= _BESIDE_BEATS:
            line_s = tempo_map.seconds_at(line)
            return line_s if line_s < cue.end_s else cue.start_s
    return cue.start_s
