"""What a paid call brought."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

__all__ = ["Reply", "Submitted"]


@dataclass(frozen=True, slots=True)
class Reply:
    """A generated clip: an audio file as it came, and what was told with it.

    ``balance_usd`` is what the account still holds, ``generation_s`` how long it took there.
    """

    body: bytes = field(repr=False)
    cost_usd: Decimal | None = None
    balance_usd: Decimal | None = None
    request_id: str | None = None
    seed: int | None = None
    generation_s: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job that the service took, under the id by which its result is fetched."""

    request_id: str
    cost_usd: Decimal | None = None
    balance_usd: Decimal | None = None
