from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hosted_backend import PAID, Bench, HostedBackend, bought, hosted
from sine_backend import RATE, planned

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip, Failed, Finished, Outcome, Unknown
from musicgen_daw.errors import Ambiguous, Rejected, Transient, UsageError
from musicgen_daw.events import ClipFinished
from musicgen_daw.execution.recovering import recover
from musicgen_daw.execution.runner import MadeTake
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.attempts import Attempt, Purpose

ONE = hosted(1)


class Remembering(HostedBackend):
    """A provider that tells what became of a clip."""

    def __init__(self, answer: Callable[[ClipRequest], Outcome]) -> None:
        super().__init__()
        self.asked: list[tuple[str | None, float]] = []
        self._recall = answer

    def recover(self, request: ClipRequest, provider_id: str | None, started_s: float) -> Outcome:
        self.asked.append((provider_id, started_s))
        return self._recall(request)


def sent(bench: Bench, request: ClipRequest = ONE, provider_id: str | None = None) -> Attempt:
    bench.journal.started(request, exclusive=True, purpose=Purpose("/music", "Door", 2))
    if provider_id:
        bench.journal.accepted(request.key(), provider_id)
    attempt = bench.journal.latest(request.key())
    assert attempt is not None
    return attempt


def look(bench: Bench, attempt: Attempt, backend: HostedBackend) -> str:
    return recover(attempt, lambda _: backend, bench.store, bench.journal, bench.events.append)


def state(bench: Bench, attempt: Attempt) -> str:
    now = bench.journal.attempt(attempt.id)
    assert now is not None
    return now.state


def test_what_is_found_is_stored_and_used_by_the_next_run(bench: Bench) -> None:
    attempt = sent(bench, provider_id="id-9")
    backend = Remembering(bought)
    assert look(bench, attempt, backend) == "the clip was fetched, and is in the store"
    assert backend.asked == [("id-9", attempt.started_s)]
    assert state(bench, attempt) == "finished"
    assert bench.journal.spent() == Decimal("0.04")
    assert bench.events == [
        ClipFinished("Door", 2, attempt.key, 0.25, 0.0, from_store=False),
    ]
    (outcome,) = bench.run([planned("Door", hosted(1), capabilities=PAID)])
    assert isinstance(outcome, MadeTake)


@pytest.mark.parametrize(
    ("outcome", "before", "after", "told"),
    [
        (Failed(hosted(1), Rejected("job failed")), None, "failed", "nothing was made or paid"),
        (Unknown(hosted(1), Ambiguous("not there")), None, "unknown", "still not known"),
        (Unknown(hosted(1), Ambiguous("id is gone")), "id-9", "unknown", "still not known"),
        (Unknown(hosted(1), Transient("no network")), "id-9", "accepted", "still not known"),
        (
            Finished(hosted(1), Clip({"mix": Audio.silence(0, RATE)}), Decimal("0.04")),
            "id-9",
            "unknown",
            "is no clip",
        ),
    ],
)
def test_what_is_told_is_noted(
    bench: Bench, outcome: Outcome, before: str | None, after: str, told: str
) -> None:
    attempt = sent(bench, provider_id=before)
    assert told in look(bench, attempt, Remembering(lambda _: outcome))
    assert state(bench, attempt) == after
    assert bench.store.get(attempt.key) is None


def test_what_came_instead_is_kept(bench: Bench) -> None:
    attempt = sent(bench)
    page = Unknown(hosted(1), Ambiguous("a page"), Decimal("0.01"), b"<html>")
    look(bench, attempt, Remembering(lambda _: page))
    now = bench.journal.attempt(attempt.id)
    assert now is not None
    assert now.evidence is not None
    assert (now.cost_usd, now.state) == (Decimal("0.01"), "unknown")


def test_a_clip_that_is_in_the_store_is_not_asked_for(bench: Bench) -> None:
    attempt = sent(bench)
    outcome = bought(hosted(1))
    assert isinstance(outcome, Finished)
    bench.store.put(hosted(1), outcome.clip)
    backend = Remembering(bought)
    assert look(bench, attempt, backend) == "the clip is in the store"
    assert backend.asked == []
    assert state(bench, attempt) == "finished"


def test_a_flawed_clip_is_told_and_its_next_try_is_left_to_a_run(bench: Bench) -> None:
    attempt = sent(bench)
    silence = Clip({"mix": Audio.silence(RATE // 4, RATE)})
    look(bench, attempt, Remembering(lambda one: Finished(one, silence)))
    assert bench.warnings() == ["the clip is silent"]
    stored = bench.store.get(attempt.key)
    assert stored is not None
    assert stored.trial is not None


def test_a_generator_that_can_not_be_asked_is_told(bench: Bench) -> None:
    with pytest.raises(UsageError, match="hosted has no way to ask"):
        look(bench, sent(bench), HostedBackend())


def test_another_service_is_not_asked_for_a_clip_of_the_first(bench: Bench) -> None:
    elsewhere = replace(hosted(1), revision="medium@http://localhost")
    with pytest.raises(UsageError, match="went to 'medium@http://localhost'"):
        look(bench, sent(bench, elsewhere), Remembering(bought))


def test_an_attempt_that_was_followed_by_another_is_not_looked_for(bench: Bench) -> None:
    first = sent(bench)
    bench.journal.released(first.id, "by the user's word")
    second = sent(bench)
    with pytest.raises(UsageError, match=f"was followed by {second.id}"):
        look(bench, first, Remembering(bought))
