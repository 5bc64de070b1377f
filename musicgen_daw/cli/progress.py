"""Progress, drawn from events: a bar with the remaining time on a terminal, lines elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.logs import redacted
from musicgen_daw.cli.text import printable, usd
from musicgen_daw.events import (
    ClipFailed,
    ClipFinished,
    ClipProgress,
    ClipStarted,
    Event,
    FileWritten,
    Observer,
    RunFinished,
    RunStarted,
    TakeFailed,
    TakeFinished,
    Warned,
)

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["observing", "write_line"]


@contextmanager
def observing() -> Iterator[Observer]:
    """Yield the observer that suits where stderr goes; a CI log gets lines even on a terminal."""
    if sys.stderr.isatty() and not os.environ.get("CI"):
        bar = _Bar()
        with bar.progress:
            yield bar
    else:
        yield write_line


def write_line(event: Event) -> None:
    """Write what is worth a line to stderr."""
    line = describe(event)
    if line:
        click.echo(line, err=True)


def describe(event: Event) -> str | None:
    """Return one line for an event, or ``None`` for one that is not worth a line.

    What a generator says may quote its key, and is shown without it.
    """
    match event:
        case RunStarted():
            in_store = event.clips_total - event.clips_new - event.clips_open
            return (
                f"{_count(event.cues, 'cue')}: {_count(event.clips_new, 'clip')} to make "
                f"({event.new_s:.1f} s), {in_store} in store"
                + (f", {event.clips_open} sent before" if event.clips_open else "")
            )
        case ClipFinished(from_store=False):
            return (
                f"made {_take(event)}: {event.length_s:.1f} s of music in {event.elapsed_s:.1f} s"
            )
        case ClipFailed() | TakeFailed():
            return f"FAILED {_take(event)}: {printable(redacted(event.reason))}"
        case TakeFinished(written=0):
            return f"{_take(event)}: all {event.stems} files are right already"
        case TakeFinished():
            return f"{_take(event)}: mastered, {_count(event.written, 'file')} written"
        case FileWritten():
            return f"wrote {printable(event.path)}"
        case Warned():
            return f"warning: {printable(event.subject)}: {printable(redacted(event.message))}"
        case RunFinished():
            return (
                f"done in {event.elapsed_s:.1f} s: {event.made} made, "
                f"{event.from_store} from store, {event.failed} failed"
                + (f", {usd(event.spent_usd)} USD spent" if event.spent_usd else "")
                + (f", perhaps {usd(event.perhaps_usd)} USD more" if event.perhaps_usd else "")
            )
    return None


def _take(event: ClipStarted | ClipFinished | ClipFailed | TakeFailed | TakeFinished) -> str:
    return f"{printable(event.cue)} take {event.take}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class _Bar:
    """A rich progress bar whose steps are seconds of music; failures and warnings stay above it."""

    def __init__(self) -> None:
        from rich.console import Console  # slow to import, and only for a terminal
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.progress: Progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._told_s: dict[str, float] = {}
        """How much of each clip on its way the bar shows."""
        self._task: Any = self.progress.add_task("reading", total=None)

    def __call__(self, event: Event) -> None:
        """Move the bar."""
        match event:
            case RunStarted():
                self.progress.update(self._task, total=event.new_s + event.takes)
            case ClipStarted():
                self.progress.update(self._task, description=_take(event))
            case ClipProgress():
                self._show(event.key, event.done_s)
            case ClipFinished(from_store=False):
                self._show(event.key, event.length_s)
            case TakeFinished():
                self.progress.advance(self._task, 1)
            case Warned() | ClipFailed() | TakeFailed() | RunFinished():
                self.progress.console.print(describe(event), markup=False, highlight=False)

    def _show(self, key: str, done_s: float) -> None:
        """Move on to so much of a clip; one that is made again begins where it was shown last."""
        told_s = self._told_s.get(key, 0.0)
        if done_s > told_s:
            self._told_s[key] = done_s
            self.progress.advance(self._task, done_s - told_s)
