"""A small film with real files: what other programs are to open."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from musicgen_daw.audio import Pcm
from musicgen_daw.export import export
from musicgen_daw.export.stems import Provenance, StemTags, stem_chunks
from musicgen_daw.export.wav import wav
from musicgen_daw.project.handing_over import deliver
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.store.output import OutputFolder
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSheet,
    Hit,
    MeterChange,
    Span,
    TempoChange,
    TempoMap,
    Timecode,
)

RATE = 48_000
FIRST_ARDOUR = 7
"""Earlier ones refuse our sessions."""


@dataclass(frozen=True)
class ArdourPrograms:
    """The newest Ardour of this machine: its number, and what to call its programs by."""

    release: int
    lua: str
    export: str
    window: str | None


@pytest.fixture(scope="session")
def ardour_programs() -> ArdourPrograms:
    """Return the programs of Ardour 7 or later; without them a test is skipped."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    found = (path for folder in folders for path in Path(folder).glob("ardour*-lua"))
    numbers = (re.fullmatch(r"ardour([0-9]{1,3})-lua", path.name) for path in found)
    for release in sorted((int(number[1]) for number in numbers if number), reverse=True):
        lua, export = (shutil.which(f"ardour{release}-{word}") for word in ("lua", "export"))
        window = shutil.which(f"ardour{release}") or shutil.which("ardour")
        if release >= FIRST_ARDOUR and lua and export:
            return ArdourPrograms(release, lua, export, window)
    pytest.skip("no Ardour from 7 on is installed: apt-get install ardour")


def tempo_map(last_at_beats: Fraction) -> TempoMap:
    """Return three tempos and two meters."""
    return TempoMap(
        (
            TempoChange(Fraction(0), 500_000),
            TempoChange(Fraction(8), 666_667),
            TempoChange(last_at_beats, 400_001),
        ),
        (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(8), 3, 4)),
    )


@dataclass(frozen=True)
class Film:
    """A session, the folder that its stems are in, and what it sounds like."""

    session: Session
    folder: Path
    mix: NDArray[np.float32]  # (channels, samples)

    def hand_over(self, name: str) -> list[Path]:
        """Write the files of an exporter."""
        with OutputFolder.open(self.folder) as opened:
            return [
                self.folder / deliver(file, opened, lambda event: None)
                for file in export(self.session, name)
            ]


@dataclass(frozen=True)
class _Take:
    """A take to be made: its stems' channels, and whether it is the kept one."""

    cue: Cue
    number: int
    stems: tuple[str, ...]
    channels: int = 2


@pytest.fixture
def make_film(tmp_path: Path) -> Callable[..., Film]:
    """Return a maker of the film; its stems' time stamps can be made wrong by some samples."""

    def make(
        start: str = "00:00:00:00",
        stamps_off_by: int = 0,
        last_tempo_at_beats: Fraction = Fraction(21, 2),
    ) -> Film:
        timecode = Timecode.parse(start, FRAME_RATES["25"])
        return _film(tmp_path / "out", timecode, stamps_off_by, tempo_map(last_tempo_at_beats))

    return make


@pytest.fixture
def film(make_film: Callable[..., Film]) -> Film:
    """Return the film as it is, from ten o'clock on."""
    return make_film("10:00:00:00")


def _film(folder: Path, start: Timecode, stamps_off_by: int, tempos: TempoMap) -> Film:
    chase = Cue("a", "1M1 Chäse", Fraction(1), Fraction(3), hits=(Hit(Fraction(3, 2), "slam"),))
    # Off the grid of samples, and over the end of the chase.
    look = Cue("b", "1M2 <Look>", Fraction(25720, 10007), Fraction(4))
    end = Cue(
        "c", "1M3", tempos.seconds_at(8), tempos.seconds_at(11), hits=(Hit(tempos.seconds_at(9)),)
    )
    takes = (
        _Take(chase, 1, ("drums", "bass", "mix")),
        _Take(chase, 2, ("drums", "bass", "mix")),
        _Take(look, 1, ("drums", "mix")),
        _Take(end, 1, ("mix",), channels=1),
    )
    chosen = (takes[1], takes[2], takes[3])
    mix = np.zeros((2, 6 * RATE), np.float32)
    rng = np.random.default_rng(20)
    placed = []
    with OutputFolder.open(folder) as opened:
        for take in takes:
            span = Span.between(take.cue.start_s, take.cue.end_s, RATE)
            sounds = _sounds(take, span.length_samples, rng)
            if take in chosen:
                mix[:, span.start_samples : span.end_samples] += sounds["mix"] / np.float32(2**23)
            stems = []
            for name, samples in sounds.items():
                path = f"stems/{take.cue.id}/{take.cue.id}_t{take.number}_{name}.wav"
                content = _wav(take, name, samples, span.start_samples + stamps_off_by, start)
                record = opened.write(path, name, content)
                stems.append(PlacedStem(name, path, record.sha256, take.channels, None, None))
            verdict = "keep" if take is takes[1] else None
            placed.append(
                PlacedCue(
                    take.cue.id, take.cue.name, take.number, span, 0, tuple(stems), verdict=verdict
                )
            )
    rate = FRAME_RATES["25"]
    sheet = CueSheet("The Film", (chase, look, end), tempos, rate, start)
    return Film(Session("The Film", RATE, sheet, tuple(placed), tempos, rate, start), folder, mix)


def _sounds(
    take: _Take, length_samples: int, rng: np.random.Generator
) -> dict[str, NDArray[np.int32]]:
    """Return noise for each stem, and their sum for the mix."""
    shape = (take.channels, length_samples)
    names = [name for name in take.stems if name != "mix"]
    parts = {name: rng.integers(-(2**20), 2**20, shape, dtype=np.int32) for name in names}
    first = next(iter(parts.values()), rng.integers(-(2**20), 2**20, shape, dtype=np.int32))
    return {**parts, "mix": sum(list(parts.values())[1:], start=first)}


def _wav(
    take: _Take, name: str, samples: NDArray[np.int32], start_samples: int, start: Timecode
) -> bytes:
    pcm = Pcm(samples, RATE, "24")
    tags = StemTags(
        project="The Film",
        cue=take.cue.name,
        stem=name,
        take=take.number,
        start_samples=start_samples,
        start_timecode=start,
        provenance=Provenance("sketch"),
        frame_rate=FRAME_RATES["25"],
    )
    file = io.BytesIO()
    wav.write(file, pcm, stem_chunks(tags, pcm))
    return file.getvalue()
