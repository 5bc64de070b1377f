"""The segments, variations and themes that a session has for a game."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

from musicgen_daw.errors import ExportError
from musicgen_daw.export.game.music import (
    GameMusic,
    Layer,
    Segment,
    SegmentHit,
    Theme,
    Variation,
)
from musicgen_daw.export.names import distinct_names
from musicgen_daw.export.plain_text import ascii_line, one_line
from musicgen_daw.session import MIX, PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import Cue, Hit, Span, to_samples

__all__ = ["LONGEST_STINGER_S", "game_music"]

LONGEST_STINGER_S = 10
"""A segment that doesn't loop is a stinger up to this length without its tail, else a piece."""

_MAX_NAME_BYTES = 48  # three of them and their folders stay below what Windows takes for a path
_SHORTEST_LOOP_SAMPLES = 2  # a sampler's loop has a first and a last sample


def game_music(session: Session) -> GameMusic:
    """Return the music of a session for games; takes that were rejected are left out.

    Raises:
        ExportError: for a loop that does not lie inside its file, or takes of unequal length.
    """
    takes = [_heard_takes(session, placed) for placed in session.chosen()]
    groups = _grouped(session, takes)
    names = iter(_names(takes, groups))
    firsts = [next(names) for _ in takes]
    segments = tuple(
        _segment(session, own, [first, *(next(names) for _ in own[1:])])
        for own, first in zip(takes, firsts, strict=True)
    )
    themes = tuple(
        Theme(name, theme, tuple(segments[place] for place in places))
        for name, (theme, places) in zip(names, groups, strict=True)
    )
    (title,) = _identifiers([session.title])
    return GameMusic(title, one_line(session.title), session.sample_rate, segments, themes)


def _heard_takes(session: Session, chosen: PlacedCue) -> list[PlacedCue]:
    """Return the takes of a cue that may be played, the chosen one first."""
    takes = session.takes_of(session.sheet_cue(chosen))
    return [chosen, *(take for take in takes if take is not chosen and take.verdict != "reject")]


def _grouped(session: Session, takes: Sequence[Sequence[PlacedCue]]) -> list[tuple[str, list[int]]]:
    """Return the themes of several loops, with the places of those, by rising intensity."""
    places: dict[str, list[int]] = {}
    intensities = []
    for place, own in enumerate(takes):
        cue = session.sheet_cue(own[0])
        intensities.append(_intensity(cue) or 0.0)
        theme = one_line(cue.settings.theme or "")
        if theme and own[0].loop_samples is not None:
            places.setdefault(theme, []).append(place)
    return [
        (theme, sorted(states, key=lambda place: intensities[place]))
        for theme, states in places.items()
        if len(states) > 1
    ]


def _names(
    takes: Sequence[Sequence[PlacedCue]], groups: Sequence[tuple[str, Sequence[int]]]
) -> list[str]:
    """Return the names of all segments, then of their further variations, then of all themes.

    No two are alike, so that each may name a file or an asset in one folder, and a further take
    never renames a segment.
    """
    numbered = [f"{own[0].name} t{placed.take}" for own in takes for placed in own[1:]]
    themes = [theme for theme, _ in groups]
    return _identifiers([*(own[0].name for own in takes), *numbered, *themes])


def _segment(session: Session, takes: Sequence[PlacedCue], names: Sequence[str]) -> Segment:
    placed = takes[0]
    cue = session.sheet_cue(placed)
    length_samples = placed.span.length_samples
    exit_samples = length_samples - placed.tail_samples
    loop = _checked_loop(placed)
    return Segment(
        name=names[0],
        id=one_line(placed.id),
        title=one_line(placed.name),
        kind=_kind(placed, Fraction(exit_samples, session.sample_rate)),
        length_samples=length_samples,
        entry_samples=0,
        exit_samples=exit_samples,
        loop_samples=loop,
        tempo_map=placed.tempo_map,
        hits=tuple(_hits(cue.hits, placed.span, session.sample_rate)),
        theme=one_line(cue.settings.theme or ""),
        intensity=_intensity(cue),
        preset=one_line(placed.preset),
        prompt=one_line(placed.prompt),
        licence=one_line(placed.licence),
        variations=tuple(_variations(takes, names)),
    )


def _checked_loop(placed: PlacedCue) -> Span | None:
    """Return the loop. One that leaves the file fails the import in one engine, in others it is
    played silently; both are worse than no kit.
    """
    loop, length_samples = placed.loop_samples, placed.span.length_samples
    if loop is None:
        return None
    inside = loop.start_samples >= 0 and loop.end_samples <= length_samples
    if not inside or loop.length_samples < _SHORTEST_LOOP_SAMPLES:
        raise ExportError(
            f"the loop of cue {placed.name!r}, samples {loop.start_samples} to {loop.end_samples}, "
            f"does not lie inside its {length_samples} samples: render the cue again"
        )
    return loop


def _kind(placed: PlacedCue, length_s: Fraction) -> Literal["loop", "stinger", "piece"]:
    if placed.loop_samples is not None:
        return "loop"
    return "stinger" if length_s <= LONGEST_STINGER_S else "piece"


def _hits(hits: Iterable[Hit], span: Span, sample_rate: int) -> Iterable[SegmentHit]:
    """Yield the hits that lie inside the file."""
    for hit in hits:
        at_samples = to_samples(hit.at_s, sample_rate) - span.start_samples
        if 0 <= at_samples < span.length_samples:
            yield SegmentHit(at_samples, one_line(hit.name) or "hit", hit.important)


def _intensity(cue: Cue) -> float | None:
    """Return how intense a cue is as a whole: what it rises to, where it moves."""
    lane = cue.settings.intensity
    return max(value for _, value in lane.points) if lane else None


def _variations(takes: Sequence[PlacedCue], names: Sequence[str]) -> Iterable[Variation]:
    for placed, name in zip(takes, names, strict=True):
        if placed.span != takes[0].span:
            raise ExportError(
                f"takes {takes[0].take} and {placed.take} of cue {placed.name!r} are not in the "
                "same place: render the cue again"
            )
        mixes = [stem for stem in placed.stems if stem.name == MIX] or placed.stems[:1]
        others_than_mix = [stem for stem in placed.stems if stem is not mixes[0]]
        _, *layer_names = _identifiers([MIX, *(stem.name for stem in others_than_mix)])
        yield Variation(
            name=name,
            take=placed.take,
            seed=placed.seed,
            mix=_layer(mixes[0], MIX),
            layers=tuple(map(_layer, others_than_mix, layer_names)),
        )


def _layer(stem: PlacedStem, name: str) -> Layer:
    return Layer(
        name, stem.path, stem.channels, stem.integrated_lufs, stem.true_peak_dbtp, stem.enters
    )


def _identifiers(texts: Iterable[str]) -> list[str]:
    """Return distinct identifiers in the order of ``texts``: ``1M1 Verfolgung`` is ``1M1_…``."""
    plain = ("".join(map(_letter, ascii_line(text, 2 * _MAX_NAME_BYTES))) for text in texts)
    return distinct_names(plain, _MAX_NAME_BYTES)


def _letter(character: str) -> str:
    return character if character.isalnum() else "_"
