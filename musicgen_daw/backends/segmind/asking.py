"""What the service is asked for a clip, and what of its answer is told with the clip.

The service knows a prompt, a length and a seed. It counts whole codec frames, so that a clip may
be 20 ms short, and its last moments may fade or crackle: it is asked for a little more, and the
clip is cut where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from musicgen_daw.backends.segmind.wire import MAX_DURATION_S, MIN_DURATION_S
from musicgen_daw.planning import ClipRequest

__all__ = ["MARGIN_S", "Ask", "ask", "facts"]

MARGIN_S = Fraction(1, 2)
_CODEC_FRAMES_PER_S = 50


@dataclass(frozen=True, slots=True)
class Ask:
    """The parameters of one call."""

    prompt: str
    duration_s: float
    seed: int


def ask(request: ClipRequest) -> Ask:
    """Return how a clip is asked for: its length, its tail and a margin, in whole codec frames."""
    wanted_s = request.length_s + request.tail_s + MARGIN_S
    codec_frames = ceil(
        min(max(wanted_s, Fraction(MIN_DURATION_S)), Fraction(MAX_DURATION_S)) * _CODEC_FRAMES_PER_S
    )
    return Ask(request.prompt, codec_frames / _CODEC_FRAMES_PER_S, request.seed)


def facts(
    asked: Ask, *, request_id: str | None, seed: int | None, cost_usd: Decimal | None
) -> Mapping[str, str]:
    """Return what is told with a clip: what was asked, and what the service told of it."""
    told = {
        "asked_s": f"{asked.duration_s:g}",
        "seed": str(asked.seed if seed is None else seed),
        "request_id": request_id,
        "cost_usd": None if cost_usd is None else f"{cost_usd:f}",
    }
    return {name: value for name, value in told.items() if value is not None}
