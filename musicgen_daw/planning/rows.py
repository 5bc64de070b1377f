"""The plan as a table: one row a cue, for people and for ``--json``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from musicgen_daw.planning.plan import Plan, PlannedClip, PlannedCue
from musicgen_daw.planning.price import NOTHING, Quote
from musicgen_daw.planning.request import ClipRequest

__all__ = ["Opened", "PlanRow", "Quoting", "model_price", "plan_rows"]

Quoting = Callable[[PlannedCue, ClipRequest], Quote]
"""Tells what a clip of a cue will probably cost."""

Opened = Callable[[PlannedCue, str], bool]
"""Tells whether the clip of a key was sent before, so that a render doesn't send it again."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One cue of a plan, in plain values.

    ``segments`` is the number of pieces that a take is cut into, ``layers`` are its layers.
    ``stored`` clips are there, ``new`` ones have to be made (a clip that an earlier row makes is
    not new again), ``missing`` ones belong to a kept take and can't be made any more. ``open`` ones
    were sent before, and what became of them is not settled: they are not sent again. ``usd`` is
    the expected price of the new ones in US dollars, which will probably lie between ``usd_low``
    and ``usd_high``. ``continues`` is the id of the cue from whose end the music goes on.
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
    open: int
    usd: Decimal
    usd_low: Decimal
    usd_high: Decimal
    licence: str
    continues: str | None = None


def model_price(cue: PlannedCue, request: ClipRequest) -> Quote:
    """Return what a clip costs by its generator's own model, before anything was bought."""
    return cue.capabilities.price.quote(request.length_s + request.tail_s)


def plan_rows(
    plan: Plan,
    stored: Callable[[str], bool],
    quote: Quoting = model_price,
    opened: Opened = lambda _cue, _key: False,
) -> list[PlanRow]:
    """Return a row for each chosen cue; ``stored`` tells whether a key's clip is in the store."""
    made: set[str] = set()
    return [_row(cue, stored, quote, opened, made) for cue in plan.chosen]


def _row(
    cue: PlannedCue,
    stored: Callable[[str], bool],
    quote: Quoting,
    opened: Opened,
    made: set[str],
) -> PlanRow:
    clips = {clip.key: clip for clip in cue.clips}
    there = {key for key in clips if key in made or stored(key)}
    kept = {clip.key for take in cue.takes if take.fixed for clip in take.clips}
    missing = [key for key in clips if key not in there and key in kept]
    lacking = [key for key in clips if key not in there and key not in missing]
    sent = [key for key in lacking if opened(cue, key)]
    new = [key for key in lacking if key not in sent]
    made.update(new)
    requests = (request for key in new if (request := clips[key].request) is not None)
    price = sum((quote(cue, request) for request in requests), NOTHING)
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
        open=len(sent),
        usd=price.expected_usd,
        usd_low=price.low_usd,
        usd_high=price.high_usd,
        licence=cue.capabilities.licence,
        continues=cue.continues,
    )


def _segments(clips: tuple[PlannedClip, ...]) -> int:
    return len({clip.start_s for clip in clips})


def _layers(clips: tuple[PlannedClip, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clip.layer for clip in clips if clip.layer))
