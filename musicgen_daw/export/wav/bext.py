"""The "bext" chunk of a Broadcast Wave file: where the sound belongs, who made it, how loud it is.

Source: EBU Tech 3285, version 2.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from datetime import datetime

from musicgen_daw.audio import Levels
from musicgen_daw.formats.riff import Chunk

__all__ = ["LOUDNESS_TAGS", "UNKNOWN_LEVEL", "VERSION", "Bext", "encode"]

VERSION = 2
UNKNOWN_LEVEL = 0x7FFF
"""What stands in a loudness field whose value is not known or not defined."""

LOUDNESS_TAGS = (
    "BWF_LOUDNESS_VALUE",
    "BWF_LOUDNESS_RANGE",
    "BWF_MAX_TRUE_PEAK_LEVEL",
    "BWF_MAX_MOMENTARY_LOUDNESS",
    "BWF_MAX_SHORT_TERM_LOUDNESS",
)
"""What iXML calls the loudness fields, in the order that they have here."""

_FIELDS = struct.Struct("<256s32s32s10s8sQH64s5h180s")
_TEXT_LENGTHS = {"description": 256, "originator": 32, "originator_reference": 32}


@dataclass(frozen=True, slots=True)
class Bext:
    """What a bext chunk tells. All text is ASCII, as the standard rules.

    ``time_reference_samples`` counts from midnight to the first sample. ``origination`` is
    ``None`` where no clock was asked, and then stays blank.

    Raises:
        ValueError: for text that is too long or not ASCII, or a time before midnight.
    """

    description: str = ""
    originator: str = ""
    originator_reference: str = ""
    origination: datetime | None = None
    time_reference_samples: int = 0
    levels: Levels | None = None
    coding_history: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, length in _TEXT_LENGTHS.items():
            text = getattr(self, name)
            if not text.isascii() or len(text) > length:
                raise ValueError(f"{name} is up to {length} ASCII characters, not {text!r}")
        if not all(line.isascii() for line in self.coding_history):
            raise ValueError("a coding history is ASCII")
        if not 0 <= self.time_reference_samples < 2**64:
            raise ValueError(f"{self.time_reference_samples} samples is no time after midnight")

    @property
    def origination_date(self) -> str:
        """``yyyy-mm-dd`` or nothing."""
        return self.origination.strftime("%Y-%m-%d") if self.origination else ""

    @property
    def origination_time(self) -> str:
        """``hh:mm:ss`` or nothing."""
        return self.origination.strftime("%H:%M:%S") if self.origination else ""

    @property
    def loudness_fields(self) -> tuple[int, int, int, int, int]:
        """Integrated loudness, range, true peak, momentary and short-term maximum, times 100."""
        if self.levels is None:
            return (UNKNOWN_LEVEL,) * 5
        return (
            _hundredths(self.levels.integrated_lufs),
            _hundredths(self.levels.loudness_range_lu),
            _hundredths(self.levels.true_peak_dbtp),
            _hundredths(self.levels.max_momentary_lufs),
            _hundredths(self.levels.max_short_term_lufs),
        )

    @property
    def coding_history_text(self) -> str:
        """The lines of the coding history, each closed by CR LF."""
        return "".join(f"{line}\r\n" for line in self.coding_history)


def encode(bext: Bext) -> Chunk:
    """Return the chunk. The UMID stays zero: it would need a clock and a hardware address."""
    fixed = _FIELDS.pack(
        bext.description.encode("ascii"),
        bext.originator.encode("ascii"),
        bext.originator_reference.encode("ascii"),
        bext.origination_date.encode("ascii"),
        bext.origination_time.encode("ascii"),
        bext.time_reference_samples,
        VERSION,
        bytes(64),
        *bext.loudness_fields,
        bytes(180),
    )
    history = bext.coding_history_text.encode("ascii")
    # Readers such as Godot's know of no pad byte, and lose all chunks after an odd one.
    return Chunk(b"bext", fixed + history + b"\0" * (len(history) % 2))


def _hundredths(level: float) -> int:
    """Return ``level`` × 100, rounded; silence, NaN and what the field can't hold are unknown."""
    if not math.isfinite(level) or not -99.99 <= level <= 99.99:
        return UNKNOWN_LEVEL
    return math.floor(100 * level + 0.5)
