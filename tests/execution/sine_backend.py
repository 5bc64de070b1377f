"""A generator that makes sines, through the same protocol as every other; and plans for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Self

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Checkpoint, Clip, Outcome
from musicgen_daw.backends.pool import Stop, run_in_threads
from musicgen_daw.planning import Capabilities, ClipRequest, Expectation
from musicgen_daw.planning.plan import PlannedClip, PlannedCue, PlannedTake
from musicgen_daw.timeline import Cue

RATE = 8_000


def sine(request: ClipRequest, stop: Stop) -> Clip:
    times_s = np.arange(int(request.length_s * RATE)) / RATE
    samples = 0.3 * np.sin(2 * np.pi * (200 + request.seed) * times_s)
    return Clip({"mix": Audio(samples[np.newaxis].astype(np.float32), RATE)})


def slow_sine(request: ClipRequest, stop: Stop) -> Clip:
    time.sleep(0.01)
    return sine(request, stop)


class SineBackend:
    name = "sine"
    revision = "1"
    capabilities = Capabilities(native_rate=RATE)

    def __init__(
        self, generate: Callable[[ClipRequest, Stop], Clip] = sine, workers: int = 2
    ) -> None:
        self._generate = generate
        self._workers = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def explain(self, request: ClipRequest) -> Mapping[str, str]:
        return {"pitch": f"{200 + request.seed} Hz"}

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        return run_in_threads(requests, self._generate, checkpoint, workers=self._workers)


def request(seed: int, length_s: Fraction = Fraction(1, 4), backend: str = "sine") -> ClipRequest:
    return ClipRequest(backend, "1", "a sine", length_s, seed)


def planned(
    name: str,
    *requests: ClipRequest,
    take: int = 1,
    fixed: bool = False,
    forgotten: bool = False,
    capabilities: Capabilities = SineBackend.capabilities,
    expected: Expectation = Expectation(),
) -> tuple[PlannedCue, PlannedTake]:
    """Plan one take of one clip a request; ``forgotten``: today's sheet asks for other clips."""
    clips = tuple(
        PlannedClip("", Fraction(0), one.key(), None if forgotten else one) for one in requests
    )
    planned_take = PlannedTake(take, requests[0].seed, fixed, clips)
    # A run reads these fields of a planned cue, whatever else a plan settles.
    read = {
        "cue": Cue(name, name, Fraction(0), Fraction(1)),
        "backend": requests[0].backend,
        "capabilities": capabilities,
        "takes": (planned_take,),
        "expected": expected,
    }
    return PlannedCue(**{f.name: read.get(f.name) for f in fields(PlannedCue)}), planned_take
