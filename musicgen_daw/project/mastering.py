"""Any sound files, mastered or only measured, side by side."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Protocol, TypeVar

from musicgen_daw.audio import transcode
from musicgen_daw.audio.meter import Meter, Reading
from musicgen_daw.audio.reading import Check, describe, pieces_of
from musicgen_daw.errors import AudioError, MusicgenDawError
from musicgen_daw.events import FileWritten, Observer, Warned, ignore
from musicgen_daw.mastering.levelling import gain_together_db
from musicgen_daw.mastering.targets import Target
from musicgen_daw.project.cut_off import cut_off_warning
from musicgen_daw.project.delivery import Delivery, FileJob, find_files
from musicgen_daw.project.mastered_file import MasteredFile, loudness_and_peak, master_file
from musicgen_daw.project.signing import Signing

__all__ = ["FailedFile", "MeasuredFile", "master_files", "measure_files"]

ThingT = TypeVar("ThingT", contravariant=True)
DoneT = TypeVar("DoneT", covariant=True)

_WAITING = 2
"""How many threads wait for the disk while the others compute."""


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be read, mastered or written."""

    path: Path
    error: MusicgenDawError


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """What a file measures, and what of it is not as it should be, in words."""

    path: Path
    reading: Reading
    misses: tuple[str, ...] = ()


def master_files(
    jobs: Sequence[FileJob],
    delivery: Delivery,
    *,
    as_album: bool = False,
    observer: Observer = ignore,
    workers: int | None = None,
    signing: Signing | None = None,
) -> list[MasteredFile | FailedFile]:
    """Master files, a few at a time; one that fails keeps no other from being done.

    Results stand in the order of the jobs. ``as_album`` brings all of them together to the target
    and leaves them as loud as they are beside each other. ``signing`` signs them.

    Raises:
        AudioError: where a format needs ffmpeg and there is none.
        UsageError: where files of a format are to be signed that has no place for it.
    """
    if signing is not None:
        for job in jobs:
            signing.check_format(delivery.format_of(job.source))
    if delivery.file_format in transcode.FFMPEG_FORMATS:
        transcode.find_ffmpeg()
    if delivery.has_plugins:  # most of them load on the main thread only
        workers = 1
    gain_db, warnings = (
        _album_gain_db(jobs, delivery, workers) if as_album or delivery.as_album else (None, ())
    )
    for warning in warnings:
        observer(Warned("the album", warning))
    work = partial(master_file, delivery=delivery, gain_db=gain_db, signing=signing)
    done = []
    with closing(_side_by_side(work, _named(jobs), workers)) as results:
        for result in results:
            done.append(result)
            if isinstance(result, FailedFile):
                continue
            observer(FileWritten(str(result.path)))
            for warning in result.warnings:
                observer(Warned(str(result.source), warning))
    return done


def measure_files(
    paths: Sequence[Path], target: Target | None = None, *, workers: int | None = None
) -> list[MeasuredFile | FailedFile]:
    """Measure the files that are named, or lie in named folders, against a target if there is one.

    Raises:
        UsageError: where there are no sound files.
    """
    found = [(path, path) for path, _ in find_files(paths)]
    return list(_side_by_side(partial(_measured, target=target), found, workers))


def _measured(path: Path, target: Target | None, *, check: Check) -> MeasuredFile:
    told = describe(path)
    meter = Meter(told.sample_rate, told.channels)
    for piece in pieces_of(path, check):
        meter.add(piece)
    reading = meter.reading()
    cut_off = cut_off_warning(path, told)
    misses = [] if cut_off is None else [cut_off]
    if reading.non_finite_samples:
        misses.append(f"{reading.non_finite_samples} of its samples are NaN or infinite")
    if target is not None:
        misses += target.misses(reading.levels)
    return MeasuredFile(path, reading, tuple(misses))


def _album_gain_db(
    jobs: Sequence[FileJob], delivery: Delivery, workers: int | None
) -> tuple[float, tuple[str, ...]]:
    """Return the gain of all files; one that can't be read is told when it is to be mastered."""
    work = partial(loudness_and_peak, delivery=delivery)
    heard = [
        result
        for result in _side_by_side(work, _named(jobs), workers)
        if not isinstance(result, FailedFile)
    ]
    peak = max((peak for _, peak in heard), default=0.0)
    return gain_together_db([loudness for loudness, _ in heard], peak, delivery.target)


def _named(jobs: Sequence[FileJob]) -> list[tuple[Path, FileJob]]:
    return [(job.source, job) for job in jobs]


class _Work(Protocol[ThingT, DoneT]):
    """What is done with each thing; it calls ``check`` now and then, which may end it."""

    def __call__(self, thing: ThingT, /, *, check: Check) -> DoneT: ...


def _side_by_side(
    work: _Work[ThingT, DoneT], things: Sequence[tuple[Path, ThingT]], workers: int | None
) -> Generator[DoneT | FailedFile, None, None]:
    """Yield the results in order; the heavy libraries all let other threads run meanwhile.

    There are more threads than processors, as each waits for the disk when its file is written.
    Where nobody waits for the results any more, after Ctrl-C say, no file is worked on to its end.
    """
    is_over = Event()

    def check() -> None:
        if is_over.is_set():
            raise CancelledError

    def attempt(named: tuple[Path, ThingT]) -> DoneT | FailedFile:
        path, thing = named
        try:
            return work(thing, check=check)
        except MusicgenDawError as error:
            return FailedFile(path, error)
        except OSError as error:
            reason = f"can't be read: {error.strerror or error}"
            return FailedFile(path, AudioError(reason, path=path))

    count = workers or _processors() + _WAITING
    if count == 1:  # in this very thread, which is what plug-ins need
        yield from map(attempt, things)
        return
    with ThreadPoolExecutor(max(1, min(count, len(things)))) as pool:
        try:
            yield from pool.map(attempt, things)
        finally:
            is_over.set()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
