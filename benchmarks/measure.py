"""Timing in pairs: what is measured and its reference take turns, so that drift hits both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a figure, its unit, and the target it is held against."""

    what: str
    figure: str
    reference: str
    target: str = ""


Clock = Callable[[], float]


def seconds(work: Work, clock: Clock = time.perf_counter) -> float:
    """Return the time of one call: wall time, unless another clock is given."""
    began = clock()
    work()
    return clock() - began


def in_turns(
    work: Work, reference: Work, rounds: int, clock: Clock = time.perf_counter
) -> tuple[float, float]:
    """Return the median seconds of both, run A B A B … after one round that is not counted."""
    pairs = [(seconds(work, clock), seconds(reference, clock)) for _ in range(rounds + 1)][1:]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


@dataclass(frozen=True, slots=True)
class Spent:
    """The wall time of whole processes, and the processor time, user and system together.

    Other work on the machine makes the wall time longer; the processor time hardly.
    """

    wall_s: float
    cpu_s: float

    @classmethod
    def by(cls, work: Work) -> Spent:
        """Run processes and measure them, with all that they start (Unix only)."""
        before_s = _children_cpu_s()
        wall_s = seconds(work)
        return cls(wall_s, _children_cpu_s() - before_s)


def spent_in_turns(work: Work, reference: Work, rounds: int) -> tuple[Spent, Spent]:
    """Return the medians of two processes, run as ``in_turns`` does."""
    pairs = [(Spent.by(work), Spent.by(reference)) for _ in range(rounds + 1)][1:]
    return _median([own for own, _ in pairs]), _median([other for _, other in pairs])


def _median(several: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(each.wall_s for each in several),
        statistics.median(each.cpu_s for each in several),
    )


def _children_cpu_s() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def python(*arguments: str) -> Work:
    """Return the work of running this interpreter as a whole process.

    It may keep what it compiles, as what is installed has it: a first round compiles.
    """
    command = [sys.executable, *arguments]
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def peak_mib(command: Sequence[str]) -> float:
    """Run a command and return the most memory that it held, in MiB (Unix only)."""
    program = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], check=True, capture_output=True, text=True
    )
    units_a_mib = 1024**2 if sys.platform == "darwin" else 1024
    return int(done.stdout) / units_a_mib


def print_rows(rows: Sequence[Row]) -> None:
    """Print a table as Markdown."""
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.reference} | {row.target} |", flush=True)
