"""A render that is killed at any instant: the next one finishes, and nothing is made twice."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from musicgen_daw.project.verification import verify
from musicgen_daw.store.clips import ClipStore

ROUNDS = int(os.environ.get("MUSICGEN_DAW_KILL_ROUNDS", "5"))
CUES = 8
LONGEST_RUN_S = 120


@pytest.mark.slow
def test_a_killed_render_is_finished_by_the_next_and_makes_no_clip_twice(tmp_path: Path) -> None:
    sheet = tmp_path / "cues.csv"
    rows = "".join(f"Cue {n},0.{5 + n},chiptune-adventure,number {n}\n" for n in range(CUES))
    draw = random.Random(7)
    for round_ in range(ROUNDS):
        sheet.write_text(f"name,length,preset,prompt\n{rows}".replace("number", f"round {round_}"))
        command = [sys.executable, "-m", "musicgen_daw", "render", str(sheet)]
        command += ["-o", str(tmp_path / "out"), "--store", str(tmp_path / "store"), "--json"]
        reported = run_and_kill(command, draw.uniform(0.3, 3.0))
        finished = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_RUN_S)
        assert finished.returncode == 0, finished.stderr
        again = made_in(finished.stderr)
        assert not reported & again
        assert json.loads(finished.stdout)["failed"] == 0
        assert list(verify(tmp_path / "out", ClipStore(tmp_path / "store"))) == []
        assert not list(tmp_path.rglob("*.partial"))


def run_and_kill(command: list[str], after_s: float) -> set[str]:
    """Run a command, kill it after a while, and return the cues that it reported as made."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        alarm = threading.Timer(after_s, process.send_signal, [signal.SIGKILL])
        alarm.start()
        told = process.stderr.read()
        alarm.cancel()
    return made_in(told)


def made_in(told: str) -> set[str]:
    return set(re.findall(r"^made (Cue \d+) take", told, re.MULTILINE))
