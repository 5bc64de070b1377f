"""Sheets, presets and generators to plan with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from musicgen_daw.errors import PresetError
from musicgen_daw.planning import (
    Capabilities,
    ClipRequest,
    Generator,
    Plan,
    PlannedCue,
    make_plan,
)
from musicgen_daw.planning.price import Price
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
        max_s=Fraction(30),
        max_seed=9999,
        paid=True,
        price=Price(per_clip_usd=Decimal("0.04")),
        licence="CC-BY-NC-4.0",
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


class Studio:
    """Cues and plans in one line each. Times may be written as text, to be exact."""

    composer, hosted, sampler = COMPOSER, HOSTED, SAMPLER

    def cue(
        self, cue_id: str = "1m1", start_s: object = 0, length_s: object = 10, **settings: Any
    ) -> Cue:
        start = Fraction(str(start_s))
        end = start + Fraction(str(length_s))
        name = settings.pop("name", cue_id)
        return Cue(cue_id, name, start, end, CueSettings(**settings), place="line 3")

    def sheet(self, *cues: Cue, **facts: Any) -> CueSheet:
        return CueSheet("score", cues or (self.cue(),), **facts)

    def move(self, cue: Cue, by_s: object) -> Cue:
        """Move a cue, hits and all."""
        by = Fraction(str(by_s))
        hits = tuple(replace(hit, at_s=hit.at_s + by) for hit in cue.hits)
        return replace(cue, start_s=cue.start_s + by, end_s=cue.end_s + by, hits=hits)

    def plan(self, sheet: CueSheet, *presets: Preset, **more: Any) -> Plan:
        generators: Mapping[str, Generator] = more.pop("generators", GENERATORS)
        return make_plan(
            sheet, presets=Shelf(*presets), generators=lambda name, _: generators[name], **more
        )

    def plan_cue(self, cue: Cue, *presets: Preset, **more: Any) -> PlannedCue:
        return self.plan(self.sheet(cue), *presets, **more).cues[0]

    def request(self, cue: Cue, *presets: Preset, **more: Any) -> ClipRequest:
        """Return the first request of a cue that stands alone."""
        request = self.plan_cue(cue, *presets, **more).takes[0].clips[0].request
        assert request is not None
        return request


@pytest.fixture
def studio() -> Studio:
    return Studio()
