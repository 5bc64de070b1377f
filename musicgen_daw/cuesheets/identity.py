"""Which cue is which: names, ids, and the settings that ``SHEET.toml`` gives under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from musicgen_daw.cuesheets.events import CueEvent, EndEvent
from musicgen_daw.cuesheets.keys import LENGTH_KEYS
from musicgen_daw.errors import CueSheetError, did_you_mean
from musicgen_daw.timeline import CueSettings, SheetWarning

__all__ = ["filled", "folded", "identified", "without_start_words"]

_START_WORDS = (" start", " in")


def folded(name: str) -> str:
    """Return a name as it is compared: without regard to case."""
    return name.casefold()


def without_start_words(
    starts: Sequence[CueEvent], ends: Iterable[EndEvent]
) -> tuple[CueEvent, ...]:
    """Name ``1M1 start`` just ``1M1`` where the sheet also has a ``1M1 end``."""
    ended = {folded(end.name) for end in ends if end.name}
    return tuple(
        replace(start, name=stem) if (stem := _stem(start.name, ended)) else start
        for start in starts
    )


def _stem(name: str, ended: set[str]) -> str:
    for word in _START_WORDS:
        stem = name[: -len(word)]
        if folded(name).endswith(word) and folded(stem) in ended:
            return stem
    return ""


def identified(starts: Sequence[CueEvent], warnings: list[SheetWarning]) -> tuple[str, ...]:
    """Return each cue's id: the one the sheet gives, else its name, numbered from the second on.

    Raises:
        CueSheetError: when the sheet gives one id twice.
    """
    places: dict[str, str] = {}
    for start in starts:
        if start.id and start.id in places:
            raise CueSheetError(
                f"the id {start.id!r} is used already at {places[start.id]}", place=start.place
            )
        if start.id:
            places[start.id] = start.place
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(2))
    taken = set(places)
    ids = []
    for start in starts:
        cue_id = start.id or start.name
        if not start.id and cue_id in taken:
            twins = (f"{start.name}#{number}" for number in numbers[start.name])
            cue_id = next(twin for twin in twins if twin not in taken)
            warnings.append(
                SheetWarning(start.place, f"{start.name!r} is used already: this one is {cue_id!r}")
            )
        taken.add(cue_id)
        ids.append(cue_id)
    return tuple(ids)


def filled(
    starts: Sequence[CueEvent],
    ids: Sequence[str],
    tables: Mapping[str, CueSettings],
    warnings: list[SheetWarning],
) -> Sequence[CueEvent]:
    """Fill what the cues don't say themselves from the tables under their ids or names."""
    if not tables:
        return starts
    names = {*ids, *(start.name for start in starts)}
    warnings += [
        SheetWarning(f'[cues."{name}"]', f"names no cue of the sheet{did_you_mean(name, names)}")
        for name in tables
        if name not in names
    ]
    nothing = CueSettings()
    return tuple(
        _filled(_filled(start, tables.get(cue_id, nothing)), tables.get(start.name, nothing))
        for start, cue_id in zip(starts, ids, strict=True)
    )


def _filled(start: CueEvent, table: CueSettings) -> CueEvent:
    says_length = any(getattr(start.settings, key) is not None for key in LENGTH_KEYS)
    if says_length or start.end_s is not None:
        table = replace(table, beats=None, bars=None, seconds=None)
    return replace(start, settings=start.settings.filled_from(table))
