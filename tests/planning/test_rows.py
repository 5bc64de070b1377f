"""The plan as a table."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from musicgen_daw.planning import (
    ClipRequest,
    KeptClip,
    PlannedCue,
    PlanOptions,
    TakeVerdict,
    plan_rows,
)
from musicgen_daw.planning.price import Quote
from musicgen_daw.presets import Generation, Preset
from musicgen_daw.timeline import TempoMap

HOSTED = PlanOptions(backend="hosted")


def test_a_row_tells_a_cue_in_plain_values(studio: Any) -> None:
    house = Preset("house", layers={"low": "low", "high": "high"}, generation=Generation(takes=2))
    cue = studio.cue("7", 60, 58, name="1M7", prompt="chase")
    plan = studio.plan(studio.sheet(cue, tempo_map=TempoMap.constant(120)), house, flags=HOSTED)

    (row,) = plan_rows(plan, stored=lambda key: False)

    assert json.loads(json.dumps(dataclasses.asdict(row), default=float)) == {
        "id": "7",
        "name": "1M7",
        "bars": 29.0,
        "seconds": 58.0,
        "timecode": "00:01:00:00",
        "preset": "house",
        "prompt": "chase",
        "backend": "hosted",
        "takes": 2,
        "segments": 2,
        "layers": ["low", "high"],
        "stored": 0,
        "new": 8,
        "missing": 0,
        "open": 0,
        "usd": pytest.approx(8 * 0.04),
        "usd_low": pytest.approx(8 * 0.02),
        "usd_high": pytest.approx(8 * 0.08),
        "licence": "CC-BY-NC-4.0",
        "continues": None,
    }


def test_what_is_stored_costs_nothing(studio: Any) -> None:
    plan = studio.plan(studio.sheet(studio.cue(takes=3)), flags=HOSTED)
    there = {plan.cues[0].takes[1].clips[0].key}

    (row,) = plan_rows(plan, stored=there.__contains__)

    assert (row.stored, row.new, row.usd) == (1, 2, Decimal("0.08"))


def test_a_clip_that_two_cues_share_is_new_once(studio: Any) -> None:
    twins = [studio.cue(f"c{n}", n * 10, prompt="same", seed=1) for n in range(2)]

    rows = plan_rows(studio.plan(studio.sheet(*twins), flags=HOSTED), stored=lambda key: False)

    assert [(row.stored, row.new) for row in rows] == [(0, 1), (1, 0)]


def test_a_kept_clip_that_is_gone_and_can_not_be_made_is_missing(studio: Any) -> None:
    kept = TakeVerdict(1, "keep", 1, Fraction(10), (KeptClip("", Fraction(0), "gone"),))
    plan = studio.plan(studio.sheet(), verdicts={"1m1": (kept,)})

    (gone,) = plan_rows(plan, stored=lambda key: False)
    (there,) = plan_rows(plan, stored=lambda key: True)

    assert (gone.stored, gone.new, gone.missing) == (0, 0, 1)
    assert (there.stored, there.new, there.missing) == (1, 0, 0)


def test_every_clip_is_quoted_by_what_is_asked_for_it(studio: Any) -> None:
    """Segments overlap and layers multiply, so that more is bought than the cue is long."""
    house = Preset("house", layers={"low": "low", "high": "high"})
    plan = studio.plan(studio.sheet(studio.cue(length_s=50, tail=2)), house, flags=HOSTED)
    asked: list[Fraction] = []

    def a_dollar_a_second(cue: PlannedCue, request: ClipRequest) -> Quote:
        asked.append(request.length_s + request.tail_s)
        return Quote(*(Decimal(float(asked[-1])) * times for times in (2, 1, 4)))

    (row,) = plan_rows(plan, lambda key: False, a_dollar_a_second)

    assert len(asked) == row.new == row.segments * 2 == 4
    assert sum(asked) == 2 * (50 + 2 + 2)  # the tail, and one overlap
    assert (row.usd_low, row.usd, row.usd_high) == (108, 216, 432)


def test_what_was_sent_before_and_is_not_settled_is_neither_new_nor_priced(studio: Any) -> None:
    plan = studio.plan(studio.sheet(studio.cue(takes=3)), flags=HOSTED)
    first, second, third = (take.clips[0].key for take in plan.cues[0].takes)
    asked: list[str] = []

    def opened(cue: PlannedCue, key: str) -> bool:
        asked.append(key)
        return key == second and cue.capabilities.paid

    (row,) = plan_rows(plan, {first}.__contains__, opened=opened)

    assert (row.stored, row.open, row.new, row.usd) == (1, 1, 1, Decimal("0.04"))
    assert asked == [second, third]  # what is stored may be open, too, and is there


def test_only_what_is_new_is_quoted(studio: Any) -> None:
    plan = studio.plan(studio.sheet(studio.cue(takes=3)), flags=HOSTED)
    there = {plan.cues[0].takes[1].clips[0].key}
    quoted: list[str] = []

    def quote(cue: PlannedCue, request: ClipRequest) -> Quote:
        quoted.append(request.key())
        return Quote(Decimal(1), Decimal(1), Decimal(1))

    plan_rows(plan, there.__contains__, quote)

    assert len(quoted) == 2
    assert not there & set(quoted)
