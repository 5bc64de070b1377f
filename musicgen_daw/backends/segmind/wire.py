"""What goes over the wire to the hosted MusicGen and comes back, but for the sound; pure.

Whatever comes back is read tolerantly, since the service tells little of itself and is not
trusted: a number that makes no sense is no number, an id is one only if it fits into an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from musicgen_daw.errors import Rejected

__all__ = [
    "DEFAULT_DURATION_S",
    "DEFAULT_SEED",
    "MAX_DURATION_S",
    "MAX_SEED",
    "MIN_DURATION_S",
    "MIN_SEED",
    "Answer",
    "Job",
    "JobStatus",
    "Reply",
    "Submitted",
    "checked_id",
    "decimal_of",
    "encode_request",
    "id_of",
    "read_balance",
    "read_job",
    "read_json",
    "seed_of",
    "status_of",
]

MIN_DURATION_S, MAX_DURATION_S, DEFAULT_DURATION_S = 1, 30, 10
MIN_SEED, MAX_SEED, DEFAULT_SEED = -1, 9999, 42

_MAX_JSON_BYTES = 32 << 20
_MAX_JSON_VALUES = 100_000  # so that a body of brackets does not become gigabytes of lists
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_DECIMAL = re.compile(r"\$?\s*([+-]?[0-9]{1,15}(\.[0-9]{1,18})?([eE]-?[0-9]{1,2})?)")
_ID_FIELDS = ("request_id", "requestId", "id")


# -- what is sent ------------------------------------------------------------------------------


def encode_request(
    prompt: str,
    duration_s: float | Fraction = DEFAULT_DURATION_S,
    seed: int = DEFAULT_SEED,
) -> bytes:
    """Return the JSON body that asks for a clip; a seed of -1 lets the service draw one.

    Raises:
        Rejected: for a value that the service does not take.
    """
    if not isinstance(prompt, str) or not prompt.strip():
        raise Rejected("the prompt is empty: say what to play")
    if isinstance(seed, bool) or not isinstance(seed, int) or not MIN_SEED <= seed <= MAX_SEED:
        raise Rejected(f"a seed is a whole number from {MIN_SEED} to {MAX_SEED}, not {seed!r}")
    fields = {"prompt": prompt, "duration": _checked_seconds(duration_s), "seed": seed}
    try:
        return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise Rejected("the prompt has half a character, which can't be sent") from None


def _checked_seconds(duration_s: float | Fraction) -> float:
    if isinstance(duration_s, bool) or not isinstance(duration_s, (int, float, Fraction)):
        raise Rejected(f"a length is a number of seconds, not {duration_s!r}")
    # NaN is in no range.
    if not MIN_DURATION_S <= duration_s <= MAX_DURATION_S:
        raise Rejected(
            f"a clip lasts {MIN_DURATION_S} to {MAX_DURATION_S} s, not {duration_s!s:.40} s"
        )
    return float(duration_s)


# -- what comes back ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP: header names in lower case, the body without its encoding."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class JobStatus(Enum):
    """Where a job of the v2 interface is."""

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Job:
    """What is told of a job; ``None`` and the empty string where nothing is."""

    request_id: str | None
    status: JobStatus | None
    error: str = ""


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


# The service documents the names of JobStatus; the others are what its neighbours say.
_STATUS_WORDS = {
    **{status.value: status for status in JobStatus},
    **dict.fromkeys(("PENDING", "IN_QUEUE", "WAITING", "ACCEPTED"), JobStatus.QUEUED),
    **dict.fromkeys(("RUNNING", "IN_PROGRESS", "STARTED"), JobStatus.PROCESSING),
    **dict.fromkeys(("SUCCESS", "SUCCEEDED", "FINISHED", "DONE"), JobStatus.COMPLETED),
    **dict.fromkeys(("ERROR", "CANCELED", "CANCELLED"), JobStatus.FAILED),
}


def read_job(body: bytes) -> Job | None:
    """Return what a body tells of a job, ``None`` where it is no JSON object."""
    content = read_json(body)
    if not isinstance(content, dict):
        return None
    found = next((id_of(content[name]) for name in _ID_FIELDS if name in content), None)
    error = content.get("error") or content.get("message") or ""
    return Job(found, status_of(content.get("status")), error if isinstance(error, str) else "")


def read_balance(body: bytes) -> Decimal | None:
    """Return what an account holds, bought and given credits together, in US dollars."""
    content = read_json(body)
    if not isinstance(content, dict):
        return None
    told = [decimal_of(content.get(name)) for name in ("credits", "free-credits")]
    known = [usd for usd in told if usd is not None]
    return sum(known, Decimal(0)) if known else None


def read_json(body: bytes) -> Any:
    """Return what a JSON body says, numbers as ``Decimal``; ``None`` for anything else.

    Also for one that is too large, or has too many values to be an honest answer.
    """
    if body[:64].lstrip(b" \t\r\n\xef\xbb\xbf")[:1] not in (b"{", b"[", b'"'):
        return None  # an audio file is not looked through
    values = body.count(b",") + body.count(b"[") + body.count(b"{")
    if len(body) > _MAX_JSON_BYTES or values > _MAX_JSON_VALUES:
        return None
    try:
        return json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _no_number(_name: str) -> None:
    """NaN and infinity are nothing that can be paid or waited for."""


def decimal_of(value: object) -> Decimal | None:
    """Return an amount that a header or JSON told, ``None`` where it is not a plain number."""
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str):
        return None
    found = _DECIMAL.fullmatch(value.strip())
    return Decimal(found[1]) if found else None


def seed_of(value: object) -> int | None:
    """Return a seed that a header or JSON told."""
    number = decimal_of(value)
    if number is None or number != number.to_integral_value() or abs(number) >= 2**63:
        return None
    return int(number)


def id_of(value: object) -> str | None:
    """Return a request id that can safely be part of an address."""
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str) or not _ID.fullmatch(value) or not value.strip("."):
        return None
    return value


def checked_id(request_id: str) -> str:
    """Return an id that can't lead an address elsewhere.

    Raises:
        Rejected: for what is no id.
    """
    found = id_of(request_id)
    if found is None:
        raise Rejected(f"{request_id!r:.150} is no request id")
    return found


def status_of(value: object) -> JobStatus | None:
    """Return where a job is, by the word for it."""
    if not isinstance(value, str):
        return None
    return _STATUS_WORDS.get(value.strip().upper().replace("-", "_").replace(" ", "_"))
