"""What reader and writer of Cubase's and Nuendo's track archives both know of them.

An archive is a tree of ``obj``, ``list`` and ``member``, each with a ``name``; what an ``obj`` is
tells its ``class``.

Source: archives that Cubase wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CYCLE_MARKER", "FRAME_RATES", "LINEAR", "MARKER", "MARKER_TRACK", "MUSICAL"]

MARKER_TRACK, MARKER, CYCLE_MARKER = "MMarkerTrackEvent", "MMarkerEvent", "MRangeMarkerEvent"
MUSICAL, LINEAR = "0", "1"
"""The types of a domain: its positions are ticks of musical time, or seconds."""

FRAME_RATES: Mapping[str, str] = MappingProxyType(
    {
        "2": "24", "3": "25", "4": "29.97", "5": "30", "6": "29.97df", "7": "30df",
        "12": "23.976", "14": "50", "15": "59.94", "16": "60",
    }
)  # fmt: skip
"""By ``FrameType``; 13 is 24.98, a rate that no timecode standard has."""
