"""The result of a job that the service took: waited for and fetched by its id, as often as needed.

Only GETs are made here: none of them costs anything, so that all that may pass is tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from random import Random
from typing import TypeVar

from musicgen_daw.backends.segmind.backoff import Patience
from musicgen_daw.backends.segmind.client import SegmindClient
from musicgen_daw.backends.segmind.failures import (
    ApiQuota,
    ApiTransient,
    StillRunning,
    Vanished,
)
from musicgen_daw.backends.segmind.wire import JobStatus, Reply

__all__ = ["Fetcher", "told_wait_s"]

ToldT = TypeVar("ToldT")

_FIRST_POLL_S, _LONGEST_POLL_S, _POLL_GROWTH = 0.5, 5.0, 1.6
_SHORTEST_POLL_S = 0.05  # whoever wants no wait at all still gives the service some peace
_TRIES = 12  # a network may be gone for a minute or two
_NOT_YET_KNOWN = 3
"""How often a new id may be unknown: a service of many machines tells them one by one."""


class Fetcher:
    """Waits for jobs, at most ``job_timeout_s`` for each.

    ``longest_wait_s`` bounds each wait before the service is called again, also one that it asks
    for. ``wait`` waits seconds and tells whether it was in vain since nobody wants the result any
    more;
    ``slow_down`` is told the second since the epoch before which the service wants no call.
    """

    def __init__(
        self,
        client: SegmindClient,
        job_timeout_s: float,
        *,
        longest_wait_s: float,
        wait: Callable[[float], bool],
        clock: Callable[[], float],
        random: Random,
        slow_down: Callable[[float], None],
    ) -> None:
        self._client = client
        self._patience = Patience(
            tries=_TRIES, longest_told_s=longest_wait_s, in_all_s=job_timeout_s
        )
        self._job_timeout_s = job_timeout_s
        self._longest_poll_s = max(_SHORTEST_POLL_S, min(_LONGEST_POLL_S, longest_wait_s))
        self._wait = wait
        self._clock = clock
        self._random = random
        self._slow_down = slow_down

    def fetch(self, request_id: str, *, is_new: bool = False) -> Reply:
        """Return the result of a job when it is there; ``is_new`` where it was just submitted.

        Raises:
            JobFailed: where the service could not do it; nothing was paid.
            Vanished: where the service does not know it any more.
            ApiError: where it can't be had now; it may be fetched later.
            CancelledError: where nobody waits any more.
        """
        waited_s, polls, unknown = 0.0, 0, 0
        while True:
            try:
                if self._is_over(request_id):
                    return self._surely(lambda: self._client.result(request_id))
            except StillRunning:
                pass  # two machines of the service, two opinions
            except Vanished:
                unknown += 1
                if not is_new or unknown > _NOT_YET_KNOWN:
                    raise
            delay_s = min(self._longest_poll_s, _FIRST_POLL_S * _POLL_GROWTH ** min(polls, 20))
            if waited_s + delay_s > self._job_timeout_s:
                raise ApiTransient(
                    f"job {request_id} is not done after {waited_s:.0f} s: "
                    "it can be fetched later, at no cost"
                )
            self._pause(delay_s * self._random.uniform(0.8, 1.0))
            waited_s += delay_s
            polls += 1

    def _is_over(self, request_id: str) -> bool:
        job = self._surely(lambda: self._client.status(request_id))
        return job.status in (JobStatus.COMPLETED, JobStatus.FAILED)

    def _surely(self, get: Callable[[], ToldT]) -> ToldT:
        """Return what a GET tells, as soon as it does; what may pass is waited for."""
        tried, waited_s = 0, 0.0
        while True:
            try:
                return get()
            except (ApiTransient, ApiQuota) as error:
                tried += 1
                told_s = told_wait_s(error, self._clock())
                delay_s = self._patience.delay_s(tried, waited_s, told_s, self._random)
                if delay_s is None:
                    raise
                if isinstance(error, ApiQuota):
                    self._slow_down(self._clock() + delay_s)
            self._pause(delay_s)
            waited_s += delay_s

    def _pause(self, delay_s: float) -> None:
        if self._wait(delay_s):
            raise CancelledError


def told_wait_s(error: ApiTransient | ApiQuota, now_s: float) -> float | None:
    """Return how long the service asks to wait, ``None`` where it doesn't."""
    if isinstance(error, ApiQuota) and error.retry_at_s is not None:
        return max(0.0, error.retry_at_s - now_s)
    return None
