"""What the service told, in a form that may be shown, logged and kept; pure.

Everything that a server says is hostile: it may be endless, hold control characters, and repeat
the key that it was sent.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.backends.segmind.wire import Answer, decimal_of, id_of, read_json

__all__ = ["NOTHING_TOLD", "Told", "excerpt", "shown_headers", "told"]

_MAX_EXCERPT = 300
_MAX_READ = 8192
_SCRIPTS = re.compile(r"(?is)<(script|style)\b[^>]*>.*?</\1\b[^>]*>")
_TAGS = re.compile(r"<[^<>]*>")
_MESSAGE_FIELDS = ("error", "message", "detail", "reason", "status")
_SHOWN_HEADERS = (
    "content-length",
    "content-type",
    "retry-after",
    "x-cost",
    "x-generation-time",
    "x-rate-limit-reset-at-utc",
    "x-remaining-credits",
    "x-request-id",
    "x-seed-value",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the service told with one answer, printable and without the key.

    ``body`` is a line of at most 300 characters, ``evidence`` the whole body.
    """

    status: int | None = None
    body: str = ""
    request_id: str | None = None
    cost_usd: Decimal | None = None
    balance_usd: Decimal | None = None
    evidence: bytes = field(default=b"", repr=False)


NOTHING_TOLD = Told()
"""Where no answer came."""


def told(answer: Answer, key: ApiKey) -> Told:
    """Return what an answer told."""
    request_id = id_of(answer.headers.get("x-request-id"))
    clean = key.redact_bytes(answer.body)
    return Told(
        status=answer.status or None,
        body=excerpt(clean, key),
        request_id=request_id if request_id and key.redact(request_id) == request_id else None,
        cost_usd=_cost_usd(answer.headers),
        balance_usd=decimal_of(answer.headers.get("x-remaining-credits")),
        evidence=clean,
    )


def _cost_usd(headers: Mapping[str, str]) -> Decimal | None:
    """Return what a call cost, in US dollars; nobody is paid for calling."""
    usd = decimal_of(headers.get("x-cost"))
    return usd if usd is not None and usd >= 0 else None


def shown_headers(headers: Mapping[str, str], key: ApiKey) -> dict[str, str]:
    """Return the headers that help to understand an answer and hold nothing private."""
    return {name: excerpt(headers[name], key) for name in _SHOWN_HEADERS if name in headers}


def excerpt(content: bytes | str, key: ApiKey) -> str:
    """Return the message in a body, or a line of its text; empty where there is none."""
    message = _text_of(content) if isinstance(content, bytes) else content
    message = html.unescape(_TAGS.sub(" ", _SCRIPTS.sub(" ", message[:_MAX_READ])))
    printable = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in message)
    clean = key.redact(" ".join(printable.split()))
    return clean if len(clean) <= _MAX_EXCERPT else clean[: _MAX_EXCERPT - 1] + "…"


def _text_of(body: bytes) -> str:
    """Return what a body says in words: the message in JSON, else all of it but binary."""
    content = read_json(body)
    if isinstance(content, dict):
        return next(filter(None, (_words(content.get(name)) for name in _MESSAGE_FIELDS)), "")
    if isinstance(content, str):
        return content
    return "" if b"\0" in body[:_MAX_READ] else body[:_MAX_READ].decode("utf-8", "replace")


def _words(value: object) -> str:
    """Return a message, which may lie one level deeper."""
    if isinstance(value, dict):
        value = value.get("message")
    return value.strip() if isinstance(value, str) else ""
