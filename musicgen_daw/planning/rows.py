"""The plan as a table: one row a cue, for people and for ``--json``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from musicgen_daw.planning.plan import Plan, PlannedClip, PlannedCue

__all__ = ["PlanRow", "plan_rows"]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One cue of a plan, in plain values.

    ``segments`` is the number of pieces that a take is cut into, ``layers`` are its layers.
    ``stored`` clips are there, ``new`` ones have to be made (a clip that an earlier row makes is
    not new again), ``missing`` ones belong to a kept take and can't be made any more. ``usd`` is
    the expected price of the new ones.
    """

    id: str
    name: str
    bars: float | None
    seconds: float
    timecode: str | None
    preset: str
    prompt: str
    backend: str
    takes: int
    segments: int
    layers: tuple[str, ...]
    stored: int
    new: int
    missing: int
    usd: float
    licence: str


def plan_rows(plan: Plan, stored: Callable[[str], bool]) -> list[PlanRow]:
    """Return a row for each chosen cue; ``stored`` tells whether a key's clip is in the store."""
    made: set[str] = set()
    return [_row(cue, stored, made) for cue in plan.chosen]


def _row(cue: PlannedCue, stored: Callable[[str], bool], made: set[str]) -> PlanRow:
    clips = {clip.key: clip for clip in cue.clips}
    there = {key for key in clips if key in made or stored(key)}
    kept = {clip.key for take in cue.takes if take.fixed for clip in take.clips}
    missing = [key for key in clips if key not in there and key in kept]
    new = [key for key in clips if key not in there and key not in missing]
    made.update(new)
    first_take = cue.takes[0].clips
    bars = cue.bars
    return PlanRow(
        id=cue.cue.id,
        name=cue.cue.name,
        bars=None if bars is None else float(bars),
        seconds=float(cue.cue.length_s),
        timecode=None if cue.timecode is None else str(cue.timecode),
        preset=cue.preset.name,
        prompt=cue.prompt,
        backend=cue.backend,
        takes=len(cue.takes),
        segments=_segments(first_take),
        layers=_layers(first_take),
        stored=len(there),
        new=len(new),
        missing=len(missing),
        usd=len(new) * float(cue.capabilities.price.quote(cue.cue.length_s).expected_usd),
        licence=cue.capabilities.licence,
    )


def _segments(clips: tuple[PlannedClip, ...]) -> int:
    return len({clip.start_s for clip in clips})


def _layers(clips: tuple[PlannedClip, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clip.layer for clip in clips if clip.layer))
