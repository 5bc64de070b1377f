"""What holds for all tests, music whose tempo and bar lines are known, and a small game."""

from __future__ import annotations

import gc
import os
import signal
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import PurePosixPath

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from musicgen_daw.audio import Audio, tape
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    IntensityLane,
    Span,
    TempoMap,
    Timecode,
)

# No test fails because a machine is busy. The rest stays as it is: on CI the examples are fixed.
settings.register_profile(
    "unhurried",
    parent=settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

# Programs that tests start are compiled once and not each time, whatever this shell asks for.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Where nohup or a shell's "&" has a signal ignored, what is started here would ignore it as well,
# and never end. A signal that is taken and dropped is as good for pytest, and is not inherited.
for _number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

RATE = 48_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take long, so that no process is left with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def small_tapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets sound of seconds be as long as sound of hours is: it lies in files."""
    monkeypatch.setattr(tape, "SMALL_BYTES", 2**18)
    monkeypatch.setattr(tape, "MOST_HELD_BYTES", 2**20)
    monkeypatch.setattr(tape, "_held", [])


def _allocated_bytes(work: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def allocated_bytes() -> Callable[[Callable[[], object]], int]:
    """Returns what a work had in memory at most; files are not counted."""
    return _allocated_bytes


@contextmanager
def _disk_full_after(size_bytes: int) -> Iterator[None]:
    """No file can grow beyond a size: the write that tries is cut short and then fails."""
    import resource  # not on every system

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def disk_full_after() -> Callable[[int], AbstractContextManager[None]]:
    """Returns what makes the disk full for as long as a context lasts."""
    return _disk_full_after


@cache
def _played(style: str, bpm: float, seed: int, seconds: int) -> Audio:
    from musicgen_daw.sketch import compose, synth  # slow to load, and few tests need them
    from musicgen_daw.sketch.commission import Commission

    commission = Commission(
        prompt=style,
        length_s=Fraction(seconds),
        seed=seed,
        tempo_map=TempoMap.constant(bpm),
        style=style,
        end="cut",
    )
    stems = synth.perform(compose(commission), sample_rate=RATE)
    mix = np.sum([stem.samples for stem in stems.values()], axis=0, dtype=np.float32)
    return Audio(mix[:, : seconds * RATE], RATE)


@pytest.fixture(scope="session")
def played() -> Callable[..., Audio]:
    """Returns sketched music of a style and tempo; bar 1 begins at its first sample."""
    return lambda style, bpm, seed=11, seconds=20: _played(style, bpm, seed, seconds)


def _clicks(
    bpm: float, *, seconds: float = 20.0, rate: int = RATE, bar: int = 4, first_s: float = 0.0
) -> Audio:
    """Return short bursts on every beat, with a kick under the first of each bar."""
    rng = np.random.default_rng(5)
    samples = np.zeros((1, round(seconds * rate)), np.float32)
    burst = rng.standard_normal(rate // 20) * np.exp(-np.arange(rate // 20) / (rate * 0.008))
    kick = np.sin(2 * np.pi * 60 * np.arange(rate // 8) / rate) * np.exp(
        -np.arange(rate // 8) / (rate * 0.04)
    )
    beats = int((seconds - first_s) * bpm / 60)
    for beat in range(beats):
        at = round((first_s + beat * 60 / bpm) * rate)
        for sound in (0.3 * burst, *((0.8 * kick,) if beat % bar == 0 else ())):
            end = min(at + len(sound), samples.shape[1])
            samples[0, at:end] += sound[: end - at].astype(np.float32)
    return Audio(samples, rate)


@pytest.fixture(scope="session")
def clicks() -> Callable[..., Audio]:
    """Returns clicks at a tempo, a kick on each downbeat."""
    return _clicks


# -- a small game: states of a village in step, a stinger of two takes, a piece that rings out
_TEMPO = TempoMap.constant(120)


def _stems(name: str, take: int, layers: Sequence[str]) -> list[PlacedStem]:
    return [
        PlacedStem(layer, f"stems/{name}/{name}_t{take}_{layer}.wav", "ab" * 32, 2, -18.25, -1.04)
        for layer in (*layers, "mix")
    ]


def _looped(cue: Cue, take: int = 1, verdict: str | None = None) -> PlacedCue:
    length = int(cue.length_s * RATE)
    return PlacedCue(
        cue.id,
        cue.name,
        take,
        Span(0, length),
        0,
        tuple(_stems(cue.id, take, ("drums", "bass"))),
        loop_samples=Span(0, length),
        tempo_map=_TEMPO,
        preset="lofi-study",
        prompt="warm evening",
        seed=100 + take,
        licence="CC0-1.0",
        verdict=verdict,  # type: ignore[arg-type]
    )


def _struck(cue: Cue, take: int = 1) -> PlacedCue:
    """A take without layers that rings out for half a second."""
    length = int(cue.length_s * RATE)
    return PlacedCue(
        cue.id,
        cue.name,
        take,
        Span(0, length + RATE // 2),
        RATE // 2,
        tuple(_stems(cue.id, take, ())),
        hits=cue.hits,
        prompt="fanfare",
        seed=200 + take,
        licence="CC0-1.0",
    )


def _state(name: str, intensity: str, seconds: int = 8, theme: str = "village") -> Cue:
    settings = CueSettings(theme=theme, intensity=IntensityLane.parse(intensity), loop=True)
    return Cue(name.lower().replace(" ", "-"), name, Fraction(0), Fraction(seconds), settings)


_FULL = _state("Village full", "0.95")
_CALM = _state("Village calm", "0.2")
_ALERT = _state("Village alert", "0.2>0.55")
_VICTORY = Cue("victory", "Stinger: victory!", Fraction(0), Fraction(4))
_CREDITS = Cue(
    "credits",
    'Credits\t"roll"',
    Fraction(0),
    Fraction(20),
    hits=(Hit(Fraction(5, 2), "logo\nappears", important=True), Hit(Fraction(60), "gone")),
)


def _session_of(cues: Sequence[Cue], placed: Sequence[PlacedCue], title: str) -> Session:
    rate = FRAME_RATES["25"]
    sheet = CueSheet(title, tuple(cues), is_list=True)
    return Session(title, RATE, sheet, tuple(placed), _TEMPO, rate, Timecode(0, rate))


@pytest.fixture
def game() -> Session:
    return _session_of(
        (_FULL, _CALM, _ALERT, _VICTORY, _CREDITS),
        (
            _looped(_FULL),
            _looped(_CALM),
            _looped(_ALERT, 1),
            _looped(_ALERT, 2, "keep"),
            _looped(_ALERT, 3, "reject"),
            _struck(_VICTORY, 1),
            _struck(_VICTORY, 2),
            _struck(_CREDITS),
        ),
        "My game",
    )


@pytest.fixture
def with_suffix() -> Callable[[Session, str], Session]:
    """Returns a session whose files have another format."""

    def changed(session: Session, suffix: str) -> Session:
        cues = tuple(
            replace(
                placed,
                stems=tuple(
                    replace(stem, path=str(PurePosixPath(stem.path).with_suffix(suffix)))
                    for stem in placed.stems
                ),
            )
            for placed in session.cues
        )
        return replace(session, cues=cues)

    return changed


@pytest.fixture
def named() -> Callable[[Sequence[str]], Session]:
    """Returns a session with a loop of each name, all of one theme, and a stinger of each."""

    def of_names(names: Sequence[str]) -> Session:
        loops = [
            replace(_state("loop", "0.5", theme=names[0]), id=f"l{number}", name=name)
            for number, name in enumerate(names)
        ]
        stingers = [
            replace(_VICTORY, id=f"s{number}", name=name) for number, name in enumerate(names)
        ]
        placed = [
            *(replace(_looped(cue, take), prompt=cue.name) for cue in loops for take in (1, 2)),
            *(replace(_struck(cue, take), prompt=cue.name) for cue in stingers for take in (1, 2)),
        ]
        hostile = [replace(one, licence=one.name) for one in placed]
        return _session_of([*loops, *stingers], hostile, names[0])

    return of_names
