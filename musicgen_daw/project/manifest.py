"""The manifest of an output folder, read back: what is there, by what it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from musicgen_daw.errors import OutputError
from musicgen_daw.planning import KeptClip

__all__ = ["MadeStem", "MadeTakeEntry", "read_takes"]


@dataclass(frozen=True, slots=True)
class MadeStem:
    """A stem as the manifest tells of it; ``None`` for what was not asked or is silence."""

    name: str
    path: str
    sha256: str
    asked_lufs: float | None
    measured_lufs: float | None
    asked_ceiling_dbtp: float | None
    measured_true_peak_dbtp: float | None


@dataclass(frozen=True, slots=True)
class MadeTakeEntry:
    """A take as the manifest tells of it. ``length_s`` is the length of its cue."""

    cue: str
    name: str
    take: int
    seed: int
    length_s: Fraction
    clips: tuple[KeptClip, ...]
    stems: tuple[MadeStem, ...]


def read_takes(folder: Path) -> tuple[MadeTakeEntry, ...]:
    """Return the takes in an output folder, in the order of the sheet.

    Raises:
        OutputError: where there is no manifest, or one that nobody understands.
    """
    path = folder / "manifest.json"
    try:
        return tuple(_entries(json.loads(path.read_bytes())))
    except OSError as error:
        reason = f"can't be read: {error.strerror}; is this the folder of a render?"
        raise OutputError(reason, path=path) from None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"is no manifest of this version ({error!r}): run the render again"
        raise OutputError(reason, path=path) from None


def _entries(manifest: dict[str, Any]) -> Iterator[MadeTakeEntry]:
    for cue in manifest["cues"]:
        for take in cue["takes"]:
            yield MadeTakeEntry(
                cue=cue["id"],
                name=cue["name"],
                take=int(take["take"]),
                seed=int(take["seed"]),
                length_s=Fraction(cue["length_s"]),
                clips=tuple(
                    KeptClip(clip["layer"], Fraction(clip["start_s"]), clip["key"])
                    for clip in take["clips"]
                ),
                stems=tuple(_stem(stem) for stem in take["stems"]),
            )


def _stem(values: dict[str, Any]) -> MadeStem:
    return MadeStem(
        name=values["name"],
        path=values["path"],
        sha256=values["sha256"],
        asked_lufs=values["asked_lufs"],
        measured_lufs=values["measured_lufs"],
        asked_ceiling_dbtp=values["asked_ceiling_dbtp"],
        measured_true_peak_dbtp=values["measured_true_peak_dbtp"],
    )
