"""A producer at work against our own server: sheets, commands of its own, an account."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tones import Served

from musicgen_daw import cli
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Attempt, Journal

PREFIX = "MUSICGEN_DAW_SEGMIND_"
PROGRAM = (sys.executable, "-m", "musicgen_daw")
LONGEST_RUN_S = 120


@dataclass
class Studio:
    """``folder`` holds sheets, store and output; ``server`` is what the key is for."""

    folder: Path
    server: Served

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def output(self) -> Path:
        return self.folder / "out"

    def sheet(self, *prompts: str, seconds: float = 1) -> Path:
        """Write a list of cues, one for each prompt."""
        path = self.folder / "cues.csv"
        rows = [f"Cue {n},{seconds},{prompt}" for n, prompt in enumerate(prompts, 1)]
        path.write_text("\n".join(["name,length,prompt", *rows]) + "\n")
        return path

    def environment(self, url: str | None = None, **settings: Any) -> dict[str, str]:
        """Return the environment of a command that calls ``url``, by default the server."""
        told = {"base_url": url or self.server.url, "longest_wait_s": 0.1, **settings}
        return {
            **{name: value for name, value in os.environ.items() if "SEGMIND" not in name},
            **{PREFIX + name.upper(): str(value) for name, value in told.items()},
            "SEGMIND_API_KEY": self.server.key,
            "MUSICGEN_DAW_SETTINGS": os.devnull,
            "MUSICGEN_DAW_STORE": str(self.store),
            "CI": "true",
        }

    def command(self, *arguments: str | Path) -> list[str]:
        return [*PROGRAM, *map(str, arguments)]

    def render(self, sheet: Path, *flags: str) -> list[str]:
        return self.command("render", sheet, "-o", self.output, "-b", "segmind", *flags)

    def run(
        self, command: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in this process, which has loaded what a new one would load first."""
        said, told = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "12")
        with _in_environment(environment), redirect_stdout(said), redirect_stderr(told):
            code = cli.run(command[len(PROGRAM) :])
        for stream in (said, told):
            stream.seek(0)
        return subprocess.CompletedProcess(command, code, said.read(), told.read())

    def run_alone(
        self, command: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own."""
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=LONGEST_RUN_S
        )

    def attempts(self) -> tuple[Attempt, ...]:
        """Return what the journal knows."""
        with closing(Journal(self.store / "journal.sqlite", lambda: 0.0)) as journal:
            return journal.attempts()

    def has_clip(self, key: str) -> bool:
        return ClipStore(self.store).get(key) is not None

    def paid(self) -> Counter[tuple[str, int]]:
        """Return how often the server was paid for each prompt and seed."""
        past = self.server.client.get("/v1/requests", params={"limit": 1000}).json()["requests"]
        return Counter((one["prompt"], one["seed"]) for one in past if one["status"] == "COMPLETED")

    def stored(self) -> set[tuple[str, int]]:
        """Return prompt and seed of every clip that was sent for and is in the store."""
        return {named(one) for one in self.attempts() if self.has_clip(one.key)}

    def open_requests(self) -> set[tuple[str, int]]:
        """Return prompt and seed of every attempt whose end is not known."""
        return {named(one) for one in self.attempts() if not one.is_settled}

    def wait_until_idle(self) -> None:
        """Wait until the server is done with what was sent to it."""
        while not self.server.service.jobs.is_idle:
            time.sleep(0.01)


@contextmanager
def _in_environment(wanted: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def named(attempt: Attempt) -> tuple[str, int]:
    assert attempt.request is not None
    return attempt.request.prompt, attempt.request.seed
