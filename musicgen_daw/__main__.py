"""``python -m musicgen_daw``, and what the command ``musicgen-daw`` starts."""

from __future__ import annotations

import _thread
import math
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

__all__ = ["main"]

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

_SIGNALLED = 128
"""What shells add to the number of the signal that ended a program."""

_ENDING = ("SIGTERM", "SIGHUP")
"""What else ends a program as Ctrl-C does: a system that stops, and a terminal that is closed."""

_TOGETHER_S = 1.0
"""Ctrl-C reaches a program twice where what started it passes it on, too."""

_AGAIN_S = 0.01
"""When Ctrl-C is tried again after it came where it would be lost or do harm."""


def main() -> None:
    """Run the command line and exit with one of the documented codes."""
    interrupts = _Interrupts(time.monotonic)
    try:
        interrupts.listen()
        from musicgen_daw.cli import run  # takes a moment, in which Ctrl-C may come

        code = run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    _let_go_of_stdout()
    sys.exit(interrupts.exit_code if code == INTERRUPTED else code)


class _Interrupts:
    """Turns Ctrl-C into an interrupt, and one that comes twice at once into a single one.

    The first begins the shutdown, which may wait for clips that are paid already; another, when
    it is meant, gives up waiting. A program that is asked to end in another way does the same.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._latest_s = -math.inf
        self.exit_code = INTERRUPTED

    def listen(self) -> None:
        """Take the signals that end a program, but those that are ignored, as nohup has it."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self)
        for name in _ENDING:
            number = getattr(signal, name, None)  # not every system has them
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _let_go_of_the_terminal()
            if callable(taker := signal.getsignal(signal.SIGTERM)) and taker is not self:
                signal.raise_signal(signal.SIGTERM)  # a server ends in its own way
                return
        if _in_libsndfile(frame):
            # As a daemon, so that a program that has just ended is not held up.
            again = threading.Timer(_AGAIN_S, _signal_main_thread, (number,))
            again.daemon = True
            again.start()
            return
        now_s = self._clock()
        if now_s - self._latest_s >= _TOGETHER_S:
            if self._latest_s == -math.inf:
                self.exit_code = _SIGNALLED + number
            self._latest_s = now_s
            raise KeyboardInterrupt


def _signal_main_thread(number: int) -> None:
    """Send a signal so that it ends a wait of the program, too, where the system can."""
    main_id = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main_id is not None:
        signal.pthread_kill(main_id, number)
    else:
        _thread.interrupt_main(signal.Signals(number))


def _in_libsndfile(frame: FrameType | None) -> bool:
    """Tell whether an exception would do harm here.

    What libsndfile calls prints it and goes on, and a file whose closing is cut short between the
    library's part and soundfile's note of it is closed, and its memory freed, a second time.
    """
    while frame is not None:
        if frame.f_globals.get("__name__") == "soundfile":
            name = frame.f_code.co_name
            if "vio_" in name or name in ("close", "__del__"):
                return True
        frame = frame.f_back
    return False


def _let_go_of_the_terminal() -> None:
    """Write to nowhere what would go to a closed terminal, so that the shutdown doesn't fail."""
    for stream in (1, 2):
        try:
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        except OSError:  # it was closed from the beginning
            continue


def _let_go_of_stdout() -> None:
    """Drop what could not be written, which Python would try and complain of once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
