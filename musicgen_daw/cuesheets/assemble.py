"""From the events of a sheet to its cues: lengths, tempo, hits."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.cuesheets.events import CueEvent, EndEvent, HitEvent, SheetEvent
from musicgen_daw.cuesheets.identity import filled, folded, identified, without_start_words
from musicgen_daw.cuesheets.keys import LENGTH_KEYS
from musicgen_daw.cuesheets.reader import SheetOptions, standing_at
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import (
    FOUR_FOUR,
    Cue,
    CueSettings,
    Hit,
    Meter,
    SheetWarning,
    TempoMap,
    in_time,
)

__all__ = ["DEFAULT_BPM", "MAX_SHEET_S", "assemble"]

DEFAULT_BPM = Fraction(120)
"""The tempo of musical lengths where nobody says one; MIDI's default too."""

MAX_SHEET_S = 100 * 3600
"""What claims to be longer is damaged. Thousands of cues in a row may well pass a day."""


def assemble(
    events: Iterable[SheetEvent],
    options: SheetOptions,
    tempo_map: TempoMap | None,
    end_s: Fraction | None = None,
) -> tuple[tuple[Cue, ...], tuple[SheetWarning, ...]]:
    """Return the cues in order of time, and what the user should know about them.

    ``end_s`` is the end of the file, where the format has one.

    Raises:
        CueSheetError: when there is no cue, or one has no length or an impossible one.
    """
    in_order = sorted(events, key=lambda event: in_time(event.at_s))
    ends = [event for event in in_order if isinstance(event, EndEvent)]
    hits = [event for event in in_order if isinstance(event, HitEvent)]
    warnings: list[SheetWarning] = []
    starts: Sequence[CueEvent] = [e for e in in_order if isinstance(e, CueEvent)]
    starts = without_start_words(starts, ends)
    ids = identified(starts, warnings)
    starts = filled(starts, ids, options.cues, warnings)
    cues = _cues(starts, ids, ends, tempo_map, options.defaults, end_s, warnings)
    return _with_hits(cues, hits, warnings), tuple(warnings)


def _cues(
    starts: Sequence[CueEvent],
    ids: Sequence[str],
    ends: Sequence[EndEvent],
    tempo_map: TempoMap | None,
    defaults: CueSettings,
    end_s: Fraction | None,
    warnings: list[SheetWarning],
) -> list[Cue]:
    open_ends = _open_ends(starts, ends, end_s, warnings)
    cues = []
    for start, cue_id, open_end in zip(starts, ids, open_ends, strict=True):
        own_map = _own_tempo_map(start, tempo_map, defaults)
        end = _said_end(start, own_map, tempo_map)
        end = open_end if end is None else end
        if end is None:
            if not start.bare or start.settings != CueSettings() or len(starts) == 1:
                raise CueSheetError(
                    f"cue {start.name!r} has no length, because nothing follows it: "
                    "add an END marker or bars=8",
                    place=start.place,
                )
            message = (
                f"{start.name!r} is no cue, only the end of the one before: nothing follows it"
            )
            warnings.append(SheetWarning(start.place, f"{message} (add an END marker or bars=8)"))
            continue
        cues.append(_cue(start, cue_id, end, own_map, defaults, warnings))
    return cues


def _cue(
    start: CueEvent,
    cue_id: str,
    end_s: Fraction,
    own_map: TempoMap | None,
    defaults: CueSettings,
    warnings: list[SheetWarning],
) -> Cue:
    if end_s > MAX_SHEET_S:
        raise CueSheetError(f"cue {start.name!r} ends after more than 100 hours", place=start.place)
    settings = start.settings
    if any(getattr(settings, key) is not None for key in LENGTH_KEYS):
        settings = replace(settings, beats=None, bars=None, seconds=None)
    if start.bare and settings.prompt is None and defaults.prompt is None:
        settings = replace(settings, prompt=start.name)
    with standing_at(start.place):
        return Cue(
            id=cue_id,
            name=start.name,
            start_s=start.at_s,
            end_s=end_s,
            settings=settings,
            hits=_own_hits(start, end_s, warnings),
            tempo_map=own_map,
            place=start.place,
        )


# -- ends --------------------------------------------------------------------------------------


def _said_end(
    start: CueEvent, own_map: TempoMap | None, tempo_map: TempoMap | None
) -> Fraction | None:
    """Return the end that the sheet gives as a time or a length, if it does."""
    settings = start.settings
    if start.end_s is not None:
        return start.end_s
    if settings.seconds is not None:
        return start.at_s + settings.seconds
    if settings.beats is None and settings.bars is None:
        return None
    if own_map is not None:
        return start.at_s + own_map.seconds_at(_beats_after(Fraction(0), settings, own_map))
    if tempo_map is None:
        raise ValueError("a musical length needs a tempo map")
    return tempo_map.seconds_at(_beats_after(tempo_map.beats_at(start.at_s), settings, tempo_map))


def _beats_after(beats: Fraction, settings: CueSettings, tempo_map: TempoMap) -> Fraction:
    if settings.bars is not None:
        return tempo_map.beats_after(beats, settings.bars)
    return beats + (settings.beats or 0)


def _open_ends(
    starts: Sequence[CueEvent],
    ends: Sequence[EndEvent],
    end_s: Fraction | None,
    warnings: list[SheetWarning],
) -> list[Fraction | None]:
    """Return where each cue ends if it says no length: at its own end marker, else at the next
    end marker or cue, else with the file.
    """
    names = {folded(start.name) for start in starts}
    own_ends: dict[str, list[Fraction]] = defaultdict(list)
    any_ends = []
    for end in ends:
        if folded(end.name) in names:
            own_ends[folded(end.name)].append(end.at_s)
        else:
            any_ends.append(end.at_s)
            if end.name:
                warnings.append(
                    SheetWarning(end.place, f"no cue is called {end.name!r}: what runs ends here")
                )
    open_ends: list[Fraction | None] = []
    twins: dict[str, Fraction] = {}  # where the next cue of a name begins
    following: list[Fraction] = []  # the next two different moments at which cues begin
    for start in reversed(starts):
        name, at_s = folded(start.name), start.at_s
        if not following or following[0] != at_s:
            following = [at_s, *following[:1]]
        candidates = [*following[1:], *_after(any_ends, at_s)]
        for own_end in _after(own_ends.get(name, ()), at_s):
            if own_end <= twins.get(name, own_end):
                candidates = [own_end]
        if not candidates and end_s is not None and end_s > at_s:
            candidates = [end_s]
        open_ends.append(min(candidates, default=None))
        twins[name] = at_s
    return open_ends[::-1]


def _after(moments: Sequence[Fraction], at_s: Fraction) -> Sequence[Fraction]:
    """Return the first moment after another, or nothing."""
    index = bisect_right(moments, in_time(at_s), key=in_time)
    return moments[index : index + 1]


# -- tempo -------------------------------------------------------------------------------------


def _own_tempo_map(
    start: CueEvent, tempo_map: TempoMap | None, defaults: CueSettings
) -> TempoMap | None:
    """Return the map of a cue that sets its tempo or meter itself, with beat 0 at its start.

    It is of one tempo and one meter; the one that the cue leaves unsaid is the sheet's at its
    start. A meter that only groups the sheet's bars leaves it in the sheet's time. A musical length
    needs a tempo: where neither cue nor sheet say one it is 120.
    """
    settings = start.settings
    sheet_bpm, sheet_meter = defaults.bpm or DEFAULT_BPM, defaults.meter or FOUR_FOUR
    if tempo_map is not None:
        if settings.bpm is None and settings.meter is None:
            return None
        beats = tempo_map.beats_at(start.at_s)
        sheet_bpm = tempo_map.tempo_at(beats).bpm
        sheet_meter = tempo_map.grouped(defaults.meter).meter_at(beats).meter
        if settings.bpm is None and _only_groups(settings.meter, sheet_meter):
            return None
    elif settings.bpm is None and settings.beats is None and settings.bars is None:
        return None
    return TempoMap.constant(settings.bpm or sheet_bpm, *(settings.meter or sheet_meter))


def _only_groups(meter: Meter | None, sheet_meter: Meter) -> bool:
    """Return whether a meter tells nothing of bars that have another one but their groups."""
    return bool(meter and meter.groups and meter[:2] == sheet_meter[:2])


# -- hits --------------------------------------------------------------------------------------


def _own_hits(start: CueEvent, end_s: Fraction, warnings: list[SheetWarning]) -> tuple[Hit, ...]:
    """Return the hits that the cue itself names, without those that it does not reach."""
    inside = tuple(hit for hit in start.hits if start.at_s <= hit.at_s < end_s)
    warnings += [
        SheetWarning(
            start.place, f"the hit {hit.name!r} at {float(hit.at_s):g} s is outside its cue"
        )
        for hit in start.hits
        if hit not in inside
    ]
    return inside


def _with_hits(
    cues: Sequence[Cue], hits: Sequence[HitEvent], warnings: list[SheetWarning]
) -> tuple[Cue, ...]:
    """Give each hit to the running cue that began last."""
    hits_of: dict[str, list[Hit]] = defaultdict(list)
    running: list[Cue] = []
    begun = 0
    for hit in hits:
        while begun < len(cues) and cues[begun].start_s <= hit.at_s:
            running.append(cues[begun])
            begun += 1
        while running and running[-1].end_s <= hit.at_s:
            running.pop()
        if running:
            hits_of[running[-1].id].append(
                Hit(hit.at_s, hit.name, hit.important, hit.prompt, hit.intensity)
            )
        else:
            warnings.append(SheetWarning(hit.place, f"the hit {hit.name!r} is outside every cue"))
    return tuple(
        replace(cue, hits=tuple(sorted((*cue.hits, *hits_of[cue.id]))))
        if cue.id in hits_of
        else cue
        for cue in cues
    )
