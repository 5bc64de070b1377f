"""What a delivery has to measure: loudness, its maxima and range, and the true-peak ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from musicgen_daw.audio import Levels
from musicgen_daw.audio.loudness import Loudness

if TYPE_CHECKING:
    from musicgen_daw.presets.schema import Master

__all__ = ["TARGETS", "DeliveryTarget", "Target"]

OWN_TOLERANCE_LU = 0.5
"""How far a loudness that no standard names may be off, as with EBU R 128."""


@dataclass(frozen=True, slots=True)
class Target:
    """Wanted levels. ``lufs`` is what to reach, all others are limits; ``None`` limits nothing.

    Raises:
        ValueError: for a loudness or ceiling above full scale, or a tolerance below zero.
    """

    lufs: float = -18.0
    ceiling_dbtp: float = -1.0
    tolerance_lu: float = OWN_TOLERANCE_LU
    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None
    lra_max: float | None = None

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not (-80 <= self.lufs <= 0 and -40 <= self.ceiling_dbtp <= 0):
            raise ValueError(
                f"{self.lufs:g} LUFS below {self.ceiling_dbtp:g} dBTP can't be: loudness lies "
                "between -80 and 0, a ceiling between -40 and 0"
            )
        if not self.tolerance_lu >= 0:
            raise ValueError(f"a tolerance of {self.tolerance_lu:g} LU can't be")

    @classmethod
    def of(cls, master: Master) -> Target:
        """Return what a preset asks."""
        return cls(
            master.lufs,
            master.ceiling_dbtp,
            max_momentary_lufs=master.max_momentary_lufs,
            max_short_term_lufs=master.max_short_term_lufs,
            lra_max=master.lra_max,
        )

    def gain_db(self, loudness: Loudness) -> float:
        """Return the gain that brings a sound to ``lufs``, or as near as its maxima allow."""
        gains = [self.lufs - loudness.integrated_lufs()]
        if self.max_momentary_lufs is not None:
            gains.append(self.max_momentary_lufs - loudness.max_momentary_lufs())
        if self.max_short_term_lufs is not None:
            gains.append(self.max_short_term_lufs - loudness.max_short_term_lufs())
        return min(gains)

    def shifted(self, db: float) -> Target:
        """Return the same for sound whose loudness is to be raised by ``db`` afterwards."""

        def moved(limit: float | None) -> float | None:
            return None if limit is None else limit - db

        return replace(
            self,
            lufs=self.lufs - db,
            max_momentary_lufs=moved(self.max_momentary_lufs),
            max_short_term_lufs=moved(self.max_short_term_lufs),
        )

    def misses(self, levels: Levels) -> tuple[str, ...]:
        """Return what is not as it should be, in words; nothing where all is."""
        told = []
        off_lu = levels.integrated_lufs - self.lufs
        if levels.integrated_lufs == -math.inf:
            told.append("it is silent")
        # A hundredth is what meters show.
        elif round(abs(off_lu), 2) > self.tolerance_lu:
            side = "louder" if off_lu > 0 else "quieter"
            told.append(
                f"{levels.integrated_lufs:.1f} LUFS is {abs(off_lu):.1f} LU {side} than "
                f"{self.lufs:g}"
            )
        limits = (
            ("momentary maximum", levels.max_momentary_lufs, self.max_momentary_lufs, "LUFS"),
            ("short-term maximum", levels.max_short_term_lufs, self.max_short_term_lufs, "LUFS"),
            ("loudness range", levels.loudness_range_lu, self.lra_max, "LU"),
            ("true peak", levels.true_peak_dbtp, self.ceiling_dbtp, "dBTP"),
        )
        for what, measured, limit, unit in limits:
            if limit is not None and round(measured, 2) > limit:
                told.append(f"its {what} is {measured:.2f} {unit}, above {limit:g}")
        return tuple(told)


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """A target that somebody publishes, and where."""

    target: Target
    title: str
    source: str


TARGETS: Mapping[str, DeliveryTarget] = MappingProxyType(
    {
        "ebu-r128": DeliveryTarget(
            Target(-23.0, -1.0, 0.5),
            "European broadcast",
            "EBU R 128 (2023)",
        ),
        "ebu-r128-s1": DeliveryTarget(
            Target(-23.0, -1.0, 0.5, max_short_term_lufs=-18.0),
            "European broadcast, advertisements and promos",
            "EBU R 128 s1 (short-form content)",
        ),
        "atsc-a85": DeliveryTarget(
            Target(-24.0, -2.0, 2.0),
            "North American broadcast",
            "ATSC A/85:2013, Techniques for Establishing and Maintaining Audio Loudness",
        ),
        "streaming-14": DeliveryTarget(
            Target(-14.0, -1.0, 0.5),
            "music streaming that plays at -14 LUFS",
            "AES TD1008 (2021), loudest track of an album; Spotify's loudness normalisation",
        ),
        "streaming-16": DeliveryTarget(
            Target(-16.0, -1.0, 0.5),
            "music streaming that plays at -16 LUFS, podcasts",
            "AES TD1008 (2021), music by track; Apple's Sound Check",
        ),
        "film-24": DeliveryTarget(
            Target(-24.0, -2.0, 2.0),
            "film and series with little dialogue, the whole programme",
            "Netflix Sound Mix Specifications 1.x: below 15 % dialogue, ITU-R BS.1770-3",
        ),
        "film-27": DeliveryTarget(
            Target(-27.0, -2.0, 2.0),
            "film and series; of the whole, as music has no dialogue to measure",
            "Netflix Sound Mix Specifications 1.x, whose meter gates on dialogue",
        ),
        "console-23": DeliveryTarget(
            Target(-23.0, -1.0, 2.0, lra_max=20.0),
            "games at home, European level",
            "Sony ASWG-R001 as Audiokinetic's documentation of Wwise has it, after EBU R 128",
        ),
        "console-24": DeliveryTarget(
            Target(-24.0, -1.0, 2.0, lra_max=20.0),
            "games at home",
            "Sony ASWG-R001 (2013)",
        ),
        "portable-18": DeliveryTarget(
            Target(-18.0, -1.0, 2.0, lra_max=20.0),
            "games on portable devices",
            "Sony ASWG-R001 (2013)",
        ),
    }
)
"""Delivery targets by name."""
