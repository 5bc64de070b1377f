"""What the service tells of past requests; pure.

How its history is written is not documented: each field is looked for under the names that such
histories use, and what is missing stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from musicgen_daw.backends.segmind.config import HOSTED_URL
from musicgen_daw.backends.segmind.payload import url_in
from musicgen_daw.backends.segmind.wire import (
    JobStatus,
    decimal_of,
    id_of,
    read_json,
    seed_of,
    status_of,
)

__all__ = ["HISTORY_URL", "PastRequest", "page_url", "read_history", "usual_history_url"]

HISTORY_URL = "https://api.spotprod.segmind.com/inference-request/generations"
"""Where the hosted service tells its past requests. Source: its published SDK, segmind 1.3.0."""

_OUR_PATH = "/v1/requests"
_DAY_S = 86_400

_LISTS = ("requests", "generations", "data", "results", "items", "history")
_INPUTS = (
    *("input", "inputs", "params", "parameters", "request", "request_body", "payload", "body"),
)
_FIRST_EPOCH_MS = 10**11
_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class PastRequest:
    """One entry of the history, ``None`` where nothing is told.

    ``created_s`` is seconds since the epoch, ``output_url`` where the audio is said to be.
    """

    request_id: str | None
    created_s: float | None
    status: JobStatus | None
    model: str | None
    prompt: str | None
    duration_s: Decimal | None
    seed: int | None
    cost_usd: Decimal | None
    output_url: str | None


def usual_history_url(base_url: str) -> str:
    """Return where the service at a base URL tells its past requests."""
    return HISTORY_URL if base_url == HOSTED_URL else f"{base_url}{_OUR_PATH}"


def page_url(history_url: str, model: str, page: int, since_s: float) -> str:
    """Return the address of a page (the first is 1) of the requests since an instant.

    The hosted history is asked by day and page, in whatever zone its days are; our own server
    tells all since an instant.
    """
    if history_url.endswith(_OUR_PATH):
        return f"{history_url}?limit=1000&since={max(0.0, since_s):.3f}"
    day = datetime.fromtimestamp(max(0.0, since_s - _DAY_S), UTC)
    return f"{history_url}?page={page}&model_name={model}&start_date={day:%Y-%m-%d}"


def read_history(body: bytes) -> list[PastRequest] | None:
    """Return the entries of a history in the order told, ``None`` for what is no history."""
    entries = _entries(read_json(body))
    if entries is None:
        return None
    return [_entry(told) for told in entries if isinstance(told, dict)]


def _entries(content: Any, depth: int = 0) -> list[Any] | None:
    if isinstance(content, list):
        return content
    if isinstance(content, dict) and depth < _MAX_DEPTH:
        for name in _LISTS:
            found = _entries(content.get(name), depth + 1)
            if found is not None:
                return found
    return None


def _entry(told: Mapping[str, Any]) -> PastRequest:
    levels = [told, *(told[name] for name in _INPUTS if isinstance(told.get(name), dict))]
    cost_usd = decimal_of(
        _first(levels, "cost", "cost_usd", "credits_deduction", "credits_used", "credits")
    )
    return PastRequest(
        request_id=id_of(_first(levels[:1], "request_id", "requestId", "id", "_id")),
        created_s=_instant_s(_first(levels[:1], "created_at", "createdAt", "created", "timestamp")),
        status=status_of(_first(levels[:1], "status", "model_status", "state")),
        model=_text(_first(levels[:1], "model", "model_name", "slug")),
        prompt=_text(_first(levels, "prompt", "text")),
        duration_s=decimal_of(_first(levels, "duration", "seconds")),
        seed=seed_of(_first(levels, "seed")),
        cost_usd=cost_usd if cost_usd is None or cost_usd >= 0 else None,
        output_url=url_in(told),
    )


def _first(levels: list[Mapping[str, Any]], *names: str) -> Any:
    """Return the first value told under one of some names."""
    found = (level[name] for level in levels for name in names if level.get(name) is not None)
    return next(found, None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _instant_s(value: object) -> float | None:
    """Return an instant told as an ISO date or as seconds or milliseconds since the epoch."""
    number = decimal_of(value)
    if number is not None:
        return float(number / 1000 if number > _FIRST_EPOCH_MS else number)
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value.strip())
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
