"""The hosted MusicGen's interface, as calls: each is made once and ends in an answer or an error.

Whether a call may be made again is in the kind of its error: what may have been billed is
``Ambiguous``. No error, log line or anything else that leaves here holds the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Self

from musicgen_daw.backends.segmind.addresses import is_loopback, shown
from musicgen_daw.backends.segmind.backoff import Patience
from musicgen_daw.backends.segmind.calls import Calls, Timeouts
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.backends.segmind.download import Download, Undelivered
from musicgen_daw.backends.segmind.exchange import Exchange
from musicgen_daw.backends.segmind.failures import (
    ApiAmbiguous,
    ApiTransient,
    JobFailed,
    StillRunning,
    Vanished,
)
from musicgen_daw.backends.segmind.history import (
    PastRequest,
    page_url,
    read_history,
    usual_history_url,
)
from musicgen_daw.backends.segmind.payload import AudioUrl, read_audio, read_body
from musicgen_daw.backends.segmind.telling import Told, excerpt
from musicgen_daw.backends.segmind.wire import (
    DEFAULT_DURATION_S,
    DEFAULT_SEED,
    Answer,
    Job,
    JobStatus,
    Reply,
    Submitted,
    checked_id,
    decimal_of,
    encode_request,
    read_balance,
    read_job,
    seed_of,
)
from musicgen_daw.errors import AudioError

__all__ = ["FOR_FILES", "SegmindClient", "Timeouts"]

FOR_FILES = Patience(tries=4, in_all_s=60)
"""How a file is fetched that the service has made."""

_MOST_HISTORY_PAGES = 5


class SegmindClient:
    """The service at ``base_url`` (its root, without a slash at the end or ``/v1``).

    Many threads may call at once. ``history_url`` is where past requests are told, by default the
    hosted service's own place or, at another base URL, ``/v1/requests`` there; the key is sent to
    it. ``patience`` is for files that are fetched; every other call is made once. Used as a
    context manager: it holds connections.
    """

    def __init__(
        self,
        base_url: str,
        key: ApiKey,
        *,
        model: str = "meta-musicgen-medium",
        history_url: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
        patience: Patience = FOR_FILES,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Random | None = None,
    ) -> None:
        self._base_url = base_url
        self._key = key
        self._model = model
        self._history_url = history_url or usual_history_url(base_url)
        # No proxy stands between this machine and itself, and none should see the key.
        self._exchange = Exchange(
            key, connect_s=timeouts.connect_s, trust_env=not is_loopback(base_url)
        )
        self._calls = Calls(self._exchange, base_url, key, timeouts, clock)
        self._download = Download(
            self._exchange,
            base_url,
            patience,
            timeouts.get_s,
            timeouts.whole_get_s,
            clock,
            sleep,
            random or Random(),  # noqa: S311  # spreads waits, keeps no secret
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; calls that are under way break."""
        self._exchange.close()

    # -- what is paid --------------------------------------------------------------------------

    def generate(
        self,
        prompt: str,
        duration_s: float | Fraction = DEFAULT_DURATION_S,
        seed: int = DEFAULT_SEED,
        *,
        on_id: Callable[[str], object] | None = None,
    ) -> Reply:
        """Ask for a clip and wait for it (v1).

        ``on_id`` is told the service's id of the call the moment that the answer is there, before
        the sound in it is looked at or fetched.

        Raises:
            Rejected, Credentials, Quota: where the service did not take it; nothing was paid.
            Transient: where nothing was sent.
            Ambiguous: where it may have been paid; ``ApiError.request_id`` is its id if told.
        """
        answer = self._calls.post(f"/v1/{self._model}", encode_request(prompt, duration_s, seed))
        told_now = self._told_of_post(answer)
        if on_id is not None and told_now.request_id is not None:
            on_id(told_now.request_id)
        found = self._sound_in(answer)
        if isinstance(found, bytes):
            return replace(self._reply(answer, found), request_id=told_now.request_id)
        raise ApiAmbiguous(f"the answer may have been billed, but {found.reason}", told_now)

    def submit(
        self,
        prompt: str,
        duration_s: float | Fraction = DEFAULT_DURATION_S,
        seed: int = DEFAULT_SEED,
    ) -> Submitted:
        """Ask for a clip that is fetched later by the id that is returned (v2).

        Raises:
            Rejected, Credentials, Quota, Transient, Ambiguous: as ``generate``.
        """
        answer = self._calls.post(f"/v2/{self._model}", encode_request(prompt, duration_s, seed))
        told_now = self._told_of_post(answer)
        if told_now.request_id is None:
            raise ApiAmbiguous("the job may have been taken, but no id was told for it", told_now)
        return Submitted(told_now.request_id, told_now.cost_usd, told_now.balance_usd)

    # -- what is free --------------------------------------------------------------------------

    def status(self, request_id: str) -> Job:
        """Return where a job is; unknown where the service tells a word that nobody knows.

        Raises:
            Vanished: where the service does not know it.
            ApiError: where the service can't be asked.
        """
        answer = self._calls.get_job(f"/v2/requests/{checked_id(request_id)}/status")
        job = read_job(answer.body)
        if job is None:
            raise ApiTransient("the status of the job can't be read", self._calls.told(answer))
        return Job(request_id, job.status, excerpt(job.error, self._key))

    def result(self, request_id: str) -> Reply:
        """Return the clip that a job made.

        Raises:
            StillRunning: where it is not done.
            JobFailed: where the service could not do it; nothing was paid.
            Vanished: where the service does not know it, or no longer keeps it.
            Transient, Ambiguous: where it can't be had now, or what is there is no audio.
        """
        answer = self._calls.get_job(f"/v2/requests/{checked_id(request_id)}")
        job = read_job(answer.body)
        self._check_done(request_id, answer, job)
        found = self._sound_in(answer)
        if isinstance(found, Undelivered):
            # Where the job is not said to be done, it may be a gateway that spoke.
            is_done = job is not None and job.status is JobStatus.COMPLETED
            kind = ApiAmbiguous if is_done and not found.may_pass else ApiTransient
            reason = f"the result of job {request_id}: {found.reason}"
            raise (Vanished if found.is_gone else kind)(reason, self._calls.told(answer))
        return replace(self._reply(answer, found), request_id=request_id)

    def fetch(self, url: str) -> bytes:
        """Return the audio file at an address that the service told.

        Raises:
            Vanished, Transient, Ambiguous: as ``result``.
        """
        found = self._fetched(url)
        if isinstance(found, bytes):
            return found
        kind = ApiTransient if found.may_pass else ApiAmbiguous
        raise (Vanished if found.is_gone else kind)(found.reason)

    def credits(self) -> Decimal:
        """Return what the account holds, in US dollars.

        Raises:
            ApiError: where it can't be known.
        """
        answer = self._calls.get(f"{self._base_url}/v1/get-user-credits")
        balance_usd = read_balance(answer.body)
        if balance_usd is None:
            raise ApiTransient("the balance can't be read", self._calls.told(answer))
        return balance_usd

    def history(self, since_s: float) -> list[PastRequest]:
        """Return what the service tells of this model's requests since an instant, in seconds
        since the epoch; entries without a time are among them.

        Raises:
            ApiError: where it can't be known.
        """
        found: dict[object, PastRequest] = {}
        for page in range(1, _MOST_HISTORY_PAGES + 1):
            answer = self._calls.get(page_url(self._history_url, self._model, page, since_s))
            entries = read_history(answer.body)
            if entries is None:
                raise ApiTransient("the history can't be read", self._calls.told(answer))
            known = len(found)
            found.update((each.request_id or each, each) for each in entries)
            is_past = any((each.created_s or since_s) < since_s for each in entries)
            if is_past or len(found) == known:
                break
        return [
            each
            for each in found.values()
            if (each.created_s or since_s) >= since_s and each.model in (None, self._model)
        ]

    # -- sound ---------------------------------------------------------------------------------

    def _sound_in(self, answer: Answer) -> bytes | Undelivered:
        """Return the audio file that an answer holds or tells the address of."""
        try:
            body = read_body(answer.body, answer.headers.get("content-type", ""))
        except AudioError as error:
            message = excerpt(answer.body, self._key)
            said = f' ("{message}")' if message else ""
            return Undelivered(self._key.redact(str(error)) + said)
        return self._fetched(body.url) if isinstance(body, AudioUrl) else body.content

    def _fetched(self, url: str) -> bytes | Undelivered:
        if self._key.redact(url) != url:
            return Undelivered("the address of the sound holds the key, and is not called")
        content = self._download.fetch(url)
        if isinstance(content, Undelivered):
            return replace(content, reason=self._key.redact(content.reason))
        try:
            return read_audio(content)
        except AudioError as error:
            return Undelivered(f"at {self._key.redact(shown(url))} {error}")

    def _check_done(self, request_id: str, answer: Answer, job: Job | None) -> None:
        """Go on only where a job is not known to be still running or to have failed."""
        status = job.status if job else None
        told_now = self._calls.told(answer)
        if status in (JobStatus.QUEUED, JobStatus.PROCESSING):
            raise StillRunning(f"job {request_id} is not done yet", told_now)
        if status is JobStatus.FAILED:
            said = f"the service could not do job {request_id}: {told_now.body or 'no reason told'}"
            if (told_now.cost_usd or 0) > 0:
                raise ApiAmbiguous(f"{said}; it tells that it was billed", told_now)
            raise JobFailed(said, told_now)

    def _reply(self, answer: Answer, content: bytes) -> Reply:
        told_now = self._calls.told(answer)
        return Reply(
            self._exchange.blotted(content),  # it may have come packed, or in parts
            cost_usd=told_now.cost_usd,
            balance_usd=told_now.balance_usd,
            request_id=told_now.request_id,
            seed=seed_of(answer.headers.get("x-seed-value")),
            generation_s=decimal_of(answer.headers.get("x-generation-time")),
        )

    def _told_of_post(self, answer: Answer) -> Told:
        """Return what was told; an id in the body goes before that of a gateway in the headers."""
        told_now = self._calls.told(answer)
        job = read_job(answer.body)
        own_id = job.request_id if job else None
        is_harmless = own_id and self._key.redact(own_id) == own_id  # and not our key, sent back
        return replace(told_now, request_id=own_id) if is_harmless else told_now
