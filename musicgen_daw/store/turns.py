"""Turns at calling a provider: so many at once and so many a minute, over all who share a store.

    limits.sqlite              the calls a minute, a row for each provider
    turns/<provider>/<n>.lock  the calls at once

Names of providers are hashed, as they hold characters that file names can't.
"""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from musicgen_daw.store.rates import SharedRate
from musicgen_daw.store.slots import Slots

__all__ = ["Turns"]

_LOOK_S = 0.1
"""How often a call that waits for its minute asks whether it is still wanted."""


class Turns:
    """The turns at one provider, ``name``, counted in the store at ``root``.

    ``per_minute`` is ``None`` without limit. All threads of a process may share one; other
    processes, and other objects of the same name, are counted in. ``clock`` tells seconds since
    the epoch, ``sleep`` waits seconds, ``dice`` keep processes from looking in step.

    Raises:
        StoreError: where the store can't be written (all methods).
        ValueError: for limits that let nobody call.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        at_once: int,
        per_minute: float | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        dice: random.Random | None = None,
    ) -> None:
        if at_once < 1:
            raise ValueError(f"at least one call at once, not {at_once}")
        if per_minute is not None and not 0 < per_minute < math.inf:
            raise ValueError(f"calls a minute are a number above 0, not {per_minute}")
        digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        self._sleep = sleep
        self._slots = Slots(
            root / "turns" / digest, at_once, sleep=sleep, dice=dice or random.SystemRandom()
        )
        self._rate = SharedRate(root / "limits.sqlite", digest, per_minute, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; no turn may last any longer."""
        self._rate.close()

    @contextmanager
    def turn(self, given_up: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn; it lasts as long as the context.

        Raises:
            CancelledError: where ``given_up`` tells, before it comes, that nobody wants it any
                more.
        """
        with self._slots.slot(given_up):
            while (wait_s := self._rate.take()) > 0:
                self._wait(wait_s, given_up)
            yield

    def slow_down(self, until_s: float) -> None:
        """Let nobody call before ``until_s`` (seconds since the epoch), and slower from then on.

        A second that lies too far ahead is brought nearer, so that no clock stops all work.
        """
        self._rate.slow_down(until_s)

    def _wait(self, wait_s: float, given_up: Callable[[], bool]) -> None:
        """Sleep in small pieces, as nothing wakes a sleeper who isn't wanted any more."""
        while wait_s > 0:
            if given_up():
                raise CancelledError
            self._sleep(min(wait_s, _LOOK_S))
            wait_s -= _LOOK_S
