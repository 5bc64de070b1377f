"""A generator that gives silence or stops early is tried again, within bounds, and told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hosted_backend import PAID, Bench, BusyBackend, HostedBackend, hosted
from sine_backend import RATE, SineBackend, planned, request, sine

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip, Failed, Finished, Outcome, Unknown
from musicgen_daw.backends.pool import Stop
from musicgen_daw.errors import Ambiguous, Transient
from musicgen_daw.events import ClipFailed, ClipFinished, ClipStarted
from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.quotes import quoting
from musicgen_daw.execution.runner import FailedTake, MadeTake
from musicgen_daw.planning import Capabilities, ClipRequest, Expectation
from musicgen_daw.store.records import StoredClip, Trial

FIRST = hosted(7)


def silence(one: ClipRequest, share: float = 1.0) -> Clip:
    return Clip({"mix": Audio.silence(int(one.length_s * RATE * share), RATE, 1)})


def short(one: ClipRequest, share: float) -> Clip:
    samples = sine(one, Stop()).stems["mix"].samples
    return Clip({"mix": Audio(samples[:, : int(samples.shape[1] * share)], RATE)})


def answering(*clips: Callable[[ClipRequest], Clip]) -> HostedBackend:
    """A provider that gives one clip after the other, whatever it is asked for."""
    waiting = list(clips)
    return HostedBackend(lambda one: Finished(one, waiting.pop(0)(one), Decimal("0.04")))


def right(one: ClipRequest) -> Clip:
    return sine(one, Stop())


def work(*requests: ClipRequest, **options: object):
    return [
        planned(f"c{number}", one, capabilities=PAID, **options)
        for number, one in enumerate(requests or (FIRST,))
    ]


def stored(bench: Bench, one: ClipRequest = FIRST) -> StoredClip:
    clip = bench.store.get(one.key())
    assert clip is not None
    return clip


def is_silent(bench: Bench, clip: StoredClip) -> bool:
    return not bench.store.load(clip)["mix"].samples.any()


# -- another try -------------------------------------------------------------------------------


def test_a_silent_clip_is_made_again_with_another_seed(bench: Bench) -> None:
    backend = answering(silence, right)
    (outcome,) = bench.run(work(), backend)
    assert isinstance(outcome, MadeTake)
    assert len(set(backend.sent)) == 2
    (clip,) = outcome.clips
    assert clip.key == FIRST.key()
    assert clip.request == FIRST.canonical()
    assert not is_silent(bench, clip)
    assert bench.store.check(clip) == []
    assert clip.trial == Trial((), 0.0, tries=2, seed=backend.sent[1])
    assert (clip.facts["seed"], clip.facts["tries"]) == (str(backend.sent[1]), "2")
    assert bench.warnings() == [
        "the clip is silent: it is made again with another seed (try 2 of 2)",
        f"try 2 is right, with seed {backend.sent[1]}",
    ]


def test_all_that_was_paid_stays(bench: Bench) -> None:
    backend = answering(silence, right)
    bench.run(work(), backend)
    aside = bench.store.record_path(FIRST.key()).with_suffix(".try1.json")
    assert b'"is silent"' in aside.read_bytes()
    again = stored(bench, replace(FIRST, seed=backend.sent[1]))
    assert again.stems == stored(bench).stems
    assert len(list(bench.store.root.rglob("*.wav"))) == 2
    assert [(a.key, a.state) for a in bench.journal.attempts()] == [
        (FIRST.key(), "finished"),
        (again.key, "finished"),
    ]
    assert bench.journal.spent() == Decimal("0.08")


def test_a_clip_is_told_as_started_and_finished_under_its_own_key(bench: Bench) -> None:
    bench.run(work(), answering(silence, right))
    assert {event.key for event in bench.events if isinstance(event, ClipStarted)} == {FIRST.key()}
    (finished,) = bench.told(ClipFinished)
    assert finished.key == FIRST.key()
    assert not finished.from_store


def test_what_is_right_now_is_not_touched_again(bench: Bench) -> None:
    bench.run(work(), answering(silence, right))
    bench.run(work(), tries=5)
    assert bench.opened == []
    assert bench.warnings() == []


def test_tries_are_bounded_and_the_best_is_used_and_told_at_every_run(bench: Bench) -> None:
    long = replace(FIRST, length_s=Fraction(4))
    backend = answering(silence, lambda one: short(one, 0.5), lambda one: short(one, 0.75), silence)
    (outcome,) = bench.run(work(long), backend, tries=4)
    assert isinstance(outcome, MadeTake)
    assert len(set(backend.sent)) == 4
    flaw = "is 1.00 s shorter than asked"
    assert stored(bench, long).trial == Trial((flaw,), 1.0, tries=4, seed=backend.sent[2])
    told = f"the clip {flaw}, at best of 4 tries: listen to it, or reject the take"
    assert bench.warnings()[-1] == told
    for _ in range(2):
        bench.run(work(long), tries=4)
        assert bench.opened == []
        assert bench.warnings() == [told]


def test_one_try_is_one_try(bench: Bench) -> None:
    backend = answering(silence)
    (outcome,) = bench.run(work(), backend, tries=1)
    assert isinstance(outcome, MadeTake)
    assert bench.warnings() == ["the clip is silent: listen to it, or reject the take"]


def test_where_no_try_is_better_the_first_stays(bench: Bench) -> None:
    backend = answering(lambda one: short(one, 0.5), silence)
    bench.run(work(), backend)
    trial = stored(bench).trial
    assert trial is not None
    assert (trial.tries, trial.seed) == (2, FIRST.seed)
    assert stored(bench).seconds == Fraction(1, 8)


def test_a_generator_that_costs_nothing_is_tried_again_too(bench: Bench) -> None:
    tried: list[int] = []

    def at_first_silent(one: ClipRequest, stop: Stop) -> Clip:
        tried.append(one.seed)
        return silence(one) if len(tried) == 1 else sine(one, stop)

    (outcome,) = bench.run([planned("a", request(3))], SineBackend(at_first_silent))
    assert isinstance(outcome, MadeTake)
    assert len(set(tried)) == 2
    assert bench.journal.unsettled() == ()


def test_seeds_stay_in_the_generators_range_and_differ(bench: Bench) -> None:
    few = replace(PAID, min_seed=5, max_seed=8)
    backend = HostedBackend(lambda one: Finished(one, silence(one)))
    bench.run([planned("a", FIRST, capabilities=few)], backend, tries=9)
    assert sorted(backend.sent) == [5, 6, 7, 8]


def test_a_seed_that_another_take_wants_anyway_is_made_once_for_both(bench: Bench) -> None:
    few = replace(PAID, min_seed=7, max_seed=8)
    bench.run([planned("a", FIRST, capabilities=few)], answering(silence), tries=1)
    both = [planned("a", FIRST, capabilities=few), planned("b", hosted(8), capabilities=few)]
    backend = answering(right)
    outcomes = bench.run(both, backend)
    assert sorted(outcome.cue.cue.id for outcome in outcomes) == ["a", "b"]
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert backend.sent == [8]


def test_seeds_are_the_same_in_every_store(bench: Bench, tmp_path) -> None:
    first, second = answering(silence, right), answering(silence, right)
    bench.run(work(), first)
    other = Bench(tmp_path / "other")
    with other.journal:
        other.run(work(), second)
    assert first.sent == second.sent


def test_a_take_that_a_listener_kept_stays_as_it_was_heard(bench: Bench) -> None:
    bench.run(work(), answering(silence), tries=1)
    backend = answering(right)
    kept = planned("kept", FIRST, capabilities=PAID, fixed=True)
    outcomes = bench.run([kept, *work()], backend, tries=5)
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert backend.sent == []
    assert is_silent(bench, stored(bench))


# -- runs that end early -----------------------------------------------------------------------


def test_the_next_run_goes_on_with_the_next_try(bench: Bench) -> None:
    first = answering(silence)
    bench.run(work(), first, tries=1)
    later = answering(right)
    (outcome,) = bench.run(work(), later, tries=2)
    assert isinstance(outcome, MadeTake)
    assert FIRST.seed not in later.sent
    assert not is_silent(bench, stored(bench))


def test_a_try_that_was_stored_before_a_run_was_killed_is_not_bought_again(bench: Bench) -> None:
    probe = answering(silence, right)
    bench.run(work(), probe)
    second = replace(FIRST, seed=probe.sent[1])
    other = Bench(bench.store.root / "other")
    with other.journal:
        other.run(work(), answering(silence), tries=1)
        other.store.put(second, right(second))
        (outcome,) = other.run(work())
    assert other.opened == []
    assert isinstance(outcome, MadeTake)
    assert not is_silent(other, stored(other))


def test_what_became_unknown_is_not_tried_again_and_the_flawed_clip_is_used(bench: Bench) -> None:
    def answer(one: ClipRequest) -> Outcome:
        if one.seed == FIRST.seed:
            return Finished(one, silence(one))
        return Unknown(one, Ambiguous("time-out"))

    backend = HostedBackend(answer)
    for _ in range(3):
        (outcome,) = bench.run(work(), backend)
        assert isinstance(outcome, MadeTake)
        assert any("the clip is silent: listen" in told for told in bench.warnings())
        assert any("was not made again" in told for told in bench.warnings())
        assert bench.told(ClipFailed) == []
    assert len(backend.sent) == 2


def test_a_try_that_fails_is_made_up_for_in_the_next_run(bench: Bench) -> None:
    def answer(one: ClipRequest) -> Outcome:
        if one.seed == FIRST.seed:
            return Finished(one, silence(one))
        return Failed(one, Transient("no network"))

    (outcome,) = bench.run(work(), HostedBackend(answer))
    assert isinstance(outcome, MadeTake)
    backend = answering(right)
    bench.run(work(), backend)
    assert len(backend.sent) == 1
    assert not is_silent(bench, stored(bench))


def test_a_generator_that_can_not_be_opened_leaves_the_flawed_clip_in_use(bench: Bench) -> None:
    bench.run(work(), answering(silence), tries=1)

    class Locked(HostedBackend):
        def __enter__(self):
            raise Transient("no network")

    outcomes = bench.run([*work(), *work(hosted(1))], Locked())
    made = {type(outcome) for outcome in outcomes}
    assert made == {MadeTake, FailedTake}


# -- money -------------------------------------------------------------------------------------


def test_tries_keep_to_the_budget_and_come_after_all_first_tries(bench: Bench) -> None:
    def answer(one: ClipRequest) -> Outcome:
        clip = silence(one) if one.seed < 10 else right(one)
        return Finished(one, clip, Decimal("0.04"))

    backend = BusyBackend(answer)
    budget = Budget(Decimal("0.22"), quoting({"hosted": PAID}, bench.journal.prices))
    outcomes = bench.run(work(*(hosted(seed) for seed in range(4))), backend, budget=budget)
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert sorted(backend.sent[:4]) == [0, 1, 2, 3]
    assert len(backend.sent) == 5
    assert budget.spent_usd == Decimal("0.20")
    assert budget.summary() is None  # every cue has a clip
    used = [told for told in bench.warnings() if "was not made again" in told]
    assert len(used) == 3
    assert all("of the budget of 0.22 USD is spent" in told for told in used)


# -- the record --------------------------------------------------------------------------------


def test_a_record_without_a_trial_is_what_it_always_was(bench: Bench) -> None:
    bench.run(work(), answering(right))
    assert b"trial" not in bench.store.record_path(FIRST.key()).read_bytes()


@pytest.mark.parametrize(
    "trial", ['{"flaws":[]}', '{"flaws":[],"lacking_s":NaN,"tries":1,"seed":1}', "7"]
)
def test_a_damaged_trial_is_a_damaged_record(bench: Bench, trial: str) -> None:
    bench.run(work(), answering(silence), tries=1)
    path = bench.store.record_path(FIRST.key())
    content = path.read_text()
    start = content.index('"trial":') + len('"trial":')
    path.write_text(content[:start] + trial + "}\n")
    assert bench.store.get(FIRST.key()) is None


def test_loudness_is_no_reason_to_make_a_clip_again(bench: Bench) -> None:
    def hot(one: ClipRequest) -> Clip:
        return Clip({"mix": Audio(np.sign(right(one).stems["mix"].samples), RATE)})

    backend = answering(hot)
    bench.run(work(), backend)
    assert backend.sent == [FIRST.seed]
    assert bench.warnings() == ["the clip is clipped in stem 'mix'"]


def test_a_composed_ending_may_be_a_rest(bench: Bench) -> None:
    def with_rest(one: ClipRequest, stop: Stop) -> Clip:
        samples = sine(one, stop).stems["mix"].samples.copy()
        samples[:, 2 * RATE :] = 0
        return Clip({"mix": Audio(samples, RATE)})

    class Composer(SineBackend):
        capabilities = Capabilities(native_rate=RATE, obeys_tempo=True)

    for backend, warnings in ((Composer(with_rest), 0), (SineBackend(with_rest), 2)):
        one = request(len(bench.opened), Fraction(4))
        bench.run([planned("a", one, capabilities=backend.capabilities)], backend)
        assert len([w for w in bench.warnings() if "silent for its last" in w]) == warnings


def test_a_clip_that_misses_what_is_expected_is_made_again_and_both_tries_are_kept(
    bench: Bench, clicks
) -> None:
    def at(bpm: float) -> Callable[[ClipRequest], Clip]:
        return lambda one: Clip({"mix": clicks(bpm, seconds=float(one.length_s), rate=RATE)})

    long = replace(FIRST, length_s=Fraction(16))
    asked = work(long, expected=Expectation(bpm=Fraction(120)))
    backend = answering(at(97), at(121))
    (outcome,) = bench.run(asked, backend, tries=3)
    assert len(backend.sent) == 2
    assert any("plays at 97.0 bpm, not at 120: it is made again" in w for w in bench.warnings())
    (clip,) = outcome.clips
    assert clip.facts["tempo"].startswith("121.0 bpm")
    assert clip.trial is not None
    assert (clip.trial.flaws, clip.trial.tries) == ((), 2)
    assert list(bench.store.record_path(long.key()).parent.glob("*.try1.json"))


def test_of_two_tries_with_music_the_one_with_fewer_flaws_is_used(bench: Bench) -> None:
    def hot(one: ClipRequest) -> Clip:
        return Clip({"mix": Audio(np.sign(right(one).stems["mix"].samples), RATE)})

    def hot_and_noisy(one: ClipRequest) -> Clip:
        samples = hot(one).stems["mix"].samples.copy()
        noise = np.random.default_rng(1).normal(0, 0.2, (1, RATE // 2))
        samples[:, -RATE // 2 :] = noise
        return Clip({"mix": Audio(samples.astype(np.float32), RATE)})

    class Free(HostedBackend):
        capabilities = Capabilities(native_rate=RATE)

    for clips, flaws in (((hot_and_noisy, hot), 1), ((hot, hot_and_noisy), 1)):
        waiting = list(clips)
        one = hosted(len(bench.opened) + 50)
        one = replace(one, length_s=Fraction(4))
        backend = Free(lambda asked, waiting=waiting: Finished(asked, waiting.pop(0)(asked)))
        (outcome,) = bench.run([planned("a", one, capabilities=Free.capabilities)], backend)
        assert len(outcome.clips[0].trial.flaws) == flaws
