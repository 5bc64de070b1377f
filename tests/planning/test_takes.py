"""What a listener decided about takes, and what is planned then."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from musicgen_daw.planning import KeptClip, TakeVerdict, plan_rows


def verdict(take: int, word: str, length_s: int = 10, **more: Any) -> TakeVerdict:
    clips = more.pop("clips", (KeptClip("", Fraction(0), f"key of take {take}"),))
    return TakeVerdict(take, word, more.pop("seed", take), Fraction(length_s), clips)  # type: ignore[arg-type]


def test_rejected_takes_are_replaced_by_the_next(studio: Any) -> None:
    cue = studio.cue(takes=3, seed=10)
    verdicts = {"1m1": (verdict(2, "reject"), verdict(3, "reject"), verdict(9, "reject"))}

    planned = studio.plan_cue(cue, verdicts=verdicts)

    assert [(take.take, take.seed) for take in planned.takes] == [(1, 10), (4, 13), (5, 14)]


def test_a_kept_take_is_the_only_one_and_brings_its_clips(studio: Any) -> None:
    kept = (KeptClip("a", Fraction(0), "x"), KeptClip("a", Fraction(28), "y"))
    verdicts = {"1m1": (verdict(1, "reject"), verdict(4, "keep", seed=77, clips=kept))}

    planned = studio.plan_cue(studio.cue(takes=3), verdicts=verdicts)

    (take,) = planned.takes
    assert (take.take, take.seed, take.fixed) == (4, 77, True)
    assert [(clip.layer, clip.start_s, clip.key) for clip in take.clips] == [
        ("a", 0, "x"),
        ("a", 28, "y"),
    ]
    assert [clip.request for clip in take.clips] == [None, None]


def test_several_fixed_takes_stand_in_order(studio: Any) -> None:
    verdicts = {"1m1": (verdict(5, "lock"), verdict(2, "keep"))}

    planned = studio.plan_cue(studio.cue(), verdicts=verdicts)

    assert [take.take for take in planned.takes] == [2, 5]


def test_a_kept_clip_that_the_sheet_still_asks_for_can_be_made_again(studio: Any) -> None:
    cue = studio.cue(takes=2, seed=10)
    second = studio.plan_cue(cue).takes[1]
    clips = tuple(KeptClip(clip.layer, clip.start_s, clip.key) for clip in second.clips)
    verdicts = {"1m1": (verdict(2, "lock", seed=second.seed, clips=clips),)}

    now = studio.plan_cue(replace(cue, settings=replace(cue.settings, seed=99)), verdicts=verdicts)

    assert [clip.request for clip in now.clips] == [clip.request for clip in second.clips]


def test_a_fixed_take_outlives_a_change_of_the_cue_with_a_warning_where_its_length_changed(
    studio: Any,
) -> None:
    verdicts = {"1m1": (verdict(1, "lock", length_s=10),)}
    moved = studio.cue(start_s=99, prompt="something else")
    longer = studio.cue(length_s="12.5")

    same = studio.plan(studio.sheet(moved), verdicts=verdicts)
    changed = studio.plan(studio.sheet(longer), verdicts=verdicts)

    assert same.warnings == ()
    assert [str(warning) for warning in changed.warnings] == [
        "line 3: take 1 of '1m1' is fixed and was made for 10 s; the cue lasts 12.5 s now: "
        "it is refitted, not generated again"
    ]
    assert [clip.key for clip in changed.cues[0].clips] == ["key of take 1"]


def test_fixed_takes_cost_nothing(studio: Any) -> None:
    cue = studio.cue(backend="hosted", seed=3)
    clip = studio.plan_cue(cue).takes[0].clips[0]
    verdicts = {"1m1": (verdict(1, "keep", seed=3, clips=(KeptClip("", Fraction(0), clip.key),)),)}

    (row,) = plan_rows(studio.plan(studio.sheet(cue), verdicts=verdicts), stored=lambda key: False)

    assert (row.new, row.missing, row.usd) == (0, 1, 0)


def test_verdicts_on_other_cues_change_nothing(studio: Any) -> None:
    verdicts = {"9m9": (verdict(1, "lock"),)}

    assert studio.plan_cue(studio.cue(), verdicts=verdicts) == studio.plan_cue(studio.cue())
