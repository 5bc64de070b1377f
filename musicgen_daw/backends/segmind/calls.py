"""Calls to the service's own interface: an answer, or an error that says what it was worth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from musicgen_daw.backends.segmind.addresses import shown
from musicgen_daw.backends.segmind.backoff import told_delay_s
from musicgen_daw.backends.segmind.config import CHECK_URL, HOSTED_URL
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.backends.segmind.exchange import Broken, Call, Exchange, NotSent
from musicgen_daw.backends.segmind.failures import (
    ApiAmbiguous,
    ApiError,
    ApiTransient,
    of_get,
    of_post,
)
from musicgen_daw.backends.segmind.payload import MAX_BODY_BYTES, unpacked
from musicgen_daw.backends.segmind.telling import Told, shown_headers, told
from musicgen_daw.backends.segmind.wire import Answer, JobStatus, read_job
from musicgen_daw.errors import AudioError

__all__ = ["Calls", "Timeouts"]

_MAX_TOLD_BYTES = 4 << 20

_log = logging.getLogger("musicgen_daw.segmind")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long what may take, in seconds.

    ``read_s`` bounds the wait for a generated clip, ``get_s`` that for any other answer;
    ``whole_s`` and ``whole_get_s`` bound all of a call, however steadily it trickles.
    """

    connect_s: float = 10.0
    read_s: float = 300.0  # a cold start takes minutes
    whole_s: float = 420.0
    get_s: float = 30.0
    whole_get_s: float = 180.0


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes calls with the key. What is raised holds nothing of what was sent."""

    exchange: Exchange
    base_url: str
    key: ApiKey
    timeouts: Timeouts
    clock: Callable[[], float]

    def post(self, path: str, body: bytes) -> Answer:
        """Send what may cost money, once.

        Raises:
            ApiError: of the kind that tells what may have been paid.
        """
        call = Call(
            "POST",
            f"{self.base_url}{path}",
            with_key=True,
            read_s=self.timeouts.read_s,
            whole_s=self.timeouts.whole_s,
            most_bytes=MAX_BODY_BYTES,
            headers={"content-type": "application/json"},
            content=body,
        )
        answer = self._made(call)
        if isinstance(answer, NotSent):
            raise ApiTransient(self._not_sent(call, answer))
        if isinstance(answer, Broken):
            reason = f"POST {path} broke after it may have been taken: {answer.reason}"
            raise ApiAmbiguous(reason, self.told(answer.partial))
        if 200 <= answer.status < 300:
            return answer
        raise of_post(f"POST {path}", self.told(answer), self._retry_at_s(answer))

    def get(self, url: str, *, most_bytes: int = _MAX_TOLD_BYTES) -> Answer:
        """Ask something that costs nothing.

        Raises:
            ApiError: ``ApiTransient`` where it may be asked again.
        """
        answer = self._got(url, most_bytes)
        if 200 <= answer.status < 300:
            return answer
        raise self._get_refused(url, answer, of_id=False)

    def get_job(self, path: str) -> Answer:
        """Ask about what was sent earlier; that it failed is an answer, which comes as a 422.

        Raises:
            ApiError: ``Vanished`` where it is not known.
        """
        url = f"{self.base_url}{path}"
        answer = self._got(url, MAX_BODY_BYTES)
        job = read_job(answer.body) if answer.status == 422 else None
        if 200 <= answer.status < 300 or (job is not None and job.status is JobStatus.FAILED):
            return answer
        raise self._get_refused(url, answer, of_id=True)

    def told(self, answer: Answer) -> Told:
        """Return what an answer told, fit to be shown."""
        return told(answer, self.key)

    def _got(self, url: str, most_bytes: int) -> Answer:
        call = Call(
            "GET",
            url,
            with_key=True,
            read_s=self.timeouts.get_s,
            whole_s=self.timeouts.whole_get_s,
            most_bytes=most_bytes,
        )
        answer = self._made(call)
        if isinstance(answer, NotSent):
            raise ApiTransient(self._not_sent(call, answer))
        if isinstance(answer, Broken):
            raise ApiTransient(
                f"GET {urlsplit(url).path} broke: {answer.reason}", self.told(answer.partial)
            )
        return answer

    def _get_refused(self, url: str, answer: Answer, *, of_id: bool) -> ApiError:
        name = f"GET {urlsplit(url).path}"
        return of_get(name, self.told(answer), self._retry_at_s(answer), of_id=of_id)

    def _made(self, call: Call) -> Answer | NotSent | Broken:
        """Make a call and log it; its answer is without its encoding.

        A refusal is one by its status, even where its body broke.
        """
        name = f"{call.method} {urlsplit(call.url).path}"
        began_s = self.clock()
        answer = self.exchange.make(call)
        spent_ms = round((self.clock() - began_s) * 1000)
        if not isinstance(answer, Answer):
            _log.info("%s: %s, after %d ms", name, answer.reason, spent_ms)
            if isinstance(answer, Broken) and answer.partial.status >= 300:
                return answer.partial
            return answer
        _log.info("%s: %d in %d ms", name, answer.status, spent_ms)
        _log.debug("%s told %s", name, shown_headers(answer.headers, self.key))
        try:
            body = unpacked(answer.body, answer.headers.get("content-encoding", ""))
        except AudioError as error:
            _log.info("%s: %s", name, self.key.redact(str(error)))
            return answer
        return Answer(answer.status, answer.headers, body)

    def _not_sent(self, call: Call, failure: NotSent) -> str:
        told = f"{shown(call.url)} can't be reached, nothing was sent: {failure.reason}"
        # Of the hosted service, whose address nobody typed, there is nothing to check.
        return told if self.base_url == HOSTED_URL else f"{told}; {CHECK_URL}"

    def _retry_at_s(self, answer: Answer) -> float | None:
        delay_s = told_delay_s(answer.headers, self.clock())
        return None if delay_s is None else self.clock() + delay_s
