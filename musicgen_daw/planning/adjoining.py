"""How a cue takes over from the one that ends where it begins, where generators keep time.

    cut         the music plays on up to the seam, without a last chord, and stops there
    crossfade   it plays on under the beginning of the next cue, which fades in
    stinger     it is cut, and an accent in its key begins the next cue; one that falls into the
                middle of it leaves it alone
    continue    it is cut, and the next cue goes on with its groove, key and tempo

A cue asks for it with ``transition=``. Only then does anything of its neighbour enter a request: so
a change of one cue makes no other one anew. After a crossfade, stinger or ``continue`` the cue is
in the key and tempo of the one before, unless it has its own; one that names a mode alone keeps the
tonic, and those after it the mode.

For ``cut`` and ``crossfade`` only the generator of the cue before has to keep time: any music can
begin after a cut, or fade in. For the others that of the cue itself has to, too, or the cue before
ends as if nothing had been asked; what goes on from sound is in ``transitions``.

In a list nothing adjoins, but a stinger belongs to a cue: see ``neighbours``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.errors import did_you_mean
from musicgen_daw.planning.direction import Direction
from musicgen_daw.planning.neighbours import adjoin, asked_transition, falls_on
from musicgen_daw.planning.plan import PlannedCue
from musicgen_daw.planning.request import Capabilities, ClipRequest
from musicgen_daw.planning.words import key_in, mode_in
from musicgen_daw.timeline import Cue, CueSheet, SheetWarning

__all__ = [
    "BY_SOUND",
    "CONTINUE",
    "TRANSITIONS",
    "adjoining_warnings",
    "leader_of",
    "left_by",
    "taken_over",
]

TRANSITIONS = ("cut", "crossfade", "stinger", "continue", "none")

CONTINUE = "continue"

BY_SOUND = ("cut", "crossfade")
"""What takes no more of a cue than to begin, or to fade in."""

_LEADING = ("crossfade", "stinger", CONTINUE)

_ANY_LENGTH_S = Fraction(1)
"""The length of a leader of which only the key is taken over: any one will do."""

_CROSSFADE_S = Fraction(2)
_MOST_OF_CUE = Fraction(1, 3)
"""A crossfade takes at most this share of either cue."""


def adjoining_warnings(
    direction: Direction, before: PlannedCue | None, sheet: CueSheet
) -> Iterator[SheetWarning]:
    """Yield why a transition by which music adjoins is not made, or not wholly.

    ``before`` is the cue before in the sheet.
    """
    transition, generator = asked_transition(direction.cue, sheet), direction.generator
    if transition is None or not (generator.capabilities.obeys_tempo or transition in BY_SOUND):
        return
    is_own = direction.cue.settings.transition is not None
    place = direction.cue.place if is_own else f"{sheet.title}.toml"
    if reason := _hindrance(transition, direction, before, sheet):
        yield SheetWarning(place, f"transition {transition!r} is not followed: {reason}")
    elif before is None or transition != "crossfade":
        return
    elif before.master.end == "loop" and is_own:
        message = f"crossfades nothing, as cue {before.cue.name!r} before it is a loop"
        yield SheetWarning(place, message)
    elif not generator.capabilities.obeys_tempo and adjoin(before.cue, direction.cue, sheet):
        message = f"{generator.name!r} crossfades, but takes over neither key nor tempo"
        yield SheetWarning(place, message)


def _hindrance(
    transition: str, direction: Direction, before: PlannedCue | None, sheet: CueSheet
) -> str | None:
    """Return why a transition is not made; that a sheet asks it where it can't is no fault."""
    is_own = direction.cue.settings.transition is not None
    if transition not in TRANSITIONS:
        return f"use one of {', '.join(TRANSITIONS)}{did_you_mean(transition, TRANSITIONS)}"
    if before is None or not _can(before.cue, direction.cue, sheet):
        return _nothing_before(direction.cue, sheet) if is_own else None
    if transition in BY_SOUND and not before.capabilities.obeys_tempo:
        return f"{before.backend!r}, which makes the cue before, follows no timeline"
    keeps_time = direction.generator.capabilities.obeys_tempo
    if is_own and keeps_time and _is_foreign(before, direction, transition):
        return (
            f"{direction.generator.name!r} can't go on from what cue {before.cue.name!r} is made by"
        )
    return None


def _nothing_before(cue: Cue, sheet: CueSheet) -> str:
    if not sheet.is_list:
        return "no cue ends where this one begins"
    if cue.settings.transition != "stinger":
        return "the cues of a list stand alone"
    theme = cue.settings.theme
    return "no other cue stands above it" + ("" if theme is None else f" with theme={theme}")


def left_by(
    direction: Direction,
    after: Cue | None,
    sheet: CueSheet,
    capabilities_of: Callable[[Cue], Capabilities],
) -> Direction:
    """Return what is settled about a cue with what the next one's transition changes of it.

    That is nothing where the generator of the next one, by ``capabilities_of``, can't take over.
    """
    keeps_time = direction.generator.capabilities.obeys_tempo
    if after is None or not keeps_time or direction.master.end == "loop":
        return direction
    transition = asked_transition(after, sheet)
    if transition not in TRANSITIONS or not adjoin(direction.cue, after, sheet):
        return direction
    if not _takes_over(after, transition, capabilities_of(after)):
        return direction
    master = direction.master
    if direction.cue.settings.end is None and direction.cue.settings.loop is None:
        master = replace(master, end="cut")
    if transition != "crossfade":
        return replace(direction, master=master)
    overlap_s = _overlap_s(direction.cue, after)
    tail_s = max(direction.tail_s, overlap_s)
    fade_ms = master.fade_out_ms or float(overlap_s * 1000)
    master = replace(master, tail_s=float(tail_s), fade_out_ms=fade_ms)
    return replace(direction, master=master, tail_s=tail_s, overlap_s=overlap_s)


def taken_over(direction: Direction, before: PlannedCue | None, sheet: CueSheet) -> Direction:
    """Return what is settled about a cue with what its own transition changes of it.

    It fades in only where the music before plays on below it.
    """
    transition = asked_transition(direction.cue, sheet)
    if before is None or transition not in TRANSITIONS:
        return direction
    if not _can(before.cue, direction.cue, sheet):
        return direction
    plays_on = before.capabilities.obeys_tempo and before.master.end != "loop"
    if transition == "crossfade" and plays_on and not direction.master.fade_in_ms:
        fade_ms = float(_overlap_s(before.cue, direction.cue) * 1000)
        direction = replace(direction, master=replace(direction.master, fade_in_ms=fade_ms))
    keeps_time = direction.generator.capabilities.obeys_tempo
    return replace(direction, transition=transition) if keeps_time else direction


def leader_of(
    before: PlannedCue | None, take: int, direction: Direction
) -> tuple[ClipRequest, Fraction | None] | None:
    """Return the request of the music that a cue takes key and tempo over from, and from where in
    it, ``None`` for its end.

    That is the same take of the cue before. Where this one takes them over itself it is the music
    that they are from, with what the cue before has of its own: so a row of cues has one leader. A
    take that a listener kept goes before all others.
    """
    if before is None or direction.transition not in _LEADING:
        return None
    takes = [one for one in before.takes if one.fixed] or before.takes
    chosen = next((one for one in takes if one.take == take), takes[0])
    request = chosen.clips[-1].request
    if request is None or request.backend != direction.generator.name:
        return None
    into_s = direction.cue.start_s - before.cue.start_s
    leader, at_s = _first_of_row(request, into_s, wants_groove=direction.transition == CONTINUE)
    # What decides nothing that is taken over is left out, so that its change makes nothing anew.
    leader = replace(
        leader, leader=None, leader_s=None, transition=None, intensity=None, theme="",
        theme_seed=0, fit_hits_percent=0.0, tail_s=Fraction(0), players=None,
    )  # fmt: skip
    if direction.tempo_map is not None:
        leader = replace(leader, length_s=_ANY_LENGTH_S, tempo_map=None, meter=None)
        at_s = _ANY_LENGTH_S
    if leader.tempo_map is not None or direction.tempo_map is not None:
        leader = replace(leader, hits=(), end="cut")
    return leader, None if at_s == leader.length_s else at_s


def _first_of_row(
    request: ClipRequest, into_s: Fraction, *, wants_groove: bool
) -> tuple[ClipRequest, Fraction]:
    """Return the music that a row of cues has key and tempo from, and the second that is reached.

    ``request`` is of the last cue of the row, ``into_s`` how far it has been played.
    """
    first, key = request.leader, request.key_signature or key_in(request.prompt)
    if first is None or (key is not None and request.tempo_map is not None):
        return request, into_s
    begun_s = first.length_s if request.leader_s is None else request.leader_s
    reached_s = begun_s + into_s
    if request.tempo_map is not None:
        first = replace(
            first, tempo_map=request.tempo_map, meter=request.meter, length_s=request.length_s
        )
        reached_s = into_s
    if wants_groove and request.transition != CONTINUE:  # then it has a groove of its own
        kin_seed = first.seed if first.kin_seed is None else first.kin_seed
        first = replace(first, seed=request.seed, kin_seed=kin_seed)
    if key is not None:
        return replace(first, key_signature=key, mode=None), reached_s
    return replace(first, mode=mode_in(request.prompt) or first.mode), reached_s


def _is_foreign(before: PlannedCue, direction: Direction, transition: str) -> bool:
    """Tell whether key and tempo would be taken over from music of another generator."""
    asked = replace(direction, transition=transition)
    return transition in _LEADING and leader_of(before, before.takes[0].take, asked) is None


def _takes_over(after: Cue, transition: str, can: Capabilities) -> bool:
    """Tell whether the generator of a cue makes its transition: what is said of it is kept."""
    if can.obeys_tempo or transition in BY_SOUND:
        return True
    return transition == CONTINUE and can.audio_prompt and after.settings.audio_prompt is None


def _can(before: Cue | None, after: Cue, sheet: CueSheet) -> bool:
    """Tell whether two cues lie so that one may take over from the other."""
    is_stinger = after.settings.transition == "stinger"
    return adjoin(before, after, sheet) or (is_stinger and falls_on(after, before, sheet))


def _overlap_s(before: Cue, after: Cue) -> Fraction:
    return min(_CROSSFADE_S, before.length_s * _MOST_OF_CUE, after.length_s * _MOST_OF_CUE)
