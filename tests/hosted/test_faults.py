"""The faults that a paid run survives, each against a real server.

Which test shows what, by the number of the fault (those without a file are in this one):

     1  killed at any instant: tests/execution/test_killed.py, tests/project/test_killed.py, and
        test_killed.py here, where each clip is paid
     2  power cut: test_disks.py, with a disk that forgets what was not synced
     3  disk full: test_disks.py, at every write of a paid run; test_output.py, test_clips.py and
        test_evidence.py of tests/store
     4  an output folder that can't be written, or vanishes
     5  two runs on one folder, and a run that died with it
     6  a time-out after the service took the clip; test_batch.py
     7  killed between submitting and the id, or the id and the result: test_killed.py
     8  too many calls, in every variant; tests/backends/segmind/test_backoff.py
     9  a success without a clip; tests/backends/segmind/test_payload.py and test_client.py
    10  an account that is short, and prices that rise; tests/execution/test_budget.py
    15  the key in what is written or said: test_canary.py
    16  a generator that returns what is no music: test_defects.py; tests/execution/test_rerolls.py
    19  a worker that dies, a poisoned task: test_dying_server.py; tests/server/test_run.py
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from subprocess import DEVNULL
from threading import Event, Lock
from typing import Any

import pytest
from faulty_proxy import FaultyProxy, passing
from hosted_backend import Bench
from hostile import (
    HTML,
    KEY,
    Act,
    Call,
    Exchange,
    HostileServer,
    Reply,
    clip_for,
    cut,
    endless,
    in_json,
    instead,
    late,
    out_of_credits,
    reply,
    too_many,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sine_backend import planned
from studio import Studio
from tones import Clock

from musicgen_daw.backends.segmind import SegmindBackend
from musicgen_daw.backends.segmind.config import SegmindConfig
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.errors import BudgetExceeded, Quota
from musicgen_daw.execution import Budget, FailedTake, MadeTake, quoting
from musicgen_daw.execution.runner import TakeOutcome
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.evidence import EvidenceFolder

# -- 4: nowhere to put it --------------------------------------------------------------------------


def is_a_file(output: Path) -> None:
    output.write_text("not mine")


def is_below_a_file(output: Path) -> None:
    output.parent.write_text("not mine")


def is_read_only(output: Path) -> None:
    output.mkdir(mode=0o555)


def holds_a_file_for_a_folder(output: Path) -> None:
    output.mkdir()
    (output / ".musicgen-daw").write_text("in the way")


@pytest.mark.parametrize(
    ("obstacle", "name"),
    [
        (is_a_file, "out"),
        (is_below_a_file, "out/deeper"),
        pytest.param(
            is_read_only,
            "out",
            marks=pytest.mark.skipif(
                os.name == "nt" or os.geteuid() == 0, reason="root and Windows write everywhere"
            ),
        ),
        (holds_a_file_for_a_folder, "out"),
    ],
)
def test_a_folder_that_can_not_be_written_is_refused_before_any_call(
    studio: Studio, obstacle: Callable[[Path], None], name: str
) -> None:
    sheet = studio.sheet("a tone")
    output = studio.folder / name
    obstacle(output)
    with HostileServer() as server:
        command = studio.command("render", sheet, "-o", output, "-b", "segmind")
        refused = studio.run(command, studio.environment(server.url) | {"SEGMIND_API_KEY": KEY})
        assert refused.returncode in (2, 3), refused.stderr
        assert server.calls == []
    assert "Traceback" not in refused.stderr
    assert "out" in refused.stderr.splitlines()[-1]


def test_a_store_that_can_not_be_written_is_refused_before_anything_is_sent(studio: Studio) -> None:
    sheet = studio.sheet("a tone")
    studio.store.write_text("in the way")
    with HostileServer() as server:
        environment = studio.environment(server.url) | {"SEGMIND_API_KEY": KEY}
        refused = studio.run(studio.render(sheet), environment)
        assert server.calls == []
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr


def test_what_was_paid_outlives_an_output_folder_that_vanishes(studio: Studio) -> None:
    sheet = studio.sheet(*(f"tone {number}" for number in range(4)))
    with passing(studio.server.url) as proxy:
        environment = studio.environment(proxy.url, at_once=1)
        with running(studio, proxy, "POST", environment) as process:
            studio.output.rename(studio.folder / "elsewhere")
            proxy.let_go()
            _, told = process.communicate()
        assert process.returncode not in (0, None)
        assert b"vanished" in told
        assert b"Traceback" not in told
        studio.wait_until_idle()
        assert set(studio.paid()) == studio.stored() | studio.open_requests()
        again = studio.run(studio.render(sheet), environment)
        assert again.returncode == 0, again.stderr
    assert set(studio.paid().values()) == {1}
    assert len(studio.paid()) == proxy.posts == 4


# -- 5: two at once --------------------------------------------------------------------------------


def test_of_two_runs_on_a_folder_the_second_sends_nothing_until_the_first_is_dead(
    studio: Studio,
) -> None:
    sheet = studio.sheet("a lonely tone", "another tone")
    with passing(studio.server.url) as proxy:
        environment = studio.environment(proxy.url, at_once=1, api="v2")
        with running(studio, proxy, "GET /v2/requests", environment) as first:
            second = studio.run(studio.render(sheet), environment)
            assert second.returncode == 8
            assert "another run" in second.stderr
            assert proxy.posts == 1
            first.kill()
            first.wait()
        proxy.let_go()
        third = studio.run(studio.render(sheet), environment)
        assert third.returncode == 0, third.stderr
        assert proxy.posts == 2
    assert set(studio.paid().values()) == {1}


def test_two_runs_on_two_folders_pay_a_clip_that_they_share_once(studio: Studio) -> None:
    sheet = studio.sheet("a shared tone")
    with passing(studio.server.url) as proxy:
        environment = studio.environment(proxy.url, at_once=2)
        with running(studio, proxy, "POST", environment) as first:
            other = studio.command(
                "render", sheet, "-o", studio.folder / "other", "-b", "segmind", "--seed", "1"
            )
            same = studio.command("render", sheet, "-o", studio.folder / "same", "-b", "segmind")
            second = studio.run(same, environment)
            assert second.returncode == 7
            assert "another run is making this clip" in second.stderr
            assert proxy.posts == 1
            proxy.let_go()
            assert first.wait(60) == 0
        assert studio.run(same, environment).returncode == 0
        assert proxy.posts == 1
        assert studio.run(other, environment).returncode == 0  # a seed of its own is another clip
    assert set(studio.paid().values()) == {1}


@contextmanager
def running(
    studio: Studio, proxy: FaultyProxy, call: str, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Render what is in the sheet, and go on while the answer to such a call is held back."""
    command = studio.render(studio.folder / "cues.csv")
    proxy.hold(call)
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(command, env=environment, stdout=DEVNULL, stderr=subprocess.PIPE)
        )
        stack.callback(process.kill)
        stack.callback(proxy.let_go)
        assert proxy.held.wait(60)
        yield process


# -- 6: a time-out after the service took it -------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_after_a_time_out_nothing_is_sent_again_until_somebody_says_so(
    studio: Studio, api: str
) -> None:
    sheet = studio.sheet("a lonely tone")
    with HostileServer([late(60)]) as server:
        settings = {"api": api, "read_timeout_s": 1, "history_url": f"{server.url}/nowhere"}
        environment = studio.environment(server.url, **settings) | {"SEGMIND_API_KEY": KEY}
        first = studio.run(studio.render(sheet), environment)
        assert first.returncode == 7
        assert "no answer came in time" in first.stderr
        for _ in range(2):
            assert studio.run(studio.render(sheet), environment).returncode == 7
        (attempt,) = studio.attempts()
        assert attempt.state == "unknown"
        assert (len(server.posts), len(server.jobs)) == (1, 1)
        # Neither does looking for it send anything.
        assert studio.run(studio.command("jobs", "fetch", "all"), environment).returncode == 4
        assert len(server.posts) == 1
        # By the user's word it is bought once more, and only once.
        again = studio.command("jobs", "again", str(attempt.id))
        assert studio.run(again, environment).returncode == 0
        for _ in range(2):
            assert studio.run(studio.render(sheet), environment).returncode == 0
        assert (len(server.posts), len(server.jobs)) == (2, 2)


# -- in one process --------------------------------------------------------------------------------


class Pauses:
    """Waits that take no time but on a clock of their own; ``waited_s`` is how long they were."""

    def __init__(self, clock: Clock) -> None:
        self.waited_s: list[float] = []
        self._clock = clock

    def __call__(self, event: Event, delay_s: float) -> bool:
        self.waited_s.append(delay_s)
        self._clock.now_s += delay_s
        return event.wait(0)


class Till:
    """A bench at a service: clips are bought there in one run, with a clock and waits of a test."""

    def __init__(self, bench: Bench, server: HostileServer, **settings: Any) -> None:
        quick = {"rate_per_minute": None, "read_timeout_s": 2.0, "api": "v1", "at_once": 1}
        self.bench = bench
        self.clock = Clock()
        self.pauses = Pauses(self.clock)
        self.config = SegmindConfig(base_url=server.url, **(quick | settings))

    def requests(self, *prompts: str, length_s: Fraction = Fraction(1)) -> list[ClipRequest]:
        revision = self.config.revision
        return [
            ClipRequest("segmind", revision, prompt, length_s, number)
            for number, prompt in enumerate(prompts)
        ]

    def buy(self, *requests: ClipRequest, cap_usd: Decimal | None = None) -> list[TakeOutcome]:
        capabilities = SegmindBackend.capabilities
        prices = quoting({"segmind": capabilities}, self.bench.journal.prices)
        self.budget = Budget(cap_usd, prices)
        backend = SegmindBackend(
            self.config, key=ApiKey(KEY), clock=self.clock, pause=self.pauses, random=Random(3)
        )
        work = [planned(f"c{one.seed}", one, capabilities=capabilities) for one in requests]
        return self.bench.run(work, backend, clock=self.clock, budget=self.budget, tries=1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "store")
    with bench.journal:
        yield bench


# -- 8: too many calls -----------------------------------------------------------------------------

NOON = "Fri, 15 Jan 2027 12:00:00 GMT"
RESET = "x-rate-limit-reset-at-utc"
REFUSALS: dict[str, tuple[float, dict[str, str]]] = {
    "no word of when": (0, {}),
    "seconds": (7, {"retry-after": "7"}),
    "a part of a second": (0.5, {"retry-after": "0.5"}),
    "milliseconds": (7, {"retry-after-ms": "7000"}),
    "a date": (7, {"date": NOON, "retry-after": "Fri, 15 Jan 2027 12:00:07 GMT"}),
    "a reset": (7, {"date": NOON, RESET: "2027-01-15T12:00:07Z"}),
    "a reset without a zone": (7, {"date": NOON, RESET: "2027-01-15T12:00:07"}),
    "a clock a year behind": (
        7,
        {"date": "Thu, 15 Jan 2026 12:00:00 GMT", RESET: "2026-01-15T12:00:07Z"},
    ),
    "a clock a year ahead": (
        7,
        {
            "date": "Sat, 15 Jan 2028 12:00:00 GMT",
            "retry-after": "Sat, 15 Jan 2028 12:00:07 GMT",
        },
    ),
    "a reset that is past": (0, {"date": NOON, RESET: "2027-01-15T11:00:00Z"}),
    "seconds below nothing": (0, {"retry-after": "-5"}),
    "no number": (0, {"retry-after": "nan"}),
    "no end": (0, {"retry-after": "inf"}),
    "words": (0, {"retry-after": "soon", RESET: "later", "date": "today"}),
    "a year that is none": (0, {RESET: "99999-01-01T00:00:00Z"}),
    "digits without end": (0, {"retry-after": "9" * 5000}),
    "empty headers": (0, {"retry-after": "", "retry-after-ms": " "}),
}


@pytest.mark.parametrize(("told_s", "headers"), REFUSALS.values(), ids=REFUSALS)
def test_too_many_calls_are_waited_out_within_bounds_and_cost_nothing(
    bench: Bench, told_s: float, headers: dict[str, str]
) -> None:
    with HostileServer([too_many(headers)] * 3) as server:
        till = Till(bench, server)
        (made,) = till.buy(*till.requests("a tone"), cap_usd=Decimal("0.10"))
        assert isinstance(made, MadeTake)
        assert len(server.posts) == 4
        assert till.budget.spent_usd == bench.journal.spent() == server.paid_usd
        assert [one.state for one in bench.journal.attempts()] == [*["failed"] * 3, "finished"]
    assert len(till.pauses.waited_s) == 3
    assert all(told_s <= wait_s <= told_s + 4 for wait_s in till.pauses.waited_s)


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "86400"},
        {"retry-after-ms": "86400000"},
        {"date": NOON, RESET: "2027-01-16T12:00:00Z"},
        {"retry-after": "1e300"},
    ],
)
def test_who_is_to_wait_for_a_day_is_told_so_at_once(bench: Bench, headers: dict[str, str]) -> None:
    with HostileServer([too_many(headers)] * 3) as server:
        till = Till(bench, server)
        failed = till.buy(*till.requests("a tone", "another"))
        assert len(server.posts) == 1
    assert all(isinstance(one, FailedTake) for one in failed)
    assert all(isinstance(one.errors[0], Quota) for one in failed)
    assert till.pauses.waited_s == []
    assert till.budget.spent_usd == 0


def test_a_service_that_never_has_room_is_given_up(bench: Bench) -> None:
    with HostileServer(lambda call: too_many() if call.method == "POST" else None) as server:
        till = Till(bench, server, tries=5)
        failed = till.buy(*till.requests("a tone", "another", "a third"))
        assert len(server.posts) == 5
    assert all(isinstance(one, FailedTake) for one in failed)
    assert sum(till.pauses.waited_s) < 30
    assert {one.state for one in bench.journal.attempts()} == {"failed"}


# -- 9: a success without a clip -------------------------------------------------------------------

SOUND = clip_for({"duration": 1.5, "seed": 1})
NO_CLIPS: dict[str, tuple[Act, bytes]] = {
    "a page": (instead(HTML), HTML),
    "a page that nobody billed": (reply(200, HTML, {"content-type": "text/html"}), HTML),
    "an error": (instead(b'{"error": "no GPU"}'), b'{"error": "no GPU"}'),
    "null": (instead(b'{"output": null}'), b'{"output": null}'),
    "nothing": (instead(b""), b""),
    "no content": (reply(204), b""),
    "a picture": (instead(b"\x89PNG\r\n\x1a\n..."), b"\x89PNG\r\n\x1a\n..."),
    "a file that ends early": (instead(SOUND[:9000]), SOUND[:9000]),
    "a file of a header only": (instead(SOUND[:44]), SOUND[:44]),
    "a codec that nobody knows": (
        instead(SOUND[:20] + b"\x99\x99" + SOUND[22:]),
        SOUND[:20] + b"\x99\x99" + SOUND[22:],
    ),
    "an MP3 that is none": (instead(b"ID3\x04" + bytes(400)), b"ID3\x04" + bytes(400)),
    "base64 of no sound": (in_json(lambda _: {"output": "QUJD" * 40}), b""),
    "an address that is not called": (instead(b'{"output": "http://10.1.2.3/a.wav"}'), b""),
    "half of the answer": (cut(0.5), b"RIFF"),
    "an answer without an end": (endless(), b"RIFFRIFF"),
}


def test_a_success_without_a_clip_is_kept_as_evidence_and_not_billed_twice(bench: Bench) -> None:
    acts = {name: act for name, (act, _) in NO_CLIPS.items()}

    def script(call: Call) -> Act | None:
        return acts.get(call.asked["prompt"]) if call.method == "POST" else None

    with HostileServer(script) as server:
        till = Till(bench, server)
        requests = till.requests("a tone", *NO_CLIPS)
        first = till.buy(*requests)
        spent_usd, billed = till.budget.spent_usd + till.budget.perhaps_usd, len(server.jobs)
        again = till.buy(*requests)
        assert len(server.posts) == len(requests)
        assert len(server.jobs) == billed
    for outcomes in (first, again):
        made = [one for one in outcomes if isinstance(one, MadeTake)]
        assert [one.cue.cue.id for one in made] == ["c0"]
    assert spent_usd >= server.paid_usd
    assert till.budget.spent_usd == 0
    by_key = {one.key: one for one in bench.journal.attempts()}
    kept = EvidenceFolder(bench.store.root / "evidence")
    for request, (name, (_, evidence)) in zip(requests[1:], NO_CLIPS.items(), strict=True):
        attempt = by_key[request.key()]
        assert attempt.state == "unknown", name
        assert attempt.reason, name
        if evidence:
            assert attempt.evidence, name
            assert kept.path_of(attempt.evidence).read_bytes().startswith(evidence), name


# -- 10: money -------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_an_account_that_is_short_stops_the_run_with_code_5(studio: Studio, api: str) -> None:
    sheet = studio.sheet(*(f"tone {number}" for number in range(5)))
    with HostileServer(balance_usd=Decimal("-0.41")) as server:  # 0.09 with what is given away
        environment = studio.environment(server.url, api=api, at_once=1)
        short = studio.run(studio.render(sheet, "--json"), environment | {"SEGMIND_API_KEY": KEY})
        assert short.returncode == 5
        assert "top it up" in short.stderr
        assert len(server.jobs) <= 3
        assert server.balance_usd + Decimal("0.5") >= -server.cost_usd
        assert json.loads(short.stdout)["spent_usd"] == pytest.approx(float(server.paid_usd))


def test_an_empty_account_is_told_with_code_5_and_nothing_is_spent(studio: Studio) -> None:
    sheet = studio.sheet("one", "another")
    with HostileServer(lambda call: out_of_credits() if call.method == "POST" else None) as server:
        environment = studio.environment(server.url) | {"SEGMIND_API_KEY": KEY}
        short = studio.run(studio.render(sheet), environment)
    assert short.returncode == 5
    assert server.paid_usd == 0
    assert {one.state for one in studio.attempts()} <= {"failed"}


any_prices = st.lists(st.decimals("0.001", "0.9", places=3), min_size=1, max_size=10)
# What is under way together may cost twice what it was reckoned at; nobody can know of more.
near_prices = st.builds(
    lambda usd, factors: [usd * factor for factor in factors],
    st.decimals("0.001", "0.45", places=3),
    st.lists(st.decimals("1", "2", places=2), min_size=1, max_size=10),
)


@settings(max_examples=25)
@given(
    st.one_of(
        st.tuples(any_prices, st.just(1)),
        st.tuples(any_prices.map(sorted), st.just(1)),
        st.tuples(near_prices, st.just(4)),
        st.tuples(near_prices.map(sorted), st.just(4)),
    ),
    st.decimals("0", "1.5", places=2),
)
def test_whatever_clips_cost_a_run_spends_its_cap_and_at_most_one_clip_more(
    tmp_path_factory: pytest.TempPathFactory,
    prices: tuple[list[Decimal], int],
    cap_usd: Decimal,
) -> None:
    costs_usd, at_once = prices
    billed_usd: list[Decimal] = []
    to_come = iter(costs_usd)
    lock = Lock()

    def bill(exchange: Exchange) -> None:
        answer = exchange.proper()
        with lock:
            billed_usd.append(cost_usd := next(to_come))
        exchange.send(Reply(200, answer.body, {**answer.headers, "x-cost": str(cost_usd)}))

    def script(call: Call) -> Act | None:
        return bill if call.method == "POST" else None

    bench = Bench(tmp_path_factory.mktemp("till"))
    with bench.journal, HostileServer(script) as server:
        till = Till(bench, server, at_once=at_once)
        outcomes = till.buy(*till.requests(*["a tone"] * len(costs_usd)), cap_usd=cap_usd)
        assert till.budget.spent_usd == bench.journal.spent() == sum(billed_usd, Decimal(0))
    assert sum(billed_usd) <= cap_usd + max(billed_usd, default=Decimal(0))
    failed = [one for one in outcomes if isinstance(one, FailedTake)]
    assert len(outcomes) - len(failed) == len(billed_usd)
    assert all(isinstance(one.errors[0], BudgetExceeded) for one in failed)
    if failed:
        assert "left to make" in (till.budget.summary() or "")
