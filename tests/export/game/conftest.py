"""A small game: three states of a village in step, a stinger of two takes, a piece that rings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import PurePosixPath

import pytest

from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    IntensityLane,
    Span,
    TempoMap,
    Timecode,
)

RATE = 48_000
TEMPO = TempoMap.constant(120)


def stems(name: str, take: int, layers: Sequence[str], suffix: str = ".wav") -> list[PlacedStem]:
    return [
        PlacedStem(
            layer, f"stems/{name}/{name}_t{take}_{layer}{suffix}", "ab" * 32, 2, -18.25, -1.04
        )
        for layer in (*layers, "mix")
    ]


def looped(cue: Cue, take: int = 1, verdict: str | None = None) -> PlacedCue:
    length = int(cue.length_s * RATE)
    return PlacedCue(
        cue.id,
        cue.name,
        take,
        Span(0, length),
        0,
        tuple(stems(cue.id, take, ("drums", "bass"))),
        loop_samples=Span(0, length),
        tempo_map=TEMPO,
        preset="lofi-study",
        prompt="warm evening",
        seed=100 + take,
        licence="CC0-1.0",
        verdict=verdict,  # type: ignore[arg-type]
    )


def struck(cue: Cue, take: int = 1) -> PlacedCue:
    """A take without layers that rings out for half a second."""
    length = int(cue.length_s * RATE)
    return PlacedCue(
        cue.id,
        cue.name,
        take,
        Span(0, length + RATE // 2),
        RATE // 2,
        tuple(stems(cue.id, take, ())),
        hits=cue.hits,
        prompt="fanfare",
        seed=200 + take,
        licence="CC0-1.0",
    )


def state(name: str, intensity: str, seconds: int = 8, theme: str = "village") -> Cue:
    settings = CueSettings(theme=theme, intensity=IntensityLane.parse(intensity), loop=True)
    return Cue(name.lower().replace(" ", "-"), name, Fraction(0), Fraction(seconds), settings)


FULL = state("Village full", "0.95")
CALM = state("Village calm", "0.2")
ALERT = state("Village alert", "0.2>0.55")
VICTORY = Cue("victory", "Stinger: victory!", Fraction(0), Fraction(4))
CREDITS = Cue(
    "credits",
    'Credits\t"roll"',
    Fraction(0),
    Fraction(20),
    hits=(Hit(Fraction(5, 2), "logo\nappears", important=True), Hit(Fraction(60), "gone")),
)


def session_of(cues: Sequence[Cue], placed: Sequence[PlacedCue], title: str = "My game") -> Session:
    rate = FRAME_RATES["25"]
    sheet = CueSheet(title, tuple(cues), is_list=True)
    return Session(title, RATE, sheet, tuple(placed), TEMPO, rate, Timecode(0, rate))


@pytest.fixture
def game() -> Session:
    return session_of(
        (FULL, CALM, ALERT, VICTORY, CREDITS),
        (
            looped(FULL),
            looped(CALM),
            looped(ALERT, 1),
            looped(ALERT, 2, "keep"),
            looped(ALERT, 3, "reject"),
            struck(VICTORY, 1),
            struck(VICTORY, 2),
            struck(CREDITS),
        ),
    )


@pytest.fixture
def with_suffix() -> Callable[[Session, str], Session]:
    """Returns a session whose files have another format."""

    def changed(session: Session, suffix: str) -> Session:
        cues = tuple(
            replace(
                placed,
                stems=tuple(
                    replace(stem, path=str(PurePosixPath(stem.path).with_suffix(suffix)))
                    for stem in placed.stems
                ),
            )
            for placed in session.cues
        )
        return replace(session, cues=cues)

    return changed


@pytest.fixture
def named() -> Callable[[Sequence[str]], Session]:
    """Returns a session with a loop of each name, all of one theme, and a stinger of each."""

    def of_names(names: Sequence[str]) -> Session:
        loops = [
            replace(state("loop", "0.5", theme=name), id=f"l{number}", name=name)
            for number, name in enumerate(names)
        ]
        stingers = [
            replace(VICTORY, id=f"s{number}", name=name) for number, name in enumerate(names)
        ]
        placed = [
            *(replace(looped(cue, take), prompt=cue.name) for cue in loops for take in (1, 2)),
            *(replace(struck(cue, take), prompt=cue.name) for cue in stingers for take in (1, 2)),
        ]
        hostile = [replace(one, licence=one.name) for one in placed]
        return session_of([*loops, *stingers], hostile, title=names[0])

    return of_names
