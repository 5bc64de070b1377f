"""A producer whose system or terminal ends a run: what is under way is waited for, and stored."""

from __future__ import annotations

import os
import signal
import subprocess
from subprocess import DEVNULL, PIPE

import pytest
from faulty_proxy import passing
from studio import Studio

pty = pytest.importorskip("pty", reason="needs signals and terminals as Unix has them")


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_run_that_is_asked_to_end_loses_nothing_that_was_sent(studio: Studio, api: str) -> None:
    sheet = studio.sheet(*(f"tone {cue}" for cue in range(6)))
    with passing(studio.server.url) as proxy:
        proxy.hold("POST")
        environment = studio.environment(proxy.url, api=api, at_once=2)
        with subprocess.Popen(
            studio.render(sheet), env=environment, stderr=PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert proxy.held.wait(60)
            process.send_signal(signal.SIGTERM)
            told = []
            for line in process.stderr:
                told.append(line)
                if "stopping" in line:
                    proxy.let_go()
            assert process.wait(60) == 143
        assert "interrupted" in told[-1]
        posts = proxy.posts
        assert posts <= 2
        assert {one.state for one in studio.attempts()} <= {"finished", "accepted"}
        assert studio.run(studio.render(sheet), environment).returncode == 0
        assert proxy.posts == 6
    assert set(studio.paid().values()) == {1}


def test_a_terminal_that_is_closed_loses_nothing_that_was_sent(studio: Studio) -> None:
    sheet = studio.sheet("a lonely tone")
    screen, terminal = pty.openpty()
    with passing(studio.server.url) as proxy:
        proxy.hold("POST")
        environment = studio.environment(proxy.url, api="v1")
        with subprocess.Popen(
            studio.render(sheet), env=environment, stdin=DEVNULL, stdout=terminal, stderr=terminal
        ) as process:
            assert proxy.held.wait(60)
            os.close(terminal)
            os.close(screen)  # from here on, whatever is written to it fails
            process.send_signal(signal.SIGHUP)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
            proxy.let_go()
            assert process.wait(60) == 129
        assert [one.state for one in studio.attempts()] == ["finished"]
        assert proxy.posts == 1
