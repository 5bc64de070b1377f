"""A cue that goes on from the one before it: what its clips are called by, and what is told."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from musicgen_daw.errors import PlanError
from musicgen_daw.planning import ClipRequest, KeptClip, TakeVerdict
from musicgen_daw.presets import Preset
from musicgen_daw.timeline import CueSettings


def score(studio: Any, *cues: dict[str, Any], **facts: Any) -> Any:
    """A sheet of cues after each other, by the sampler where they don't say otherwise."""
    asked = [{"backend": "sampler", "prompt": "dark", **cue} for cue in cues]
    return studio.sheet(
        *(studio.cue(f"m{n}", 10 * n, 10, **cue) for n, cue in enumerate(asked, 1)), **facts
    )


def continues(plan: Any) -> list[str | None]:
    return [cue.takes[0].clips[0].request.continues for cue in plan.cues]


def keys(plan: Any) -> list[str]:
    return [cue.takes[0].clips[-1].key for cue in plan.cues]


def warnings(plan: Any) -> list[str]:
    return [str(warning) for warning in plan.warnings]


def test_a_clip_is_named_by_the_one_that_it_goes_on_from(studio: Any) -> None:
    follow = {"transition": "continue"}
    plan = studio.plan(score(studio, {}, follow, {}, follow))
    first, _, third, _ = keys(plan)
    assert continues(plan) == [None, first, None, third]
    assert [cue.continues for cue in plan.cues] == [None, "m1", None, "m3"]
    assert warnings(plan) == []


def test_only_what_comes_after_a_change_is_new(studio: Any) -> None:
    follow = {"transition": "continue"}
    before = keys(studio.plan(score(studio, {}, follow, follow, {})))
    after = keys(studio.plan(score(studio, {}, {**follow, "prompt": "bright"}, follow, {})))
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False, True]


def test_every_take_goes_on_from_the_take_of_its_number_or_the_first(studio: Any) -> None:
    plan = studio.plan(score(studio, {"takes": 2}, {"takes": 3, "transition": "continue"}))
    one, two = (take.clips[0].key for take in plan.cues[0].takes)
    followed = [take.clips[0].request.continues for take in plan.cues[1].takes]
    assert followed == [one, two, one]


def test_a_take_that_a_listener_kept_is_gone_on_from(studio: Any) -> None:
    sheet = score(studio, {"takes": 2}, {"transition": "continue"})
    kept = studio.plan(sheet).cues[0].takes[1]
    clips = (KeptClip("", Fraction(0), kept.clips[0].key),)
    verdict = TakeVerdict(2, "keep", kept.seed, Fraction(10), clips)
    assert continues(studio.plan(sheet, verdicts={"m1": (verdict,)}))[1] == kept.clips[0].key


def test_long_cues_go_on_end_to_start(studio: Any) -> None:
    sheet = studio.sheet(
        studio.cue("m1", 0, 70, backend="sampler"),
        studio.cue("m2", 70, 70, backend="sampler", transition="continue"),
    )
    first, second = (cue.takes[0].clips for cue in studio.plan(sheet).cues)
    assert len(second) > 1
    assert [clip.request.continues for clip in second] == [
        first[-1].key, *[None] * (len(second) - 1)
    ]  # fmt: skip


def test_a_layer_goes_on_from_its_like_or_from_the_mix(studio: Any) -> None:
    layered = Preset("layered", layers={"high": "{prompt}", "low": "drones"})
    follow = {"transition": "continue", "preset": "layered"}
    plan = studio.plan(score(studio, {}, follow, follow), layered)
    mix, own, later = (cue.takes[0].clips for cue in plan.cues)
    assert [clip.request.continues for clip in own] == [mix[0].key] * 2
    assert [clip.request.continues for clip in later] == [clip.key for clip in own]
    plain = studio.plan(score(studio, {"preset": "layered"}, {"transition": "continue"}), layered)
    assert continues(plain)[1] is None
    assert warnings(plain) == [
        "line 3: transition 'continue' is not followed: cue 'm1' before it has other layers"
    ]


def test_music_of_any_generator_can_be_gone_on_from(studio: Any) -> None:
    plan = studio.plan(score(studio, {"backend": "sketch"}, {"transition": "continue"}))
    assert continues(plan)[1] == keys(plan)[0]


@pytest.mark.parametrize(
    ("cues", "reason"),
    [
        ([{"transition": "continue"}], "no cue comes before it"),
        ([{}, {"transition": "continued"}], "known are continue and none (did you mean 'continue'"),
        ([{}, {"transition": "continue", "backend": "sketch"}], "'sketch' can't go on from what"),
    ],
)
def test_a_transition_that_is_not_made_is_told_with_the_reason(studio, cues, reason) -> None:
    plan = studio.plan(score(studio, *cues))
    assert continues(plan)[-1] is None
    (warning,) = warnings(plan)
    assert warning.startswith("line 3: transition 'continue")
    assert reason in warning


def test_a_sheet_can_ask_it_of_all_and_a_cue_refuse_it(studio: Any) -> None:
    facts = {"defaults": CueSettings(transition="continue", audio_prompt="a.wav")}
    own = {"audio_prompt": "b.wav"}
    sheet = score(studio, {}, {}, {"transition": "none"}, own, **facts)
    plan = studio.plan(sheet, digests=lambda path: path)
    assert continues(plan) == [None, keys(plan)[0], None, None]
    heard = [next(cue.clips).request.audio_prompt for cue in plan.cues]
    assert heard == ["a.wav", None, "a.wav", "b.wav"]
    assert warnings(plan) == []


def test_two_sounds_to_go_on_from_are_one_too_many(studio: Any) -> None:
    both = {"transition": "continue", "audio_prompt": "a.wav"}
    with pytest.raises(PlanError, match="line 3: cue 'm2': transition=continue and audio_prompt"):
        studio.plan(score(studio, {}, both), digests=lambda path: path)


def test_what_does_not_go_on_keeps_the_key_that_it_had(studio: Any) -> None:
    (request,) = (next(cue.clips).request for cue in studio.plan(score(studio, {})).cues)
    assert '"continues"' not in request.canonical()
    assert '"continues":"ab"' in replace(request, continues="ab").canonical()


def tempos(studio: Any, *, stretches: bool) -> Any:
    """Two cues of 100 and 125 bpm, the first of which ends a beat after a bar line."""
    able = replace(studio.sampler.capabilities, stretches=stretches)
    sheet = studio.sheet(
        studio.cue("m1", 0, "10.2", backend="sampler", bpm=100),
        studio.cue("m2", "10.2", 10, backend="sampler", bpm=125, transition="continue"),
    )
    return studio.plan(sheet, generators={"sampler": replace(studio.sampler, capabilities=able)})


def test_at_another_tempo_the_end_is_stretched_and_its_downbeat_kept(studio: Any) -> None:
    plan = tempos(studio, stretches=True)
    request = plan.cues[1].takes[0].clips[0].request
    assert request.continues_less_s == Fraction("0.6")
    assert request.continues_stretch == Fraction(4, 5)
    assert ClipRequest.from_canonical(request.canonical()) == request
    assert warnings(plan) == []


def test_a_generator_that_can_not_stretch_hears_the_end_as_it_is_and_that_is_told(
    studio: Any,
) -> None:
    plan = tempos(studio, stretches=False)
    request = plan.cues[1].takes[0].clips[0].request
    assert (request.continues_less_s, request.continues_stretch) == (Fraction("0.6"), 1)
    assert warnings(plan) == [
        "line 3: goes on from cue 'm1' at that one's tempo: "
        "pip install 'musicgen-daw[stretch]' to have it brought to this one"
    ]
