"""Fetches a finished file from where the service says that it is: whole, or not at all.

A GET costs nothing: a broken one is made again, and goes on where it broke when the server tells
that the file is still the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from musicgen_daw.backends.segmind.addresses import is_fetchable, joined, origin, shown
from musicgen_daw.backends.segmind.backoff import Patience, told_delay_s
from musicgen_daw.backends.segmind.exchange import Broken, Call, Exchange, NotSent
from musicgen_daw.backends.segmind.payload import MAX_BODY_BYTES
from musicgen_daw.backends.segmind.wire import Answer

__all__ = ["Download", "Undelivered"]

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_RANGE = re.compile(r"bytes ([0-9]{1,12})-[0-9]{1,12}/([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Why there is no sound, and whether it may be there later (``may_pass``) or never more
    (``is_gone``).
    """

    reason: str
    may_pass: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """How files are fetched; the key goes to the service at ``base_url`` only."""

    exchange: Exchange
    base_url: str
    patience: Patience
    read_s: float
    whole_s: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    random: Random

    def fetch(self, url: str) -> bytes | Undelivered:
        """Return the whole file at an address."""
        part = _Part()
        tried, waited_s = 0, 0.0
        while True:
            answer = self._redirected(url, part)
            if isinstance(answer, Undelivered):
                return answer
            file = part.added(answer)
            if file is not None:
                return file
            failure = _failure(url, answer)
            tried += 1
            told_s = None
            if isinstance(answer, Answer):
                told_s = told_delay_s(answer.headers, self.clock())
            delay_s = self.patience.delay_s(tried, waited_s, told_s, self.random)
            if not failure.may_pass or delay_s is None:
                return failure
            self.sleep(delay_s)
            waited_s += delay_s

    def _redirected(self, url: str, part: _Part) -> Answer | NotSent | Broken | Undelivered:
        """Make one call, and those that its redirects ask for."""
        for _ in range(_MOST_REDIRECTS + 1):
            if not is_fetchable(url, self.base_url):
                return Undelivered(f"the sound is said to be at {shown(url)}, which is not called")
            answer = self.exchange.make(self._call(url, part))
            if not isinstance(answer, Answer) or answer.status not in _REDIRECTS:
                return answer
            url = joined(url, answer.headers.get("location", ""))
        return Undelivered("the sound's address is redirected again and again")

    def _call(self, url: str, part: _Part) -> Call:
        return Call(
            "GET",
            url,
            with_key=origin(url) == origin(self.base_url),
            read_s=self.read_s,
            whole_s=self.whole_s,
            most_bytes=MAX_BODY_BYTES,
            headers=part.asks_for_the_rest(),
        )


class _Part:
    """What is there already of a file."""

    def __init__(self) -> None:
        self._content = b""
        self._validator = ""

    def asks_for_the_rest(self) -> dict[str, str]:
        """Return the headers of a call that goes on, none where it begins."""
        if not self._content:
            return {}
        return {"range": f"bytes={len(self._content)}-", "if-range": self._validator}

    def added(self, answer: Answer | NotSent | Broken) -> bytes | None:
        """Add what came; return the file once it is whole."""
        if isinstance(answer, Answer):
            return self._finished(answer)
        if isinstance(answer, Broken):
            self._keep(answer.partial)
        return None

    def _finished(self, answer: Answer) -> bytes | None:
        if answer.status == 200:
            return answer.body
        file, total = self._continued(answer)
        if answer.status < 500:  # whatever it is, going on from here leads nowhere
            self._content = b""
        return file if file and len(file) == total else None

    def _keep(self, partial: Answer) -> None:
        """Keep the beginning of a file, where the server has a name for this state of it."""
        if partial.status == 200:
            validator = partial.headers.get("etag", "")
            if validator.startswith("W/"):
                validator = ""
            self._validator = validator or partial.headers.get("last-modified", "")
            can_go_on = self._validator and not partial.headers.get("content-encoding")
            self._content = partial.body if can_go_on else b""
        elif partial.status == 206:
            self._content, _ = self._continued(partial)

    def _continued(self, answer: Answer) -> tuple[bytes, int]:
        """Return the file with a part that follows on, and its whole length."""
        told = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if answer.status != 206 or told is None or int(told[1]) != len(self._content):
            return b"", 0
        return self._content + answer.body, int(told[2])


def _failure(url: str, answer: Answer | NotSent | Broken) -> Undelivered:
    """Return what it means that an answer was not the file."""
    where = f"the sound can't be fetched from {shown(url)}"
    if not isinstance(answer, Answer):
        return Undelivered(f"{where}: {answer.reason}", may_pass=True)
    if answer.status in (404, 410):
        return Undelivered(f"{where}: it is no longer there", is_gone=True)
    may_pass = answer.status in (206, 408, 416, 429) or answer.status >= 500
    return Undelivered(f"{where}: it was answered {answer.status}", may_pass=may_pass)
