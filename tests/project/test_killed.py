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

from musicgen_daw import cli
from musicgen_daw.project.verification import verify
from musicgen_daw.store.clips import ClipStore

ROUNDS = int(os.environ.get("MUSICGEN_DAW_KILL_ROUNDS", "5"))
CUES = 8


@pytest.mark.slow
def test_a_killed_render_is_finished_by_the_next_and_makes_no_clip_twice(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "cues.csv"
    rows = "".join(f"Cue {n},0.{5 + n},chiptune-adventure,number {n}\n" for n in range(CUES))
    draw = random.Random(7)
    for round_ in range(ROUNDS):
        sheet.write_text(f"name,length,preset,prompt\n{rows}".replace("number", f"round {round_}"))
        words = ["render", str(sheet), "-o", str(tmp_path / "out")]
        words += ["--store", str(tmp_path / "store"), "--json"]
        command = [sys.executable, "-m", "musicgen_daw", *words]
        reported = run_and_kill(command, draw.uniform(0.3, 3.0))
        code = cli.run(words)
        out, err = capfd.readouterr()
        assert code == 0, err
        assert not reported & made_in(err)
        assert json.loads(out)["failed"] == 0
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
