"""The built-in composer and synthesiser as a generator like any other: free, exact, offline."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from musicgen_daw.backends.base import Checkpoint, Clip, Outcome
from musicgen_daw.backends.pool import Stop, run_in_threads
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.sketch.commission import Commission
from musicgen_daw.sketch.composition import STEMS

__all__ = ["SketchBackend"]

_SAMPLE_RATE = 48_000
_MAX_WORKERS = 2
"""A clip of minutes fills some hundred megabytes while it is made."""


class _Styles(Collection[str]):
    """The names of the style packs, then the genres that mean one; slow to load, so when asked."""

    def __iter__(self) -> Iterator[str]:
        from musicgen_daw.sketch.lexicon import LEXICON
        from musicgen_daw.sketch.styles import STYLES

        yield from STYLES
        yield from (phrase for phrase, sense in LEXICON.items() if sense.style is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        from musicgen_daw.sketch.lexicon import LEXICON
        from musicgen_daw.sketch.styles import STYLES

        plain = name.strip().lower() if isinstance(name, str) else ""
        return plain in STYLES or (plain in LEXICON and LEXICON[plain].style is not None)


class SketchBackend:
    """The built-in generator.

    ``workers`` clips are made at a time, by default one a core, two at most.
    """

    name = "sketch"
    revision = "4"  # raised whenever the same request gives other music
    capabilities = Capabilities(
        native_rate=_SAMPLE_RATE,
        stems=STEMS,
        obeys_tempo=True,
        obeys_key=True,
        rings_out=True,
        licence="What the built-in generator makes belongs to its user.",
        styles=_Styles(),
        is_trained=False,
    )

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or min(_MAX_WORKERS, os.cpu_count() or 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is held between runs."""

    def explain(self, request: ClipRequest) -> Mapping[str, str]:
        """Return what the words of a request are understood as."""
        from musicgen_daw.sketch import understand  # slow to load; a plan may not need it

        return understand(
            request.players or request.prompt,
            request.negative,
            style=request.style,
            key=request.key_signature,
            meter=request.meter,
        ).understood

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Yield one outcome for each request, as they finish."""
        return run_in_threads(requests, _generate, checkpoint, workers=self._workers)


def _generate(request: ClipRequest, stop: Stop) -> Clip:
    from musicgen_daw.sketch import compose, synth  # slow to load; a plan needs no sound

    stop.check()
    composition = compose(_commission(request))
    stop.check()
    return Clip(
        stems=synth.perform(composition, sample_rate=_SAMPLE_RATE, check=stop.check),
        score=composition.score,
        understood=composition.understood,
        ignored=composition.ignored,
        facts={
            "style": composition.style,
            "key": composition.key,
            "bpm": f"{composition.bpm:g}",
            "seed": str(composition.seed),
        },
    )


def _commission(request: ClipRequest) -> Commission:
    return Commission(
        prompt=request.prompt,
        length_s=request.length_s,
        seed=request.seed,
        negative=request.negative,
        tail_s=request.tail_s,
        tempo_map=request.tempo_map,
        meter=request.meter,
        key=request.key_signature,
        style=request.style,
        intensity=request.intensity,
        hits=request.hits,
        end=request.end,
        theme=request.theme,
        theme_seed=request.theme_seed,
        fit_hits=request.fit_hits_percent / 100,
        leader=None if request.leader is None else _commission(request.leader),
        continues=request.transition == "continue",
        kin_seed=request.kin_seed,
        players=request.players,
        leader_s=request.leader_s,
    )
