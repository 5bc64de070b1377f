"""Generators that compute on this machine: a few threads, and a few clips in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event

from musicgen_daw.backends.base import Checkpoint, Clip, Failed, Finished, Outcome
from musicgen_daw.errors import BackendError, MusicgenDawError, Rejected
from musicgen_daw.planning import ClipRequest

__all__ = ["Stop", "run_in_threads"]


class Stop:
    """Tells a computation in a thread that nobody waits for it any more."""

    def __init__(self) -> None:
        self._event = Event()

    def ask(self) -> None:
        """Ask all computations to end."""
        self._event.set()

    def check(self) -> None:
        """End here if asked to.

        Raises:
            CancelledError: where nobody waits any more.
        """
        if self._event.is_set():
            raise CancelledError


def run_in_threads(
    requests: Sequence[ClipRequest],
    generate: Callable[[ClipRequest, Stop], Clip],
    checkpoint: Checkpoint,
    *,
    workers: int,
) -> Iterator[Outcome]:
    """Yield an outcome for each request, as they finish.

    At most ``workers`` clips are being made and one more is with the caller, however many are
    requested. A request that fails, in whatever way, fails alone. When the iterator is closed, no
    further clip is begun, and it returns as soon as those under way have heard of it.
    """
    waiting = iter(requests)
    under_way: dict[Future[Clip], ClipRequest] = {}
    stop = Stop()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="clip")

    def begin_more() -> None:
        for request in islice(waiting, workers - len(under_way)):
            checkpoint.started(request)
            under_way[pool.submit(generate, request, stop)] = request

    try:
        begin_more()
        while under_way:
            held = [_next_outcome(under_way)]
            begin_more()  # so that no thread idles while the caller stores the clip
            yield held.pop()  # the caller's alone, so that its memory is free when that is done
    finally:
        stop.ask()
        pool.shutdown(wait=True, cancel_futures=True)


def _next_outcome(under_way: dict[Future[Clip], ClipRequest]) -> Outcome:
    """Wait for one request and take it from those under way."""
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    future = next(iter(done))
    request = under_way.pop(future)
    error = future.exception()
    if error is None:
        return Finished(request, future.result())
    if isinstance(error, BackendError):
        return Failed(request, error)
    told = isinstance(error, MusicgenDawError)  # in words for the user
    failure = Rejected(str(error) if told else f"the generator failed: {error!r}")
    failure.__cause__ = error
    return Failed(request, failure)
