"""``python -m musicgen_daw``, and what the command ``musicgen-daw`` starts."""

from __future__ import annotations

import _thread
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

__all__ = ["main"]

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

_TOGETHER_S = 1.0
"""Ctrl-C reaches a program twice where what started it passes it on, too."""

_AGAIN_S = 0.01
"""When Ctrl-C is tried again after it came where it would be lost."""


def main() -> None:
    """Run the command line and exit with one of the documented codes."""
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _Interrupts(time.monotonic))
        from musicgen_daw.cli import run  # takes a moment, in which Ctrl-C may come

        code = run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    _let_go_of_stdout()
    sys.exit(code)


class _Interrupts:
    """Turns Ctrl-C into an interrupt, and one that comes twice at once into a single one.

    The first begins the shutdown, which may wait for clips that are paid already; another, when
    it is meant, gives up waiting.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._latest_s = -math.inf

    def __call__(self, _signal: int, frame: FrameType | None) -> None:
        if _swallows_exceptions(frame):
            # As a daemon, so that a program that has just ended is not held up.
            again = threading.Timer(_AGAIN_S, _thread.interrupt_main)
            again.daemon = True
            again.start()
            return
        now_s = self._clock()
        if now_s - self._latest_s >= _TOGETHER_S:
            self._latest_s = now_s
            raise KeyboardInterrupt


def _swallows_exceptions(frame: FrameType | None) -> bool:
    """Tell whether libsndfile called this code, which prints an exception and goes on."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "soundfile" and "vio_" in frame.f_code.co_name:
            return True
        frame = frame.f_back
    return False


def _let_go_of_stdout() -> None:
    """Drop what could not be written, which Python would try and complain of once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
