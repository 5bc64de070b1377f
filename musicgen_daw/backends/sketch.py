"""The built-in composer and synthesiser as a generator like any other: free, exact, offline."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from musicgen_daw.backends.base import Checkpoint, Clip, Outcome
from musicgen_daw.backends.pool import Stop, run_in_threads
from musicgen_daw.errors import Rejected
from musicgen_daw.planning import Capabilities, Choice, ClipRequest, Generator
from musicgen_daw.sketch.commission import Commission
from musicgen_daw.sketch.composition import STEMS

if TYPE_CHECKING:
    from musicgen_daw.audio import Audio
    from musicgen_daw.backends.soundfont import SoundFont
    from musicgen_daw.sketch.composition import Composition

__all__ = ["SketchBackend"]

_SAMPLE_RATE = 48_000
_NOT_UNDERSTOOD = "not understood"
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

    ``workers`` clips are made at a time, by default one a core, two at most. What it composes is
    played by the built-in synthesiser, or with the sounds of a SoundFont that was chosen.
    """

    name = "sketch"
    revision = "7"  # raised whenever the same request gives other music
    capabilities = Capabilities(
        native_rate=_SAMPLE_RATE,
        stems=STEMS,
        obeys_tempo=True,
        obeys_key=True,
        soundfont=True,
        rings_out=True,
        licence="What the built-in generator makes belongs to its user.",
        styles=_Styles(),
        is_trained=False,
    )

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or min(_MAX_WORKERS, os.cpu_count() or 1)
        self._fonts: dict[str, SoundFont] = {}

    def choose(self, choice: Choice) -> Generator:
        """Return what planning needs to know, with the SoundFont of a choice if it names one.

        Raises:
            AudioError: where the SoundFont can't be read, or is none.
            BackendError: where FluidSynth, which plays it, is not installed.
        """
        if choice.soundfont is None:
            return Generator(self.name, self.revision, self.capabilities)
        from musicgen_daw.backends.soundfont import find_font  # only where one is wanted

        font = find_font(choice.soundfont)
        revision = self.revision + font.mark
        self._fonts[revision] = font
        licence = f"{self.capabilities.licence} {font.licence}"
        return Generator(self.name, revision, replace(self.capabilities, licence=licence))

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
        """Return what the words of a request are understood as, and which are not."""
        from musicgen_daw.sketch import understand  # slow to load; a plan may not need it

        brief = understand(
            request.players or request.prompt,
            request.negative,
            style=request.style,
            key=request.key_signature,
            meter=request.meter,
            tempo_map=request.tempo_map,
        )
        ignored = {_NOT_UNDERSTOOD: ", ".join(brief.ignored)} if brief.ignored else {}
        return {**brief.understood, **ignored}

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Yield one outcome for each request, as they finish."""
        generate = partial(_generate, self._fonts)
        return run_in_threads(requests, generate, checkpoint, workers=self._workers)


def _generate(fonts: Mapping[str, SoundFont], request: ClipRequest, stop: Stop) -> Clip:
    from musicgen_daw.sketch import compose  # slow to load; a plan needs no sound

    stop.check()
    composition = compose(_commission(request))
    stop.check()
    stems, played = _performed(composition, _font_of(request, fonts), stop)
    return Clip(
        stems=stems,
        score=composition.score,
        understood=composition.understood,
        ignored=composition.ignored,
        facts={
            "style": composition.style,
            "key": composition.key,
            "bpm": f"{composition.bpm:g}",
            "seed": str(composition.seed),
            **played,
        },
    )


def _font_of(request: ClipRequest, fonts: Mapping[str, SoundFont]) -> SoundFont | None:
    """Return the SoundFont that a request is for."""
    from musicgen_daw.backends.soundfont.font import MARK

    font = fonts.get(request.revision)
    if font is None and MARK in request.revision:
        raise Rejected("it is to be played with a SoundFont that nobody named: use --soundfont")
    return font


def _performed(
    composition: Composition, font: SoundFont | None, stop: Stop
) -> tuple[dict[str, Audio], dict[str, str]]:
    """Return the stems, and what is to be told of who played them."""
    from musicgen_daw.sketch import synth

    if font is None:
        return synth.perform(composition, sample_rate=_SAMPLE_RATE, check=stop.check), {}
    from musicgen_daw.backends.soundfont.band import FontBand
    from musicgen_daw.backends.soundfont.player import opened

    with opened(font, _SAMPLE_RATE) as player:
        band = FontBand(player, _SAMPLE_RATE, composition.seed)
        stems = synth.perform(composition, _SAMPLE_RATE, stop.check, band)
    told = {
        "soundfont": font.path.name,
        "soundfont_sha256": font.sha256,
        "fluidsynth": font.fluidsynth,
    }
    if band.synthesised:
        told["played by the synthesiser"] = ", ".join(band.synthesised)
    return stems, told


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
        mode=request.mode,
    )
