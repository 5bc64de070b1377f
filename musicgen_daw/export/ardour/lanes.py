"""The tracks of the session: stems of the same name side by side, none on top of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from musicgen_daw.export.arrangement import LaidCue
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.session import PlacedStem

__all__ = ["LaidRegion", "Lane", "lanes"]

_OWN_NAMES = ("master", "monitor", "click", "auditioner", "ltc-out")
"""The names of Ardour's own busses."""
_PORT_SIGNS = re.compile(r"[:/\\]")
"""What parts the names of ports."""


@dataclass(frozen=True, slots=True)
class LaidRegion:
    """A stem of a chosen take in its place; ``cue`` is the name of its cue."""

    cue: str
    stem: PlacedStem
    start_samples: int
    length_samples: int

    @property
    def end_samples(self) -> int:
        """Where the region ends, its tail included."""
        return self.start_samples + self.length_samples


@dataclass(frozen=True, slots=True)
class Lane:
    """A track: its regions are in the order of time and don't overlap."""

    name: str
    channels: int
    is_muted: bool
    regions: tuple[LaidRegion, ...]


def lanes(cues: Sequence[LaidCue]) -> tuple[Lane, ...]:
    """Return the tracks, by stem in the order in which stems first appear."""
    kinds: dict[tuple[str, bool, int], list[LaidRegion]] = {}
    for laid in cues:
        for stem in laid.stems:
            placed = stem.of(laid.chosen)
            if laid.chosen is None or placed is None:
                continue
            start_samples = laid.stem_start_samples(laid.chosen)
            length_samples = laid.chosen.span.length_samples
            region = LaidRegion(one_line(laid.cue.name), placed, start_samples, length_samples)
            kind = (stem.name, stem.is_reference, placed.channels)
            kinds.setdefault(kind, []).append(region)
    rows = [(kind, row) for kind, regions in kinds.items() for row in _rows(regions)]
    names = _track_names(name for (name, _, _), _ in rows)
    return tuple(
        Lane(name, channels, is_muted, row)
        for name, ((_, is_muted, channels), row) in zip(names, rows, strict=True)
    )


def _rows(regions: Sequence[LaidRegion]) -> list[tuple[LaidRegion, ...]]:
    """Deal regions to as few rows as they need for none to overlap in any."""
    rows: list[list[LaidRegion]] = []
    for region in sorted(regions, key=lambda region: region.start_samples):
        free = (row for row in rows if row[-1].end_samples <= region.start_samples)
        row = next(free, None)
        if row is None:
            rows.append([region])
        else:
            row.append(region)
    return [tuple(row) for row in rows]


def _track_names(names: Iterable[str]) -> list[str]:
    """Return names that Ardour keeps as they are: the second twin of ``drums`` is ``drums 2``."""
    taken, told = set(_OWN_NAMES), []
    for name in names:
        first = candidate = _PORT_SIGNS.sub("-", one_line(name)) or "stem"
        number = 2
        while candidate.lower() in taken:
            candidate = f"{first} {number}"
            number += 1
        taken.add(candidate.lower())
        told.append(candidate)
    return told
