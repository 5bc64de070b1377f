"""From a directed cue to the clips of its takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice

from musicgen_daw.errors import PlanError
from musicgen_daw.planning.direction import Direction
from musicgen_daw.planning.parts import Digest, Part, Warn, parts_of
from musicgen_daw.planning.plan import PlannedClip, PlannedTake
from musicgen_daw.planning.request import ClipRequest
from musicgen_daw.planning.seeds import clip_seed, derived_seed, seed_fits
from musicgen_daw.planning.takes import TakeVerdict
from musicgen_daw.timeline import SheetWarning

__all__ = ["Follow", "plan_takes"]

Follow = Callable[[ClipRequest, int, Part], ClipRequest]
"""Returns a request of a take and part with what it takes over from the cue before."""


def plan_takes(
    direction: Direction,
    sheet_seed: int,
    verdicts: Sequence[TakeVerdict],
    digest: Digest,
    warn: Warn,
    follow: Follow,
) -> tuple[PlannedTake, ...]:
    """Return the takes of a cue: those that a listener fixed, else as many as are asked for.

    ``follow`` tells a clip what it takes over from the cue before.

    Raises:
        PlanError: when the generator can't make the cue, or has too few seeds for its takes.
    """
    base = _base_seed(direction, sheet_seed)
    parts = parts_of(direction, sheet_seed, base, digest, warn)
    fixed = [verdict for verdict in verdicts if verdict.verdict != "reject"]
    if fixed:
        return tuple(
            _fixed_take(direction, parts, verdict, follow, warn)
            for verdict in sorted(fixed, key=lambda verdict: verdict.take)
        )
    rejected = {verdict.take for verdict in verdicts}
    open_takes = (take for take in count(1) if take not in rejected)
    takes = list(islice(open_takes, direction.takes))
    _check_seeds(direction, parts, takes[-1], warn)
    return tuple(_open_take(direction, parts, take, base, follow) for take in takes)


# -- takes -----------------------------------------------------------------------------------------


def _open_take(
    direction: Direction,
    parts: Sequence[Part],
    take: int,
    base: int,
    follow: Follow,
) -> PlannedTake:
    generator = direction.generator.capabilities
    seed = clip_seed(base, take, 0, _segments(parts), generator)
    return PlannedTake(take, seed, False, tuple(_seeded(direction, parts, take, seed, follow)))


def _fixed_take(
    direction: Direction,
    parts: Sequence[Part],
    verdict: TakeVerdict,
    follow: Follow,
    warn: Warn,
) -> PlannedTake:
    """Return a take with its recorded clips, whatever the sheet says now."""
    cue = direction.cue
    if verdict.length_s != cue.length_s:
        warn(
            SheetWarning(
                cue.place,
                f"take {verdict.take} of {cue.name!r} is fixed and was made for "
                f"{float(verdict.length_s):g} s; the cue lasts {float(cue.length_s):g} s now: "
                "it is refitted, not generated again",
            )
        )
    # Where the sheet would still ask for a clip, its request goes along: so it can be made again
    # on a machine whose store lacks it.
    seeded = _seeded(direction, parts, verdict.take, verdict.seed, follow)
    asked = {clip.key: clip.request for clip in seeded}
    clips = tuple(
        PlannedClip(kept.layer, kept.start_s, kept.key, asked.get(kept.key))
        for kept in verdict.clips
    )
    return PlannedTake(verdict.take, verdict.seed, True, clips)


def _seeded(
    direction: Direction,
    parts: Sequence[Part],
    take: int,
    seed: int,
    follow: Follow,
) -> Iterator[PlannedClip]:
    """Yield the clips of the take whose first segment has a seed.

    The layers of a segment share its seed, so that a composer gives them one harmony; segments
    have seeds of their own, since a generator that knows no bars would repeat itself. A composer
    is told the seed of the first take, too, so that all are siblings.
    """
    generator = direction.generator.capabilities
    first_seed = clip_seed(seed, 2 - take, 0, _segments(parts), generator)
    for part in parts:
        request = part.request
        part_seed = clip_seed(seed, 1, part.segment, 1, generator)
        if part_seed != request.seed:
            request = replace(request, seed=part_seed)
        if take > 1 and generator.obeys_tempo:
            kin_seed = clip_seed(first_seed, 1, part.segment, 1, generator)
            request = replace(request, kin_seed=kin_seed)
        request = follow(request, take, part)
        yield PlannedClip(part.layer, part.start_s, request.key(), request)


def _base_seed(direction: Direction, sheet_seed: int) -> int:
    cue, generator = direction.cue, direction.generator.capabilities
    if cue.settings.seed is not None:
        return cue.settings.seed
    return derived_seed(sheet_seed, f"cue\n{cue.id}", generator.min_seed, generator.max_seed)


def _check_seeds(direction: Direction, parts: Sequence[Part], last_take: int, warn: Warn) -> None:
    """Warn of a seed that the generator does not take as it is; refuse more takes than seeds."""
    generator, told = direction.generator, direction.cue.settings.seed
    low, high = generator.capabilities.min_seed, generator.capabilities.max_seed
    if told is not None and not seed_fits(told, generator.capabilities):
        used = clip_seed(told, 1, 0, 1, generator.capabilities)
        message = f"seed {told} is outside {low}…{high} of {generator.name!r}: {used} is used"
        warn(SheetWarning(direction.cue.place, message))
    seeds = high - low + 1
    if last_take * _segments(parts) > seeds:
        raise PlanError(
            f"cue {direction.cue.name!r}: {generator.name!r} has only {seeds} different seeds; "
            "ask for fewer takes",
            place=direction.cue.place or None,
        )


def _segments(parts: Sequence[Part]) -> int:
    return parts[-1].segment + 1
