"""A batch that is killed: sines for many cues, each delivered into an output folder.

It tells every clip and file that it holds to be safe, in a line on standard output.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sine_backend import SineBackend, planned, request, slow_sine

from musicgen_daw.events import ClipFinished, Event
from musicgen_daw.execution.runner import MadeTake, generate
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.output import OutputFolder


def tell(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def observe(event: Event) -> None:
    if isinstance(event, ClipFinished):
        tell("stored" if event.from_store else "made", event.key)


def main(root: Path, clips: int) -> None:
    tell("begun")
    work = [planned(f"c{seed}", request(seed)) for seed in range(clips)]
    store = ClipStore(root / "store", observe)
    with (
        Journal(root / "store" / "journal.sqlite", time.time) as journal,
        OutputFolder.open(root / "build") as folder,
    ):
        for outcome in generate(
            work,
            lambda _: SineBackend(slow_sine),
            store,
            journal,
            observe,
            clock=time.time,
        ):
            assert isinstance(outcome, MadeTake)
            path, recipe = f"{outcome.cue.cue.id}.raw", outcome.clips[0].key
            if folder.is_right(path, recipe) is None:
                sound = store.load(outcome.clips[0])["mix"]
                folder.write(path, recipe, sound.samples.tobytes())
                tell("written", path)
    tell("done")


main(Path(sys.argv[1]), int(sys.argv[2]))
