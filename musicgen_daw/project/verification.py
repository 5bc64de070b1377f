"""Everything in an output folder, hashed and measured again: against what was made and asked."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musicgen_daw.audio.codecs import decode
from musicgen_daw.audio.levels import measure
from musicgen_daw.errors import AudioError
from musicgen_daw.project.manifest import MadeStem, MadeTakeEntry, read_takes
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.output import OutputFolder

__all__ = ["Fault", "verify"]

LOUDNESS_TOLERANCE_LU = 0.3
PEAK_TOLERANCE_DB = 0.05
LOSSY_PEAK_TOLERANCE_DB = 1.5
"""A lossy codec moves peaks about: its decoder may pass the ceiling that its input kept."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was made or asked: where, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def verify(folder: Path, store: ClipStore) -> Iterator[Fault]:
    """Yield every fault of an output folder and of the stored clips that it was made from.

    Every file is hashed and decoded; the mix is measured against the loudness and ceiling that
    were asked of it, and each stem against the levels in the manifest. Stems that were written
    but that the manifest does not mention are faults, too.

    Raises:
        OutputError: where the folder has no manifest, or was never rendered into.
    """
    takes = read_takes(folder)
    checked: set[str] = set()
    for take in takes:
        for stem in take.stems:
            yield from _stem_faults(folder, stem)
        yield from _clip_faults(take, store, checked)
    told = {stem.path for take in takes for stem in take.stems}
    for path in sorted(OutputFolder.records(folder)):
        if path.startswith("stems/") and path not in told:
            yield Fault(path, "was written by a render, but the manifest does not mention it")


def _stem_faults(folder: Path, stem: MadeStem) -> Iterator[Fault]:
    path = folder / stem.path
    try:
        # Path.resolve() would trip over links that lead in a circle.
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
            yield Fault(stem.path, "leads out of the folder")
            return
        if path.exists() and not path.is_file():
            yield Fault(stem.path, "is no file")
            return
        content = path.read_bytes()
    except OSError as error:
        yield Fault(stem.path, f"can't be read: {error.strerror}")
        return
    except UnicodeEncodeError:
        yield Fault(ascii(stem.path), "is a name that the system's character set lacks")
        return
    if hashlib.sha256(content).hexdigest() != stem.sha256:
        yield Fault(stem.path, "was changed since it was written")
    try:
        levels = measure(decode(content))
    except AudioError as error:
        yield Fault(stem.path, str(error))
        return
    peak_tolerance = (
        LOSSY_PEAK_TOLERANCE_DB if path.suffix in (".mp3", ".ogg") else PEAK_TOLERANCE_DB
    )
    yield from _loudness_faults(stem, levels.integrated_lufs)
    yield from _peak_faults(stem, levels.true_peak_dbtp, peak_tolerance)


def _loudness_faults(stem: MadeStem, measured_lufs: float) -> Iterator[Fault]:
    for word, wanted in (("asked", stem.asked_lufs), ("noted", stem.measured_lufs)):
        if wanted is None:
            continue
        if not math.isclose(measured_lufs, wanted, abs_tol=LOUDNESS_TOLERANCE_LU):
            yield Fault(stem.path, f"measures {measured_lufs:.2f} LUFS, {word} were {wanted:.2f}")


def _peak_faults(stem: MadeStem, measured_dbtp: float, tolerance_db: float) -> Iterator[Fault]:
    ceiling = stem.asked_ceiling_dbtp
    if ceiling is not None and measured_dbtp > ceiling + tolerance_db:
        yield Fault(stem.path, f"peaks at {measured_dbtp:.2f} dBTP, the ceiling is {ceiling:.2f}")


def _clip_faults(take: MadeTakeEntry, store: ClipStore, checked: set[str]) -> Iterator[Fault]:
    for clip in take.clips:
        if clip.key in checked:
            continue
        checked.add(clip.key)
        where = f"clip {clip.key[:12]} of {take.name!r}"
        stored = store.get(clip.key)
        if stored is None:
            yield Fault(where, f"is not in the store {store.root}")
        else:
            yield from (Fault(where, fault) for fault in store.check(stored))
