"""The hosted generator against a server on loopback that does what no service should."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from threading import Event

import hostile
import pytest
from hostile import KEY, Act, Call, Exchange, HostileServer
from notes import Notes

from musicgen_daw.backends.base import (
    Failed,
    Finished,
    Outcome,
    Recovering,
    Stoppable,
    Unknown,
)
from musicgen_daw.backends.segmind import SegmindBackend
from musicgen_daw.backends.segmind.config import SegmindConfig
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.errors import (
    Ambiguous,
    BudgetExceeded,
    Credentials,
    Quota,
    Rejected,
    SettingsError,
    StoreError,
    Transient,
)
from musicgen_daw.planning import ClipRequest

NOW_S = 1_800_000_000.0


class Waits:
    """Waits that take no time, in seconds."""

    def __init__(self) -> None:
        self.delays_s: list[float] = []

    def __call__(self, event: Event, delay_s: float) -> bool:
        self.delays_s.append(delay_s)
        return event.wait(0)


@contextmanager
def calling(
    server: HostileServer | str, waits: Waits | None = None, **values: object
) -> Iterator[SegmindBackend]:
    """A generator at a server, which waits only where it is told to."""
    url = server if isinstance(server, str) else server.url
    settings = {"rate_per_minute": None, "read_timeout_s": 10.0, "at_once": 1} | values
    with SegmindBackend(
        SegmindConfig(base_url=url, **settings),  # type: ignore[arg-type]
        key=ApiKey(KEY),
        pause=waits or Waits(),
        random=Random(1),
    ) as backend:
        yield backend


def clips(count: int, length_s: int = 1) -> list[ClipRequest]:
    return [ClipRequest("segmind", "x", "calm", Fraction(length_s), seed) for seed in range(count)]


def run(
    server: HostileServer | str,
    requests: list[ClipRequest],
    notes: Notes | None = None,
    waits: Waits | None = None,
    **values: object,
) -> list[Outcome]:
    """Return all outcomes of a run, in the order of the seeds."""
    with calling(server, waits, **values) as backend:
        outcomes = list(backend.run(requests, notes or Notes()))
    assert len({outcome.request.seed for outcome in outcomes}) == len(outcomes)
    return sorted(outcomes, key=lambda outcome: outcome.request.seed)


def only(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


# -- clips ---------------------------------------------------------------------------------------


def test_a_short_clip_comes_at_once_and_as_it_is() -> None:
    notes = Notes()
    with HostileServer() as server:
        outcome = only(run(server, clips(1), notes))

    assert isinstance(outcome, Finished)
    mix = outcome.clip.stems["mix"]
    assert (mix.sample_rate, mix.channels, float(mix.seconds)) == (8000, 1, 1.5)
    assert outcome.cost_usd == Decimal("0.04")
    assert outcome.clip.facts == {
        "asked_s": "1.5", "seed": "0", "request_id": "job-1", "cost_usd": "0.04",
    }  # fmt: skip
    (post,) = server.posts
    assert post.path == "/v1/meta-musicgen-medium"
    assert post.asked == {"prompt": "calm", "duration": 1.5, "seed": 0}
    assert notes.notes == [("started", 0, ""), ("accepted", 0, "job-1")]
    assert notes.balances == [Decimal("5.5"), Decimal("4.96")]


def test_a_long_clip_is_a_job_whose_id_is_noted_before_it_is_waited_for() -> None:
    notes, waits = Notes(), Waits()
    with HostileServer(polls=3) as server:
        outcome = only(run(server, clips(1, length_s=11), notes, waits))

    assert isinstance(outcome, Finished)
    assert float(outcome.clip.stems["mix"].seconds) == 11.5
    assert [post.path for post in server.posts] == ["/v2/meta-musicgen-medium"]
    assert notes.notes == [("started", 0, ""), ("accepted", 0, "job-1")]
    assert len(waits.delays_s) == 3
    assert waits.delays_s == sorted(waits.delays_s)


def test_a_clip_of_ten_seconds_is_short() -> None:
    with HostileServer() as server:
        run(server, clips(1, length_s=10))
    assert server.posts[0].path.startswith("/v1/")


@pytest.mark.parametrize(("api", "length_s"), [("v1", 20), ("v2", 1)])
def test_either_interface_may_be_chosen_for_all(api: str, length_s: int) -> None:
    with HostileServer() as server:
        outcomes = run(server, clips(2, length_s=length_s), api=api)
    assert all(isinstance(outcome, Finished) for outcome in outcomes)
    assert {post.path for post in server.posts} == {f"/{api}/meta-musicgen-medium"}


def no_v2(call: Call) -> Act | None:
    return hostile.error(404, "no such model") if call.path.startswith("/v2/meta") else None


def test_where_v2_does_not_know_the_model_v1_is_used_from_then_on() -> None:
    notes = Notes()
    with HostileServer(no_v2) as server, calling(server) as backend:
        first = list(backend.run(clips(2, length_s=12), notes))
        second = list(backend.run(clips(1, length_s=12), Notes()))

    assert all(isinstance(outcome, Finished) for outcome in first + second)
    assert [post.path[:3] for post in server.posts] == ["/v2", "/v1", "/v1", "/v1"]
    assert notes.about(0) == ["started", "refused", "started", "accepted"]


def test_where_v2_is_chosen_a_model_that_it_does_not_know_stops_the_run() -> None:
    with HostileServer(no_v2) as server:
        outcomes = run(server, clips(3, length_s=12), api="v2")
    assert [type(outcome.error) for outcome in outcomes] == [type(outcomes[0].error)] * 3
    assert all(isinstance(outcome, Failed) for outcome in outcomes)
    assert len(server.posts) == 1


def test_as_many_calls_are_under_way_as_are_allowed() -> None:
    together = threading.Barrier(4)

    def meet(exchange: Exchange) -> None:
        together.wait(10)  # breaks, and answers nothing, where fewer come
        exchange.send(exchange.proper())

    notes = Notes()
    with HostileServer([meet] * 8) as server:
        outcomes = run(server, clips(8), notes, at_once=4)
    assert [type(outcome) for outcome in outcomes] == [Finished] * 8
    assert notes.most_at_once == 4


def test_a_clip_that_can_not_be_asked_for_is_not_sent() -> None:
    notes = Notes()
    strange = ClipRequest("segmind", "x", " ", Fraction(1), 1)
    with HostileServer() as server:
        good, refused = run(server, [*clips(1), strange], notes)
    assert isinstance(good, Finished)
    assert isinstance(refused, Failed)
    assert "the prompt is empty" in str(refused.error)
    assert notes.of("started") == [0]


# -- what was not taken --------------------------------------------------------------------------


def test_what_is_refused_for_a_while_is_noted_waited_for_and_sent_again() -> None:
    notes, waits = Notes(), Waits()
    acts = [hostile.too_many({"retry-after": "7"}), hostile.too_many({"retry-after-ms": "250"})]
    with HostileServer(acts) as server:
        outcome = only(run(server, clips(1), notes, waits))

    assert isinstance(outcome, Finished)
    assert notes.about(0) == ["started", "refused", "warned"] * 2 + ["started", "accepted"]
    assert len(server.posts) == notes.about(0).count("started") == 3
    assert 7 <= waits.delays_s[0] <= 8
    assert 0.25 <= waits.delays_s[1] <= 1
    assert [round(until_s - time.time()) for until_s in notes.slowed_until_s] in (
        [7, 0],
        [8, 0],
        [8, 1],
        [7, 1],
    )
    assert "429" in notes.texts("warned")[0]
    assert "1 of 5" in notes.texts("warned")[0]


def test_a_wait_above_the_bound_stops_the_run_and_tells_when() -> None:
    notes, waits = Notes(), Waits()
    with HostileServer([hostile.too_many({"retry-after": "3600"})] * 9) as server:
        outcomes = run(server, clips(3), notes, waits)

    assert all(isinstance(outcome, Failed) for outcome in outcomes)
    error = outcomes[2].error
    assert isinstance(error, Quota)
    assert error.retry_at_s is not None
    assert error.retry_at_s > time.time() + 3000
    assert len(server.posts) == 1
    assert notes.of("started") == [0]
    assert waits.delays_s == []


def test_a_service_that_can_not_be_reached_is_tried_for_one_clip_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    notes, waits = Notes(), Waits()

    outcomes = run(f"http://127.0.0.1:{port}", clips(5), notes, waits, tries=3)

    assert all(isinstance(outcome, Failed) for outcome in outcomes)
    assert all(isinstance(outcome.error, Transient) for outcome in outcomes)
    assert notes.of("started") == [0, 0, 0]
    assert notes.of("refused") == [0, 0]
    assert len(waits.delays_s) == 2
    assert "the balance is not known" in notes.texts("warned")[0]
    assert "check the base URL (MUSICGEN_DAW_SEGMIND_BASE_URL" in str(outcomes[0].error)


def test_a_clip_that_is_refused_too_often_fails_alone_where_others_come() -> None:
    def often(call: Call) -> Act | None:
        return hostile.too_many() if call.method == "POST" and call.asked["seed"] == 1 else None

    class Meanwhile(Waits):
        """While the refused clip waits, another one comes."""

        def __call__(self, event: Event, delay_s: float) -> bool:
            came.wait(5)
            return super().__call__(event, delay_s)

    came = Event()
    with HostileServer(often) as server, calling(server, Meanwhile(), at_once=2) as backend:
        outcomes = []
        for outcome in backend.run(clips(4), Notes()):
            outcomes.append(outcome)
            came.set()
    kinds = {outcome.request.seed: type(outcome) for outcome in outcomes}
    assert kinds == {0: Finished, 1: Failed, 2: Finished, 3: Finished}


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (hostile.error(401, "no such key"), Credentials),
        (hostile.out_of_credits(), BudgetExceeded),
        (hostile.error(404, "no such model"), Rejected),
        (hostile.redirect(307, "https://elsewhere.example/"), Rejected),
    ],
)
def test_what_is_said_of_all_stops_the_run(act: Act, error: type[Exception]) -> None:
    notes = Notes()
    with HostileServer([act] * 9) as server:
        outcomes = run(server, clips(4), notes)
    assert all(isinstance(outcome, Failed) for outcome in outcomes)
    assert all(isinstance(outcome.error, error) for outcome in outcomes)
    assert len(server.posts) == 1
    assert notes.of("started") == [0]


@pytest.mark.parametrize(
    ("act", "advice"),
    [
        (hostile.error(404), "check the base URL (MUSICGEN_DAW_SEGMIND_BASE_URL"),
        (hostile.error(401), "check SEGMIND_API_KEY, which goes before the one that"),
    ],
)
def test_a_refusal_tells_what_to_check(act: Act, advice: str) -> None:
    with HostileServer([act]) as server:
        outcome = only(run(server, clips(1)))
    assert isinstance(outcome, Failed)
    assert advice in str(outcome.error)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_said_of_one_clip_fails_alone(status: int) -> None:
    with HostileServer([hostile.error(status, "not this one")]) as server:
        refused, good = run(server, clips(2))
    assert isinstance(refused, Failed)
    assert isinstance(refused.error, Rejected)
    assert "not this one" in str(refused.error)
    assert isinstance(good, Finished)
    assert len(server.posts) == 2


def test_a_key_that_the_balance_is_refused_to_sends_nothing() -> None:
    notes = Notes()
    with HostileServer(key="SG_another-key") as server:
        outcomes = run(server, clips(2), notes)
    assert all(isinstance(outcome.error, Credentials) for outcome in outcomes)
    assert server.posts == []
    assert notes.notes == []


# -- what may have been paid ---------------------------------------------------------------------


@pytest.mark.parametrize("length_s", [1, 12])
@pytest.mark.parametrize(
    "act",
    [
        hostile.reset(is_billed=True),
        hostile.nothing(is_billed=True),
        hostile.error(500),
        hostile.html(502),
        hostile.error(503),
        hostile.error(504, "gateway timeout", {"x-request-id": "abc"}),
        hostile.html(200),
        hostile.instead(b""),
        hostile.instead(b'{"error": "out of memory"}'),
        hostile.instead(b'{"output": null}'),
        hostile.cut(),
        hostile.cut(0.0),
        hostile.endless(),
    ],
)
def test_after_an_ambiguous_end_nothing_is_sent_again(act: Act, length_s: int) -> None:
    notes = Notes()
    with HostileServer([act]) as server:
        outcome = only(run(server, clips(1, length_s), notes))
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Ambiguous)
    assert len(server.posts) == 1
    assert notes.of("started") == [0]
    assert notes.of("refused") == []


def test_an_answer_after_the_time_out_is_ambiguous() -> None:
    with HostileServer([hostile.late(5)]) as server:
        outcome = only(run(server, clips(1), read_timeout_s=0.2))
    assert isinstance(outcome, Unknown)
    assert len(server.posts) == 1
    assert server.paid_usd == Decimal("0.04")


def test_a_body_that_is_no_sound_is_kept_with_its_cost() -> None:
    broken = hostile.wav(b"\0\0" * 800)[:44] + b""
    with HostileServer([hostile.instead(broken), hostile.html()]) as server:
        cut, page = run(server, clips(2))
    assert isinstance(cut, Unknown)
    assert (cut.evidence, cut.cost_usd) == (broken, Decimal("0.04"))
    assert isinstance(page, Unknown)
    assert (page.evidence, page.cost_usd) == (hostile.HTML, None)


def test_an_id_that_came_with_an_ambiguous_end_is_noted_to_ask_by() -> None:
    notes = Notes()
    with HostileServer([hostile.cut(), hostile.error(504)]) as server:
        run(server, clips(2), notes)
        with calling(server) as backend:
            recovered = backend.recover(clips(1)[0], "job-1", time.time())
    assert notes.notes == [("started", 0, ""), ("accepted", 0, "job-1"), ("started", 1, "")]
    assert isinstance(recovered, Finished)
    assert len(server.posts) == 2


def test_a_call_whose_id_the_history_does_not_know_is_found_by_what_it_asked() -> None:
    with HostileServer() as server, calling(server) as backend:
        server.made({"prompt": "calm", "duration": 1.5, "seed": 0})
        outcome = backend.recover(clips(1)[0], "gateway-77", time.time())
    assert isinstance(outcome, Finished)


def test_the_id_of_a_call_is_noted_before_its_sound_is_fetched() -> None:
    noted: list[list[str]] = []

    def look(call: Call) -> Act | None:
        if call.method == "POST":
            return hostile.in_json(lambda url: {"output": url}, url=True)
        if call.path.startswith("/files/"):
            noted.append(notes.texts("accepted"))
        return None

    notes = Notes()
    with HostileServer(look) as server:
        outcome = only(run(server, clips(1), notes))
    assert isinstance(outcome, Finished)
    assert noted == [["job-1"]]


@pytest.mark.parametrize("length_s", [1, 12])
def test_where_an_id_can_not_be_noted_its_sound_comes_and_nothing_more_is_sent(
    length_s: int,
) -> None:
    class Full(Notes):
        def accepted(self, request: ClipRequest, provider_id: str) -> None:
            raise StoreError("the disk is full")

    with HostileServer() as server, calling(server) as backend:
        outcomes = backend.run(clips(3, length_s), Full())
        assert isinstance(next(outcomes), Finished)
        with pytest.raises(StoreError, match="the disk is full"):
            next(outcomes)
    assert len(server.posts) == 1


# -- the run -------------------------------------------------------------------------------------


def test_a_passed_cap_stops_the_run_with_its_own_words() -> None:
    def cap(request: ClipRequest) -> None:
        if request.seed >= 2:
            raise BudgetExceeded("the cap of 1 USD")

    with HostileServer() as server:
        outcomes = run(server, clips(5), Notes(on_start=cap))
    assert [type(outcome) for outcome in outcomes] == [Finished] * 2 + [Failed] * 3
    assert {str(outcome.error) for outcome in outcomes[2:]} == {"the cap of 1 USD"}
    assert len(server.posts) == 2


def test_a_clip_that_was_sent_before_is_not_sent_and_the_others_go_on() -> None:
    def sent_before(request: ClipRequest) -> None:
        if request.seed == 1:
            raise Ambiguous("sent before")

    with HostileServer() as server:
        outcomes = run(server, clips(3), Notes(on_start=sent_before))
    assert [type(outcome) for outcome in outcomes] == [Finished, Failed, Finished]
    assert len(server.posts) == 2


def test_a_journal_that_fails_stops_the_run_and_is_told() -> None:
    def full(request: ClipRequest) -> None:
        if request.seed == 1:
            raise StoreError("the disk is full")

    with HostileServer() as server, calling(server) as backend:
        outcomes = backend.run(clips(5), Notes(on_start=full))
        assert isinstance(next(outcomes), Finished)
        with pytest.raises(StoreError, match="the disk is full"):
            next(outcomes)
    assert len(server.posts) == 1


def test_what_is_under_way_comes_after_a_stop_and_nothing_is_sent_any_more() -> None:
    under_way, go_on = threading.Semaphore(0), Event()

    def hold(exchange: Exchange) -> None:
        under_way.release()
        go_on.wait(10)
        exchange.send(exchange.proper())

    with HostileServer([hold] * 9) as server, calling(server, at_once=2) as backend:
        assert isinstance(backend, Stoppable)
        outcomes: list[Outcome] = []
        listening = threading.Thread(target=lambda: outcomes.extend(backend.run(clips(6), Notes())))
        listening.start()
        assert under_way.acquire(timeout=5)
        assert under_way.acquire(timeout=5)
        backend.stop_sending()
        go_on.set()
        listening.join(10)
        assert sorted(outcome.request.seed for outcome in outcomes) == [0, 1]
        assert list(backend.run(clips(3), Notes())) == []
    assert all(isinstance(outcome, Finished) for outcome in outcomes)
    assert len(server.posts) == 2


def test_a_clip_that_waits_to_be_sent_again_fails_with_its_refusal_when_the_run_is_stopped() -> (
    None
):
    class StopsIt(Waits):
        def __call__(self, event: Event, delay_s: float) -> bool:
            backend.stop_sending()
            return super().__call__(event, delay_s)

    notes = Notes()
    with (
        HostileServer([hostile.too_many()] * 3) as server,
        calling(server, StopsIt()) as backend,
    ):
        outcome = only(list(backend.run(clips(3), notes)))
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, Quota)
    assert notes.about(0) == ["started", "refused", "warned"]


def test_a_stop_while_a_clip_waits_for_its_price_keeps_it_from_being_sent() -> None:
    def wait_for_price(request: ClipRequest) -> None:
        backend.stop_sending()

    notes = Notes(on_start=wait_for_price)
    with HostileServer() as server, calling(server) as backend:
        assert list(backend.run(clips(3), notes)) == []
    assert server.posts == []
    assert notes.about(0) == ["started", "refused"]


def test_a_job_whose_id_is_noted_is_left_when_the_run_is_stopped_and_fetched_by_the_next() -> None:
    class StopsIt(Waits):
        def __call__(self, event: Event, delay_s: float) -> bool:
            if len(self.delays_s) == 2:
                backend.stop_sending()
            return super().__call__(event, delay_s)

    notes, waits = Notes(), StopsIt()
    with HostileServer(polls=10**6) as server:
        with calling(server, waits) as backend:
            assert list(backend.run(clips(3, 12), notes)) == []
        assert len(waits.delays_s) == 3
        assert notes.notes == [("started", 0, ""), ("accepted", 0, "job-1")]
        server.polls = 0
        outcome = only(run(server, clips(1, 12), Notes(accepted={0: "job-1"})))
    assert isinstance(outcome, Finished)
    assert len(server.posts) == 1


def test_a_job_is_waited_for_where_only_the_service_takes_no_more() -> None:
    def only_one(call: Call) -> Act | None:
        is_late = call.method == "POST" and call.asked["seed"] > 0
        return hostile.out_of_credits() if is_late else None

    with HostileServer(only_one, polls=20) as server:
        first, second = run(server, clips(2, 12), at_once=2)
    assert isinstance(first, Finished)
    assert isinstance(second, Failed)


def test_closing_is_at_once_and_nothing_is_sent_after_it() -> None:
    under_way, go_on = threading.Semaphore(0), Event()

    def hold(exchange: Exchange) -> None:
        under_way.release()
        go_on.wait(10)
        exchange.send(exchange.proper())

    with HostileServer([None, *[hold] * 9]) as server, calling(server, at_once=2) as backend:
        with closing(backend.run(clips(9), Notes())) as outcomes:
            next(outcomes)
            assert under_way.acquire(timeout=5)
            assert under_way.acquire(timeout=5)
        crew = [each for each in threading.enumerate() if each.name.startswith("segmind-")]
        go_on.set()
        for thread in crew:
            thread.join(10)
            assert not thread.is_alive()
    assert len(server.posts) == 3


# -- jobs ----------------------------------------------------------------------------------------


def test_a_clip_that_an_earlier_run_submitted_is_fetched_and_not_sent() -> None:
    notes = Notes(accepted={0: "job-1"})
    with HostileServer() as server:
        server.made({"prompt": "calm", "duration": 12.5, "seed": 0})
        outcome = only(run(server, clips(1, length_s=12), notes))
    assert isinstance(outcome, Finished)
    assert outcome.cost_usd == Decimal("0.04")
    assert server.posts == []
    assert notes.notes == []


def test_what_is_fetched_costs_nothing_and_comes_also_without_a_budget() -> None:
    def cap(request: ClipRequest) -> None:
        raise BudgetExceeded("nothing is left")

    with HostileServer() as server:
        server.made({"prompt": "calm", "duration": 12.5, "seed": 2})
        outcomes = run(server, clips(3, 12), Notes(accepted={2: "job-1"}, on_start=cap))
    assert [type(outcome) for outcome in outcomes] == [Failed, Failed, Finished]


def test_a_job_that_the_service_could_not_do_is_not_paid() -> None:
    with HostileServer() as server:
        server.made({"duration": 12.5, "seed": 0}).error = "out of memory"
        outcome = only(run(server, clips(1, 12), Notes(accepted={0: "job-1"})))
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, Rejected)
    assert "out of memory" in str(outcome.error)


def test_a_job_that_failed_and_was_told_to_cost_something_is_not_sent_again() -> None:
    def submitted(exchange: Exchange) -> None:
        taken = exchange.proper()
        exchange.server.jobs["job-1"].error = "out of memory"
        exchange.send(replace(taken, headers={"x-cost": "0.05"}))

    with HostileServer([submitted]) as server:
        outcome = only(run(server, clips(1, 12)))
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Ambiguous)
    assert "out of memory" in str(outcome.error)
    assert outcome.cost_usd == Decimal("0.05")


def test_what_breaks_while_a_job_is_waited_for_leaves_it_unknown_and_stops_no_other() -> None:
    class Broken(Waits):
        def __call__(self, event: Event, delay_s: float) -> bool:
            if not self.delays_s:
                self.delays_s.append(delay_s)
                raise RuntimeError("can't start new thread")
            return super().__call__(event, delay_s)

    with HostileServer(polls=1) as server:
        outcomes = run(server, clips(2, 12), waits=Broken())
    assert [type(outcome) for outcome in outcomes] == [Unknown, Finished]
    assert "(RuntimeError)" in str(outcomes[0].error)


def test_an_id_that_vanishes_is_ambiguous() -> None:
    with HostileServer() as server:
        outcome = only(run(server, clips(1, 12), Notes(accepted={0: "job-9"})))
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Ambiguous)
    assert server.posts == []


def test_a_new_id_may_be_unknown_for_a_moment() -> None:
    polls: list[Call] = []

    def not_yet(call: Call) -> Act | None:
        if call.path.endswith("/status"):
            polls.append(call)
            return hostile.error(404) if len(polls) <= 3 else None
        return None

    with HostileServer(not_yet) as server:
        outcome = only(run(server, clips(1, 12)))
    assert isinstance(outcome, Finished)
    assert len(server.posts) == 1


def test_a_network_that_is_gone_while_a_job_is_waited_for_is_waited_out() -> None:
    acts = iter([hostile.reset(), hostile.error(502), hostile.html(503), hostile.too_many()])

    def flaky(call: Call) -> Act | None:
        return next(acts, None) if call.path.startswith("/v2/requests/") else None

    notes = Notes()
    with HostileServer(flaky, polls=1) as server:
        outcome = only(run(server, clips(1, 12), notes))
    assert isinstance(outcome, Finished)
    assert len(server.posts) == 1
    assert len(notes.slowed_until_s) == 1


@pytest.mark.parametrize("act", [hostile.reset(), hostile.error(503), hostile.too_many()])
def test_a_job_that_can_not_be_asked_for_stays_one_that_can_be_fetched(act: Act) -> None:
    with HostileServer(lambda call: act if call.path.startswith("/v2/req") else None) as server:
        outcome = only(run(server, clips(1, 12)))
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Transient | Quota)
    assert len(server.posts) == 1


def test_a_job_that_is_never_done_is_given_up_and_stays_one_that_can_be_fetched() -> None:
    waits = Waits()
    with HostileServer(polls=10**6) as server:
        outcome = only(run(server, clips(1, 12), None, waits, job_timeout_s=60.0))
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Transient)
    assert "job job-1 is not done" in str(outcome.error)
    assert 40 < sum(waits.delays_s) <= 60


@pytest.mark.parametrize(("longest_wait_s", "expected_s"), [(0.3, 0.3), (0.0, 0.05)])
def test_a_job_is_asked_for_as_often_as_the_longest_wait_says_but_not_without_any(
    longest_wait_s: float, expected_s: float
) -> None:
    waits = Waits()
    with HostileServer(polls=12) as server:
        settings = {"longest_wait_s": longest_wait_s, "job_timeout_s": 60.0}
        outcome = only(run(server, clips(1, 12), None, waits, **settings))
    assert isinstance(outcome, Finished)
    assert len(waits.delays_s) == 12
    assert all(0.8 * expected_s <= each <= expected_s for each in waits.delays_s)


def test_a_key_that_is_revoked_while_a_job_is_waited_for_leaves_it_to_be_fetched() -> None:
    def revoked(call: Call) -> Act | None:
        return hostile.error(401) if call.path.startswith("/v2/req") else None

    with HostileServer(revoked) as server:
        outcome, unsent = run(server, clips(2, 12))
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Credentials)
    assert isinstance(unsent, Failed)
    assert isinstance(unsent.error, Credentials)
    assert len(server.posts) == 1


# -- recovering ----------------------------------------------------------------------------------


def test_an_earlier_call_is_recovered_by_its_id() -> None:
    with HostileServer() as server, calling(server) as backend:
        assert isinstance(backend, Recovering)
        server.made({"prompt": "calm", "duration": 12.5, "seed": 0})
        outcome = backend.recover(clips(1, 12)[0], "job-1", time.time())
    assert isinstance(outcome, Finished)
    assert outcome.cost_usd == Decimal("0.04")
    assert server.posts == []


def test_an_earlier_call_is_found_in_the_history_by_what_it_asked() -> None:
    with HostileServer() as server, calling(server) as backend:
        for asked in (
            {"prompt": "calm", "duration": 2.5, "seed": 0},
            {"prompt": "wild", "duration": 1.5, "seed": 0},
            {"prompt": "calm", "duration": 1.5, "seed": 1},
            {"prompt": "calm", "duration": 1.5, "seed": 0},
        ):
            server.made(asked)
        outcome = backend.recover(clips(1)[0], None, time.time())
    assert isinstance(outcome, Finished)
    assert outcome.clip.facts["request_id"] == "job-4"
    assert outcome.cost_usd == Decimal("0.04")
    assert server.posts == []


def test_the_history_of_the_service_itself_is_read_as_its_own_client_reads_it() -> None:
    def past(call: Call) -> Act | None:
        if not call.path.startswith("/past?"):
            return None
        row = {
            "request_id": "job-1",
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "model_name": hostile.MODEL,
            "status": "COMPLETED",
            "credits_deduction": 0.0312,
            "generation_url": f"{server.url}/files/job-1.wav",
            "prompt": "calm",
            "parameters": {"prompt": "calm", "duration": 1.5, "seed": 0},
        }
        return hostile.reply(200, json.dumps({"generations": [row], "page": 1}).encode())

    with (
        HostileServer(past) as server,
        calling(server, history_url=f"{server.url}/past") as backend,
    ):
        server.made({"prompt": "calm", "duration": 1.5, "seed": 0})
        outcome = backend.recover(clips(1)[0], None, time.time())
    assert isinstance(outcome, Finished)
    assert outcome.cost_usd == Decimal("0.0312")


@pytest.mark.parametrize("later_s", [1000, -7200])
def test_a_call_of_another_time_is_not_taken_for_it(later_s: float) -> None:
    with HostileServer() as server, calling(server) as backend:
        server.made({"prompt": "calm", "duration": 1.5, "seed": 0})
        outcome = backend.recover(clips(1)[0], None, time.time() + later_s)
    assert isinstance(outcome, Unknown)
    assert "history doesn't show it" in str(outcome.error)


def test_an_id_that_has_vanished_may_still_be_in_the_history() -> None:
    def vanished(call: Call) -> Act | None:
        return hostile.error(410) if call.path.startswith("/v2/requests/") else None

    with HostileServer(vanished) as server, calling(server) as backend:
        server.made({"prompt": "calm", "duration": 12.5, "seed": 0})
        outcome = backend.recover(clips(1, 12)[0], "job-1", time.time())
    assert isinstance(outcome, Finished)


def test_only_a_failure_under_its_own_id_proves_that_nothing_was_paid() -> None:
    def vanished(call: Call) -> Act | None:
        return hostile.error(410) if call.path.startswith("/v2/requests/") else None

    with HostileServer(vanished) as server, calling(server) as backend:
        server.made({"prompt": "calm", "duration": 12.5, "seed": 0}).error = "out of memory"
        by_id = backend.recover(clips(1, 12)[0], "job-1", time.time())
        by_words = backend.recover(clips(1, 12)[0], None, time.time())
    assert isinstance(by_id, Failed)
    assert isinstance(by_words, Unknown)


def entry(**changed: object) -> dict[str, object]:
    """A call for the first clip that the history says failed, at no cost."""
    return {
        "request_id": "job-1",
        "created_at": NOW_S + 2,
        "status": "FAILED",
        "prompt": "calm",
        "duration": 1.5,
        "seed": 0,
        "cost": 0,
    } | changed


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        ([entry()], Failed),
        ([entry(), entry(request_id="job-2", seed=1)], Failed),
        ([entry(), entry(request_id="job-2", status="PROCESSING")], Unknown),
        ([entry(), entry(request_id="job-2")], Unknown),
        ([entry(), entry(request_id="job-2", seed=None)], Unknown),
        ([entry(), entry(request_id="job-2", created_at=None)], Unknown),
        ([entry(created_at=NOW_S - 20)], Unknown),
        ([entry(cost=None)], Unknown),
        ([entry(cost=0.04)], Unknown),
        ([entry(status=None)], Unknown),
        ([entry(prompt=None)], Unknown),
    ],
)
def test_a_failure_in_the_history_settles_only_a_call_that_alone_can_be_meant(
    entries: list[dict[str, object]], kind: type[Outcome]
) -> None:
    def past(call: Call) -> Act | None:
        if not call.path.startswith("/v1/requests"):
            return None
        return hostile.reply(200, json.dumps({"requests": entries}).encode())

    with HostileServer(past) as server, calling(server) as backend:
        outcome = backend.recover(clips(1)[0], None, NOW_S)
    assert type(outcome) is kind


def test_a_history_that_can_not_be_read_leaves_it_unknown() -> None:
    with (
        HostileServer(lambda call: hostile.html(200)) as server,
        calling(server) as backend,
    ):
        outcome = backend.recover(clips(1)[0], None, time.time())
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Transient)


def test_a_job_that_is_still_being_made_is_not_waited_for_without_end() -> None:
    waits = Waits()
    with HostileServer(polls=10**6) as server, calling(server, waits) as backend:
        server.made({"prompt": "calm", "duration": 12.5, "seed": 0})
        outcome = backend.recover(clips(1, 12)[0], "job-1", time.time())
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, Transient)
    assert sum(waits.delays_s) <= 30


# -- the key -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 406, 429, 500, 504])
def test_a_service_that_repeats_the_key_gets_it_into_nothing(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    def repeat(call: Call) -> Act | None:
        return hostile.echo(status, {"x-cost": "0"})

    notes = Notes()
    with caplog.at_level(logging.DEBUG, "musicgen_daw"), HostileServer(repeat) as server:
        outcomes = run(server, clips(2, 12), notes, tries=2)
        with calling(server) as backend:
            outcomes.append(backend.recover(clips(1)[0], "job-1", NOW_S))
    assert "GET /v1/get-user-credits" in caplog.text
    told = [repr(notes.notes)]
    told += [record.getMessage() for record in caplog.records if record.name[:5] == "music"]
    for outcome in outcomes:
        assert not isinstance(outcome, Finished)
        told += [repr(outcome), "".join(traceback.format_exception(outcome.error))]
        if isinstance(outcome, Unknown):
            told.append(outcome.evidence.decode())
    assert server.calls
    assert KEY not in "\n".join(told)


def test_without_a_key_it_can_not_be_entered() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    program = (
        "from musicgen_daw.backends.segmind import SegmindBackend\n"
        "try: SegmindBackend().__enter__()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Credentials no key for the hosted service")
    assert "musicgen-daw auth login" in done.stdout


# -- before it is used ---------------------------------------------------------------------------


def test_to_plan_with_it_loads_neither_the_http_library_nor_a_decoder() -> None:
    program = (
        "import sys\n"
        "from musicgen_daw.backends.segmind import SegmindBackend\n"
        "SegmindBackend().capabilities\n"
        "print(sorted({'httpx', 'keyring', 'soundfile', 'pydub'} & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_it_says_what_it_can_and_costs() -> None:
    backend = SegmindBackend(SegmindConfig())
    capabilities = backend.capabilities

    assert capabilities.paid
    assert (capabilities.min_seed, capabilities.max_seed) == (0, 9999)
    assert capabilities.max_s == Fraction("29.5")
    assert capabilities.stems == ("mix",)
    assert capabilities.native_rate is None
    assert "CC BY-NC 4.0" in capabilities.licence
    assert Decimal("0.036") < capabilities.price.quote(Fraction(10)).expected_usd < Decimal("0.042")
    assert backend.revision == "meta-musicgen-medium"
    assert backend.explain(clips(1)[0]) == {"prompt": "sent as it is"}


def test_it_is_made_as_the_environment_says() -> None:
    environment = {"MUSICGEN_DAW_SEGMIND_BASE_URL": "http://127.0.0.1:8765/v1"}
    assert SegmindBackend(environment=environment).revision == (
        "meta-musicgen-medium@http://127.0.0.1:8765"
    )
    with pytest.raises(SettingsError, match="MUSICGEN_DAW_SEGMIND_API: "):
        SegmindBackend(environment={"MUSICGEN_DAW_SEGMIND_API": "v9"})
