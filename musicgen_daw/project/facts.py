"""What is known of a finished stem beside its bytes: kept with it in the output folder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from musicgen_daw.audio import Levels
from musicgen_daw.mastering import MasteredCue
from musicgen_daw.timeline import Span

__all__ = ["StemFacts"]


@dataclass(frozen=True, slots=True)
class StemFacts:
    """The levels of one stem, and what mastering did to the take; ``None`` stands for silence.

    ``told`` is what else it has to tell of the take, in words.
    """

    channels: int
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    gain_db: float
    reduction_db: float
    loop: Span | None
    warnings: tuple[str, ...]
    told: Mapping[str, str]

    @classmethod
    def of(cls, mastered: MasteredCue, channels: int, levels: Levels) -> Self:
        """Return what is known of a stem of a mastered take."""
        return cls(
            channels=channels,
            integrated_lufs=_told(levels.integrated_lufs),
            true_peak_dbtp=_told(levels.true_peak_dbtp),
            gain_db=round(mastered.gain_db, 3),
            reduction_db=round(mastered.reduction_db, 3),
            loop=mastered.loop,
            warnings=tuple(mastered.warnings),
            told=dict(mastered.facts),
        )

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self | None:
        """Read facts back; ``None`` where the values are not as ``as_json`` gave them."""
        try:
            loop = values["loop"]
            return cls(
                channels=_whole(values["channels"]),
                integrated_lufs=_level(values["integrated_lufs"]),
                true_peak_dbtp=_level(values["true_peak_dbtp"]),
                gain_db=_number(values["gain_db"]),
                reduction_db=_number(values["reduction_db"]),
                loop=None if loop is None else Span(*map(_whole, loop)),
                warnings=tuple(map(_text, values["warnings"])),
                told={_text(what): _text(told) for what, told in values["told"].items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            return None

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        loop = self.loop
        return {
            **asdict(self),
            "loop": [loop.start_samples, loop.end_samples] if loop else None,
            "warnings": list(self.warnings),
        }


def _told(level: float) -> float | None:
    """Return a level as JSON has it: silence has no number."""
    return round(level, 3) if math.isfinite(level) else None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("is no whole number")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("is no number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("is no finite number")
    return number


def _level(value: Any) -> float | None:
    return None if value is None else _number(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value
