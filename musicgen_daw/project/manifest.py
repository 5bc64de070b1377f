"""The manifest of an output folder, read back: what is there, by what it was made."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from musicgen_daw.errors import OutputError
from musicgen_daw.planning import KeptClip
from musicgen_daw.store.exact import exact_seconds

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
        return tuple(_entries(_parsed(path.read_bytes())))
    except OSError as error:
        reason = f"can't be read: {error.strerror}; is this the folder of a render?"
        raise OutputError(reason, path=path) from None
    except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        told = error.args[0] if isinstance(error, _Fault) else "something is missing or misplaced"
        reason = f"is no manifest of this version ({told}): run the render again"
        raise OutputError(reason, path=path) from None


class _Fault(ValueError):
    """What is wrong with a manifest, in words."""


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _Fault(f"line {error.lineno} is no JSON") from None
    except UnicodeDecodeError:
        raise _Fault("it is not UTF-8") from None


def _refuse_constant(constant: str) -> None:
    raise _Fault(f"{constant} is no number")


def _entries(manifest: Any) -> Iterator[MadeTakeEntry]:
    for cue in manifest["cues"]:
        for take in cue["takes"]:
            clips, stems = take["clips"], take["stems"]
            if not clips or not stems:
                raise _Fault("a take has no clips or no stems")
            yield MadeTakeEntry(
                cue=_text(cue, "id"),
                name=_text(cue, "name"),
                take=_whole(take, "take"),
                seed=_whole(take, "seed"),
                length_s=exact_seconds(_text(cue, "length_s")),
                clips=tuple(
                    KeptClip(
                        _text(clip, "layer"),
                        exact_seconds(_text(clip, "start_s")),
                        _text(clip, "key"),
                    )
                    for clip in clips
                ),
                stems=tuple(_stem(stem) for stem in stems),
            )


def _stem(values: Any) -> MadeStem:
    return MadeStem(
        name=_text(values, "name"),
        path=_text(values, "path"),
        sha256=_text(values, "sha256"),
        asked_lufs=_level(values, "asked_lufs"),
        measured_lufs=_level(values, "measured_lufs"),
        asked_ceiling_dbtp=_level(values, "asked_ceiling_dbtp"),
        measured_true_peak_dbtp=_level(values, "measured_true_peak_dbtp"),
    )


def _text(values: Any, key: str) -> str:
    text = values[key]
    if not isinstance(text, str) or "\0" in text:
        raise _Fault(f"{key!r} is no text")
    return text


def _whole(values: Any, key: str) -> int:
    number = values[key]
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise _Fault(f"{key!r} is no whole number")
    return number


def _level(values: Any, key: str) -> float | None:
    level = values[key]
    if level is None:
        return None
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not math.isfinite(level):
        raise _Fault(f"{key!r} is no number")
    return float(level)
