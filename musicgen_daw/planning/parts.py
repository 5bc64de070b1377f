"""From a directed cue to the requests that any take of it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.errors import AudioError, PlanError
from musicgen_daw.planning.direction import Direction
from musicgen_daw.planning.request import ClipRequest
from musicgen_daw.planning.seeds import clip_seed, derived_seed
from musicgen_daw.planning.segments import MOST_SHARED, Segment, lane_between, split
from musicgen_daw.timeline import Hit, SheetWarning

__all__ = ["Digest", "Part", "Warn", "parts_of"]

LOOP_TAIL_S = Fraction(4)
"""What a loop's last notes get to ring out, so that it can be added to the loop's head."""

Digest = Callable[[str], str]
Warn = Callable[[SheetWarning], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A clip of any take: only its seed differs, here the first take's. ``segment`` is from 0."""

    layer: str
    segment: int
    start_s: Fraction
    request: ClipRequest


def parts_of(
    direction: Direction, sheet_seed: int, base: int, digest: Digest, warn: Warn
) -> tuple[Part, ...]:
    """Return the clips of any take of a cue, layer by layer, each in order."""
    whole = _whole_request(direction, sheet_seed, base, digest, warn)
    generator = direction.generator.capabilities
    cue = direction.cue
    try:
        segments = split(
            whole.length_s,
            whole.tail_s,
            generator.max_s,
            direction.tempo_map,
            spare_s=_spare_s(direction),
        )
    except ValueError as error:
        reason = f"cue {cue.name!r}: {error}"
        raise PlanError(reason, place=cue.place or None) from None
    return tuple(
        Part(layer, index, segment.start_s, _cut(told, segment) if len(segments) > 1 else told)
        for layer, told in _by_layer(whole, direction).items()
        for index, segment in enumerate(segments)
    )


def _by_layer(whole: ClipRequest, direction: Direction) -> dict[str, ClipRequest]:
    """Return the request for each layer of a cue, with its own words; ``""`` where it has none.

    A composer hears the words of the whole cue as well, so that its layers are of one music.
    """
    if not direction.words.layers:
        return {"": whole}
    if direction.generator.capabilities.obeys_tempo:
        return {
            layer: replace(whole, players=words) for layer, words in direction.words.layers.items()
        }
    return {
        layer: replace(
            whole,
            prompt=prompt,
            prompt_changes=tuple(
                (at_s, words.layers[layer]) for at_s, words in direction.words_later
            ),
        )
        for layer, prompt in direction.words.layers.items()
    }


def _whole_request(
    direction: Direction, sheet_seed: int, base: int, digest: Digest, warn: Warn
) -> ClipRequest:
    """Return the request for the whole cue in one clip, with what its generator obeys."""
    generator = direction.generator
    obeyed: dict[str, object] = {
        "key_signature": direction.key if generator.capabilities.obeys_key else None
    }
    if generator.capabilities.obeys_tempo:
        obeyed |= {
            "tempo_map": direction.tempo_map,
            "meter": direction.meter,
            "hits": (hits := _own_hits(direction)),
            "transition": "continue" if direction.transition == "continue" else None,
            # It changes nothing, and no key, where there is nothing to be fitted.
            "fit_hits_percent": direction.preset.generation.fit_hits_percent if hits else 0.0,
            "intensity": direction.intensity,
            "style": direction.style,
            "end": direction.master.end,
            "theme": direction.theme,
            "theme_seed": derived_seed(sheet_seed, f"theme\n{direction.theme}"),
        }
    elif _is_made_in_windows(direction):
        obeyed |= {"tempo_map": direction.tempo_map}
    if guide := _guide(direction, warn):
        obeyed |= {
            "guide": guide,
            "tempo_map": direction.tempo_map,
            "key_signature": direction.key if guide == "chords" else None,
        }
    if generator.capabilities.obeys_sampling:
        names = ("guidance", "temperature", "top_k", "top_p")
        obeyed |= {name: getattr(direction.preset.generation, name) for name in names}
    return ClipRequest(
        backend=generator.name,
        revision=generator.revision,
        prompt=direction.words.prompt,
        prompt_changes=tuple((at_s, words.prompt) for at_s, words in direction.words_later),
        length_s=direction.cue.length_s + direction.overlap_s,
        seed=clip_seed(base, 1, 0, 1, generator.capabilities),
        negative=direction.words.negative if generator.capabilities.obeys_negative else "",
        tail_s=_asked_tail_s(direction) - direction.overlap_s,
        audio_prompt=_digest_of("audio_prompt", direction, digest, warn),
        melody=_digest_of("melody", direction, digest, warn),
        **obeyed,  # type: ignore[arg-type]  # names and types of the fields above
    )


def _cut(whole: ClipRequest, segment: Segment) -> ClipRequest:
    """Return the request for one segment: its own window of everything that has a time."""
    start_s, end_s, length_s = segment.start_s, segment.end_s, whole.length_s
    lane, tempo_map = whole.intensity, whole.tempo_map
    earlier = [text for at_s, text in whole.prompt_changes if at_s <= start_s]
    return replace(
        whole,
        prompt=earlier[-1] if earlier else whole.prompt,
        prompt_changes=tuple(
            (at_s - start_s, text) for at_s, text in whole.prompt_changes if start_s < at_s < end_s
        ),
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
    hits = _hits_between(direction.cue.hits, direction.cue.start_s, direction.cue.end_s)
    if direction.transition == "stinger":
        return (Hit(Fraction(0), important=True), *(hit for hit in hits if hit.at_s))
    return hits


def _hits_between(hits: Iterable[Hit], start_s: Fraction, end_s: Fraction) -> tuple[Hit, ...]:
    """Return the hits inside a stretch, counted from its start."""
    return tuple(
        Hit(hit.at_s - start_s, hit.name, hit.important)
        for hit in sorted(hits, key=lambda hit: hit.at_s)
        if start_s <= hit.at_s < end_s
    )


def _is_made_in_windows(direction: Direction) -> bool:
    if direction.words_later:
        return True
    window_s = direction.generator.capabilities.window_s
    return window_s is not None and direction.cue.length_s + _asked_tail_s(direction) > window_s


def _guide(direction: Direction, warn: Warn) -> str | None:
    """Return the count-in that the generator hears, as far as there is something to be counted."""
    guide, generator = direction.guide, direction.generator
    if guide is None or direction.audio_prompt is not None:
        return None
    reason = None
    if not generator.capabilities.audio_prompt:
        reason = f"{generator.name!r} takes no audio prompt"
    elif direction.tempo_map is None:
        reason = "no tempo is told"
    if reason is not None:
        warn(SheetWarning(direction.cue.place, f"guide {guide!r} is not used: {reason}"))
        return None
    if guide == "chords" and direction.key is None:
        message = "guide 'chords' is heard as clicks: no key is told"
        warn(SheetWarning(direction.cue.place, message))
        return "clicks"
    return guide


def _asked_tail_s(direction: Direction) -> Fraction:
    generator = direction.generator.capabilities
    if direction.master.end == "loop" and generator.rings_out:
        return max(direction.tail_s, LOOP_TAIL_S) + _spare_s(direction)
    return direction.tail_s + _spare_s(direction)


def _spare_s(direction: Direction) -> Fraction:
    """Return what a clip loses at its head when its downbeat is moved onto the bar: up to a bar.

    It is asked for beside the rest, by each segment of a cue that one clip can't hold; but never
    so that one clip no longer holds the cue, or a segment would be hardly more than what it shares.
    """
    generator, tempo_map = direction.generator.capabilities, direction.tempo_map
    if direction.master.align != "downbeat" or generator.obeys_tempo or tempo_map is None:
        return Fraction(0)
    bar_s = tempo_map.seconds_at(tempo_map.beats_after(0, 1))
    if generator.max_s is None:
        return bar_s
    used_s = direction.cue.length_s + direction.tail_s
    if used_s <= generator.max_s:
        return min(bar_s, generator.max_s - used_s)
    most_shared_s = (generator.max_s - bar_s) * MOST_SHARED
    return bar_s if max(bar_s, direction.tail_s) <= most_shared_s else Fraction(0)


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
