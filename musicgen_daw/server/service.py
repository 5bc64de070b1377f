"""All that stands behind the API: accounts, records, results, the queue, and their upkeep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from musicgen_daw.backends.base import Backend
from musicgen_daw.errors import FolderBusy, UsageError
from musicgen_daw.server.accounts import Accounts
from musicgen_daw.server.database import Database
from musicgen_daw.server.jobs import Jobs
from musicgen_daw.server.options import Options
from musicgen_daw.server.rates import RateLimit
from musicgen_daw.server.records import Records
from musicgen_daw.server.results import Results

__all__ = ["Service"]

_UPKEEP_S = 0.2
_SWEEP_EVERY = 300  # times of upkeep: about a minute
_LEFT_BEHIND = "the server stopped before it was made; nothing was charged"


class Service:
    """One server's state in the folder ``data``, which no other server may use at the time.

    Raises:
        UsageError: for a generator that costs money: callers could spend what isn't theirs.
        StoreError: where the folder can't be used.
    """

    def __init__(
        self,
        backend_factory: Callable[[], Backend],
        data: Path,
        options: Options,
        clock: Callable[[], float],
    ) -> None:
        backend = backend_factory()
        if backend.capabilities.paid:
            raise UsageError(
                f"backend {backend.name!r} costs money for each clip and is not served: "
                "use one that computes on this machine, such as --backend sketch"
            )
        self.options = options
        self.max_s = backend.capabilities.max_s
        self.clock = clock
        self._data = data
        self._database = Database(data)
        self.accounts = Accounts(self._database, clock)
        self.records = Records(self._database, clock)
        self.results = Results(data / "results", options.kept_s, clock)
        self.rates = RateLimit(options.rate_per_minute, clock)
        self.jobs = Jobs(backend_factory, self.records, self.results, options, clock)
        self._lock = FileLock(data / "serve.lock", thread_local=False)
        self._ended = threading.Event()
        self._upkeep = threading.Thread(target=self._keep_up, name="serve-upkeep", daemon=True)
        self._started = False
        self._work_ended = True

    def start(self) -> None:
        """Begin to work; a service that has begun goes on.

        Raises:
            FolderBusy: where another server uses the folder.
            BackendError: where the generator can't be opened.
        """
        if self._started:
            return
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise FolderBusy(
                "another server uses this folder: stop it, or choose another with --data",
                path=self._data,
            ) from None
        try:
            self.records.fail_all(_LEFT_BEHIND)
            self.results.sweep()
            self.jobs.start()
        except BaseException:
            self._lock.release()
            raise
        self._upkeep.start()
        self._started = True

    def close(self) -> bool:
        """Stop and let go of the folder; tell whether all work came to its end. It may come twice.

        What is still being made has ``options.stop_within_s`` to end, and fails then.
        """
        if self._started:
            self._work_ended = self.jobs.close()
            self._ended.set()
            self._upkeep.join()
            self._lock.release()
            self._started = False
        if self._work_ended:  # else a worker may still want to note something
            self._database.close()
        return self._work_ended

    def _keep_up(self) -> None:
        turns = 0
        while not self._ended.wait(_UPKEEP_S):
            self.jobs.end_overdue()
            turns += 1
            if turns % _SWEEP_EVERY == 0:
                self.results.sweep()
