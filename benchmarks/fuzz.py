"""A million damaged cue sheets through all readers: ``python benchmarks/fuzz.py [INPUTS [FIRST]]``.

Input n is the same in every run, so a failure that is printed can be looked at again with
``python benchmarks/fuzz.py 1 n``. An input that takes more than ``LIMIT_S`` of a core or more
memory than ``LIMIT_BYTES`` is a failure like any exception but ``CueSheetError``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random

import mutations
from measure import Row

from musicgen_daw.cuesheets import SheetOptions, readers
from musicgen_daw.cuesheets.reader import Reader
from musicgen_daw.cuesheets.sidecar import parse as parse_toml
from musicgen_daw.errors import CueSheetError

INPUTS = 1_000_000
BATCH = 5_000
LIMIT_S = 10
LIMIT_BYTES = 4 * 2**30

OPTIONS = (
    SheetOptions(),
    parse_toml("tempo = 120\nfps = '25'\nrate = 48000\n"),
    parse_toml("fps = '29.97df'\ntimecode_start = '01:00:00;00'\nmeter = '3/4'\n"),
)


@dataclass(slots=True)
class Tally:
    """What became of a batch of inputs."""

    sheets: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    slowest_input: int = -1
    failures: list[str] = field(default_factory=list)


def seeds() -> list[tuple[str, bytes, Reader]]:
    """Return the name, content and reader of each seed."""
    found = []
    for path in sorted(mutations.SEEDS.iterdir()):
        content = path.read_bytes()
        reader = next(reader for reader in readers() if reader.recognises(content))
        found.append((path.name, content, reader))
    return found


def batch(first: int, count: int) -> Tally:
    """Read ``count`` inputs from number ``first`` on."""
    known = seeds()
    tally = Tally()
    signal.signal(signal.SIGPROF, _too_slow)
    for number in range(first, first + count):
        random = Random(number)  # noqa: S311  it is to be the same each time
        name, seed, reader = known[number % len(known)]
        options = random.choice(OPTIONS)
        content = mutations.mutated(seed, mutations.drawn(random))
        signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
        began = time.process_time()
        try:
            reader.parse(content, options)
            tally.sheets += 1
        except CueSheetError:
            tally.refused += 1
        except Exception:  # noqa: BLE001  whatever it is, it is what is looked for
            tally.failures.append(f"input {number} ({name}):\n{traceback.format_exc()}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took_s = time.process_time() - began
        if took_s > tally.slowest_s:
            tally.slowest_s, tally.slowest_input = took_s, number
    return tally


def _too_slow(*_signal: object) -> None:
    raise TimeoutError(f"longer than {LIMIT_S} s")


def _limited() -> None:
    import resource  # Unix only, as the timer is; the other benchmarks run anywhere

    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))


def tallies(inputs: int, first: int = 0) -> Iterator[Tally]:
    """Yield the tally of each batch, as many at once as there are cores."""
    starts = range(first, first + inputs, BATCH)
    counts = [min(BATCH, first + inputs - start) for start in starts]
    with ProcessPoolExecutor(os.cpu_count(), initializer=_limited) as pool:
        yield from pool.map(batch, starts, counts)


def rows(inputs: int = INPUTS, first: int = 0) -> list[Row]:
    """Run them all; each failure is printed to stderr."""
    began = time.perf_counter()
    total = Tally()
    for tally in tallies(inputs, first):
        total.sheets += tally.sheets
        total.refused += tally.refused
        total.failures += tally.failures
        if tally.slowest_s > total.slowest_s:
            total.slowest_s, total.slowest_input = tally.slowest_s, tally.slowest_input
        for failure in tally.failures:
            print(failure, file=sys.stderr)
    took_s = time.perf_counter() - began
    return [
        Row(
            f"{inputs} damaged cue sheets",
            f"{len(total.failures)} failures, {took_s:.0f} s",
            f"{total.sheets} read, {total.refused} refused",
            "0 failures",
        ),
        Row(
            "slowest of them",
            f"{1000 * total.slowest_s:.0f} ms",
            f"input {total.slowest_input}",
            f"< {LIMIT_S} s",
        ),
    ]


if __name__ == "__main__":
    for row in rows(*map(int, sys.argv[1:3])):
        print(f"{row.what}: {row.figure} ({row.reference}; {row.target})")
