"""The session: every stem of every cue in its place, in samples. All hand-offs are written from
this one value. Pure: it touches no file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from musicgen_daw.timeline import Cue, CueSheet, FrameRate, Hit, Score, Span, TempoMap, Timecode

__all__ = ["MIX", "PlacedClip", "PlacedCue", "PlacedStem", "Session"]

MIX = "mix"
"""The stem that is the sum of all others of its take, or the only one."""


@dataclass(frozen=True, slots=True)
class PlacedClip:
    """One clip that a take is made of: its layer ("" for its own stems), and where it begins.

    ``start_s`` counts from the start of the cue. ``request`` is the canonical request as JSON,
    ``key`` its hash. ``facts`` is what the generator told of it, such as its cost.
    """

    layer: str
    start_s: Fraction
    key: str
    request: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacedStem:
    """One finished file: ``path`` is relative to the output folder, with forward slashes.

    Levels are as measured on the finished file; ``None`` where a level is not defined (silence).
    ``asked_lufs`` and ``asked_ceiling_dbtp`` are ``None`` where nothing was asked of this stem:
    the loudness of a cue is asked of its mix. ``enters`` is the intensity (0 to 1) from which on
    its players play, ``None`` where they follow none or nobody tells.
    """

    name: str
    path: str
    sha256: str
    channels: int
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    asked_lufs: float | None = None
    asked_ceiling_dbtp: float | None = None
    enters: float | None = None


def _no_score() -> Score | None:
    return None


@dataclass(frozen=True, slots=True)
class PlacedCue:
    """One take of a cue with its stems; all share the cue's span, ``tail_samples`` included.

    ``id`` is the id of the cue in the sheet. ``loop_samples`` is the loop inside the file, end
    exclusive. ``understood`` and ``ignored`` are the words of the prompt that were and weren't.
    ``asked``, ``understood`` and ``facts`` go into the manifest as they are. ``read_score`` gives
    the notes when they are wanted: those of a thousand cues are not to be held at once.
    """

    id: str
    name: str
    take: int
    span: Span
    tail_samples: int
    stems: tuple[PlacedStem, ...]
    hits: tuple[Hit, ...] = ()
    loop_samples: Span | None = None
    read_score: Callable[[], Score | None] = _no_score
    tempo_map: TempoMap | None = None
    preset: str = ""
    prompt: str = ""
    seed: int = 0
    backend: str = ""
    licence: str = ""
    clips: tuple[PlacedClip, ...] = ()
    asked: Mapping[str, float | None] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    verdict: Literal["keep", "lock", "reject"] | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """All placed cues over one timeline. ``start_timecode`` is the timecode of sample 0.

    Raises:
        ValueError: for a placed cue that is not in the sheet.
    """

    title: str
    sample_rate: int
    sheet: CueSheet
    cues: tuple[PlacedCue, ...]
    tempo_map: TempoMap
    frame_rate: FrameRate
    start_timecode: Timecode
    _sheet_cues: Mapping[str, Cue] = field(init=False, repr=False, compare=False)
    _takes: Mapping[str, tuple[PlacedCue, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        sheet_cues = {cue.id: cue for cue in self.sheet.cues}
        takes: dict[str, tuple[PlacedCue, ...]] = {}
        for placed in sorted(self.cues, key=lambda placed: placed.take):
            if placed.id not in sheet_cues:
                raise ValueError(f"cue {placed.id!r} is placed but not in the sheet")
            takes[placed.id] = (*takes.get(placed.id, ()), placed)
        object.__setattr__(self, "_sheet_cues", sheet_cues)
        object.__setattr__(self, "_takes", takes)

    def sheet_cue(self, placed: PlacedCue) -> Cue:
        """Return the cue of the sheet that a placed one is a take of, with its exact times."""
        return self._sheet_cues[placed.id]

    def takes_of(self, cue: Cue) -> tuple[PlacedCue, ...]:
        """Return all takes of a cue, in order; none where it was not made."""
        return self._takes.get(cue.id, ())

    def chosen(self) -> tuple[PlacedCue, ...]:
        """Return one take of each cue: the kept or locked one, else the first not rejected."""
        best: dict[str, PlacedCue] = {}
        for placed in sorted(self.cues, key=_preference):
            best.setdefault(placed.id, placed)
        return tuple(best[cue.id] for cue in self.sheet.cues if cue.id in best)

    def licence(self) -> str:
        """Return on what terms the chosen takes are, each once; empty where nobody tells."""
        told = (placed.licence for placed in self.chosen() if placed.licence)
        return ", ".join(dict.fromkeys(told))


def _preference(placed: PlacedCue) -> tuple[int, int]:
    rank = {"lock": 0, "keep": 0, None: 1, "reject": 2}[placed.verdict]
    return rank, placed.take
