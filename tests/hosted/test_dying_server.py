"""A server that dies under its work, and is started again: what was paid is not sent again."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from studio import Studio
from tones import Served, client

SCRIPT = Path(__file__).with_name("mortal_server.py")


class Undying:
    """A server in a process that is started again, at the same port, whenever it has died."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.deaths = 0
        self._is_stopping = False
        self._lock = threading.Lock()
        self._process, told = self._start(0)
        self.key, self.url = told.split()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def kill(self) -> None:
        """Kill the process that serves now, or as soon as one does again."""
        with self._lock:
            self._process.kill()

    def stop(self) -> None:
        with self._lock:
            self._is_stopping = True
            self._process.kill()
        self._thread.join()

    def begun(self) -> Counter[str]:
        """Return how often each prompt was begun."""
        return Counter((self.folder / "begun.log").read_text().splitlines())

    def _watch(self) -> None:
        port = urlsplit(self.url).port or 0
        while True:
            self._process.wait()
            with self._lock:
                self._process.stdout.close()
                if self._is_stopping:
                    return
                self._process, _ = self._start(port)
                self.deaths += 1

    def _start(self, port: int) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(self.folder), str(port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        return process, process.stdout.readline()


@pytest.fixture
def undying(tmp_path: Path) -> Iterator[Undying]:
    server = Undying(tmp_path / "serve")
    yield server
    server.stop()


@pytest.fixture
def desk(tmp_path: Path, undying: Undying) -> Iterator[Studio]:
    with client(undying.url, undying.key) as calling:
        yield Studio(tmp_path, Served(undying.url, None, undying.key, calling))


@pytest.mark.slow
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_clip_that_kills_the_server_fails_and_the_others_come(
    desk: Studio, undying: Undying, api: str
) -> None:
    sheet = desk.sheet("first tone", "poison", "third tone", "fourth tone", "poison too", "last")
    environment = desk.environment(api=api, at_once=1, tries=20, longest_wait_s=1)
    rendered = desk.run(desk.render(sheet, "--json"), environment)
    assert rendered.returncode == 4, rendered.stderr
    assert json.loads(rendered.stdout)["made"] == 4
    assert "Traceback" not in rendered.stderr
    assert undying.deaths == 2
    assert set(undying.begun().values()) == {1}
    assert len(undying.begun()) == 6
    assert set(desk.paid()) == desk.stored()
    # What had an id is known to have failed, and nothing was paid; of the rest nobody knows.
    poisoned = [one.state for one in desk.attempts() if "poison" in one.request.prompt]
    assert set(poisoned) <= ({"unknown"} if api == "v1" else {"unknown", "failed"})
    assert len(poisoned) == 2
    if api == "v1":  # nor does another run send it
        assert desk.run(desk.render(sheet), environment).returncode == 4
        assert set(undying.begun().values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_whenever_the_server_is_killed_nothing_paid_is_sent_again_and_the_rest_goes_on(
    desk: Studio, undying: Undying, api: str
) -> None:
    draw = random.Random(5)
    cues = 30
    sheet = desk.sheet(*(f"slow tone {number}" for number in range(cues)))
    environment = desk.environment(api=api, at_once=4, tries=20, longest_wait_s=1)
    with subprocess.Popen(
        desk.render(sheet), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        for _ in range(3):
            deaths = undying.deaths
            time.sleep(draw.uniform(0.1, 0.5))
            undying.kill()
            while undying.deaths == deaths:  # until it serves again
                time.sleep(0.01)
        _, told = process.communicate(timeout=120)
    assert process.returncode in (0, 4), told
    assert b"Traceback" not in told
    books_agree(desk)
    # What the server has, it gives; what it never finished may be sent again, and only that.
    again = desk.run(desk.render(sheet), environment)
    assert again.returncode in (0, 4)
    books_agree(desk)
    assert len(desk.stored()) + len(desk.open_requests()) == cues
    desk.run(desk.command("jobs", "fetch", "all"), environment)
    assert set(desk.paid()) == desk.stored()


def books_agree(desk: Studio) -> None:
    """What was paid is stored, or listed as open; nothing was paid twice."""
    paid, stored = desk.paid(), desk.stored()
    assert set(paid.values()) <= {1}
    assert set(paid) <= stored | desk.open_requests()
    assert stored <= set(paid)
