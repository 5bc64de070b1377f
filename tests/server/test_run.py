"""A server as a process: what it owes to signals, and to a socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tones import MODEL, ToneBackend, client

from musicgen_daw.errors import UsageError
from musicgen_daw.server.accounts import Accounts
from musicgen_daw.server.app import make_app
from musicgen_daw.server.database import Database
from musicgen_daw.server.run import listen, serving, url_of

SCRIPT = Path(__file__).with_name("serve_tones.py")


@dataclass
class Process:
    running: subprocess.Popen[str]
    client: httpx.Client

    def ask_aside(self, prompt: str) -> Callable[[], httpx.Response]:
        """Call in a thread; return what waits for the answer."""
        answers: list[httpx.Response] = []

        def ask() -> None:
            answers.append(self.client.post(f"/v1/{MODEL}", json={"prompt": prompt}))

        caller = threading.Thread(target=ask)
        caller.start()

        def answer() -> httpx.Response:
            caller.join(30)
            return answers[0]

        return answer

    def states(self) -> list[str]:
        answer = self.client.get("/v1/requests").json()
        return [entry["status"] for entry in answer["requests"]]

    def finish(self) -> tuple[int, str]:
        told, _ = self.running.communicate(timeout=30)
        return self.running.returncode, told.strip()


@contextmanager
def process(folder: Path, stop_within_s: float = 30) -> Iterator[Process]:
    running = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), str(stop_within_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        try:
            key, url = (running.stdout.readline().strip() for _ in range(2))
            with client(url, key) as calling:
                yield Process(running, calling)
        finally:
            running.kill()


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)


def test_a_signal_lets_what_is_being_made_end_and_takes_no_more(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        answer = server.ask_aside("wait")
        until(lambda: server.states() == ["PROCESSING"])
        server.running.send_signal(signal.SIGTERM)
        until(lambda: server.client.get("/healthz").status_code == 503)
        refused = server.client.post(f"/v1/{MODEL}", json={"prompt": "too late"})
        assert refused.status_code == 503
        server.running.stdin.write("\n")
        server.running.stdin.flush()
        assert answer().status_code == 200
        assert server.finish() == (0, "ended")


def test_what_does_not_end_in_its_time_is_given_up_and_not_charged(tmp_path: Path) -> None:
    with process(tmp_path, stop_within_s=0.2) as server:
        answer = server.ask_aside("wait")
        until(lambda: server.states() == ["PROCESSING"])
        server.running.send_signal(signal.SIGINT)
        assert answer().status_code == 503
        assert server.finish() == (0, "given up")
    database = Database(tmp_path)
    (account,) = Accounts(database, time.time).listed()
    database.close()
    assert (account.credits_usd, account.held_usd) == (5, 0)


def test_a_second_signal_waits_for_nothing(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        answer = server.ask_aside("wait")
        until(lambda: server.states() == ["PROCESSING"])
        server.running.send_signal(signal.SIGTERM)
        until(lambda: server.client.get("/healthz").status_code == 503)
        server.running.send_signal(signal.SIGTERM)
        assert answer().status_code == 503
        assert server.finish() == (0, "given up")


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_server_owes_nobody(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        told = server.client.post(f"/v2/{MODEL}", json={"prompt": "wait"}).json()
        done = server.client.post(f"/v2/{MODEL}", json={"prompt": "waits behind it"}).json()
        key = server.client.headers["x-api-key"]
        server.running.kill()
        server.running.wait()
    app = make_app(ToneBackend, tmp_path)
    with serving(app) as url, client(url, key) as again:
        for job in (told, done):
            answer = again.get(f"/v2/requests/{job['request_id']}")
            assert (answer.status_code, answer.json()["status"]) == (422, "FAILED")
        assert again.get("/v1/get-user-credits").json()["credits"] == 5
        assert app.state.service.accounts.listed()[0].held_usd == 0


def test_a_port_that_is_taken_is_told_in_a_line() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"can't listen on 127.0.0.1 port {port}"):
            listen("127.0.0.1", port)
    with pytest.raises(UsageError, match="no\\.such\\.host"):
        listen("no.such.host.invalid", 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_an_address_of_six_has_its_brackets() -> None:
    try:
        bound = listen("::1", 0)
    except UsageError:
        pytest.skip("there is no IPv6 loopback")
    with bound:
        assert url_of(bound) == f"http://[::1]:{bound.getsockname()[1]}"
