"""Which sound lies where: what every session for a DAW is written from.

Cues of a timeline lie where they belong. The cues of a list, which stand alone at second 0 each,
are laid one after another, each on a whole second, a second after the end of the one before: then
one session shows them all, and none covers another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from musicgen_daw.export.sheet import moved
from musicgen_daw.session import MIX, PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import Cue, to_samples

__all__ = ["LaidClip", "LaidCue", "LaidStem", "lanes", "lay_out", "other_takes"]

_GAP_S = 1


@dataclass(frozen=True, slots=True)
class LaidStem:
    """One stem of a cue in all takes that have it, in their order.

    ``is_reference`` says that it is the mix of other stems that are there as well: who plays it
    with them hears everything twice, so a session mutes it.
    """

    name: str
    takes: tuple[tuple[PlacedCue, PlacedStem], ...]
    is_reference: bool

    def of(self, placed: PlacedCue | None) -> PlacedStem | None:
        """Return the stem of a take, ``None`` where the take has none of this name."""
        return next((stem for take, stem in self.takes if take is placed), None)


@dataclass(frozen=True, slots=True)
class LaidCue:
    """A cue of the sheet, made or not, in its place in the session.

    ``cue`` tells the times that it has there; ``shift_samples`` is what to add to the places that
    its takes tell.
    """

    cue: Cue
    chosen: PlacedCue | None
    stems: tuple[LaidStem, ...]
    sample_rate: int
    shift_samples: int = 0

    @property
    def start_samples(self) -> int:
        """Where the cue begins."""
        return to_samples(self.cue.start_s, self.sample_rate)

    @property
    def end_samples(self) -> int:
        """Where the cue ends; the tails of its stems ring on."""
        return to_samples(self.cue.end_s, self.sample_rate)

    def stem_start_samples(self, placed: PlacedCue) -> int:
        """Return where the stems of a take begin."""
        return placed.span.start_samples + self.shift_samples

    @property
    def last_samples(self) -> int:
        """Where the last sound of the cue has ended, in whichever take."""
        takes = (take for stem in self.stems for take, _ in stem.takes)
        ends = (take.span.end_samples + self.shift_samples for take in takes)
        return max(chain([self.end_samples], ends))


@dataclass(frozen=True, slots=True)
class LaidClip:
    """A stem of a chosen take in its place; ``is_reference`` as ``LaidStem`` tells it."""

    cue: PlacedCue
    stem: PlacedStem
    start_samples: int
    is_reference: bool

    @property
    def end_samples(self) -> int:
        """Where its last sound has ended."""
        return self.start_samples + self.cue.span.length_samples


def lay_out(session: Session) -> tuple[LaidCue, ...]:
    """Return all cues of a session in the order of the sheet, with the takes of those made."""
    chosen = {placed.id: placed for placed in session.chosen()}
    laid: list[LaidCue] = []
    for cue in session.sheet.cues:
        stems = tuple(_stems(session.takes_of(cue)))
        shift_s = 0
        if session.sheet.is_list and laid:
            shift_s = -(-laid[-1].last_samples // session.sample_rate) + _GAP_S
        laid.append(
            LaidCue(
                moved(cue, cue.start_s + shift_s) if shift_s else cue,
                chosen.get(cue.id),
                stems,
                session.sample_rate,
                shift_s * session.sample_rate,
            )
        )
    return tuple(laid)


def lanes(session: Session) -> list[tuple[str, list[LaidClip]]]:
    """Return the chosen takes' stems on named lanes, in the order of time, none over another.

    A lane holds stems of one name and number of channels; more lanes of a name are numbered.
    """
    found: dict[str, list[list[LaidClip]]] = {}
    for clip in sorted(_clips(session), key=lambda clip: clip.start_samples):
        of_name = found.setdefault(clip.stem.name, [])
        free = (lane for lane in of_name if _has_room(lane, clip))
        lane = next(free, None)
        if lane is None:
            of_name.append(lane := [])
        lane.append(clip)
    return [
        (name if number == 1 else f"{name} {number}", lane)
        for name, of_name in found.items()
        for number, lane in enumerate(of_name, 1)
    ]


def _has_room(lane: list[LaidClip], clip: LaidClip) -> bool:
    last = lane[-1]
    fits = last.stem.channels == clip.stem.channels
    return fits and last.end_samples <= clip.start_samples


def _clips(session: Session) -> Iterator[LaidClip]:
    for cue in lay_out(session):
        for laid in cue.stems:
            stem = laid.of(cue.chosen)
            if cue.chosen is not None and stem is not None:
                start_samples = cue.stem_start_samples(cue.chosen)
                yield LaidClip(cue.chosen, stem, start_samples, laid.is_reference)


def _stems(takes: tuple[PlacedCue, ...]) -> Iterator[LaidStem]:
    names = dict.fromkeys(stem.name for take in takes for stem in take.stems)
    for name in names:
        having = tuple((take, stem) for take in takes for stem in take.stems if stem.name == name)
        yield LaidStem(name, having, is_reference=name == MIX and len(names) > 1)


def other_takes(session: Session) -> Iterator[str]:
    """Yield the loss of a format that holds one take of each cue, where there are more."""
    others = len(session.cues) - len(session.chosen())
    if others:
        yield f"it holds one take of each cue: others are left out ({others})"
