"""What a render hands back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["RenderedStem"]


@dataclass(frozen=True, slots=True)
class RenderedStem:
    """A finished file; levels are as measured on it, ``None`` for silence."""

    cue: str
    take: int
    name: str
    path: Path
    loudness_lufs: float | None
    true_peak_dbtp: float | None
