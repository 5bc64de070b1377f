"""What whoever runs the server decides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from musicgen_daw.server.money import to_micro_usd
from musicgen_daw.server.wire import DURATION_RANGE_S

__all__ = ["DEFAULTS", "Options"]

_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Options:
    """Prices, limits and bounds of a server.

    ``rate_per_minute`` is how many clips a key may ask for in any minute, ``None`` without limit.
    ``workers`` clips are made at a time and ``queue`` more may wait; each has ``max_job_s`` from
    being taken to its end. Results are kept for ``kept_s``. A body has at most
    ``max_body_bytes`` and must come within ``body_timeout_s``. When the server is stopped, what
    is being made has ``stop_within_s`` to end. ``public_url`` is the root of the URLs that
    answers name, where that is not what the caller called.

    Raises:
        ValueError: for a value that makes no sense.
    """

    model: str = "meta-musicgen-medium"
    usd_per_second: Decimal = Decimal("0.004")
    usd_per_clip: Decimal = Decimal(0)
    rate_per_minute: int | None = None
    workers: int = 2
    queue: int = 64
    max_job_s: float = 300.0
    kept_s: float = 3600.0
    max_body_bytes: int = 64 * 1024
    body_timeout_s: float = 30.0
    stop_within_s: float = 30.0
    public_url: str | None = None

    def __post_init__(self) -> None:
        for name in ("usd_per_second", "usd_per_clip"):
            if to_micro_usd(getattr(self, name)) < 0:
                raise ValueError(f"{name} can't be negative")
        to_micro_usd(self.price_usd(Decimal(DURATION_RANGE_S[1])))  # an account could hold it
        if self.workers < 1 or self.queue < 0:
            raise ValueError("a server needs a worker, and no less than no queue")
        if self.rate_per_minute is not None and self.rate_per_minute < 1:
            raise ValueError("a rate allows at least one clip a minute")
        if not 0 < self.max_job_s < math.inf:
            raise ValueError("a clip needs a positive, finite time")

    def price_usd(self, duration_s: Decimal) -> Decimal:
        """Return what a clip of a length costs, in whole millionths of a dollar."""
        return (self.usd_per_clip + self.usd_per_second * duration_s).quantize(_MICRO, ROUND_UP)


DEFAULTS = Options()
"""The options of a server that is told nothing."""
