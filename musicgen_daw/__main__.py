"""``python -m musicgen_daw``, and what the command ``musicgen-daw`` starts."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["main"]

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run the command line and exit with one of the documented codes."""
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt_once)
        from musicgen_daw.cli import run  # takes a moment, in which Ctrl-C may come

        code = run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    _let_go_of_stdout()
    sys.exit(code)


def _interrupt_once(_signal: int, _frame: FrameType | None) -> None:
    """Begin to shut down; a second Ctrl-C must not stop that half way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _let_go_of_stdout() -> None:
    """Drop what could not be written, which Python would try and complain of once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
