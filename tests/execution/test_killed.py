"""A batch that is killed at any instant: what it told to be safe is safe, and not made again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

from sine_backend import request

from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.output import OutputFolder

ROUNDS = int(os.environ.get("MUSICGEN_DAW_KILL_ROUNDS", "6"))
CLIPS_A_ROUND = 12


def run_and_kill(root: Path, clips: int, told: int = 0, after_s: float | None = None) -> list[str]:
    """Return the lines that a batch told, killed ``after_s`` after so many of them; or never."""
    batch = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("batch.py")), str(root), str(clips)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with batch:
        assert batch.stdout is not None
        lines = [batch.stdout.readline().strip() for _ in range(1 + told)]
        killer = threading.Timer(after_s, batch.kill) if after_s is not None else None
        if killer is not None:
            killer.start()
        lines += batch.stdout.read().split("\n")[:-1]  # a torn last line told nothing
        if killer is not None:
            killer.cancel()
    return lines


def test_what_a_killed_batch_told_to_be_safe_is_intact_and_not_made_again(tmp_path: Path) -> None:
    dice = random.Random(2)
    clips = ROUNDS * CLIPS_A_ROUND
    safe_clips: set[str] = set()
    safe_files: set[str] = set()
    for _ in range(ROUNDS):
        # However busy the machine is, some rounds get as far as a clip.
        told = dice.randrange(4)
        lines = run_and_kill(tmp_path, clips, told, after_s=dice.uniform(0.01, 0.15))
        words = [line.split() for line in lines]
        made = [rest[0] for kind, *rest in words if kind == "made"]
        written = [rest[0] for kind, *rest in words if kind == "written"]
        assert not safe_clips & set(made), "a finished clip was made again"
        assert not safe_files & set(written), "a finished file was written again"
        safe_clips |= set(made)
        safe_files |= set(written)

        store = ClipStore(tmp_path / "store")
        for key in safe_clips:
            clip = store.get(key)
            assert clip is not None
            assert store.check(clip) == []
        everything = [path for path in tmp_path.rglob("*") if path.is_file()]
        for path in everything:  # nothing torn under a final name
            if path.suffix == ".json":
                assert store.get(path.stem) is not None
            if path.suffix == ".raw":
                assert path.stat().st_size == 2000 * 4

    lines = run_and_kill(tmp_path, clips)
    assert lines[-1] == "done"
    store = ClipStore(tmp_path / "store")
    assert all(store.get(request(seed).key()) is not None for seed in range(clips))
    records = OutputFolder.records(tmp_path / "build")
    assert len(records) == clips
    with Journal(tmp_path / "store" / "journal.sqlite", lambda: 0.0) as journal:
        assert journal.unsettled() == ()
    assert safe_clips, "no round got as far as a clip"
