"""A producer whose machine dies in the middle of paying: what was paid is stored, or known."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from subprocess import DEVNULL

import pytest
from faulty_proxy import FaultyProxy, passing
from studio import Studio

ROUNDS = int(os.environ.get("MUSICGEN_DAW_KILL_ROUNDS", "12"))
CUES = 12


@pytest.mark.slow
def test_whenever_a_run_is_killed_all_that_was_paid_is_stored_or_listed(studio: Studio) -> None:
    draw = random.Random(11)
    killed = 0
    with passing(studio.server.url) as proxy:
        environment = studio.environment(proxy.url, at_once=4)
        for round_ in range(ROUNDS):
            sheet = studio.sheet(*(f"slow round {round_} cue {cue}" for cue in range(CUES)))
            posts = proxy.posts + draw.randrange(CUES)
            with subprocess.Popen(
                studio.render(sheet), env=environment, stdout=DEVNULL, stderr=DEVNULL
            ) as process:
                while proxy.posts <= posts and process.poll() is None:
                    time.sleep(0.001)
                time.sleep(draw.uniform(0, 0.3))
                process.kill()
            killed += process.returncode == -signal.SIGKILL
            studio.wait_until_idle()
            assert_books_agree(studio)
        # The history is asked, and nothing is sent for that. What is open then was never taken.
        posts = proxy.posts
        settled = studio.run(studio.command("jobs", "fetch", "all", "--json"), environment)
        assert settled.returncode in (0, 4), settled.stderr
        assert proxy.posts == posts
    assert set(studio.paid()) == studio.stored()
    assert studio.open_requests().isdisjoint(studio.stored())
    assert set(studio.paid().values()) == {1}


def assert_books_agree(studio: Studio) -> None:
    """Whatever was paid is a clip, or open in the journal; nothing was paid twice."""
    paid, stored, listed = studio.paid(), studio.stored(), studio.open_requests()
    assert set(paid.values()) <= {1}
    assert set(paid) <= stored | listed
    assert stored <= set(paid)


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_killed_after_the_post_and_before_the_answer_a_clip_is_not_sent_again(
    studio: Studio, api: str
) -> None:
    sheet = studio.sheet("a lonely tone")
    with passing(studio.server.url) as proxy:
        environment = studio.environment(proxy.url, api=api)
        kill_at(studio, proxy, "POST", studio.render(sheet), environment)
        (attempt,) = studio.attempts()
        assert attempt.state == "intended"
        again = studio.run(studio.render(sheet), environment)
        assert again.returncode == 7
        assert "not sent again" in again.stderr
        assert "musicgen-daw jobs" in again.stderr
        assert proxy.posts == 1
        # The history has it: nothing is paid for that.
        studio.wait_until_idle()
        assert studio.run(studio.command("jobs", "fetch", "all"), environment).returncode == 0
        assert studio.run(studio.render(sheet), environment).returncode == 0
        assert proxy.posts == 1


def test_killed_after_the_id_and_before_the_result_a_clip_is_fetched(studio: Studio) -> None:
    sheet = studio.sheet("a lonely tone")
    with passing(studio.server.url) as proxy:
        environment = studio.environment(proxy.url, api="v2")
        kill_at(studio, proxy, "GET /v2/requests", studio.render(sheet), environment)
        (attempt,) = studio.attempts()
        assert attempt.state == "accepted"
        assert attempt.provider_id
        assert studio.run(studio.render(sheet), environment).returncode == 0
        assert proxy.posts == 1
    assert set(studio.paid().values()) == {1}


def kill_at(
    studio: Studio, proxy: FaultyProxy, call: str, command: list[str], environment: dict[str, str]
) -> None:
    """Run a command, and kill it while its first such call has been forwarded, unanswered."""
    with subprocess.Popen(command, env=environment, stdout=DEVNULL, stderr=DEVNULL) as process:
        proxy.hold(call)
        assert proxy.held.wait(60)
        process.kill()
        process.wait()
    proxy.let_go()
