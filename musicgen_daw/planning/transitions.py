"""How a cue follows the one before it where its generator goes on from sound.

A clip that continues another names it by its key, so that it is new whenever that one is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.errors import PlanError, did_you_mean
from musicgen_daw.planning.adjoining import BY_SOUND, CONTINUE, TRANSITIONS
from musicgen_daw.planning.direction import Direction
from musicgen_daw.planning.joining import Joint, joint
from musicgen_daw.planning.neighbours import asked_transition
from musicgen_daw.planning.plan import PlannedCue
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["continued", "heard_of", "key_before", "transition_warnings"]

_TRANSITIONS = (CONTINUE, "none")

_HOW_TO_STRETCH = "pip install 'musicgen-daw[stretch]' to have it brought to this one"


def continued(
    direction: Direction, before: PlannedCue | None, sheet: CueSheet
) -> PlannedCue | None:
    """Return the cue whose music a cue goes on with; ``before`` is the one before it in the sheet.

    Raises:
        PlanError: for a cue that names a sound to go on from as well.
    """
    own = direction.cue.settings
    can_go_on = direction.generator.capabilities.audio_prompt
    if not can_go_on or asked_transition(direction.cue, sheet) != CONTINUE:
        return None
    if own.audio_prompt is None:
        return before
    if own.transition is None:  # what the cue says itself is stronger than the sheet
        return None
    raise PlanError(
        f"cue {direction.cue.name!r}: transition={CONTINUE} and audio_prompt contradict each other",
        place=direction.cue.place or None,
    )


def key_before(before: PlannedCue, take: int, layer: str) -> str | None:
    """Return the clip that a take's first clip in a layer goes on from, by its key.

    That is the last one of the same take of the cue before, in the same layer or in its one mix;
    ``None`` where that has other layers. A take that a listener kept goes before all others.
    """
    takes = [one for one in before.takes if one.fixed] or before.takes
    chosen = next((one for one in takes if one.take == take), takes[0])
    last = {clip.layer: clip.key for clip in chosen.clips}
    return last.get(layer, last.get(""))


def heard_of(before: PlannedCue, direction: Direction) -> Joint:
    """Return how the end of a cue is heard by the one that goes on from it."""
    end = joint(before.tempo_map, before.cue.length_s, direction.tempo_map)
    can_stretch = direction.generator.capabilities.stretches
    return end if can_stretch else replace(end, stretch=Fraction(1))


def transition_warnings(
    direction: Direction, before: PlannedCue | None, sheet: CueSheet
) -> Iterator[SheetWarning]:
    """Yield why the transition that a cue or its sheet asks for is not made, or not wholly."""
    transition = asked_transition(direction.cue, sheet)
    if direction.generator.capabilities.obeys_tempo or transition in BY_SOUND:
        return  # it takes over in other ways
    reason = _hindrance(transition, direction, before)
    is_own = direction.cue.settings.transition is not None
    # A sheet asks it of all cues; that its first one follows none is no fault.
    if transition and reason and (is_own or before is not None or transition != CONTINUE):
        place = direction.cue.place if is_own else f"{sheet.title}.toml"
        yield SheetWarning(place, f"transition {transition!r} is not followed: {reason}")
    elif transition == CONTINUE and reason is None and before is not None:
        told = joint(before.tempo_map, before.cue.length_s, direction.tempo_map)
        if told != heard_of(before, direction):
            message = f"goes on from cue {before.cue.name!r} at that one's tempo"
            yield SheetWarning(direction.cue.place, f"{message}: {_HOW_TO_STRETCH}")


def _hindrance(
    transition: str | None, direction: Direction, before: PlannedCue | None
) -> str | None:
    if transition is None:
        return None
    if transition in TRANSITIONS and transition != CONTINUE:
        return f"{direction.generator.name!r} follows no timeline"
    if transition != CONTINUE:
        nearest = did_you_mean(transition, _TRANSITIONS)
        return f"known are {' and '.join(_TRANSITIONS)}{nearest}"
    if not direction.generator.capabilities.audio_prompt:
        return f"{direction.generator.name!r} can't go on from other music"
    if before is None:
        return "no cue comes before it"
    layers = direction.words.layers or ("",)
    if any(key_before(before, 1, layer) is None for layer in layers):
        return f"cue {before.cue.name!r} before it has other layers"
    return None
