"""Sheets, presets and generators to plan with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from musicgen_daw.errors import PresetError
from musicgen_daw.planning import Capabilities, Generator, Plan, make_plan
from musicgen_daw.presets import Preset
from musicgen_daw.timeline import Cue, CueSettings, CueSheet

COMPOSER = Generator(
    "sketch",
    "1",
    Capabilities(
        obeys_tempo=True, obeys_key=True, rings_out=True, licence="yours", stems=("drums", "lead")
    ),
)
HOSTED = Generator(
    "hosted",
    "7",
    Capabilities(
        max_s=Fraction(30), max_seed=9999, paid=True, usd_per_clip=0.04, licence="CC-BY-NC-4.0"
    ),
)
SAMPLER = Generator(
    "sampler",
    "2",
    Capabilities(max_s=Fraction(30), obeys_sampling=True, audio_prompt=True, melody=True),
)
GENERATORS = {generator.name: generator for generator in (COMPOSER, HOSTED, SAMPLER)}


class Shelf:
    """Presets in memory."""

    def __init__(self, *presets: Preset) -> None:
        self._presets = {preset.name: preset for preset in (Preset("house"), *presets)}

    def get(self, name: str) -> Preset:
        if name not in self._presets:
            raise PresetError(f"there is no preset {name!r}")
        return self._presets[name]


def make_cue(
    cue_id: str = "1m1", start_s: object = 0, length_s: object = 10, **settings: Any
) -> Cue:
    start = Fraction(str(start_s))
    end = start + Fraction(str(length_s))
    return Cue(cue_id, settings.pop("name", cue_id), start, end, CueSettings(**settings))


def make_sheet(*cues: Cue, **facts: Any) -> CueSheet:
    return CueSheet("score", cues or (make_cue(),), **facts)


@pytest.fixture
def plan() -> Callable[..., Plan]:
    """Plan a sheet (or cues) with presets and everything else that ``make_plan`` takes."""

    def made(
        *what: CueSheet | Cue, presets: tuple[Preset, ...] = (), **more: Any
    ) -> Plan:
        sheet = what[0] if what and isinstance(what[0], CueSheet) else make_sheet(*what)  # type: ignore[arg-type]
        generators: Mapping[str, Generator] = more.pop("generators", GENERATORS)
        return make_plan(
            sheet, presets=Shelf(*presets), generators=generators.__getitem__, **more
        )

    return made


@pytest.fixture
def moved() -> Callable[[Cue, object], Cue]:
    """Move a cue, hits and all, by seconds."""

    def move(cue: Cue, by_s: object) -> Cue:
        by = Fraction(str(by_s))
        hits = tuple(replace(hit, at_s=hit.at_s + by) for hit in cue.hits)
        return replace(cue, start_s=cue.start_s + by, end_s=cue.end_s + by, hits=hits)

    return move
