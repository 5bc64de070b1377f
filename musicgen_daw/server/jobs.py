"""The queue: calls that were taken and are not at their end, and the threads that make them."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field

from musicgen_daw.backends.base import Backend
from musicgen_daw.errors import MusicgenDawError, StoreError
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.server.errors import Refused
from musicgen_daw.server.making import make_wav
from musicgen_daw.server.options import Options
from musicgen_daw.server.records import Charged, Records
from musicgen_daw.server.results import Results
from musicgen_daw.server.streams import SoundLog
from musicgen_daw.server.wire import SEED_RANGE, Asked

__all__ = ["Ending", "Job", "Jobs"]

COMPLETED, FAILED, STOPPED, OVERDUE, BROKEN = 200, 422, 503, 504, 500

_LONGEST_ERROR = 300
_GLANCE_S = 0.05
_STOPPING = "the server is being stopped: try again later"

_log = logging.getLogger("musicgen_daw.server")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: the HTTP status that its caller is told, and why it failed.

    ``content`` is the clip that was made and ``charged`` what for.
    """

    status: int
    error: str = ""
    content: bytes = field(default=b"", repr=False)
    charged: Charged | None = None


@dataclass(slots=True, eq=False)
class Job:
    """A call that was taken. ``end`` is settled once, by whoever ends it first.

    ``sound`` is what its generator has given so far.
    """

    id: str
    asked: Asked
    deadline_s: float
    is_processing: bool = False
    sound: SoundLog = field(default_factory=SoundLog)
    end: Future[Ending] = field(default_factory=Future)


class Jobs:
    """At most ``options.workers`` jobs are made and ``options.queue`` wait.

    Each worker has a generator of its own, since one promises to serve one run at a time.
    """

    def __init__(
        self,
        backend_factory: Callable[[], Backend],
        records: Records,
        results: Results,
        options: Options,
        clock: Callable[[], float],
    ) -> None:
        self._backend_factory = backend_factory
        self._records = records
        self._results = results
        self._options = options
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._live: dict[str, Job] = {}
        self._claimed = 0
        self._stop_by_s: float | None = None  # of the monotonic clock
        self._backends = ExitStack()
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        """Open the generators and begin to work.

        Raises:
            BackendError: where a generator can't be opened.
        """
        with ExitStack() as opened:  # all of them, or none
            numbers = range(self._options.workers)
            backends = [opened.enter_context(self._backend_factory()) for _ in numbers]
            self._backends = opened.pop_all()
        for number, backend in enumerate(backends):
            worker = threading.Thread(
                target=self._work, args=(backend,), name=f"serve-{number}", daemon=True
            )
            worker.start()
            self._workers.append(worker)

    @property
    def is_closing(self) -> bool:
        """Tell whether no job is taken any more."""
        return self._stop_by_s is not None

    @property
    def is_out_of_time(self) -> bool:
        """Tell whether the time is over that was given to what was being made."""
        return self._stop_by_s is not None and time.monotonic() >= self._stop_by_s

    @property
    def is_idle(self) -> bool:
        """Tell whether every job is at its end."""
        return not self._claimed

    def submit(self, account_id: int, asked: Asked) -> Job:
        """Take a job, hold its price, and queue it.

        Raises:
            Refused: 429 where the queue is full, 503 where it is closed, 406 where credits lack.
        """
        self._claim()
        try:
            job = self._note(account_id, asked)
        except BaseException:
            self._unclaim()
            raise
        with self._changed:
            self._live[job.id] = job
            if not self.is_closing:
                self._waiting.append(job)
                self._changed.notify()
                return job
        self._fail(job, Ending(STOPPED, _STOPPING))
        raise Refused(STOPPED, _STOPPING)

    def live(self, job_id: str) -> Job | None:
        """Return a job that is not at its end."""
        return self._live.get(job_id)

    def state_of(self, job_id: str) -> str | None:
        """Return ``QUEUED`` or ``PROCESSING``; ``None`` for a job that is at its end."""
        job = self.live(job_id)
        if job is None:
            return None
        return "PROCESSING" if job.is_processing else "QUEUED"

    def end_overdue(self) -> None:
        """Fail the jobs whose time is over. One that is being made goes on, but for nobody."""
        now_s = self._clock()
        with self._changed:
            overdue = [job for job in self._live.values() if job.deadline_s <= now_s]
        reason = f"it was not made within {self._options.max_job_s:g} s"
        for job in overdue:
            self._fail(job, Ending(OVERDUE, reason))

    def stop_taking(self) -> None:
        """Take no more jobs and fail those that wait.

        Those that are being made go on for ``options.stop_within_s`` from the first time on.
        """
        with self._changed:
            if self._stop_by_s is None:
                self._stop_by_s = time.monotonic() + self._options.stop_within_s
            waiting = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for job in waiting:
            self._fail(job, Ending(STOPPED, _STOPPING))

    def give_up(self) -> None:
        """Fail all jobs that are not at their end, and wait for none of them."""
        with self._changed:
            self._stop_by_s = time.monotonic()
            live = list(self._live.values())
        for job in live:
            self._fail(job, Ending(STOPPED, _STOPPING))

    def close(self) -> bool:
        """Stop, and wait for what is being made in its time. Tell whether all workers ended."""
        self.stop_taking()
        for worker in self._workers:
            while worker.is_alive() and not self.is_out_of_time:
                worker.join(_GLANCE_S)
        self.give_up()
        ended = not any(worker.is_alive() for worker in self._workers)
        if ended:
            self._backends.close()
        return ended

    # -- taking ----------------------------------------------------------------------------------

    def _claim(self) -> None:
        """Take a place before anything is noted, so that no price is held in vain."""
        with self._changed:
            if self.is_closing:
                raise Refused(STOPPED, _STOPPING, {"retry-after": "30"})
            if self._claimed >= self._options.workers + self._options.queue:
                raise Refused(429, "the queue is full: try again later", {"retry-after": "5"})
            self._claimed += 1

    def _unclaim(self) -> None:
        with self._changed:
            self._claimed -= 1

    def _note(self, account_id: int, asked: Asked) -> Job:
        seed = secrets.randbelow(SEED_RANGE[1] + 1) if asked.seed < 0 else asked.seed
        asked = Asked(asked.prompt, asked.duration_s, seed)
        job = Job(secrets.token_hex(16), asked, self._clock() + self._options.max_job_s)
        job.end.set_running_or_notify_cancel()  # whoever waits for it can't cancel it
        price_usd = self._options.price_usd(asked.duration_s)
        held = self._records.hold(
            job.id, account_id, asked.prompt, asked.duration_s, asked.seed, price_usd
        )
        if not held:
            raise Refused(406, "not enough credits")
        return job

    # -- making ----------------------------------------------------------------------------------

    def _work(self, backend: Backend) -> None:
        while (job := self._next()) is not None:
            self._make(backend, job)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._waiting and not self.is_closing:
                self._changed.wait()
            if self.is_closing:
                return None
            job = self._waiting.popleft()
            job.is_processing = True
            return job

    def _make(self, backend: Backend, job: Job) -> None:
        if job.end.done():  # its time was over before its turn came
            return
        began_s = time.monotonic()
        asked = job.asked
        try:
            content = make_wav(backend, asked.prompt, asked.duration_s, asked.seed, job.sound.add)
        except MusicgenDawError as error:
            self._fail(job, Ending(FAILED, one_line(str(error))[:_LONGEST_ERROR]))
        except Exception:  # noqa: BLE001 - a generator's fault must not cost the worker
            _log.exception("%s: the generator failed", job.id)
            self._fail(job, Ending(FAILED, "the generator failed"))
        else:
            self._complete(job, content, time.monotonic() - began_s)

    def _complete(self, job: Job, content: bytes, generation_s: float) -> None:
        try:
            self._results.keep(job.id, content)
            charged = self._records.complete(job.id, generation_s)
        except (OSError, StoreError):
            _log.exception("%s: the clip could not be kept", job.id)
            self._results.remove(job.id)
            self._fail(job, Ending(BROKEN, "the server could not keep the clip"))
            return
        if charged:
            self._settle(job, Ending(COMPLETED, content=content, charged=charged))
        else:
            self._results.remove(job.id)

    def _fail(self, job: Job, ending: Ending) -> None:
        try:
            failed = self._records.fail(job.id, ending.error)
        except StoreError:  # what is held is released when the server starts again
            _log.exception("%s: its failure could not be noted", job.id)
            failed = True
        if failed:
            self._settle(job, ending)

    def _settle(self, job: Job, ending: Ending) -> None:
        with self._changed:
            if self._live.pop(job.id, None) is None:
                return
            self._claimed -= 1
            if not job.is_processing and job in self._waiting:
                self._waiting.remove(job)
        job.end.set_result(ending)
