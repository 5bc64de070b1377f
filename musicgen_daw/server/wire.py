"""The JSON of the API: what callers ask and what they are told. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from musicgen_daw.server.errors import Refused
from musicgen_daw.server.money import usd_text
from musicgen_daw.server.records import Record

__all__ = [
    "DURATION_RANGE_S",
    "MAX_PROMPT",
    "SEED_RANGE",
    "Asked",
    "Where",
    "history_entry",
    "read_asked",
    "read_limit",
    "read_since",
    "result",
    "result_headers",
    "status",
    "submitted",
    "utc",
]

DURATION_RANGE_S = (1, 30)
SEED_RANGE = (-1, 9999)
MAX_PROMPT = 10_000
"""Characters of a prompt."""
HISTORY_RANGE = (1, 1000)
DEFAULT_DURATION_S = Decimal(10)
DEFAULT_SEED = 42
DEFAULT_HISTORY = 100

_MICROSECOND = Decimal("0.000001")
_LAST_S = 253_402_300_799  # the end of the year 9999
_NOT_JSON = "the body is no JSON"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks: ``seed`` -1 wants one drawn."""

    prompt: str
    duration_s: Decimal = DEFAULT_DURATION_S
    seed: int = DEFAULT_SEED


@dataclass(frozen=True, slots=True)
class Where:
    """The URLs of an answer, under the root that was called."""

    root: str

    def file(self, job_id: str) -> str:
        """Return the URL of a clip."""
        return f"{self.root}/files/{job_id}.wav"

    def result(self, job_id: str) -> str:
        """Return the URL of a job's result."""
        return f"{self.root}/v2/requests/{job_id}"

    def status(self, job_id: str) -> str:
        """Return the URL of a job's status."""
        return f"{self.root}/v2/requests/{job_id}/status"


# -- asked -------------------------------------------------------------------------------------


def read_asked(body: bytes) -> Asked:
    """Read the body of a call; fields that nobody knows are passed over, as others send them.

    Raises:
        Refused: 400 for what is no JSON, 406 for a wrong value.
    """
    try:
        fields = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):  # no Decimal has such an exponent
        raise Refused(400, _NOT_JSON) from None
    if not isinstance(fields, dict):
        raise Refused(406, "the body must be a JSON object with a prompt")
    return Asked(
        _prompt(fields.get("prompt")),
        _duration_s(fields.get("duration", DEFAULT_DURATION_S)),
        _seed(fields.get("seed", DEFAULT_SEED)),
    )


def read_limit(text: str | None) -> int:
    """Return how many calls of the history are wanted.

    Raises:
        Refused: 406 for what is no whole number in its range.
    """
    if text is None:
        return DEFAULT_HISTORY
    low, high = HISTORY_RANGE
    if not (text.isascii() and text.isdigit() and len(text) < 9 and low <= int(text) <= high):
        raise Refused(406, f"limit must be a whole number from {low} to {high}")
    return int(text)


def read_since(text: str | None) -> float:
    """Return since when the history is wanted, as seconds since the epoch.

    Raises:
        Refused: 406 for what is neither a number of seconds nor an ISO 8601 time.
    """
    if text is None:
        return 0.0
    try:
        since_s = float(text)
    except ValueError:
        since_s = _iso_seconds(text)
    if not math.isfinite(since_s):
        raise Refused(406, "since must be seconds since the epoch or an ISO 8601 time")
    return since_s


def _iso_seconds(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _prompt(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Refused(406, "prompt must be text that says something")
    if len(value) > MAX_PROMPT:
        raise Refused(406, f"prompt has more than {MAX_PROMPT} characters")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused(406, "prompt holds half a character") from None
    return value


def _duration_s(value: object) -> Decimal:
    low, high = DURATION_RANGE_S
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not low <= value <= high:
        raise Refused(406, f"duration must be a number of seconds from {low} to {high}")
    return Decimal(value).quantize(_MICROSECOND)


def _seed(value: object) -> int:
    low, high = SEED_RANGE
    if (
        isinstance(value, bool)
        or not isinstance(value, int | Decimal)
        or not low <= value <= high
        or value != int(value)  # 7.0 is the same number as 7 in JSON
    ):
        raise Refused(406, f"seed must be a whole number from {low} to {high}")
    return int(value)


# -- told --------------------------------------------------------------------------------------


def utc(at_s: float) -> str:
    """Return seconds since the epoch as ISO 8601 in UTC, to the millisecond."""
    at = datetime.fromtimestamp(min(max(at_s, 0), _LAST_S), UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def submitted(job_id: str, where: Where) -> dict[str, Any]:
    """Return the answer to a job that was taken."""
    return {
        "request_id": job_id,
        "status": "QUEUED",
        "poll_url": where.status(job_id),
        "status_url": where.status(job_id),
        "response_url": where.result(job_id),
    }


def status(record: Record, state: str) -> dict[str, Any]:
    """Return how a job stands; a failed one tells why."""
    told = {"request_id": record.id, "status": state}
    return told | ({"error": record.error or ""} if state == "FAILED" else {})


def result(record: Record, where: Where) -> dict[str, Any]:
    """Return the result of a completed job."""
    return {
        "request_id": record.id,
        "status": "COMPLETED",
        "output": where.file(record.id),
        "prompt": record.prompt,
        "duration": _number(record.duration_s),
        "seed": record.seed,
        "cost": _number(record.price_usd),
    }


def result_headers(record: Record, remaining_usd: Decimal) -> dict[str, str]:
    """Return the headers that come with a clip, or with where it is."""
    return {
        "x-cost": usd_text(record.price_usd),
        "x-remaining-credits": usd_text(remaining_usd),
        "x-request-id": record.id,
        "x-generation-time": f"{record.generation_s or 0:.3f}",
        "x-seed-value": str(record.seed),
    }


def history_entry(record: Record, state: str, where: Where, *, is_kept: bool) -> dict[str, Any]:
    """Return a call of the past; ``output`` is null where there is no clip, or none any more."""
    completed = state == "COMPLETED"
    return {
        "request_id": record.id,
        "created_at": utc(record.created_s),
        "status": state,
        "prompt": record.prompt,
        "duration": _number(record.duration_s),
        "seed": record.seed,
        "cost": _number(record.price_usd) if completed else 0,
        "output": where.file(record.id) if completed and is_kept else None,
    }


def _number(value: Decimal) -> int | float:
    """Return a decimal as JSON tells it: amounts and lengths have few enough digits to be exact."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(value)
