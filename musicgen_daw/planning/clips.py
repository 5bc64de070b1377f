"""From a directed cue to the clips of its takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count, islice

from musicgen_daw.errors import AudioError, PlanError
from musicgen_daw.planning.direction import Direction
from musicgen_daw.planning.plan import PlannedClip, PlannedTake
from musicgen_daw.planning.request import ClipRequest
from musicgen_daw.planning.seeds import clip_seed, derived_seed, seed_fits
from musicgen_daw.planning.segments import Segment, lane_between, split
from musicgen_daw.planning.takes import TakeVerdict
from musicgen_daw.timeline import Hit, SheetWarning

__all__ = ["plan_takes"]

LOOP_TAIL_S = Fraction(4)
"""What a loop's last notes get to ring out, so that it can be added to the loop's head."""

Digest = Callable[[str], str]
Warn = Callable[[SheetWarning], None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A clip of any take: only its seed differs, here the first take's. ``segment`` is from 0."""

    layer: str
    segment: int
    start_s: Fraction
    request: ClipRequest


def plan_takes(
    direction: Direction,
    sheet_seed: int,
    verdicts: Sequence[TakeVerdict],
    digest: Digest,
    warn: Warn,
) -> tuple[PlannedTake, ...]:
    """Return the takes of a cue: those that a listener fixed, else as many as are asked for.

    Raises:
        PlanError: when the generator can't make the cue, or has too few seeds for its takes.
    """
    base = _base_seed(direction, sheet_seed)
    parts = _parts(direction, sheet_seed, base, digest, warn)
    fixed = [verdict for verdict in verdicts if verdict.verdict != "reject"]
    if fixed:
        return tuple(
            _fixed_take(direction, parts, verdict, warn)
            for verdict in sorted(fixed, key=lambda verdict: verdict.take)
        )
    rejected = {verdict.take for verdict in verdicts}
    open_takes = (take for take in count(1) if take not in rejected)
    takes = list(islice(open_takes, direction.takes))
    _check_seeds(direction, parts, takes[-1], warn)
    return tuple(_open_take(direction, parts, take, base) for take in takes)


# -- takes -----------------------------------------------------------------------------------------


def _open_take(direction: Direction, parts: Sequence[_Part], take: int, base: int) -> PlannedTake:
    generator = direction.generator.capabilities
    seed = clip_seed(base, take, 0, _segments(parts), generator)
    return PlannedTake(take, seed, False, tuple(_seeded(direction, parts, seed)))


def _fixed_take(
    direction: Direction, parts: Sequence[_Part], verdict: TakeVerdict, warn: Warn
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
    asked = {clip.key: clip.request for clip in _seeded(direction, parts, verdict.seed)}
    clips = tuple(
        PlannedClip(kept.layer, kept.start_s, kept.key, asked.get(kept.key))
        for kept in verdict.clips
    )
    return PlannedTake(verdict.take, verdict.seed, True, clips)


def _seeded(direction: Direction, parts: Iterable[_Part], seed: int) -> Iterator[PlannedClip]:
    """Yield the clips of the take whose first segment has a seed.

    The layers of a segment share its seed, so that a composer gives them one harmony; segments
    have seeds of their own, since a generator that knows no bars would repeat itself.
    """
    generator = direction.generator.capabilities
    for part in parts:
        request = part.request
        part_seed = clip_seed(seed, 1, part.segment, 1, generator)
        if part_seed != request.seed:
            request = replace(request, seed=part_seed)
        yield PlannedClip(part.layer, part.start_s, request.key(), request)


def _base_seed(direction: Direction, sheet_seed: int) -> int:
    cue, generator = direction.cue, direction.generator.capabilities
    if cue.settings.seed is not None:
        return cue.settings.seed
    return derived_seed(sheet_seed, f"cue\n{cue.id}", generator.min_seed, generator.max_seed)


def _check_seeds(direction: Direction, parts: Sequence[_Part], last_take: int, warn: Warn) -> None:
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


def _segments(parts: Sequence[_Part]) -> int:
    return parts[-1].segment + 1


# -- parts -----------------------------------------------------------------------------------------


def _parts(
    direction: Direction, sheet_seed: int, base: int, digest: Digest, warn: Warn
) -> tuple[_Part, ...]:
    """Return the clips of any take of a cue, layer by layer, each in order."""
    whole = _whole_request(direction, sheet_seed, base, digest, warn)
    generator = direction.generator.capabilities
    cue = direction.cue
    try:
        segments = split(whole.length_s, whole.tail_s, generator.max_s, direction.tempo_map)
    except ValueError as error:
        reason = f"cue {cue.name!r}: {error}"
        raise PlanError(reason, place=cue.place or None) from None
    pieces = [_cut(whole, segment) for segment in segments] if len(segments) > 1 else [whole]
    return tuple(
        _Part(layer, index, segment.start_s, replace(piece, prompt=prompt) if layer else piece)
        for layer, prompt in (direction.words.layers or {"": direction.words.prompt}).items()
        for index, (segment, piece) in enumerate(zip(segments, pieces, strict=True))
    )


def _whole_request(
    direction: Direction, sheet_seed: int, base: int, digest: Digest, warn: Warn
) -> ClipRequest:
    """Return the request for the whole cue in one clip, with what its generator obeys."""
    generator = direction.generator
    obeyed: dict[str, object] = {}
    if generator.capabilities.obeys_tempo:
        obeyed |= {
            "tempo_map": direction.tempo_map,
            "meter": direction.meter,
            "hits": _own_hits(direction),
            "intensity": direction.intensity,
            "style": direction.style,
            "end": direction.master.end,
            "theme": direction.theme,
            "theme_seed": derived_seed(sheet_seed, f"theme\n{direction.theme}"),
        }
    elif _is_made_in_windows(direction):
        obeyed |= {"tempo_map": direction.tempo_map}
    if generator.capabilities.obeys_sampling:
        names = ("guidance", "temperature", "top_k", "top_p")
        obeyed |= {name: getattr(direction.preset.generation, name) for name in names}
    return ClipRequest(
        backend=generator.name,
        revision=generator.revision,
        prompt=direction.words.prompt,
        length_s=direction.cue.length_s,
        seed=clip_seed(base, 1, 0, 1, generator.capabilities),
        negative=direction.words.negative if generator.capabilities.obeys_negative else "",
        tail_s=_asked_tail_s(direction),
        key_signature=direction.key if generator.capabilities.obeys_key else None,
        audio_prompt=_digest_of("audio_prompt", direction, digest, warn),
        melody=_digest_of("melody", direction, digest, warn),
        **obeyed,  # type: ignore[arg-type]  # names and types of the fields above
    )


def _cut(whole: ClipRequest, segment: Segment) -> ClipRequest:
    """Return the request for one segment: its own window of everything that has a time."""
    start_s, end_s, length_s = segment.start_s, segment.end_s, whole.length_s
    lane, tempo_map = whole.intensity, whole.tempo_map
    return replace(
        whole,
        length_s=segment.length_s,
        tail_s=segment.tail_s,
        tempo_map=None if tempo_map is None else tempo_map.window(start_s, end_s),
        hits=_hits_between(whole.hits, start_s, end_s),
        intensity=None
        if lane is None
        else lane_between(lane, float(start_s / length_s), float(end_s / length_s)),
        # Only the last segment ends; the others are joined to what follows.
        end=whole.end if end_s == length_s else "cut",
    )


def _own_hits(direction: Direction) -> tuple[Hit, ...]:
    return _hits_between(direction.cue.hits, direction.cue.start_s, direction.cue.end_s)


def _hits_between(hits: Iterable[Hit], start_s: Fraction, end_s: Fraction) -> tuple[Hit, ...]:
    """Return the hits inside a stretch, counted from its start."""
    return tuple(
        Hit(hit.at_s - start_s, hit.name, hit.important)
        for hit in sorted(hits, key=lambda hit: hit.at_s)
        if start_s <= hit.at_s < end_s
    )


def _is_made_in_windows(direction: Direction) -> bool:
    window_s = direction.generator.capabilities.window_s
    return window_s is not None and direction.cue.length_s + _asked_tail_s(direction) > window_s


def _asked_tail_s(direction: Direction) -> Fraction:
    generator = direction.generator.capabilities
    if direction.master.end == "loop" and generator.rings_out:
        return max(direction.tail_s, LOOP_TAIL_S)
    return direction.tail_s + _spare_s(direction)


def _spare_s(direction: Direction) -> Fraction:
    """Return what a clip loses at its head when its downbeat is moved onto the bar: up to a bar.

    It is asked for beside the rest, unless one clip could not hold it.
    """
    generator, tempo_map = direction.generator.capabilities, direction.tempo_map
    if direction.master.align != "downbeat" or generator.obeys_tempo or tempo_map is None:
        return Fraction(0)
    bar_s = tempo_map.seconds_at(tempo_map.beats_after(0, 1))
    if generator.max_s is None:
        return bar_s
    used_s = direction.cue.length_s + direction.tail_s
    return max(Fraction(0), min(bar_s, generator.max_s - used_s))


def _digest_of(name: str, direction: Direction, digest: Digest, warn: Warn) -> str | None:
    """Return the digest of a sound file that guides the generator, if it can be guided.

    Raises:
        PlanError: where the file can't be read.
    """
    path: str | None = getattr(direction, name)
    words = name.replace("_", " ")
    if path is None:
        return None
    if not getattr(direction.generator.capabilities, name):
        message = f"{direction.generator.name!r} takes no {words}: {path} is not used"
        warn(SheetWarning(direction.cue.place, message))
        return None
    try:
        return digest(path)
    except AudioError as error:
        cue = direction.cue
        reason = f"cue {cue.name!r}: {words} {error}"
        raise PlanError(reason, place=cue.place or None) from None
