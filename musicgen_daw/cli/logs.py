"""What ``-v`` shows of the work inside, on stderr, and how no key ever gets there."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from musicgen_daw.cli.text import printable_lines

__all__ = ["redacted", "verbose_option"]

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

MOST = 3
_OURS, _WIRE = "musicgen_daw", ("httpx", "httpcore")
_SHOWN = f"{__name__}.shown"

_KEY_VARIABLE = "SEGMIND_API_KEY"
_KEYS_OF = "musicgen_daw.backends.segmind.credentials"
_SHORTEST_KEY = 8
_MASK = "[key]"
_KEY_SHAPED = re.compile(r"\bSG_\w{6,}")
_SECRET_HEADER = re.compile(
    r"""((?:x-api-key|api-key|authorization|cookie)               # the end of a header's name
        (?: ['"]?\s*[:=] | ['"]\s*, ) \s* (?:b(?=['"]))?)          # a line, a dict or a pair
        (?: "[^"\n]*" | '[^'\n]*' | [^\s'"][^\n'",]* )""",
    re.IGNORECASE | re.VERBOSE,
)


def verbose_option(command: CommandT) -> CommandT:
    """Add ``-v``, which may stand before or after the command's name, and be repeated."""
    return click.option(
        "-v",
        "--verbose",
        count=True,
        envvar="MUSICGEN_DAW_VERBOSE",
        expose_value=False,
        callback=_tell_more,
        help="Tell on stderr what is done inside; -vv tells more, -vvv the connections, too.",
    )(command)


def redacted(text: str) -> str:
    """Return a text without any key that this process knows, or that stands where keys stand."""
    given = os.environ.get(_KEY_VARIABLE, "").strip()
    if len(given) >= _SHORTEST_KEY:
        text = text.replace(given, _MASK)
    # A key of the keyring is known only to a process that loaded this, which is slow to do.
    if credentials := sys.modules.get(_KEYS_OF):
        for key in credentials.known_secrets():
            text = key.redact(text)
    return _SECRET_HEADER.sub(rf"\1{_MASK}", _KEY_SHAPED.sub(_MASK, text))


def _tell_more(context: click.Context, _parameter: click.Parameter, times: int) -> None:
    """Show as much as the most talkative ``-v`` asks for, until the program ends."""
    shown = context.meta.get(_SHOWN)
    if shown is None:
        shown = context.meta[_SHOWN] = _Shown()
        context.find_root().call_on_close(shown.close)
    shown.tell(min(times, MOST))


class _Shown:
    """The log on stderr; warnings are always told. ``close`` leaves logging as it was."""

    def __init__(self) -> None:
        self._handler = _OnStderr()
        self._handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(self._handler)
        self._levels = {name: logging.getLogger(name).level for name in (_OURS, *_WIRE)}

    def tell(self, times: int) -> None:
        ours = (logging.WARNING, logging.INFO, logging.DEBUG, logging.DEBUG)[times]
        wire = logging.DEBUG if times == MOST else logging.WARNING
        for name in self._levels:
            logger = logging.getLogger(name)
            level = ours if name == _OURS else wire
            logger.setLevel(min(level, logger.level or level))

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


class _OnStderr(logging.Handler):
    """Writes to wherever stderr goes at that moment: above a progress bar, if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            click.echo(self.format(record), err=True)
        except Exception:  # noqa: BLE001  # a log stops nothing, and tells no more than it may
            return


class _Redacting(logging.Formatter):
    """Writes a record with its traceback, so that both are looked through."""

    def format(self, record: logging.LogRecord) -> str:
        return printable_lines(redacted(super().format(record)))
