"""What a sound measures."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Levels"]


@dataclass(frozen=True, slots=True)
class Levels:
    """Measured levels of one finished sound; silence measures ``-inf``.

    Source: ITU-R BS.1770-5 (loudness, true peak), EBU Tech 3341 and 3342.
    """

    integrated_lufs: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
